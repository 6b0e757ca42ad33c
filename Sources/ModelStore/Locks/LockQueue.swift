internal import Synchronization

/// Queues the tasks of this process that want the same lock, first come first served: each is resumed when its turn
/// comes, instead of polling the disk.
enum LockQueue {
    /// How the wait ended.
    enum Turn { case mine(hasWaited: Bool), tooLate, cancelled }

    private struct Place {
        let number: UInt64
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        /// The tasks that wait for a lock which this process holds, or is about to take.
        var lines: [String: [Place]] = [:]
        var count: UInt64 = 0
        /// Those that gave up before they had joined the queue.
        var early: [UInt64: Turn] = [:]
    }

    private static let state = Mutex(State())

    /// Waits for this task's turn. `leave` must follow `.mine`, and nothing else.
    ///
    /// - Parameters:
    ///   - limit: How long to wait at most; nil waits for ever.
    ///   - onWait: Called once if there is a queue.
    static func enter(_ name: String, limit: Duration?, onWait: @Sendable () -> Void) async -> Turn {
        let (number, isFree) = state.withLock { state in
            state.count += 1
            let isFree = state.lines[name] == nil
            if isFree { state.lines[name] = [] }
            return (state.count, isFree)
        }
        if isFree { return .mine(hasWaited: false) }
        let timer = limit.map { limit in
            Task {
                try await Task.sleep(for: limit)
                giveUp(number, name, .tooLate)
            }
        }
        defer {
            timer?.cancel()
            state.withLock { $0.early[number] = nil }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Turn? = state.withLock { state in
                    if let turn = state.early[number] { return turn }
                    guard state.lines[name] != nil else {
                        state.lines[name] = []
                        return .mine(hasWaited: false)
                    }
                    state.lines[name]?.append(Place(number: number, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) } else { onWait() }
            }
        } onCancel: {
            giveUp(number, name, .cancelled)
        }
    }

    private static func giveUp(_ number: UInt64, _ name: String, _ turn: Turn) {
        let place = state.withLock { state -> Place? in
            guard let index = state.lines[name]?.firstIndex(where: { $0.number == number }) else {
                state.early[number] = turn
                return nil
            }
            return state.lines[name]?.remove(at: index)
        }
        place?.continuation.resume(returning: turn)
    }

    /// Resumes the next task in the queue.
    static func leave(_ name: String) {
        let next = state.withLock { state -> Place? in
            guard state.lines[name]?.isEmpty == false else {
                state.lines[name] = nil
                return nil
            }
            return state.lines[name]?.removeFirst()
        }
        next?.continuation.resume(returning: .mine(hasWaited: true))
    }
}
