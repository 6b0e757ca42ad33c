internal import Foundation
package import GGUF
internal import HostHardware

/// A catalog with one model in it, written from what its file's header and its repository say; for a person to go on
/// with. What neither says is left out.
package struct CatalogDraft: Encodable, Sendable {
    private let schemaVersion = Catalog.supportedSchema
    private let revision = 1
    private let licenses: [String: LicenseRow]
    private let families: [Family]
    private let sources: [String: String]

    private enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case revision, licenses, families, sources
    }

    /// - Parameters:
    ///   - variant: A model of the Hub, its projector last.
    ///   - upstream: The original that its repository names, by its id on the Hub.
    ///   - languages: As the repository's card has them.
    ///   - family: The id of the family; made of the model's name where nil.
    ///   - size: The id of the size; made of the number of weights where nil.
    /// - Returns: Nil where the file is not a Hub's.
    package init?(
        _ variant: Variant, header: GGUFFile, upstream: String?, languages: [String], family: String?, size: String?
    ) {
        guard let first = variant.files.first, let place = first.origin.hubFile else { return nil }
        let source = "hub-" + Self.id(place.reference.id)
        let name =
            header.metadata.string("general.basename") ?? header.metadata.string("general.name") ?? variant.repository
        let count = header.parameterCount
        let label = header.metadata.string("general.size_label").flatMap { $0.isEmpty ? nil : $0 } ?? Self.label(count)
        licenses =
            variant.license.map {
                [$0.id: LicenseRow(name: $0.name, url: $0.url, commercialUse: $0.commercialUse.rawValue)]
            } ?? [:]
        let row = Size(
            variant, header, label: label, id: size ?? Self.id(label), count: count, upstream: upstream,
            languages: languages, source: source)
        families = [
            Family(
                id: family ?? Self.id(name), name: name, license: variant.license?.id,
                licenseSources: variant.license.map { _ in [source] }, sizes: [row])
        ]
        sources = [
            source: "\(URL.huggingFaceHub.absoluteString)/\(place.reference.id) at \(place.revision.prefix(10)): "
                + "the Hub's list of files and the file's header"
        ]
    }

    /// What people choose by and neither a header nor a repository says, by the names of the fields.
    package static let untold = ["type", "modalities", "thinking", "tools", "released"]

    /// What a catalog takes for an id, made of any text.
    private static func id(_ text: String) -> String {
        let characters = text.lowercased().unicodeScalars.map { scalar -> Character in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "." ? Character(scalar) : "-"
        }
        return String(characters).split(separator: "-").joined(separator: "-")
    }

    /// `135M`, `1.7B`.
    private static func label(_ count: Int64) -> String {
        guard count >= 1_000_000_000 else { return "\((count + 500_000) / 1_000_000)M" }
        let tenths = (count + 50_000_000) / 100_000_000
        return tenths % 10 == 0 ? "\(tenths / 10)B" : "\(tenths / 10).\(tenths % 10)B"
    }
}

// MARK: - Rows

extension CatalogDraft {
    private struct LicenseRow: Encodable {
        let name: String
        let url: String?
        let commercialUse: String

        enum CodingKeys: String, CodingKey {
            case name, url
            case commercialUse = "commercial_use"
        }
    }

    private struct Family: Encodable {
        let id: String
        let name: String
        let license: String?
        let licenseSources: [String]?
        let sizes: [Size]

        enum CodingKeys: String, CodingKey {
            case id, name, license, sizes
            case licenseSources = "license_sources"
        }
    }

    private struct Size: Encodable {
        let id: String
        let label: String
        let upstream: [String: String]
        let page: String?
        let parameters: Int64
        let parametersBasis = "computed"
        let contextLength: Int?
        let languages: [String]?
        let deviceClass: DeviceClass
        let defaultQuant: String?
        let architecture: [String: HeaderNumber]
        let projector: File?
        let files: [File]
        let sources: [String: [String]]

        enum CodingKeys: String, CodingKey {
            case id, label, upstream, page, parameters, languages, architecture, projector, files, sources
            case parametersBasis = "parameters_basis"
            case contextLength = "context_length"
            case deviceClass = "device_class"
            case defaultQuant = "default_quant"
        }

        init(
            _ variant: Variant, _ header: GGUFFile, label: String, id: String, count: Int64, upstream: String?,
            languages: [String], source: String
        ) {
            self.id = id
            self.label = label
            // Only what answers has a template for it.
            let answers = header.metadata.string("tokenizer.chat_template") != nil
            self.upstream = upstream.map { [answers ? "instruct" : "base": $0] } ?? [:]
            page = upstream.map { "\(URL.huggingFaceHub.absoluteString)/\($0)" }
            parameters = count
            contextLength = ModelShape(header).flatMap { $0.contextLength > 0 ? $0.contextLength : nil }
            self.languages = languages.isEmpty ? nil : languages
            deviceClass = DeviceClass(parameters: count)
            defaultQuant = variant.quantization
            architecture = HeaderNumber.all(of: header)
            let isProjector = { (file: RemoteFile) in FileName.isProjector(file.name) }
            let models = variant.files.filter { !isProjector($0) }
            projector = variant.files.first(where: isProjector).map { File($0, quant: nil, source: source) }
            files = models.first.map { [File($0, quant: variant.quantization, source: source, all: models)] } ?? []
            var sources = ["parameters": [source], "architecture": [source]]
            if contextLength != nil { sources["context_length"] = [source] }
            if self.languages != nil { sources["languages"] = [source] }
            self.sources = sources
        }
    }

    private struct File: Encodable {
        let repo: String
        let file: String
        let quant: String?
        let bytes: Int64?
        let sha256: String?
        let revision: String?
        let parts: [Part]?
        let sources: [String]

        struct Part: Encodable {
            let file: String
            let bytes: Int64?
            let sha256: String?
        }

        init(_ first: RemoteFile, quant: String?, source: String, all: [RemoteFile] = []) {
            let place = first.origin.hubFile
            repo = place?.reference.id ?? ""
            file = place?.path ?? first.name
            self.quant = quant
            bytes = first.size
            sha256 = first.digest?.hex
            revision = place?.reference.revision
            parts =
                all.count < 2
                ? nil
                : all.map { Part(file: $0.origin.hubFile?.path ?? $0.name, bytes: $0.size, sha256: $0.digest?.hex) }
            sources = [source]
        }
    }

    /// A number of a header as the catalog has it: one for all layers, or one for each; or a text or a truth.
    private enum HeaderNumber: Encodable {
        case number(PerLayer)
        case text(String)
        case truth(Bool)

        static func all(of header: GGUFFile) -> [String: HeaderNumber] {
            guard let architecture = header.architecture, let shape = ModelShape(header) else { return [:] }
            var all: [String: HeaderNumber] = [CatalogArchitecture.nameKey: .text(architecture)]
            for (key, value) in ModelShape.numbers(in: header) where value.largest > 0 {
                all[CatalogArchitecture.key(key)] = .number(value)
            }
            // The rows of the table are what llama.cpp allocates for.
            all[CatalogArchitecture.key("vocab_size")] = .number(.same(shape.vocabularySize))
            if let tied = shape.tiedEmbeddings { all[CatalogArchitecture.tiedKey] = .truth(tied) }
            return all
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(.same(let number)): try container.encode(number)
            case .number(.each(let numbers)): try container.encode(numbers)
            case .text(let text): try container.encode(text)
            case .truth(let truth): try container.encode(truth)
            }
        }
    }
}
