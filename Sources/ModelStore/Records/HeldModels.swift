import Disk
import Foundation

/// The models that are held at the version that they have: `.slm/held.json`, a list of references.
enum HeldModels {
    /// More than anybody holds. In bytes.
    private static let sizeLimit = 8 << 20

    static func read(in layout: StoreLayout) throws -> Set<String> {
        guard let bytes = try layout.openBookkeeping()?.read(StoreLayout.heldName, limit: sizeLimit) else { return [] }
        return (try? JSONDecoder().decode(Set<String>.self, from: Data(bytes))) ?? []
    }

    static func set(_ isHeld: Bool, _ ref: String, in layout: StoreLayout) throws {
        var held = try read(in: layout)
        guard held.contains(ref) != isHeld else { return }
        if isHeld { held.insert(ref) } else { held.remove(ref) }
        try write(held, in: layout)
    }

    /// Forgets those that are stored no more.
    static func keepOnly(_ refs: Set<String>, in layout: StoreLayout) throws {
        let held = try read(in: layout)
        if !held.isSubset(of: refs) { try write(held.intersection(refs), in: layout) }
    }

    private static func write(_ held: Set<String>, in layout: StoreLayout) throws {
        try layout.creatingBookkeeping().write(JSONEncoder().encode(held.sorted()), as: StoreLayout.heldName)
    }
}
