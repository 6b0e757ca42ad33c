internal import Foundation
internal import ModelCatalog

/// What the Hub says of a model and its files.
struct ModelInfo: Decodable {
    var id: String
    /// The commit.
    var sha: String
    var siblings: [Sibling]
    /// How many entries of its listing could not be read.
    var unreadable: Int
    var tags: [String]
    var license: String?
    /// Weights in the model, where the Hub has read a GGUF header.
    var parameters: Int64?
    /// As the card names them, mostly by ISO 639.
    var languages: [String]

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

    /// What another hub has said of one.
    init(id: String, sha: String, siblings: [Sibling], license: String?) {
        (self.id, self.sha, self.siblings, self.license) = (id, sha, siblings, license)
        (tags, languages, parameters, unreadable) = ([], [], nil, 0)
    }

    private enum Keys: String, CodingKey { case id, sha, siblings, tags, cardData, gguf }
    private enum CardKeys: String, CodingKey { case license, language }
    private enum GGUFKeys: String, CodingKey { case total }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        id = try values.decode(String.self, forKey: .id)
        sha = try values.decode(String.self, forKey: .sha)
        let listing = try values.decodeIfPresent(ReadableElements<Sibling>.self, forKey: .siblings)
        (siblings, unreadable) = (listing?.elements ?? [], listing?.unreadable ?? 0)
        tags = (try? values.decodeIfPresent([String].self, forKey: .tags)) ?? []
        // Card data is written by hand: whatever does not have the expected form is as good as absent.
        let card = try? values.nestedContainer(keyedBy: CardKeys.self, forKey: .cardData)
        license = try? card?.decodeIfPresent(String.self, forKey: .license)
        let named = try? card?.decodeIfPresent([String].self, forKey: .language)
        let only = try? card?.decodeIfPresent(String.self, forKey: .language)
        languages = named ?? only.map { [$0] } ?? []
        if license == nil {
            license = tags.first { $0.hasPrefix("license:") }.map { String($0.dropFirst(8)) }
        }
        let gguf = try? values.nestedContainer(keyedBy: GGUFKeys.self, forKey: .gguf)
        parameters = (try? gguf?.decodeIfPresent(Int64.self, forKey: .total)).flatMap { $0 > 0 ? $0 : nil }
    }
}

/// What a repository's card says of the model that its files were made of.
package struct RepositoryCard: Sendable {
    /// The original, by its id on the Hub; nil where none is named, or several are.
    package var upstream: String?
    /// ISO 639 codes, in the card's order.
    package var languages: [String]

    init(_ info: ModelInfo) {
        // Source: the Hub's tags of quantized models, `base_model:quantized:OWNER/NAME`.
        let prefix = "base_model:quantized:"
        let named = info.tags.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        let valid = named.filter { (try? HubReference(parsing: $0))?.owner != nil }
        upstream = valid.count == 1 ? valid[0] : nil
        languages = info.languages.filter { code in
            (2...3).contains(code.utf8.count) && code.utf8.allSatisfy { (0x61...0x7A).contains($0) }
        }
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
