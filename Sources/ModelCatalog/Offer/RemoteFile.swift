public import Foundation
internal import SystemPackage

/// One file that can be fetched, and what is known of it before a byte has arrived.
public struct RemoteFile: Hashable, Sendable {
    /// The name it is stored under: one path component that is safe on a disk.
    public var name: String
    /// Where its bytes come from.
    package var origin: FileOrigin
    /// Other addresses of the same bytes, tried in this order when ``url`` fails.
    package var mirrors: [URL]
    /// In bytes; nil when nobody has said.
    public var size: Int64?
    /// SHA-256 of the whole content; nil when nobody has published one.
    public var digest: Digest?

    /// Where to ask for it. For a file of the Hub this is the `resolve` address with the commit pinned; it redirects
    /// to a signed address which expires, so it is asked again when that one is refused.
    public var url: URL { origin.url }

    /// Puts together what is known; what is not stays nil.
    package init(name: String, origin: FileOrigin, mirrors: [URL] = [], size: Int64? = nil, digest: Digest? = nil) {
        self.name = name
        self.origin = origin
        self.mirrors = mirrors
        self.size = size
        self.digest = digest
    }

    /// A file of a plain address, or of this disk.
    package init(name: String, url: URL, mirrors: [URL] = [], size: Int64? = nil, digest: Digest? = nil) {
        let origin = url.isFileURL ? FileOrigin.local(FilePath(url.path(percentEncoded: false))) : .address(url)
        self.init(name: name, origin: origin, mirrors: mirrors, size: size, digest: digest)
    }
}
