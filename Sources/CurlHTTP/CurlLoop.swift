internal import CCurl
internal import Foundation
internal import Synchronization

/// The one thread on which libcurl runs. Others leave messages in a mailbox and wake it.
final class CurlLoop: Sendable {
    private enum Message: Sendable {
        case start(id: UInt64, HTTPRequest, HTTPReceiver, CheckedContinuation<HTTPHead, any Error>)
        case cancel(id: UInt64)
        case quit
    }

    private struct Mailbox {
        var messages: [Message] = []
        var nextID: UInt64 = 0
    }

    private let mailbox = Mutex(Mailbox())
    /// The multi handle's address. `curl_multi_wakeup` is the one call on it that other threads may make.
    private let multiAddress: UInt

    init(options: HTTPClient.Options) {
        _ = Self.initializeOnce
        let multi = curl_multi_init()
        multiAddress = UInt(bitPattern: multi)
        // A server limits each connection, so every request gets one of its own instead of a share of one.
        _ = slm_multi_setopt_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        let thread = Thread { [self] in run(options) }
        thread.name = "libcurl"
        thread.start()
    }

    private static let initializeOnce: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// Asks the thread to end once its mailbox is read. The thread holds the loop alive until then.
    func quit() { post(.quit) }

    /// Performs one request, without redirects. Cancelling the task removes it at once.
    func perform(_ request: HTTPRequest, _ receiver: HTTPReceiver) async throws -> HTTPHead {
        let id = mailbox.withLock { box in
            box.nextID += 1
            return box.nextID
        }
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                post(.start(id: id, request, receiver, continuation))
            }
        } onCancel: {
            post(.cancel(id: id))
        }
    }

    private func post(_ message: Message) {
        mailbox.withLock { $0.messages.append(message) }
        curl_multi_wakeup(UnsafeMutableRawPointer(bitPattern: multiAddress))
    }

    // MARK: On the thread

    private struct Running {
        let id: UInt64
        let handle: CurlHandle
        let continuation: CheckedContinuation<HTTPHead, any Error>
    }

    private func run(_ options: HTTPClient.Options) {
        guard let multi = UnsafeMutableRawPointer(bitPattern: multiAddress) else { return refuseAll() }
        var running: [UnsafeMutableRawPointer: Running] = [:]
        // A cancellation can overtake its own start in the mailbox.
        var cancelledEarly: Set<UInt64> = []
        while true {
            let messages = mailbox.withLock { box in
                defer { box.messages.removeAll(keepingCapacity: true) }
                return box.messages
            }
            for message in messages {
                switch message {
                case .start(let id, let request, let receiver, let continuation):
                    if cancelledEarly.remove(id) != nil {
                        continuation.resume(throwing: CancellationError())
                    } else if let handle = CurlHandle(request, receiver: receiver, options: options) {
                        running[handle.easy] = Running(id: id, handle: handle, continuation: continuation)
                        curl_multi_add_handle(multi, handle.easy)
                    } else {
                        continuation.resume(throwing: HTTPError.protocolError(url: request.url, detail: "no memory"))
                    }
                case .cancel(let id):
                    if let one = running.values.first(where: { $0.id == id }) {
                        finish(one, in: multi, &running, with: .failure(CancellationError()))
                    } else {
                        cancelledEarly.insert(id)
                    }
                case .quit:
                    for one in running.values {
                        finish(one, in: multi, &running, with: .failure(CancellationError()))
                    }
                    curl_multi_cleanup(multi)
                    return
                }
            }
            var active: Int32 = 0
            curl_multi_perform(multi, &active)
            collect(multi, &running)
            if running.isEmpty { cancelledEarly.removeAll() }
            curl_multi_poll(multi, nil, 0, running.isEmpty ? 60_000 : 1_000, nil)
        }
    }

    private func collect(_ multi: UnsafeMutableRawPointer, _ running: inout [UnsafeMutableRawPointer: Running]) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let one = running[message.pointee.easy_handle] else { continue }
            finish(one, in: multi, &running, with: one.handle.result(message.pointee.data.result))
        }
    }

    private func finish(
        _ one: Running, in multi: UnsafeMutableRawPointer, _ running: inout [UnsafeMutableRawPointer: Running],
        with result: Result<HTTPHead, any Error>
    ) {
        curl_multi_remove_handle(multi, one.handle.easy)
        running[one.handle.easy] = nil
        one.continuation.resume(with: result)
    }

    private func refuseAll() {
        let messages = mailbox.withLock { $0.messages }
        for case .start(_, let request, _, let continuation) in messages {
            continuation.resume(throwing: HTTPError.protocolError(url: request.url, detail: "libcurl did not start"))
        }
    }
}
