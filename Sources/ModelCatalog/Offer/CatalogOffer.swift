package import Foundation

extension Catalog {
    /// The quantization in which a model is thought of while no file of it is known.
    package static let usualQuantization = "Q4_K_M"

    /// What a catalog name offers: the sizes of which files are known, or else all of them. Asks nobody.
    ///
    /// - Parameter endpoint: The Hub, where `HF_ENDPOINT` names another than the public one.
    /// - Throws: As `offer(for:quantization:endpoint:)`, when no size has the quantization.
    package func offer(for match: CatalogMatch, endpoint: URL = .huggingFaceHub) throws(CatalogError) -> Offer {
        guard match.entries.count > 1 else {
            return try offer(for: match.entries[0], quantization: match.quantization, endpoint: endpoint)
        }
        let known = match.entries.filter { !$0.files.isEmpty }
        let models = (known.isEmpty ? match.entries : known).compactMap { entry in
            try? variants(of: entry, quantization: match.quantization, endpoint: endpoint)
        }
        guard !models.isEmpty else {
            // None has it: what the smallest has is the shortest list to choose from.
            let smallest = match.entries[match.entries.count - 1]
            return try offer(for: smallest, quantization: match.quantization, endpoint: endpoint)
        }
        return Offer(
            reference: .catalog(family: match.family.id, size: nil, quantization: match.quantization),
            name: match.family.id, models: models)
    }

    /// The forms in which one model can be had, as the catalog alone knows them.
    ///
    /// Files with one digest are one form: the others are its mirrors. A form that is not the preferred file of its
    /// quantization is named by its Hub path, so that every ``Variant/ref`` names exactly one. A model of which no file
    /// is known has one form without files, in the usual quantization: somebody on the Hub may have it.
    /// - Parameters:
    ///   - quantization: Only this one, in any case; nil for all.
    ///   - endpoint: The Hub, where `HF_ENDPOINT` names another than the public one.
    /// - Throws: ``CatalogError/unknownQuantization(model:quantization:available:)`` when only others are known,
    ///   ``CatalogError/malformed(path:reason:)`` when the endpoint makes no address.
    package func offer(
        for entry: CatalogEntry, quantization: String? = nil, endpoint: URL = .huggingFaceHub
    ) throws(CatalogError) -> Offer {
        Offer(
            reference: .catalog(family: entry.familyID, size: entry.size, quantization: quantization?.lowercased()),
            name: entry.ref, models: [try variants(of: entry, quantization: quantization, endpoint: endpoint)])
    }

    private func variants(
        of entry: CatalogEntry, quantization: String?, endpoint: URL
    ) throws(CatalogError) -> [Variant] {
        guard !entry.files.isEmpty else {
            return [
                Variant(
                    ref: entry.ref, publisher: "", repository: "",
                    quantization: quantization?.uppercased() ?? Self.usualQuantization, files: [], entry: entry.ref,
                    shape: entry.shape, parameters: entry.parameters, license: entry.license)
            ]
        }
        let files = quantization.map { entry.files(in: $0) } ?? entry.files
        if let quantization, files.isEmpty {
            throw .unknownQuantization(
                model: entry.ref, quantization: quantization, available: entry.quantizations)
        }
        var variants: [Variant] = []
        var named: Set<String> = []
        for file in files {
            guard let hubFile = HubFile(file.hubReference, at: endpoint) else {
                throw .malformed(
                    path: "\(entry.ref) \(file.path)", reason: .unreadable("makes no address under \(endpoint)"))
            }
            if let digest = file.digest, let twin = variants.firstIndex(where: { $0.files[0].digest == digest }) {
                variants[twin].files[0].mirrors.append(hubFile.url)
                continue
            }
            let isPreferred = named.insert(file.quantization).inserted
            var remotes = [RemoteFile(name: file.name, origin: .hub(hubFile), size: file.size, digest: file.digest)]
            if !file.parts.isEmpty {
                remotes = try file.parts.map { part throws(CatalogError) in
                    var reference = file.hubReference
                    reference.selection = .path(part.path)
                    return try remote(reference, part.size, part.digest, of: entry, at: endpoint)
                }
            }
            if let projector = entry.projector {
                remotes.append(
                    try remote(projector.hubReference, projector.size, projector.digest, of: entry, at: endpoint))
            }
            variants.append(
                Variant(
                    ref: isPreferred
                        ? "\(entry.ref):\(file.quantization.lowercased())"
                        : ModelReference.hub(file.hubReference).description,
                    publisher: file.publisher, repository: file.repository, quantization: file.quantization,
                    files: remotes, entry: entry.ref, shape: entry.shape(of: file), parameters: entry.parameters,
                    license: entry.license, revision: file.revision))
        }
        return variants
    }

    private func remote(
        _ reference: HubReference, _ size: Int64?, _ digest: Digest?, of entry: CatalogEntry, at endpoint: URL
    ) throws(CatalogError) -> RemoteFile {
        guard let file = HubFile(reference, at: endpoint) else {
            throw .malformed(
                path: "\(entry.ref) \(reference.fileName)", reason: .unreadable("makes no address under \(endpoint)"))
        }
        return RemoteFile(name: reference.fileName, origin: .hub(file), size: size, digest: digest)
    }
}
