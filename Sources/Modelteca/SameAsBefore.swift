internal import Foundation
internal import ModelCatalog
internal import ModelHub
internal import ModelStore

extension Shelf {
    /// Gives the only file of a plain origin the digest that it has in the store, when nothing says that it has changed
    /// since: a second `get` then fetches nothing.
    ///
    /// Plain origins publish no digest. Size and date tell most changes; who wants to be sure gives `--sha256`.
    func sameAsBefore(_ candidate: Candidate) async throws -> Candidate {
        guard let variant = candidate.variants.first, variant.files.count == 1, variant.files[0].digest == nil,
            let model = try await store.model(named: variant.ref), model.state == .ready, model.verifiedAt != nil,
            let file = model.files.first, let digest = file.digest, model.files.count == 1
        else { return candidate }
        let url = variant.files[0].url
        let isSame =
            url.isFileURL
            ? Self.isUnchanged(url, size: file.size, since: model.installedAt)
            : await hub.seemsUnchanged(url, size: file.size, since: model.installedAt)
        guard isSame else { return candidate }
        var same = candidate
        same.variants[0].files[0].digest = digest
        same.variants[0].files[0].size = file.size
        return same
    }

    private static func isUnchanged(_ url: URL, size: Int64, since date: Date) -> Bool {
        let path = url.path(percentEncoded: false)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            (attributes[.size] as? NSNumber)?.int64Value == size, let modified = attributes[.modificationDate] as? Date
        else { return false }
        return modified < date
    }
}
