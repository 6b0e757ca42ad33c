package import SystemPackage

/// Why the disk did not do what was asked, with the facts that a message needs.
package struct DiskError: Error, Hashable, Sendable {
    /// What was being read, written or made.
    package var path: FilePath
    /// The system's answer. `.tooManySymbolicLinkLevels` is a link that was not followed, `.notDirectory` something
    /// else in a folder's place.
    package var errno: Errno
    /// What was to be written, in bytes; nil when nobody knows.
    package var needed: Int64?

    package init(_ errno: Errno, at path: FilePath, needed: Int64? = nil) {
        self.path = path
        self.errno = errno
        self.needed = needed
    }

    /// For `do` blocks around swift-system's calls, which throw `Errno` and nothing else.
    init(_ error: any Error, at path: FilePath, needed: Int64? = nil) {
        self = error as? DiskError ?? DiskError(error as? Errno ?? .ioError, at: path, needed: needed)
    }
}

extension Errno {
    /// Whether the disk is full, or the user's share of it.
    package var isDiskFull: Bool { self == .noSpace || self == .diskQuotaExceeded }
}
