import Disk
import Foundation
import SystemPackage

/// The files of `.slm/records`, and the pins beside them.
///
/// `X.json` is a model's record. `X.next` says what the model will be once files that are being moved have arrived,
/// `X.gone` that it is being removed: whoever finds one of these after a crash can finish the work.
struct RecordFolder {
    let folder: Folder

    enum Kind: String, CaseIterable { case json, next, gone }

    /// One record is some 500 bytes a file. In bytes.
    private static let sizeLimit = 8 << 20
    private static let pinsName = "pins.json"

    /// Nil when the store has no records yet.
    init?(in layout: StoreLayout) throws {
        guard let folder = try layout.openBookkeeping()?.folder(StoreLayout.recordsName) else { return nil }
        self.folder = folder
    }

    static func create(in layout: StoreLayout) throws -> RecordFolder {
        RecordFolder(folder: try layout.createBookkeeping().creatingFolder(StoreLayout.recordsName))
    }

    private init(folder: Folder) { self.folder = folder }

    static func name(_ ref: String, _ kind: Kind) -> String { "\(StoreLayout.fileName(for: ref)).\(kind.rawValue)" }

    /// The names of all records of a kind.
    func names(_ kind: Kind) throws -> [String] {
        try folder.names().filter { $0.hasSuffix(".\(kind.rawValue)") && $0 != Self.pinsName }
    }

    /// Nil when the file is not a record that can be used.
    func read(_ name: String) throws -> ModelRecord? {
        guard let bytes = try folder.read(name, limit: Self.sizeLimit),
            let record = try? Self.decoder.decode(ModelRecord.self, from: Data(bytes)), (try? record.check()) != nil
        else { return nil }
        return record
    }

    func write(_ record: ModelRecord, _ kind: Kind) throws {
        try folder.write(encoded(record), as: Self.name(record.ref, kind))
    }

    func remove(_ ref: String, _ kind: Kind) throws {
        try folder.remove(Self.name(ref, kind))
    }

    func readPins() throws -> [Pin] {
        guard let bytes = try folder.read(Self.pinsName, limit: Self.sizeLimit) else { return [] }
        return (try? Self.decoder.decode([Pin].self, from: Data(bytes))) ?? []
    }

    func write(_ pins: [Pin]) throws {
        try folder.write(encoded(pins), as: Self.pinsName)
    }

    /// Removes what a crash left half written.
    func sweepTemporaries() throws {
        for name in try folder.names() where name.hasSuffix(".tmp") { try folder.remove(name) }
    }

    private func encoded(_ value: some Encodable) throws -> Data {
        try Self.encoder.encode(value)
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
