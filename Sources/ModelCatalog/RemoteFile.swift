public import Foundation

/// One file that can be fetched, and what is known of it before a byte has arrived.
public struct RemoteFile: Hashable, Sendable {
    /// The name it is stored under: one path component, already checked with `FileNameRules`.
    public var name: String
    /// Where to ask for it. For a file of the Hub this is the `resolve` address with the commit pinned; it redirects
    /// to a signed address which expires, so it is asked again when that one is refused.
    public var url: URL
    /// Other addresses of the same bytes, tried in this order when `url` fails.
    public var mirrors: [URL]
    /// In bytes; nil when nobody has said.
    public var size: Int64?
    /// SHA-256 of the whole content; nil when nobody has published one.
    public var digest: Digest?

    /// Puts together what is known; what is not stays nil.
    public init(name: String, url: URL, mirrors: [URL] = [], size: Int64? = nil, digest: Digest? = nil) {
        self.name = name
        self.url = url
        self.mirrors = mirrors
        self.size = size
        self.digest = digest
    }
}
