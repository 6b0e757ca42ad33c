internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog

/// Makes an offer of a manifest: the model's file or parts, its projector, and the texts that belong to it.
struct RegistryOffer {
    private struct Layer {
        var blob: RegistryBlob
        var size: Int64
        /// As the artifact names it, checked; nil where it does not.
        var name: String?
    }

    /// The largest size that is believed, in bytes: 64 TiB.
    private static let sizeLimit: Int64 = 1 << 46

    private let place: Registries.Place
    private let manifest: RegistryManifest
    private let digest: Digest
    private let config: RegistryConfig
    private let quantization: Quantization?
    private var models: [Layer] = []
    private var projectors: [Layer] = []
    private var companions: [(layer: Layer, ending: String)] = []

    /// - Throws: `.onlyInCloud`, `.noModelFile`, `.unsafeName`, `.digestUnsupported`.
    init(
        _ place: Registries.Place, _ manifest: RegistryManifest, digest: Digest, config: RegistryConfig
    ) throws(RegistryError) {
        (self.place, self.manifest, self.digest, self.config) = (place, manifest, digest, config)
        quantization = config.quantization.flatMap { Quantization(parsing: $0) }
        if let host = config.remoteHost, !host.isEmpty { throw .onlyInCloud(ref: place.ref, host: host) }
        for descriptor in manifest.layers ?? [] {
            switch LayerRole(descriptor) {
            case .model:
                let layer = try layer(descriptor)
                // A projector may come as any other weights, and is known by its name.
                if layer.name.flatMap({ FileName($0)?.kind }) == .projector {
                    projectors.append(layer)
                } else {
                    models.append(layer)
                }
            case .projector: projectors.append(try layer(descriptor))
            case .companion(let ending): companions.append((try layer(descriptor), ending))
            case .other: break
            }
        }
        // Of Ollama's several the last counts (ollama/ollama, `server/images.go`, `GetModel`).
        if manifest.layers?.contains(where: { $0.mediaType == "application/vnd.ollama.image.model" }) == true {
            models = models.suffix(1)
        }
        let format = config.format?.lowercased()
        guard !models.isEmpty, format == nil || format == "" || format == "gguf" else {
            throw .noModelFile(ref: place.ref, mediaTypes: manifest.layers?.map(\.mediaType) ?? [])
        }
    }

    private func layer(_ descriptor: RegistryManifest.Descriptor) throws(RegistryError) -> Layer {
        guard descriptor.digest.hasPrefix("sha256:"), let digest = Digest(hex: descriptor.digest),
            (0...Self.sizeLimit).contains(descriptor.size)
        else { throw .digestUnsupported(ref: place.ref, digest: descriptor.digest) }
        guard let blob = RegistryBlob(endpoint: place.endpoint, repository: place.repository, digest: digest) else {
            throw .unsafeName(ref: place.ref, name: place.repository)
        }
        guard let path = descriptor.path else { return Layer(blob: blob, size: descriptor.size) }
        // Relative, without `..`: whatever else is refused, not mended.
        guard (try? FileNameRules.relativePath(path)) != nil, let name = path.split(separator: "/").last else {
            throw .unsafeName(ref: place.ref, name: path)
        }
        return Layer(blob: blob, size: descriptor.size, name: String(name))
    }

    func offer(for reference: ModelReference) throws(RegistryError) -> Offer {
        var variants: [Variant] = []
        for group in groups() { variants.append(try variant(group, of: reference)) }
        return Offer(reference: reference, name: place.ref, models: [variants])
    }

    /// The parts of a divided model are one; other models in one artifact are other forms.
    private func groups() -> [[Layer]] {
        guard models.count > 1, models.allSatisfy({ $0.name != nil }) else { return [models] }
        let names = models.map { $0.name.flatMap { FileName($0) } }
        if names.allSatisfy({ $0?.shard != nil }) { return [models] }
        return models.map { [$0] }
    }

    private func variant(_ group: [Layer], of reference: ModelReference) throws(RegistryError) -> Variant {
        var files: [RemoteFile] = []
        for (position, layer) in group.enumerated() {
            files.append(try file(layer, named: weightName(position, of: group.count)))
        }
        for projector in projectors.prefix(1) {
            files.append(try file(projector, named: "mmproj-\(place.fileName).gguf"))
        }
        for (layer, ending) in companions {
            var number = 1
            var name = "\(place.fileName).\(ending)"
            while files.contains(where: { $0.name == (layer.name ?? name) }), layer.name == nil {
                number += 1
                name = "\(place.fileName)-\(number).\(ending)"
            }
            let companion = try file(layer, named: name)
            if !files.contains(where: { $0.name.lowercased() == companion.name.lowercased() }) {
                files.append(companion)
            }
        }
        var seen: Set<String> = []
        for file in files where !seen.insert(file.name.lowercased()).inserted {
            throw .unsafeName(ref: place.ref, name: file.name)
        }
        for folder in [place.publisher, place.folder] where !FileNameRules.isSafe(folder) {
            throw .unsafeName(ref: place.ref, name: folder)
        }
        let named = group.first?.name.flatMap { FileName($0)?.quantization }
        let license = config.descriptor?.licenses?.first ?? manifest.annotations?["org.opencontainers.image.licenses"]
        return Variant(
            ref: reference.description, publisher: place.publisher, repository: place.folder,
            quantization: (named ?? quantization)?.name, files: files, license: license.map(HubLicense.license),
            revision: "sha256:\(digest.hex)")
    }

    private func weightName(_ position: Int, of count: Int) -> String {
        // The tag often says it already.
        let tail =
            quantization.map { FileName(place.fileName + ".gguf")?.quantization == nil ? "-\($0.name)" : "" } ?? ""
        guard count > 1 else { return "\(place.fileName)\(tail).gguf" }
        func five(_ number: Int) -> String { String(String(100_000 + number).dropFirst()) }
        return "\(place.fileName)\(tail)-\(five(position + 1))-of-\(five(count)).gguf"
    }

    private func file(_ layer: Layer, named name: String) throws(RegistryError) -> RemoteFile {
        let name = layer.name ?? name
        guard let safe = try? FileNameRules.component(name) else { throw .unsafeName(ref: place.ref, name: name) }
        return RemoteFile(name: safe, origin: .registry(layer.blob), size: layer.size, digest: layer.blob.digest)
    }
}
