import Disk
import Foundation
import SystemPackage

/// The files of `.slm/records`, the pins beside them, and the notes of work under way in `.slm/pending`.
///
/// `records/X.json` is a model's record. `pending/X.next` says what the model will be once files that are being moved
/// have arrived, `pending/X.gone` that it is being removed: whoever finds one of these after a crash can finish the
/// work. `pending/X.part` says what is being fetched, and stays where a download is broken off. Notes have a folder of
/// their own, which is nearly always empty, so that looking for one costs nothing.
struct RecordFolder {
    let records: Folder
    /// Nil in a store that no release with this folder has written yet.
    let pending: Folder?

    enum Note: String, CaseIterable { case next, gone, part }

    /// One record is some 500 bytes a file. In bytes.
    private static let sizeLimit = 8 << 20
    private static let pinsName = "pins.json"

    /// Nil when the store has no records yet.
    init?(in layout: StoreLayout) throws {
        guard let folder = try layout.openBookkeeping(), let records = try folder.folder(StoreLayout.recordsName) else {
            return nil
        }
        self.records = records
        pending = try folder.folder(StoreLayout.pendingName)
    }

    static func create(in layout: StoreLayout) throws -> RecordFolder {
        let folder = try layout.creatingBookkeeping()
        return RecordFolder(
            records: try folder.creatingFolder(StoreLayout.recordsName),
            pending: try folder.creatingFolder(StoreLayout.pendingName))
    }

    private init(records: Folder, pending: Folder) {
        self.records = records
        self.pending = pending
    }

    // MARK: Records

    static func name(_ ref: String) -> String { "\(StoreLayout.fileName(for: ref)).json" }

    /// The names of all records.
    func names() throws -> [String] {
        try records.names().filter { $0.hasSuffix(".json") && $0 != Self.pinsName }
    }

    /// Nil when the file is not a record that can be used, or that this user may read: one that another member of a
    /// group keeps private must not close the store to the rest.
    func read(_ name: String) throws -> ModelRecord? {
        do {
            return try Self.read(name, in: records)
        } catch let error as DiskError where error.errno == .permissionDenied {
            return nil
        }
    }

    /// Whether a record is kept from this user.
    func isDenied(_ name: String) -> Bool {
        do throws(DiskError) {
            let file = try records.open(name)
            try? file?.close()
            return false
        } catch {
            return error.errno == .permissionDenied
        }
    }

    func write(_ record: ModelRecord) throws { try records.write(Self.encoded(record), as: Self.name(record.ref)) }

    /// Writes many at once, for the price of one wait for the disk where the system can do that.
    func write(_ changed: [ModelRecord]) throws {
        try records.write(try changed.map { (Self.name($0.ref), try Self.encoded($0)) })
    }

    func remove(_ ref: String) throws { try records.remove(Self.name(ref)) }

    private static let asideEnding = ".json.damaged"

    /// Puts a record that cannot be read where nobody takes it for one.
    ///
    /// - Returns: Where it is then.
    func putAside(_ name: String) throws -> FilePath {
        try records.rename(name, to: name + ".damaged")
        return records.path.appending(name + ".damaged")
    }

    /// The records that were put aside.
    func putAside() throws -> [FilePath] {
        try records.names(endingIn: [Self.asideEnding]).map(records.path.appending)
    }

    /// Removes what a crash left half written.
    func sweepTemporaries() throws {
        for folder in [records, pending].compactMap(\.self) {
            for name in try folder.names() where name.hasSuffix(".tmp") { try folder.remove(name) }
        }
    }

    // MARK: Notes

    static func name(_ ref: String, _ note: Note) -> String { "\(StoreLayout.fileName(for: ref)).\(note.rawValue)" }

    /// What is written down in the notes of a kind. Releases before this one left theirs among the records.
    func notes(_ note: Note) throws -> [ModelRecord] {
        try [records, pending].compactMap(\.self).flatMap { folder in
            try folder.names(endingIn: [".\(note.rawValue)"]).compactMap { name in
                do {
                    return try Self.read(name, in: folder)
                } catch let error as DiskError where error.errno == .permissionDenied {
                    return nil
                }
            }
        }
    }

    /// What is written down in one note.
    func note(_ note: Note, of ref: String) throws -> ModelRecord? {
        for folder in [pending, records].compactMap(\.self) {
            if let record = try Self.read(Self.name(ref, note), in: folder), record.ref == ref { return record }
        }
        return nil
    }

    /// Puts a note where the others are, if an earlier release has left it among the records, and names all there are.
    func collectNotes(_ note: Note) throws -> [String] {
        guard let pending else { return [] }
        let ending = ".\(note.rawValue)"
        for name in try records.names() where name.hasSuffix(ending) {
            try pending.take(records.path.appending(name), as: name)
        }
        return try pending.names().filter { $0.hasSuffix(ending) }
    }

    /// Whether somebody died, or works, in the middle of a change.
    func hasNotes(amongRecords: Bool) throws -> Bool {
        try [pending, amongRecords ? records : nil].compactMap(\.self).contains { folder in
            try !folder.names(endingIn: [Note.next, .gone].map { ".\($0.rawValue)" }).isEmpty
        }
    }

    /// Nil when the file is not a note that can be used.
    func readNote(_ name: String) throws -> ModelRecord? { try pending.flatMap { try Self.read(name, in: $0) } }

    /// - Parameter durably: Whether it has to be there after a power cut.
    func write(_ record: ModelRecord, _ note: Note, durably: Bool = true) throws {
        try pending?.write(Self.encoded(record), as: Self.name(record.ref, note), durably: durably)
    }

    /// - Parameter files: What has to be on the disk before any of it is said.
    func write(_ announced: [ModelRecord], _ note: Note, after files: [FilePath] = []) throws {
        try pending?.write(try announced.map { (Self.name($0.ref, note), try Self.encoded($0)) }, after: files)
    }

    func remove(_ ref: String, _ note: Note) throws { try removeNote(Self.name(ref, note)) }

    func removeNote(_ name: String) throws { try pending?.remove(name) }

    // MARK: Pins

    func readPins() throws -> [Pin] {
        guard let bytes = try records.read(Self.pinsName, limit: Self.sizeLimit) else { return [] }
        return (try? Self.decoder.decode([Pin].self, from: Data(bytes))) ?? []
    }

    func write(_ pins: [Pin]) throws { try records.write(Self.encoded(pins), as: Self.pinsName) }

    // MARK: JSON

    static func read(_ name: String, in folder: Folder) throws -> ModelRecord? {
        guard let bytes = try folder.read(name, limit: sizeLimit),
            let record = try? decoder.decode(ModelRecord.self, from: Data(bytes)), (try? record.check()) != nil
        else { return nil }
        return record
    }

    static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
