internal import Foundation
internal import ModelCatalog

/// What the Hub says of a model and its files.
struct ModelInfo: Decodable {
    var id: String
    /// The commit.
    var sha: String
    var siblings: [Sibling]
    var tags: [String]
    var license: String?
    /// Weights in the model, where the Hub has read a GGUF header.
    var parameters: Int64?

    struct Sibling: Decodable {
        var rfilename: String
        var size: Int64?
        var lfs: LFS?

        struct LFS: Decodable {
            var sha256: Digest?
            var size: Int64?
        }

        var isModelFile: Bool { rfilename.lowercased().hasSuffix(".gguf") }

        /// The largest size that is believed, in bytes: 64 TiB. Sums over all parts of a split model stay in range.
        private static let sizeLimit: Int64 = 1 << 46

        /// In bytes; nil when nobody says, or when no file can have it.
        var knownSize: Int64? {
            (lfs?.size ?? size).flatMap { (0...Self.sizeLimit).contains($0) ? $0 : nil }
        }
    }

    private enum Keys: String, CodingKey { case id, sha, siblings, tags, cardData, gguf }
    private enum CardKeys: String, CodingKey { case license }
    private enum GGUFKeys: String, CodingKey { case total }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        id = try values.decode(String.self, forKey: .id)
        sha = try values.decode(String.self, forKey: .sha)
        siblings = try values.decodeIfPresent([Sibling].self, forKey: .siblings) ?? []
        tags = (try? values.decodeIfPresent([String].self, forKey: .tags)) ?? []
        // Card data is written by hand: whatever does not have the expected form is as good as absent.
        let card = try? values.nestedContainer(keyedBy: CardKeys.self, forKey: .cardData)
        license = try? card?.decodeIfPresent(String.self, forKey: .license)
        if license == nil {
            license = tags.first { $0.hasPrefix("license:") }.map { String($0.dropFirst(8)) }
        }
        let gguf = try? values.nestedContainer(keyedBy: GGUFKeys.self, forKey: .gguf)
        parameters = (try? gguf?.decodeIfPresent(Int64.self, forKey: .total)).flatMap { $0 > 0 ? $0 : nil }
    }
}

/// One row of a repository's tree; folders have no `lfs`.
struct TreeEntry: Decodable {
    var path: String
    var size: Int64?
    var lfs: LFS?

    struct LFS: Decodable {
        /// Here this is the SHA-256 of the content; the entry's own `oid` is git's.
        var oid: Digest?
        var size: Int64?
    }
}

/// Whose a token is.
package struct Account: Decodable, Sendable {
    /// As the Hub writes it: text of a stranger.
    package var name: String
}

/// One row of a listing.
struct ModelSummary: Decodable {
    var id: String
    var downloads: Int?
}
