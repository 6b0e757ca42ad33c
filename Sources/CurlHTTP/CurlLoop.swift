internal import CCurl
internal import Foundation
internal import Synchronization
internal import Threads

/// The one thread on which libcurl runs. Others leave messages in a mailbox and wake it.
final class CurlLoop: Sendable {
    private enum Message: Sendable {
        case start(Start)
        case cancel(id: UInt64)
        case quit
    }

    private struct Start: Sendable {
        let id: UInt64
        let request: HTTPRequest
        let deadline: HTTPDeadline?
        let receiver: HTTPReceiver
        let continuation: CheckedContinuation<HTTPHead, any Error>
    }

    private struct Mailbox {
        var messages: [Message] = []
        var nextID: UInt64 = 0
        /// Cancelled and not yet ended: a cancellation can overtake its own start.
        var cancelled: Set<UInt64> = []
        /// The thread has ended, and libcurl's handle with it.
        var isClosed = false
    }

    /// The most connections that are kept open for reuse.
    private static let idleConnections = 64

    /// How long the mailbox may be left alone where nobody can be woken, in milliseconds.
    private static let patience: Int32 = 20

    private let mailbox = Mutex(Mailbox())
    /// The multi handle's address. `curl_multi_wakeup` is the one call on it that other threads may make.
    private let multiAddress: UInt

    /// Whether `curl_multi_wakeup` works; it does not where no more descriptors can be had.
    private let canWake: Bool

