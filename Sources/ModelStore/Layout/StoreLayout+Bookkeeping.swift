import Disk

/// Every name that this program gives to something in `.slm`.
extension StoreLayout {
    static let bookkeepingName = ".slm"
    static let indexName = "index.sqlite"
    static let partialsName = "partial"
    static let locksName = "locks"
    static let blocksName = "blocks"
    static let recordsName = "records"
    static let pendingName = "pending"
    /// What updates were to keep; there only where there is something.
    static let versionsName = "versions"
    /// The models that are held at their version.
    static let heldName = "held.json"
    /// What leads to stored files from elsewhere.
    package static let linksName = "links.json"
    /// Where unfinished uploads go on.
    package static let uploadsName = "uploads.json"
    /// A folder among the partial files, for a moment: see `tryNames`.
    static let trialName = "names"
    private static let modelfileEnding = ".Modelfile"

    /// The name of what Ollama takes a stored model in by.
    package static func modelfileName(for ref: String) -> String {
        String(ref.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }) + modelfileEnding
    }

    /// Whether a name in `.slm` is one of these, or was left beside one of them by a crash.
    static func isOurs(_ name: String) -> Bool {
        let name = name.hasSuffix(".tmp") ? String(name.dropLast(4)) : name
        return [
            partialsName, locksName, blocksName, recordsName, pendingName, versionsName, heldName, linksName,
            uploadsName, StoreMove.movingName, StoreMove.movedName, StoreMove.partsName, StoreMove.leavingName,
            StoreMove.cameName,
        ]
        .contains(name)
            || name.hasPrefix(indexName) || name.hasSuffix(modelfileEnding)
    }

    /// Whether a file in `.slm` goes along when the store is moved.
    static func isCarried(_ name: String) -> Bool {
        [heldName, linksName, uploadsName].contains(name) || name.hasSuffix(modelfileEnding)
    }

    /// Whether a name in `.slm` is that of an index that could not be used, and was moved out of the way.
    static func isSetAside(_ name: String) -> Bool { name.hasPrefix(indexName + ".damaged-") }

    /// What lies in `.slm` that this program has not put there.
    package func strangers() -> [String] {
        guard let names = try? openBookkeeping()?.names() else { return [] }
        return names.filter { !Self.isOurs($0) }
    }
}
