import Disk
import Foundation
import SQLite

extension StoreIndex {
    /// A line for every model, by reference, and what the files take: where all is as it was written down, as it nearly
    /// always is. Nil where it is not: what became of a file that is not, only all records together tell.
    ///
    /// Of ten thousand models nothing is made that a list does not show.
    func linesIfAsKnown(
        in layout: StoreLayout
    ) throws(StoreError) -> (lines: [StoredLine], size: Int64)? {
        let sql = """
            SELECT id, ref, installedAt, verifiedAt, state, path, size, modified, origin IS NULL
            FROM models JOIN files ON modelId = id ORDER BY ref, position
            """
        var lines: [StoredLine] = []
        var use = DiskUse()
        var folders = KnownFolders(in: layout)
        var last: Int64?
        var isAsKnown = true
        try Self.guarded(path) {
            try database.read { database in
                try database.scan(sql) { row in
                    guard isAsKnown else { return }
                    let size = try row.integer(6)
                    let recorded = StoredModel.State(recorded: try row.text(4))
                    guard let state = recorded, state == .ready || state == .damaged,
                        let status = folders.status(of: try row.bytes(5)),
                        status.isFile(of: size, modified: try row.integer(7))
                    else {
                        isAsKnown = false
                        return
                    }
                    use.add(status)
                    let id = try row.integer(0)
                    if id != last {
                        lines.append(
                            StoredLine(
                                ref: try row.text(1), size: 0, installedAt: Date(seconds: try row.integer(2)),
                                verifiedAt: try row.optionalInteger(3).map(Date.init(seconds:)), state: state))
                        last = id
                    }
                    lines[lines.count - 1].add(size, isFound: try row.integer(8) == 1)
                }
            }
        }
        return isAsKnown ? (lines, use.bytes) : nil
    }
}

extension StoredLine {
    /// Takes in one more of the model's files.
    fileprivate mutating func add(_ bytes: Int64, isFound: Bool) {
        size = size.addingReportingOverflow(bytes).partialValue
        state = state.shown(isProven: verifiedAt != nil, isFound: isFound)
    }
}

/// Publishers' folders without a link in them, one at a time: files of one publisher stand one after the other.
private struct KnownFolders {
    private let root: Folder?
    private var publisher: [UInt8] = []
    private var folder: Folder?

    init(in layout: StoreLayout) { root = try? Folder.root(layout.root) }

    /// Nil where there is no such file, or where it takes more to find out: a link on the way, a name that is not safe,
    /// somebody who may not look.
    ///
    /// - Parameter path: Publisher, repository and name, with a zero behind them.
    mutating func status(of path: UnsafeBufferPointer<UInt8>) -> FileStatus? {
        let slash = UInt8(ascii: "/")
        guard let first = path.firstIndex(of: slash), let second = path[(first + 1)...].firstIndex(of: slash),
            FileNameRules.isSafe(path[(first + 1)..<second]), FileNameRules.isSafe(path[(second + 1)...])
        else { return nil }
        if !path[..<first].elementsEqual(publisher) {
            publisher = Array(path[..<first])
            let name = String(decoding: publisher, as: UTF8.self)
            let opened = FileNameRules.isSafe(name) ? try? root?.folder(name) : nil
            folder = opened?.isFreeOfLinks == true ? opened : nil
        }
        return path[(first + 1)...].withMemoryRebound(to: CChar.self) { rest in
            guard let start = rest.baseAddress, let (status, isDenied) = folder?.look(at: start) else { return nil }
            return isDenied ? nil : status
        }
    }
}
