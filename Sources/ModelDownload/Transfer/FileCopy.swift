internal import Disk
internal import Synchronization
package import SystemPackage

/// A file that is copied on this machine, to another disk as a rule.
package enum FileCopy {
    /// Between two looks at whether it is still wanted. In bytes.
    private static let piece: Int64 = 16 << 20

    /// Appends to a file what it lacks of another one, and waits until it is on disk.
    ///
    /// - Parameters:
    ///   - target: An empty file, or the beginning of a copy: what is there is not looked at.
    ///   - size: Of the source, in bytes.
    ///   - onProgress: Bytes that are there, from another thread.
    /// - Throws: `DownloadError.noSpace`, `.disk`; `CancellationError`.
    package static func complete(
        _ target: FilePath, from source: FilePath, size: Int64,
        onProgress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws {
        let isCancelled = Flag()
        try await withTaskCancellationHandler {
            try await Blocking.run {
                do {
                    try run(target, source, size, { isCancelled.value.withLock { $0 } }, onProgress)
                } catch let error as Errno where error.isDiskFull {
                    throw DownloadError.noSpace(
                        path: target.string, needed: size, free: DiskSpace.free(at: target) ?? 0)
                } catch let error as Errno {
                    throw DownloadError.disk(path: target.string, errno: error.rawValue)
                }
            }
        } onCancel: {
            isCancelled.value.withLock { $0 = true }
        }
    }

    private final class Flag: Sendable { let value = Mutex(false) }

    private static func run(
        _ target: FilePath, _ source: FilePath, _ size: Int64, _ isCancelled: () -> Bool,
        _ onProgress: (Int64) -> Void
    ) throws {
        let input: FileDescriptor
        do {
            input = try FileDescriptor.open(source, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        } catch {
            throw DownloadError.disk(path: source.string, errno: (error as? Errno ?? .ioError).rawValue)
        }
        defer { try? input.close() }
        let output = try FileDescriptor.open(
            target, .readWrite, options: [.create, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        defer { try? output.close() }
        var position = min(FileStatus(of: output)?.size ?? 0, size)
        while position < size {
            if isCancelled() { throw CancellationError() }
            let end = min(position + piece, size)
            let count = try input.copy(position..<end, to: output)
            guard count > 0 else { break }
            position += count
            output.startWriting()
            onProgress(position)
        }
        try output.setLength(position)
        try output.sync()
        output.forget()
    }
}
