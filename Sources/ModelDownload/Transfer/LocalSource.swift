internal import CurlHTTP
internal import Disk
internal import Foundation
internal import Synchronization
internal import SystemPackage

/// A `file:` address: bytes that are on this machine already are copied, under the same rules as those of a server.
struct LocalSource {
    /// How much is copied in one piece, in bytes: the hash follows at that pace, and a cancellation waits for no more.
    private static let pieceSize = 1 << 20

    let url: URL
    let attempt: Attempt

    /// Copies one segment, on a thread of its own.
    ///
    /// - Throws: `CancellationError`.
    func fetch(_ segment: Segment) async throws -> SegmentFailure? {
        let stop = StopSign()
        return try await withTaskCancellationHandler {
            try await Blocking.run { try copy(segment, until: stop) }
        } onCancel: {
            stop.raise()
        }
    }

    private func copy(_ segment: Segment, until stop: StopSign) throws -> SegmentFailure? {
        let path = url.path(percentEncoded: false)
        let file: FileDescriptor
        do {
            // Opening a pipe would wait for somebody to write into it.
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            return .fatal(failure(error, path))
        }
        defer { try? file.close() }
        guard let status = FileStatus(of: file), status.kind == .file else {
            return .fatal(DownloadError.missing(file: attempt.name, url: url, status: 0))
        }
        if let failure = attempt.accept(head(status), size: status.size, ranged: true, segment) {
            return failure
        }
        do {
            return try copy(segment.range.clamped(to: 0..<status.size), of: file, segment, until: stop)
        } catch let error as Errno {
            return .fatal(failure(error, path))
        }
    }

    /// What a server would say about this file. A file that was written to is another content.
    private func head(_ status: FileStatus) -> HTTPHead {
        let tag = "\"\(status.inode)-\(status.modified)-\(status.size)\""
        return HTTPHead(status: 206, headers: ["etag": tag], url: url)
    }

    private func copy(
        _ range: Range<Int64>, of file: FileDescriptor, _ segment: Segment, until stop: StopSign
    ) throws -> SegmentFailure? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 64)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        var usesKernel = true
        while position < range.upperBound {
            if stop.isRaised { throw CancellationError() }
            let piece = position..<min(range.upperBound, position + Int64(Self.pieceSize))
            // The first piece goes through our hands: a model shows in its first bytes.
            if usesKernel, position > 0 {
                let (failure, count) = attempt.copy(from: file, piece, segment)
                if let failure { return failure }
                usesKernel = count != nil
                if count == 0 { return .again(.cutOff, cause: "the file became shorter", after: nil) }
                position += Int64(count ?? 0)
                continue
            }
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<piece.count])
            let count = try file.read(fromAbsoluteOffset: position, into: target)
            guard count > 0 else { return .again(.cutOff, cause: "the file became shorter", after: nil) }
            if let failure = attempt.put(UnsafeRawBufferPointer(rebasing: target[..<count]), at: position, segment) {
                return failure
            }
            position += Int64(count)
        }
        return nil
    }

    private func failure(_ error: any Error, _ path: String) -> DownloadError {
        switch (error as? Errno) ?? .ioError {
        case .noSuchFileOrDirectory, .notDirectory, .isDirectory:
            .missing(file: attempt.name, url: url, status: 0)
        case .permissionDenied, .notPermitted:
            .refused(file: attempt.name, url: url, status: 0, reason: nil)
        case let other: .disk(path: path, errno: other.rawValue)
        }
    }
}

/// Tells a thread that nobody waits for it any more.
final class StopSign: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