    /// - Throws: `ThreadError`.
    init(options: HTTPClient.Options) throws {
        _ = Self.initializeOnce
        let multi = curl_multi_init()
        multiAddress = UInt(bitPattern: multi)
        // A server limits each connection, so every request gets one of its own instead of a share of one.
        _ = slm_multi_setopt_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        // By default libcurl keeps four for each request under way: between two files that would be too few.
        _ = slm_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnections)
        canWake = curl_multi_wakeup(multi) == CURLM_OK
        do {
            try SystemThread.start("libcurl") { [self] in run(options) }
        } catch {
            curl_multi_cleanup(multi)
            throw error
        }
    }

    private static let initializeOnce: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// Asks the thread to end once its mailbox is read. The thread holds the loop alive until then.
    func quit() { post(.quit) }

    /// Performs one request, without redirects. Cancelling the task removes it at once.
    func perform(
        _ request: HTTPRequest, until deadline: HTTPDeadline?, _ receiver: HTTPReceiver
    ) async throws -> HTTPHead {
        let id = mailbox.withLock { box in
            box.nextID += 1
            return box.nextID
        }
        defer { mailbox.withLock { _ = $0.cancelled.remove(id) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let start = Start(
                    id: id, request: request, deadline: deadline, receiver: receiver, continuation: continuation)
                if !post(.start(start)) {
                    continuation.resume(
                        throwing: HTTPError.protocolError(url: request.url, detail: "libcurl is not running"))
                }
            }
        } onCancel: {
            mailbox.withLock { _ = $0.cancelled.insert(id) }
            post(.cancel(id: id))
        }
    }

    /// False when the mailbox is no longer read. Waking happens under the lock, while the handle is sure to exist.
    @discardableResult
    private func post(_ message: Message) -> Bool {
        mailbox.withLock { box in
            guard !box.isClosed else { return false }
            box.messages.append(message)
            curl_multi_wakeup(UnsafeMutableRawPointer(bitPattern: multiAddress))
            return true
        }
    }

    // MARK: On the thread

    private struct Running {
        let id: UInt64
        let handle: CurlHandle
        let continuation: CheckedContinuation<HTTPHead, any Error>
    }

    private typealias Table = [UnsafeMutableRawPointer: Running]

    private func run(_ options: HTTPClient.Options) {
        guard let multi = UnsafeMutableRawPointer(bitPattern: multiAddress) else { return close(nil, Table()) }
        var running = Table()
        while true {
            let messages = mailbox.withLock { box in
                defer { box.messages.removeAll(keepingCapacity: true) }
                return box.messages
            }
            for message in messages {
                switch message {
                case .start(let one):
                    start(one, options, in: multi, &running)
                case .cancel(let id):
                    guard let one = running.values.first(where: { $0.id == id }) else { continue }
                    // What has come is kept all the same.
                    _ = one.handle.flush()
                    finish(one, in: multi, &running, with: .failure(CancellationError()))
                case .quit:
                    return close(multi, running)
                }
            }
            var active: Int32 = 0
            curl_multi_perform(multi, &active)
            collect(multi, &running)
            endWithoutHead(options, multi, &running)
            var waits = [releasePaused(multi, &running), flushHeld(multi, &running)].compactMap(\.self)
            if !canWake { waits.append(Self.patience) }
            curl_multi_poll(multi, nil, 0, waits.min() ?? (running.isEmpty ? 60_000 : 1_000), nil)
        }
    }

    private func start(
        _ one: Start, _ options: HTTPClient.Options, in multi: UnsafeMutableRawPointer, _ running: inout Table
    ) {
        guard !mailbox.withLock({ $0.cancelled.contains(one.id) }) else {
            return one.continuation.resume(throwing: CancellationError())
        }
        guard
            let handle = CurlHandle(
                one.request, until: one.deadline, receiver: one.receiver, options: options, others: running.count),
            curl_multi_add_handle(multi, handle.easy) == CURLM_OK
        else {
            return one.continuation.resume(
                throwing: HTTPError.protocolError(url: one.request.url, detail: "libcurl takes no more requests"))
        }
        running[handle.easy] = Running(id: one.id, handle: handle, continuation: one.continuation)
    }

    private func collect(_ multi: UnsafeMutableRawPointer, _ running: inout Table) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let one = running[message.pointee.easy_handle] else { continue }
            let code = message.pointee.data.result
            finish(one, in: multi, &running, with: one.handle.flush() ?? one.handle.result(code))
        }
    }

    private func finish(
        _ one: Running, in multi: UnsafeMutableRawPointer, _ running: inout Table,
        with result: Result<HTTPHead, any Error>
    ) {
        curl_multi_remove_handle(multi, one.handle.easy)
        running[one.handle.easy] = nil
        one.continuation.resume(with: result)
    }

    /// Ends what has no head yet after the time that a whole document may take: a line every second is no progress.
    private func endWithoutHead(
        _ options: HTTPClient.Options, _ multi: UnsafeMutableRawPointer, _ running: inout Table
    ) {
        for one in running.values {
            guard let error = one.handle.headIsLate(after: options.documentTimeout) else { continue }
            finish(one, in: multi, &running, with: .failure(error))
        }
    }

    /// Lets go on what waits for a limit, the longest waiting first.
    ///
    /// - Returns: How long until a request may go on, in milliseconds; nil when none is paused.
    private func releasePaused(_ multi: UnsafeMutableRawPointer, _ running: inout Table) -> Int32? {
        let paused = running.values.compactMap { one in one.handle.pausedSince.map { (one, $0) } }
        guard !paused.isEmpty else { return nil }
        var shortest = Double.infinity
        for (one, _) in paused.sorted(by: { $0.1 < $1.1 }) {
            guard let rate = one.handle.sharedRate else { continue }
            if rate.isOpen, let result = one.handle.goOn() { finish(one, in: multi, &running, with: result) }
            if one.handle.pausedSince != nil { shortest = min(shortest, rate.wait) }
        }
        return shortest.isFinite ? Int32(clamping: Int(min(shortest, 1) * 1000) + 1) : 0
    }

    /// Hands on what has waited long enough for more bytes.
    ///
    /// - Returns: Until the next has, in milliseconds; nil when nothing waits.
    private func flushHeld(_ multi: UnsafeMutableRawPointer, _ running: inout Table) -> Int32? {
        var next: Int?
        for one in running.values {
            guard let since = one.handle.heldSince else { continue }
            let left = BodyBuffer.patience - Int((ContinuousClock.now - since) / .milliseconds(1))
            if left > 0 {
                next = min(next ?? left, left)
            } else if let result = one.handle.flush() {
                finish(one, in: multi, &running, with: result)
            }
        }
        return next.map { Int32(clamping: $0) }
    }

    /// Ends everything; the handle must not be used after this.
    private func close(_ multi: UnsafeMutableRawPointer?, _ running: Table) {
        var running = running
        let waiting = mailbox.withLock { box in
            box.isClosed = true
            defer { box.messages = [] }
            return box.messages
        }
        if let multi {
            for one in running.values { finish(one, in: multi, &running, with: .failure(CancellationError())) }
            curl_multi_cleanup(multi)
        }
        for case .start(let one) in waiting {
            one.continuation.resume(
                throwing: HTTPError.protocolError(url: one.request.url, detail: "libcurl is not running"))
        }
    }
}
