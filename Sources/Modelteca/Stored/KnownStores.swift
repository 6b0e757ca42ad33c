internal import Disk
internal import Foundation
package import ModelStore
internal import SystemPackage

/// The named stores that this user has put models into, one path a line: an empty folder where one of them was is the
/// place of a disk that is not connected. Losing the list loses only that warning.
struct KnownStores {
    /// More than anybody has. In bytes.
    private static let limit = 64 << 10

    private let file: FilePath

    init(caches: FilePath) { file = caches.appending("modelteca").appending("stores") }

    private var paths: [String] {
        readText(at: file, limit: Self.limit)?.split(separator: "\n").map(String.init) ?? []
    }

    /// Whether the store was here, and now there is an empty folder in its place or right above it.
    func isUnmounted(_ root: FilePath) -> Bool {
        let place = FileStatus(of: root) == nil ? root.removingLastComponent() : root
        guard let folder = try? Folder.root(place), (try? folder.names())?.isEmpty == true else { return false }
        return paths.contains(root.string)
    }

    func remember(_ root: FilePath) {
        let known = paths
        guard !known.contains(root.string), !root.string.holds("\n"),
            let folder = try? Folder.creatingRoot(file.removingLastComponent())
        else { return }
        let text = (known + [root.string]).map { $0 + "\n" }.joined()
        if text.utf8.count <= Self.limit { try? folder.write(Array(text.utf8), as: "stores", durably: false) }
    }
}

extension Shelf {
    private var knownStores: KnownStores { KnownStores(caches: settings.caches) }

    /// Throws where the store was named and is not there, or only the empty folder that its disk is mounted on.
    ///
    /// - Throws: `StoreError.absent`.
    package func checkStore() throws(StoreError) {
        try store.checkPresence()
        try checkMount()
    }

    /// Makes the store ready for a download.
    ///
    /// - Throws: as `Store.prepare`.
    func prepareStore() async throws {
        try checkMount()
        try await store.prepare()
        rememberStore()
    }

    func rememberStore() {
        if settings.isStoreNamed { knownStores.remember(settings.store.lexicallyNormalized()) }
    }

    /// Throws where only the empty folder is here that the store's disk is mounted on.
    func checkMount() throws(StoreError) {
        let root = settings.store.lexicallyNormalized()
        if settings.isStoreNamed, knownStores.isUnmounted(root) { throw .absent(path: root) }
    }
}
