internal import Disk
internal import SystemPackage

/// Takes pieces of a file from other files on this disk, where samples that came from the origin agree with them.
struct PieceCopy {
    /// How much is read at once where the kernel cannot copy, in bytes.
    private static let bufferSize = 1 << 20

    let attempt: Attempt

    /// Decides about pieces whose samples are here, on a thread of its own; what cannot be taken is left to be fetched.
    ///
    /// - Throws: `DownloadError.noSpace`; `CancellationError`.
    func take(_ pieces: [(piece: LocalPiece, samples: [Range<Int64>])]) async throws {
        let stop = StopSign()
        try await withTaskCancellationHandler {
            try await Blocking.run {
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 64)
                defer { buffer.deallocate() }
                for (piece, samples) in pieces {
                    try take(piece, samples, buffer, until: stop)
                    attempt.release(piece)
                }
            }
        } onCancel: {
            stop.raise()
        }
    }

    private func take(
        _ piece: LocalPiece, _ samples: [Range<Int64>], _ buffer: UnsafeMutableRawBufferPointer, until stop: StopSign
    ) throws {
        do {
            // Opening a pipe would wait for somebody to write into it.
            let file = try FileDescriptor.open(
                piece.path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
            defer { try? file.close() }
            let length = Int64(piece.range.count)
            guard let status = FileStatus(of: file), status.kind == .file, status.size - piece.offset >= length,
                try samples.allSatisfy({ try agrees($0, of: piece, in: file, buffer) })
            else { return }
            try copy(piece, of: file, buffer, until: stop)
        } catch is Errno {
            // What cannot be read here comes from the origin.
        } catch DownloadError.disk {
            // And a disk that cannot be written will say so to what comes from there.
        }
    }

    /// Whether what came from the origin is what the other file has.
    private func agrees(
        _ sample: Range<Int64>, of piece: LocalPiece, in file: FileDescriptor, _ buffer: UnsafeMutableRawBufferPointer
    ) throws -> Bool {
        var position = sample.lowerBound
        while position < sample.upperBound {
            let count = min(buffer.count, Int(sample.upperBound - position))
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            guard try file.fill(bytes, at: piece.offset + position - piece.range.lowerBound) == count,
                try attempt.partial.equals(UnsafeRawBufferPointer(bytes), at: position)
            else { return false }
            position += Int64(count)
        }
        return true
    }

    private func copy(
        _ piece: LocalPiece, of file: FileDescriptor, _ buffer: UnsafeMutableRawBufferPointer, until stop: StopSign
    ) throws {
        var position = piece.range.lowerBound
        var usesKernel = true
        while position < piece.range.upperBound {
            if stop.isRaised { throw CancellationError() }
            let there = piece.offset + position - piece.range.lowerBound
            let rest = piece.range.upperBound - position
            if usesKernel {
                let count = try attempt.reuse(there..<there + rest, of: file, at: position)
                // An answer of 0 bytes has some special file systems to this call alone: only reading tells.
                usesKernel = count ?? 0 > 0
                position += Int64(count ?? 0)
                continue
            }
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(rest))])
            let count = try file.read(fromAbsoluteOffset: there, into: bytes)
            guard count > 0 else { return }
            try attempt.reuse(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: position)
            position += Int64(count)
        }
    }
}
