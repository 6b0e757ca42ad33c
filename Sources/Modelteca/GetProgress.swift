internal import Disk
public import ModelDownload
internal import Synchronization

/// How far a `get` is, all files and models together: what a window or a line shows.
public struct GetProgress: Sendable {
    /// Bytes that are here, those of earlier runs included.
    public var received: Int64 { files.values.reduce(0) { $0 + $1.received } }
    /// Bytes that there will be; nil while that is not known.
    public var total: Int64? {
        guard !sizes.isEmpty, sizes.count + failed.count >= models else { return nil }
        return sizes.values.reduce(0) { sum, size in sum.flatMap { sum in size.map { sum + $0 } } }
    }
    /// From 0 to 1; nil while that is not known.
    public var fractionCompleted: Double? {
        if receipt != nil { return 1 }
        return total.map { $0 > 0 ? min(1, Double(received) / Double($0)) : 0 }
    }
    /// Over the last seconds, in bytes a second; 0 when nothing comes.
    public var bytesPerSecond: Double { files.values.reduce(0) { $0 + $1.bytesPerSecond } }
    /// Until all of it is here, in seconds; nil when it cannot be said, as while a file waits for its origin.
    public var secondsLeft: Double? {
        guard let total, bytesPerSecond > 0, !files.values.contains(where: \.isWaiting) else { return nil }
        return Double(max(0, total - received)) / bytesPerSecond
    }
    /// What is going on with the file that was heard of last; nil before the first.
    public private(set) var phase: TransferEvent.Phase?
    /// What was done, once it is done.
    public internal(set) var receipt: Receipt?

    /// How many models there will be.
    package let models: Int
    private var files: [Key: File] = [:]
    private var sizes: [Int: Int64?] = [:]
    private var failed: Set<Int> = []

    private struct Key: Hashable {
        var model: Int
        var name: String
    }

    private struct File {
        var received: Int64
        var bytesPerSecond: Double
        /// Whether nothing comes, and nobody knows how long.
        var isWaiting = false
    }

    /// Nothing yet.
    package init(models: Int = 1) { self.models = models }

    /// How many files there are, as far as is known.
    package var fileCount: Int { files.count }

    /// How many models are resolved.
    package var resolved: Int { sizes.count }

    /// A model that will not come: its bytes count no more.
    package mutating func giveUp(_ model: Int) {
        failed.insert(model)
        sizes[model] = nil
        files = files.filter { $0.key.model != model }
    }

    /// Takes in what has happened.
    ///
    /// - Parameter model: Tells the model from others of the same command.
    package mutating func note(_ event: GetEvent, of model: Int = 0) {
        switch event {
        case .resolved(let variant, _):
            sizes[model] = .some(variant.size)
            files = files.filter { $0.key.model != model }
            for file in variant.files {
                files[Key(model: model, name: file.name)] = File(received: 0, bytesPerSecond: 0)
            }
        case .unreadable, .waitingForOther: break
        case .foundHere(let file, _, let path):
            let size = FileStatus(following: path)?.size ?? 0
            files[Key(model: model, name: file)] = File(received: size, bytesPerSecond: 0)
        case .transfer(let event):
            phase = event.phase
            let isUnderWay = event.phase != .done && event.phase != .verifying
            var isWaiting = event.silence != nil
            if case .waiting = event.phase { isWaiting = true }
            files[Key(model: model, name: event.file)] = File(
                received: event.received, bytesPerSecond: isUnderWay ? event.bytesPerSecond : 0,
                isWaiting: isWaiting)
        }
    }
}

extension Shelf {
    /// The progress of one `get`, on its way to whoever reads it.
    final class Tally: Sendable {
        private let progress = Mutex(GetProgress())
        private let reader: AsyncThrowingStream<GetProgress, any Error>.Continuation

        init(_ reader: AsyncThrowingStream<GetProgress, any Error>.Continuation) { self.reader = reader }

        func note(_ event: GetEvent) {
            progress.withLock { progress in
                progress.note(event)
                _ = reader.yield(progress)
            }
        }

        func finish(_ receipt: Receipt) {
            progress.withLock { progress in
                progress.receipt = receipt
                _ = reader.yield(progress)
            }
            reader.finish()
        }
    }
}
