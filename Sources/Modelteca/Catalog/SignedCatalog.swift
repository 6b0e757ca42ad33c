internal import Foundation
internal import ModelCatalog
internal import ModelDownload

/// A catalog document with what proves it: one line of JSON, then the document as it is.
///
/// The line says what the document is (its number, how long it may be used, its size and SHA-256), as text, and carries
/// signatures of just that text; and how the keys have changed since the first. `Scripts/sign-catalog.py` writes it.
struct SignedCatalog {
    private let head: Head
    let statement: Statement
    /// The catalog document.
    let content: Data

    /// The longest first line, in bytes.
    static let headLimit = 64 << 10
    /// The longest file, in bytes.
    static let limit = headLimit + 1 + Catalog.longestDocument

    private struct Head: Decodable {
        var format: String
        var catalog: Signed
        var handovers: [Signed]?
    }

    /// What is signed of a catalog.
    struct Statement: Decodable {
        /// The document's own `revision`.
        var version: Int
        var signed: Date
        var expires: Date
        var bytes: Int
        var sha256: ModelCatalog.Digest
        /// The newest version of the program, where whoever signs tells it.
        var program: String?
    }

    /// A text and who has signed it.
    struct Signed: Decodable {
        /// JSON; signed as these bytes.
        var statement: String
        var signatures: [Signature]

        struct Signature: Decodable {
            var key: PublicKey
            var signature: Data
        }

        /// What a text is signed as: a signature for one thing is none for another.
        enum Purpose: String {
            case catalog = "slm-catalog-1"
            case keys = "slm-catalog-keys-1"
        }

        /// Nil when the text is not what it should be.
        func read<Value: Decodable>(_ type: Value.Type) -> Value? {
            try? SignedCatalog.decoder.decode(type, from: Data(statement.utf8))
        }

        func isSigned(by trusted: CatalogKeys, as purpose: Purpose) -> Bool {
            let message = Data("\(purpose.rawValue)\n\(statement)".utf8)
            return signatures.contains { trusted.keys.contains($0.key) && $0.key.confirms($0.signature, of: message) }
        }
    }

    /// Takes a file apart. Nothing is proven yet.
    ///
    /// - Throws: `CatalogUpdateError.notSigned`.
    init(parsing file: Data) throws(CatalogUpdateError) {
        let start = file.prefix(Self.headLimit + 1)
        guard let end = start.firstIndex(of: UInt8(ascii: "\n")),
            let head = try? Self.decoder.decode(Head.self, from: file[..<end]), head.format == "slm-catalog-1",
            let statement = head.catalog.read(Statement.self)
        else { throw .notSigned }
        self.head = head
        self.statement = statement
        content = file[file.index(after: end)...]
    }

    /// The keys that hold from this catalog on, for somebody who knows `known`.
    func keys(from known: CatalogKeys) -> CatalogKeys { known.following(head.handovers ?? []) }

    /// Finds out whether it is what somebody who is trusted has signed, whole, and still to be used.
    ///
    /// - Throws: `CatalogUpdateError`.
    func check(by trusted: CatalogKeys, at now: Date) throws(CatalogUpdateError) {
        guard head.catalog.isSigned(by: keys(from: trusted), as: .catalog) else { throw .notTrusted }
        guard now < statement.expires else { throw .expired(version: statement.version, on: statement.expires) }
        guard content.count >= statement.bytes else {
            throw .truncated(expected: statement.bytes, actual: content.count)
        }
        let digest = ModelCatalog.Digest(of: content)
        guard digest == statement.sha256 else { throw .damaged(expected: statement.sha256, actual: digest) }
    }

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }()
}
