internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog
internal import ModelFit
internal import ModelStore
internal import SystemPackage

/// The forms of a model that `fit` speaks of: the one at hand, and the others that could be had instead.
extension Shelf {
    static func variant(of path: FilePath) -> Variant {
        let name = path.lastComponent?.string ?? path.string
        let file = RemoteFile(name: name, origin: .local(path))
        return Variant(
            ref: path.string, publisher: "", repository: "", quantization: FileName(name)?.quantization?.name,
            files: [file] + projector(beside: path))
    }

    static func variant(of model: StoredModel) -> Variant {
        let files = model.files.map { RemoteFile(name: $0.name, origin: .local($0.path), size: $0.size) }
        let hasProjector = files.contains { FileName($0.name)?.kind == .projector }
        return Variant(
            ref: model.ref, publisher: model.identity.publisher, repository: model.identity.repository,
            quantization: model.identity.quantization,
            files: files + (hasProjector ? [] : projector(beside: model.path)))
    }

    /// The vision projector in a model's folder, where the folder holds forms of this model alone; of several the
    /// largest, so that nothing is understated.
    private static func projector(beside path: FilePath) -> [RemoteFile] {
        let folder = path.removingLastComponent()
        guard let own = path.lastComponent.flatMap({ FileName($0.string) }),
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder.string)
        else { return [] }
        let files = names.compactMap { text in FileName(text).map { (path: folder.appending(text), name: $0) } }
        let models = files.filter { $0.name.kind == .model }
        guard models.allSatisfy({ $0.name.base == own.base }) else { return [] }
        let projectors = files.filter { $0.name.kind == .projector }.compactMap { file in
            FileStatus(following: file.path).map { status in
                RemoteFile(name: file.name.name, url: URL(filePath: file.path.string), size: status.size)
            }
        }
        return projectors.max { ($0.size ?? 0) < ($1.size ?? 0) }.map { [$0] } ?? []
    }

    /// All forms of a catalog's model that the catalog knows; none of other models.
    func known(for reference: ModelReference, _ report: FitReport) -> [Variant] {
        guard report.verdict != .fits, var match = try? catalog.find(reference) else { return [] }
        match.quantization = nil
        // Which of several sizes was meant is in the variant that was judged.
        let all = (try? catalog.offer(for: match, endpoint: settings.credentials.endpoint).models) ?? []
        return all.first { $0.contains { $0.ref == report.variant.ref } } ?? []
    }

    /// All forms in which the same origin has a model. A repository of which one file was named is asked for the others;
    /// when it does not answer there are none.
    ///
    /// - Throws: `CancellationError`.
    func published(for reference: ModelReference, _ offer: Offer) async throws -> [Variant] {
        let whole: ModelReference
        switch reference {
        case .hub(var reference) where reference.selection != .best:
            reference.selection = .best
            whole = .hub(reference)
        case .modelScope(var reference) where reference.selection != .best:
            reference.selection = .best
            whole = .modelScope(reference)
        default: return offer.variants
        }
        let all = try? await resolve(whole).variants
        try Task.checkCancellation()
        return all ?? offer.variants
    }

    /// Those of one repository that are this model, by their names, with the numbers of its header: repositories may
    /// hold several models. A projector comes with them only where the model at hand has one too.
    static func alike(_ variant: Variant, _ variants: [Variant]) -> [Variant] {
        guard let base = variant.files.first.flatMap({ FileName($0.name)?.base.lowercased() }) else { return [] }
        let isBlind = variant.files.count == variant.withoutProjector.files.count
        return variants.compactMap { other in
            guard other.files.first.flatMap({ FileName($0.name)?.base.lowercased() }) == base else { return nil }
            var other = isBlind ? other.withoutProjector : other
            other.shape = variant.shape
            return other
        }
    }
}
