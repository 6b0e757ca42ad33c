internal import Crypto
package import Disk
internal import Foundation
package import ModelCatalog
internal import Synchronization
package import SystemPackage
internal import Threads

/// What a complete reading of a file gave.
package struct FileReading: Sendable {
    /// The file as it was when it was opened.
    package let status: FileStatus
    /// SHA-256 of all its bytes; nil where only the block hashes were asked for.
    package let digest: ModelCatalog.Digest?
    /// Where they were asked for, or where the digest is another than expected.
    package let blocks: BlockHashes?
    /// How long it took, in seconds.
    package let seconds: Double
}

extension FileReading {
    /// What to read, and what for.
    package struct Order: Sendable {
        package let path: FilePath
        package let check: Check

        package init(_ path: FilePath, _ check: Check) { (self.path, self.check) = (path, check) }
    }

    package enum Check: Hashable, Sendable {
        /// SHA-256, at the speed of the hash.
        case digest(expected: ModelCatalog.Digest?, withBlocks: Bool)
        /// The block hashes alone, at the speed of the disk or of memory.
        case blocks
    }

    /// Reads files, as many at once as `width` says, the largest first; block hashes of one file by several threads.
    ///
    /// - Parameters:
    ///   - width: How many threads; the number of processors where it is not said.
    ///   - onProgress: Bytes read so far of all of them, from several threads, for every 16 MiB or so.
    /// - Returns: For each order, as it is done, its position and what came out: `DownloadError.disk` where it cannot be
    ///   read, or is no file. The reading stops when nobody listens any more.
    package static func all(
        _ orders: [Order], width: Int = ProcessInfo.processInfo.activeProcessorCount,
        onProgress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) -> AsyncStream<(Int, Result<FileReading, any Error>)> {
        let (stream, continuation) = AsyncStream.makeStream(of: (Int, Result<FileReading, any Error>).self)
        let readers = FileReaders(orders, onProgress: onProgress) { continuation.yield(($0, $1)) }
        continuation.onTermination = { _ in readers.stop() }
        readers.run(max(1, min(width, 64))) { continuation.finish() }
        return stream
    }
}

/// Some threads that share what there is to read.
private final class FileReaders: Sendable {
    /// The most that is read in one piece, in bytes: small enough to stay in a processor's cache for the hash.
    private static let pieceSize = 256 * 1024
    /// What one thread takes of a file of which only block hashes are wanted, in bytes: whole blocks.
    private static let stretchSize = Int64(16 * BlockHashes.blockSize)
    private static let reportSize: Int64 = 16 << 20

    /// A file whose blocks several threads hash.
    private struct Shared {
        var status: FileStatus
        var hashes: [Int64: [UInt64]] = [:]
        var missing: Int
        var failure: (any Error)?
        var seconds = 0.0
    }

    private enum Task { case file(Int), stretch(Int, Range<Int64>) }

    private struct State {
        /// The next one last.
        var tasks: [Task] = []
        var shared: [Int: Shared] = [:]
        var running = 0
        var isStopped = false
        var read: Int64 = 0
        /// The first piece of all is reported.
        var reported = -FileReaders.reportSize
    }

    private let orders: [FileReading.Order]
    private let state: Mutex<State>
    private let onProgress: @Sendable (Int64) -> Void
    private let onFile: @Sendable (Int, Result<FileReading, any Error>) -> Void

    init(
        _ orders: [FileReading.Order], onProgress: @escaping @Sendable (Int64) -> Void,
        onFile: @escaping @Sendable (Int, Result<FileReading, any Error>) -> Void
    ) {
        self.orders = orders
        (self.onProgress, self.onFile) = (onProgress, onFile)
        let there = orders.map { FileStatus(of: $0.path) }
        var state = State()
        // The largest first, so that no thread is left alone with it at the end.
        for position in orders.indices.sorted(by: { (there[$0]?.size ?? 0, $1) < (there[$1]?.size ?? 0, $0) }) {
            guard orders[position].check == .blocks, let status = there[position], status.kind == .file else {
                state.tasks.append(.file(position))
                continue
            }
            let stretches = stride(from: 0, to: max(1, status.size), by: Int64.Stride(Self.stretchSize)).map {
                $0..<min($0 + Self.stretchSize, max(1, status.size))
            }
            state.shared[position] = Shared(status: status, missing: stretches.count)
            state.tasks += stretches.reversed().map { .stretch(position, $0) }
        }
        self.state = Mutex(state)
    }

    /// Starts the threads. `onEnd` is called once, when the last of them has ended.
    func run(_ width: Int, onEnd: @escaping @Sendable () -> Void) {
        state.withLock { $0.running = width }
        for number in 0..<width {
            do throws(ThreadError) {
                try SystemThread.start("verify") { [self] in
                    work()
                    leave(onEnd)
                }
            } catch {
                // The first of them does the work of all, if need be; without any, each file says why.
                if number == 0 {
                    for position in state.withLock({ state in drain(&state) }) { onFile(position, .failure(error)) }
                }
                leave(onEnd)
            }
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.tasks = []
        }
    }

    private func drain(_ state: inout State) -> [Int] {
        defer { state.tasks = [] }
        return state.tasks.map { task in
            switch task {
            case .file(let position), .stretch(let position, _): position
            }
        }
    }

