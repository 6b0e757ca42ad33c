public import Foundation

extension Catalog {
    /// The forms in which an entry can be had, as the catalog alone knows them.
    ///
    /// Files with one digest are one variant: the others are its mirrors. A variant that is not the preferred file of
    /// its quantization is named by its Hub path, so that every ``Variant/ref`` names exactly one.
    /// - Parameter quantization: only this one, in any case; nil for all.
    /// - Parameter endpoint: the Hub, where `HF_ENDPOINT` names another than the public one.
    /// - Throws: ``CatalogError/noKnownFiles(model:upstream:)`` when the Hub has to be asked,
    ///   ``CatalogError/unknownQuantization(model:quantization:available:)`` when only others are known,
    ///   ``CatalogError/malformed(path:reason:)`` when the endpoint makes no address.
    public func candidate(
        for entry: CatalogEntry, quantization: String? = nil, endpoint: URL = .huggingFaceHub
    ) throws(CatalogError) -> Candidate {
        guard !entry.files.isEmpty else { throw .noKnownFiles(model: entry.ref, upstream: entry.upstream) }
        let files = quantization.map { entry.files(in: $0) } ?? entry.files
        if let quantization, files.isEmpty {
            throw .unknownQuantization(
                model: entry.ref, quantization: quantization, available: entry.quantizations)
        }
        var variants: [Variant] = []
        var named: Set<String> = []
        for file in files {
            guard let url = file.url(endpoint: endpoint) else {
                throw .malformed(
                    path: "\(entry.ref) \(file.path)", reason: .unreadable("makes no address under \(endpoint)"))
            }
            if let digest = file.digest, let twin = variants.firstIndex(where: { $0.files[0].digest == digest }) {
                variants[twin].files[0].mirrors.append(url)
                continue
            }
            let isPreferred = named.insert(file.quantization).inserted
            let remote = RemoteFile(name: file.name, url: url, size: file.size, digest: file.digest)
            variants.append(
                Variant(
                    ref: isPreferred
                        ? "\(entry.ref):\(file.quantization.lowercased())"
                        : ModelReference.hub(file.hubReference).description,
                    publisher: file.publisher, repository: file.repository, quantization: file.quantization,
                    files: [remote], shape: entry.shape(of: file), parameters: entry.parameters, license: entry.license,
                    revision: file.revision))
        }
        return Candidate(
            reference: .catalog(family: entry.familyID, size: entry.size, quantization: quantization?.lowercased()),
            name: entry.ref, variants: variants)
    }
}

extension CatalogFile {
    /// The same file as a reference of the Hub, at its pinned commit.
    public var hubReference: HubReference {
        HubReference(owner: publisher, repository: repository, revision: revision, selection: .path(path))
    }
}
