internal import Foundation
internal import ModelDownload

/// Whose signatures under a catalog count.
struct CatalogKeys: Hashable, Sendable {
    /// Counts the changes of the set.
    let generation: Int
    /// One of them suffices.
    let keys: Set<PublicKey>

    /// The keys of this program's releases. There is none yet: no release has published a catalog. The first key and the
    /// address of its catalogs go here, see "Signing a release's catalog" in `CONTRIBUTING.md`.
    static let release = CatalogKeys(generation: 1, keys: [])
    /// Where the releases' catalogs are; nil while there are none.
    static let releaseAddress: String? = nil

    /// Somebody's own key, or several of which one has to have signed.
    init(_ keys: Set<PublicKey>) { self.init(generation: 1, keys: keys) }

    private init(generation: Int, keys: Set<PublicKey>) {
        self.generation = generation
        self.keys = keys
    }

    /// The set after the changes that a catalog carries with it.
    ///
    /// Each is signed by a key of the set before, so that a program of any age finds the way to today's keys in one file.
    /// A change whose number has been reached is passed over: who steals a key that was replaced here cannot undo that.
    func following(_ handovers: [SignedCatalog.Signed]) -> CatalogKeys {
        handovers.reduce(self) { now, signed in
            guard let change = signed.read(Handover.self), change.generation == now.generation + 1,
                !change.keys.isEmpty, signed.isSigned(by: now, as: .keys)
            else { return now }
            return CatalogKeys(generation: change.generation, keys: Set(change.keys))
        }
    }

    /// The keys from now on.
    private struct Handover: Decodable {
        var generation: Int
        var keys: [PublicKey]
    }
}
