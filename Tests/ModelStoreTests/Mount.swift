import Foundation
import ModelStore
import SystemPackage

/// A mount for a test, where this machine lets us: permission bits do not hold for root, and a disk has to be full.
struct Mount {
    private let path: FilePath

    /// Mounts a folder over itself for reading only.
    static func readOnly(_ path: FilePath) -> Mount? {
        guard mount("--bind", path.string, path.string) else { return nil }
        let mounted = Mount(path: path)
        if mount("-o", "remount,bind,ro", path.string) { return mounted }
        mounted.end()
        return nil
    }

    /// Mounts a disk of a few bytes.
    static func tiny(_ path: FilePath, size: Int) -> Mount? {
        mount("-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path.string) ? Mount(path: path) : nil
    }

    func end() { _ = Self.run("/usr/bin/umount", ["-l", path.string]) }

    private static func mount(_ arguments: String...) -> Bool {
        #if os(Linux)
            run("/usr/bin/mount", arguments)
        #else
            false
        #endif
    }

    private static func run(_ program: String, _ arguments: [String]) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: program) else { return false }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

extension TemporaryStore {
    /// Writes a file until the disk is full.
    func fill() throws {
        let file = try FileDescriptor.open(
            root.appending("filler"), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        defer { try? file.close() }
        for size in [64 << 10, 4096, 1] {
            let block = [UInt8](repeating: 0, count: size)
            while (try? file.writeAll(block)) != nil {}
        }
    }
}
