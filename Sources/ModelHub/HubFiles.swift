internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog

/// Finds the models among a repository's files: the parts of a split model together, each with the vision projector that
/// belongs to it; matrices left out.
struct HubFiles {
    /// What people take unasked, best first: the order in which equal models are offered.
    private static let preferred = [
        "Q4_K_M", "Q4_K_S", "Q5_K_M", "IQ4_XS", "IQ4_NL", "Q4_0", "Q5_K_S", "Q6_K", "Q8_0", "Q3_K_L", "Q3_K_M",
        "Q3_K_S",
        "Q2_K", "MXFP4", "Q5_0", "Q5_1", "Q4_1", "BF16", "F16", "F32",
    ]

    private struct Group {
        var name: FileName
        var path: String
        var folder: String
        var parts: [(number: Int, sibling: ModelInfo.Sibling)]
        /// Those of the parts.
        var numbers: Set<Int> = []

        var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }
    }

    private let info: ModelInfo
    private let reference: HubReference
    /// Where a file's bytes are; nil when its path makes no address.
    private let origin: (_ path: String) -> FileOrigin?
    /// What a form is called.
    private let name: (HubReference) -> ModelReference
    private let projectors: HubProjectors
    /// Of the model's files, in the order of the listing.
    private let groups: [Group]

    init(
        _ info: ModelInfo, for reference: HubReference, named name: @escaping (HubReference) -> ModelReference,
        at origin: @escaping (_ path: String) -> FileOrigin?
    ) {
        self.info = info
        self.reference = reference
        (self.name, self.origin) = (name, origin)
        projectors = HubProjectors(info.siblings)
        groups = Self.groups(info.siblings)
    }

    /// What the reference means of the repository: its model's forms, the best known first.
    ///
    /// - Throws: `HubError`.
    func offer() throws(HubError) -> Offer {
        if case .path(let path) = reference.selection, let projector = try projector(at: path) {
            return Offer(reference: name(reference), name: reference.id, models: [[projector]])
        }
        let all = try variants()
        if let hole = hole(in: reference.selection, among: all) { throw .missingParts(id: info.id, files: hole) }
        guard !all.isEmpty else { throw .noModelFiles(id: info.id) }
        var offer = Offer(reference: name(reference), name: reference.id, models: [try selected(from: all)])
        offer.unreadable = info.unreadable
        return offer
    }

    private func selected(from all: [Variant]) throws(HubError) -> [Variant] {
        switch reference.selection {
        case .best: return all
        case .quantization(let wanted):
            let name = Quantization(parsing: wanted)?.name ?? wanted.uppercased()
            let exact = all.filter { $0.quantization == name }
            let plain = Quantization(parsing: wanted)?.plainName
            func isAlike(_ variant: Variant) -> Bool {
                plain != nil && variant.quantization.flatMap { Quantization(parsing: $0) }?.plainName == plain
            }
            let matches = exact.isEmpty ? all.filter(isAlike) : exact
            guard !matches.isEmpty else {
                throw .noQuantization(id: info.id, quantization: wanted, available: all.compactMap(\.quantization))
            }
            return matches
        case .path(let path):
            // Any part of a split model means the whole.
            let wanted = origin(path)
            let matches = all.filter { variant in variant.files.contains { $0.origin == wanted } }
            guard wanted != nil, !matches.isEmpty else { throw .noFile(id: info.id, path: path) }
            // Naming a file means that file alone.
            return matches.map(\.withoutProjector)
        }
    }

    /// All models of the repository, the best known quantization first. Incomplete ones are left out, and those with a
    /// name that must not become one on this disk.
    ///
    /// - Throws: `HubError.unsafeName` when there is nothing but such names.
    func variants() throws(HubError) -> [Variant] {
        if groups.isEmpty, let name = info.siblings.map(\.rfilename).first(where: Self.isUnsafeModel) {
            throw .unsafeName(id: info.id, name: name)
        }
        let whole = groups.filter { $0.parts.count == $0.name.shard?.count ?? 1 }
        let names = Dictionary(whole.map { ($0.name.quantization?.name, 1) }, uniquingKeysWith: +)
        let ambiguous = Self.repeated(whole.map { $0.fileName.lowercased() })
        var variants: [Variant] = []
        for group in whole {
            let quantization = group.name.quantization?.name
            let isAlone = quantization != nil && names[quantization] == 1
            let prefix = ambiguous.contains(group.fileName.lowercased()) ? group.folder : ""
            variants.append(try variant(group, named: isAlone ? quantization : nil, prefix: prefix))
        }
        return variants.enumerated().sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }
            .map(\.element)
    }

    /// The parts that are missing of the split model that was asked for, or of all where there is nothing else; nil when
    /// that is not what is wrong.
    func hole(in selection: HubReference.Selection, among whole: [Variant]) -> [String]? {
        let broken = groups.filter { $0.parts.count < $0.name.shard?.count ?? 1 }
        let meant = broken.first { group in
            switch selection {
            case .best: whole.isEmpty
            case .path(let path): group.parts.contains { $0.sibling.rfilename == path }
            case .quantization(let wanted):
                !whole.contains { $0.quantization == group.name.quantization?.name }
                    && group.name.quantization?.plainName == Quantization(parsing: wanted)?.plainName
            }
        }
        guard let meant else { return nil }
        let there = Set(meant.parts.map { $0.number - 1 })
        // A name may promise a hundred thousand parts.
        return Array(
            meant.name.allShards.enumerated().lazy.filter { !there.contains($0.offset) }.map(\.element).prefix(8))
    }

    /// A projector alone, when it is named by its path.
    ///
    /// - Throws: `HubError.unsafeName`.
    func projector(at path: String) throws(HubError) -> Variant? {
        guard let sibling = info.siblings.first(where: { $0.rfilename == path }),
            let name = FileName(path), name.kind == .projector
        else { return nil }
        return try variant(
            Group(name: name, path: path, folder: "", parts: [(number: 1, sibling: sibling)]), named: nil, prefix: "")
    }

    private static func rank(_ variant: Variant) -> Int {
        variant.quantization.flatMap { preferred.firstIndex(of: $0) } ?? preferred.count
    }

    private static func isUnsafeModel(_ path: String) -> Bool {
        path.lowercased().hasSuffix(".gguf") && (try? FileNameRules.relativePath(path)) == nil
    }

    private static func repeated(_ names: [String]) -> Set<String> {
        var seen: Set<String> = []
        return Set(names.filter { !seen.insert($0).inserted })
    }

    private static func groups(_ siblings: [ModelInfo.Sibling]) -> [Group] {
        var groups: [Group] = []
        var index: [String: Int] = [:]
        for sibling in siblings where !isUnsafeModel(sibling.rfilename) {
            guard let name = FileName(sibling.rfilename), name.kind == .model else { continue }
            let folder = sibling.rfilename.split(separator: "/").dropLast().joined(separator: "/")
            let key = "\(folder)/\(name.stem)/\(name.shard?.count ?? 0)"
            let part = (number: name.shard?.number ?? 1, sibling: sibling)
            if let known = index[key] {
                if groups[known].numbers.insert(part.number).inserted {
                    groups[known].parts.append(part)
                }
            } else {
                index[key] = groups.count
                groups.append(
                    Group(name: name, path: sibling.rfilename, folder: folder, parts: [part], numbers: [part.number]))
            }
        }
        for position in groups.indices {
            groups[position].parts.sort { $0.number < $1.number }
            groups[position].path = groups[position].parts[0].sibling.rfilename
        }
        return groups
    }

    /// - Parameter prefix: The folder of a file whose name occurs in another folder too: on this disk both are kept in
    ///   one, so the folder's name goes in front.
    private func variant(
        _ group: Group, named quantization: String?, prefix: String
    ) throws(HubError) -> Variant {
        var files: [RemoteFile] = []
        for part in group.parts { files.append(try remoteFile(part.sibling, prefix: prefix)) }
        if group.name.kind == .model, let projector = projectors.best(for: group.path) {
            files.append(try remoteFile(projector, prefix: ""))
        }
        var ref = reference
        ref.selection = quantization.map { .quantization($0) } ?? .path(group.path)
        guard let repository = try? FileNameRules.component(reference.repository),
            let owner = try? FileNameRules.component(reference.owner ?? "huggingface")
        else { throw .unsafeName(id: info.id, name: reference.id) }
        return Variant(
            ref: name(ref).description, publisher: owner, repository: repository,
            quantization: group.name.quantization?.name, files: files, parameters: info.parameters,
            license: info.license.map(HubLicense.license), revision: info.sha.isEmpty ? nil : info.sha)
    }

    private func remoteFile(_ sibling: ModelInfo.Sibling, prefix: String) throws(HubError) -> RemoteFile {
        let path = sibling.rfilename
        let folder = prefix.isEmpty ? "" : prefix.replacing("/", with: "-") + "-"
        guard let name = path.split(separator: "/").last,
            let safe = try? FileNameRules.component(folder + name),
            let origin = origin(path)
        else { throw .unsafeName(id: info.id, name: path) }
        return RemoteFile(
            name: safe, origin: origin, size: sibling.knownSize, digest: sibling.lfs?.sha256)
    }
}

/// Licences as the Hub tags them. Only what the tag itself decides: conditions are for the reader.
enum HubLicense {
    private static let free: Set<String> = [
        "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "unlicense", "isc",
    ]

    static func license(_ tag: String) -> License {
        let id = tag.lowercased()
        let use: License.CommercialUse =
            free.contains(id) ? .yes : id.holds("-nc") || id.hasPrefix("apple-amlr") ? .no : .restricted
        return License(id: tag, name: tag, commercialUse: use)
    }
}
