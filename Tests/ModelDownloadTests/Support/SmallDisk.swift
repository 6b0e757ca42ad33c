import Foundation
import SystemPackage
import TestSupport

#if canImport(Glibc)
    import Glibc
#endif

/// A disk of a few megabytes, for the length of a body. Only where this process may mount one.
enum SmallDisk {
    static let isPossible: Bool = {
        do {
            return try withTemporaryFolder { folder in
                guard mount(folder, bytes: 1 << 20) else { return false }
                unmount(folder)
                return true
            }
        } catch {
            return false
        }
    }()

    static func with(bytes: Int, _ body: (FilePath) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            guard mount(folder, bytes: bytes) else { throw Surprise(what: "cannot mount") }
            defer { unmount(folder) }
            try await body(folder)
        }
    }

    private static func mount(_ folder: FilePath, bytes: Int) -> Bool {
        #if canImport(Glibc)
            geteuid() == 0 && Glibc.mount("tmpfs", folder.string, "tmpfs", 0, "size=\(bytes)") == 0
        #else
            false
        #endif
    }

    private static func unmount(_ folder: FilePath) {
        #if canImport(Glibc)
            _ = umount2(folder.string, Int32(MNT_DETACH))
        #endif
    }
}
