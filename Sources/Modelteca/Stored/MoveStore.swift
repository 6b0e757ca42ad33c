internal import Disk
internal import Foundation
package import ModelStore
package import SystemPackage

extension Shelf {
    /// Moves the store; see ``ModelStore/Store/move(to:onProgress:)``. Links by which other programs use its files lead to
    /// the new place then.
    ///
    /// - Throws: `StoreError`, `DownloadError`, `LinkError`; `CancellationError`.
    package func moveStore(
        to folder: FilePath,
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void = { _, _, _ in }
    ) async throws -> MovedStore {
        let old = store.layout.root
        if try !store.wasMoved(to: folder) { try checkStore() }
        let moved = try await store.move(to: folder, onProgress: onProgress)
        if moved.wasThere { return moved }
        var settings = settings
        settings.store = moved.root
        let shelf = Shelf(catalog: catalog, device: device, settings: settings)
        try await shelf.takeLinks(from: old)
        shelf.rememberStore()
        return moved
    }

    /// Makes the links that led to the files of a store that was moved here lead here.
    private func takeLinks(from old: FilePath) async throws {
        let lock = try await linksLock()
        defer { lock.release() }
        let links = try links(of: nil)
        guard links.contains(where: { FilePath($0.file).starts(with: old) }) else { return }
        func here(_ path: String) -> String {
            var path = FilePath(path)
            return path.removePrefix(old) ? store.layout.root.pushing(path).string : path.string
        }
        var kept: [ModelLink] = []
        for link in links {
            var now = link
            (now.path, now.file) = (here(link.path), here(link.file))
            try relink(link, to: now)
            kept.append(now)
        }
        try keep(kept)
    }
}
