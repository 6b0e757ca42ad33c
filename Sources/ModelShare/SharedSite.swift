internal import Foundation
package import ModelCatalog
package import SystemPackage

/// What a server gives to whom: a question in, an answer out, nothing kept between them.
package protocol SharedSite: Sendable {
    /// The answer; `.missing` for whatever is not meant to be had.
    func answer(_ request: SharedRequest) -> SharedAnswer
}

/// A request, as far as sites look at it.
package struct SharedRequest: Sendable {
    /// The parts of the path, each decoded after it was divided: an encoded slash divides nothing. Empty for `/`.
    package var path: [String]
    /// What follows the question mark.
    package var query: String
    /// Header fields, by name in lower case.
    package var headers: [String: String]

    /// Nil for what is no path: then nothing is there.
    package init?(target: some StringProtocol, headers: [String: String] = [:]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/") else { return nil }
        var decoded: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = part.percentDecoded else { return nil }
            decoded.append(name)
        }
        if decoded.last?.isEmpty == true { decoded.removeLast() }
        self.path = decoded
        query = parts.count > 1 ? String(parts[1]) : ""
        self.headers = headers
    }
}

/// An answer to a request.
package enum SharedAnswer: Sendable {
    /// A document that is made in memory.
    case document(SharedDocument)
    /// A file of this disk, whole or in ranges, with header fields besides those of every file.
    case file(SharedFile, headers: [String: String] = [:])
    /// Nothing is there.
    case missing
}

/// A document that is made in memory.
package struct SharedDocument: Sendable {
    /// `text/html; charset=utf-8`.
    package var type: String
    package var body: String
    package var status: Int
    package var headers: [String: String]

    package init(_ body: String, type: String, status: Int = 200, headers: [String: String] = [:]) {
        (self.body, self.type, self.status, self.headers) = (body, type, status, headers)
    }
}

/// One file that is given away.
package struct SharedFile: Hashable, Sendable {
    /// What it is to be called where it goes.
    package var name: String
    package var path: FilePath
    /// In bytes; a file that has another size by now is not given.
    package var size: Int64
    /// Nil where nobody knows: then no resumed download can be told from one of another file.
    package var digest: Digest?

    package init(name: String, path: FilePath, size: Int64, digest: Digest?) {
        (self.name, self.path, self.size, self.digest) = (name, path, size, digest)
    }

    /// The entity tag: strong, since it is the content's digest.
    var tag: String? { digest.map { "\"\($0.hex)\"" } }
}