    private func leave(_ onEnd: () -> Void) {
        let isLast = state.withLock { state in
            state.running -= 1
            return state.running == 0
        }
        if isLast { onEnd() }
    }

    // MARK: On a thread

    private func work() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 4096)
        defer { buffer.deallocate() }
        while let task = state.withLock({ $0.tasks.popLast() }) {
            switch task {
            case .file(let position):
                let order = orders[position]
                do {
                    try read(order, position, buffer)
                } catch {
                    let code = (error as? Errno)?.rawValue ?? EIO
                    onFile(position, .failure(DownloadError.disk(path: order.path.string, errno: code)))
                }
            case .stretch(let position, let range): hash(range, of: position, buffer)
            }
        }
    }

    private func read(
        _ order: FileReading.Order, _ position: Int, _ buffer: UnsafeMutableRawBufferPointer
    ) throws {
        let start = ContinuousClock.now
        let file = try Self.open(order.path)
        defer { try? file.close() }
        guard let status = FileStatus(of: file), status.kind == .file else { throw Errno.invalidArgument }
        switch order.check {
        case .digest(let expected, let withBlocks):
            let hasher = WholeHasher(withBlocks: withBlocks)
            guard try pieces(of: file, 0..<Int64.max, buffer, hasher.update) else { return }
            let digest = try hasher.digest()
            var blocks = hasher.blocks?.finish()
            if let expected, expected != digest, blocks == nil {
                let second = BlockHasher()
                // Bytes that are read to see where the damage is count once.
                guard try pieces(of: file, 0..<Int64.max, buffer, counting: false, second.update) else { return }
                blocks = second.finish()
            }
            let seconds = start.secondsAgo
            onFile(
                position,
                .success(FileReading(status: status, digest: digest, blocks: blocks, seconds: seconds)))
        case .blocks:
            // Whatever it was when the work was shared out, it is a file now.
            throw Errno.resourceTemporarilyUnavailable
        }
    }

    private func hash(_ range: Range<Int64>, of position: Int, _ buffer: UnsafeMutableRawBufferPointer) {
        let start = ContinuousClock.now
        let path = orders[position].path
        let result = Result<[UInt64]?, any Error> {
            let file = try Self.open(path)
            defer { try? file.close() }
            let hasher = BlockHasher()
            return try pieces(of: file, range, buffer, hasher.update) ? hasher.finish().hashes : nil
        }
        let done = state.withLock { state -> Shared? in
            switch result {
            case .success(let hashes?): state.shared[position]?.hashes[range.lowerBound] = hashes
            case .success(nil): return nil
            case .failure(let error):
                let code = (error as? Errno)?.rawValue ?? EIO
                state.shared[position]?.failure = DownloadError.disk(path: path.string, errno: code)
            }
            state.shared[position]?.seconds += start.secondsAgo
            state.shared[position]?.missing -= 1
            guard state.shared[position]?.missing == 0 else { return nil }
            return state.shared.removeValue(forKey: position)
        }
        guard let done else { return }
        if let failure = done.failure { return onFile(position, .failure(failure)) }
        let hashes = done.hashes.sorted { $0.key < $1.key }.flatMap(\.value)
        onFile(
            position,
            .success(
                FileReading(
                    status: done.status, digest: nil, blocks: BlockHashes(hashes: hashes), seconds: done.seconds)))
    }

    /// Gives out the bytes of a range piece by piece, as far as the file goes.
    ///
    /// - Returns: False when the work was stopped meanwhile.
    private func pieces(
        of file: FileDescriptor, _ range: Range<Int64>, _ buffer: UnsafeMutableRawBufferPointer, counting: Bool = true,
        _ take: (UnsafeRawBufferPointer) -> Void
    ) throws -> Bool {
        var position = range.lowerBound
        while position < range.upperBound {
            let room = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<Int(min(Int64(buffer.count), range.upperBound - position))])
            let count = try file.read(fromAbsoluteOffset: position, into: room)
            if count == 0 { break }
            take(UnsafeRawBufferPointer(rebasing: room[..<count]))
            position += Int64(count)
            guard note(counting ? count : 0) else { return false }
        }
        return true
    }

    /// Counts bytes. False when the work was stopped.
    private func note(_ count: Int) -> Bool {
        let (report, goesOn) = state.withLock { state -> (Int64?, Bool) in
            state.read += Int64(count)
            guard !state.isStopped, state.read - state.reported >= Self.reportSize else {
                return (nil, !state.isStopped)
            }
            state.reported = state.read
            return (state.read, true)
        }
        if let report { onProgress(report) }
        return goesOn
    }

    /// Not a link, and a pipe does not hold us until it has a writer.
    private static func open(_ path: FilePath) throws -> FileDescriptor {
        try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
    }
}

/// SHA-256 of bytes as they come by, and their block hashes where somebody wants them.
private final class WholeHasher {
    private var sha = SHA256()
    let blocks: BlockHasher?

    init(withBlocks: Bool) { blocks = withBlocks ? BlockHasher() : nil }

    func update(_ bytes: UnsafeRawBufferPointer) {
        sha.update(bufferPointer: bytes)
        blocks?.update(bytes)
    }

    func digest() throws -> ModelCatalog.Digest {
        guard let digest = ModelCatalog.Digest(bytes: sha.finalize()) else { throw Errno.ioError }
        return digest
    }
}
