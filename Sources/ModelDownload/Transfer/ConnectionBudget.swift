internal import Synchronization

/// Divides the connections of a downloader among the files that are under way, of whatever plan.
final class ConnectionBudget: Sendable {
    private let total: Int
    private let state = Mutex(State())

    private struct State {
        /// How many connections each file under way would use, by its number here.
        var wishes: [Int: Int] = [:]
        var count = 0
        /// The files that have a connection, and those that wait for one, in order.
        var entered: Set<Int> = []
        var line: [(member: Int, turn: CheckedContinuation<Void, any Error>)] = []
    }

    init(_ total: Int) { self.total = max(1, total) }

    /// A number for one more file.
    func join() -> Int {
        state.withLock { state in
            state.count += 1
            return state.count
        }
    }

    /// Waits until there is a connection for one more file.
    ///
    /// - Throws: `CancellationError`.
    func enter(_ member: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { turn in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.entered.count < total {
                        state.entered.insert(member)
                        return .success(())
                    }
                    state.line.append((member, turn))
                    return nil
                }
                if let answer { turn.resume(with: answer) }
            }
        } onCancel: {
            let turn = state.withLock { state in
                state.line.firstIndex { $0.member == member }.map { state.line.remove(at: $0).turn }
            }
            turn?.resume(throwing: CancellationError())
        }
    }

    /// A file needs none any more.
    func leave(_ member: Int) {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.wishes[member] = nil
            guard state.entered.remove(member) != nil, !state.line.isEmpty else { return nil }
            let next = state.line.removeFirst()
            state.entered.insert(next.member)
            return next.turn
        }
        next?.resume()
    }

    /// How many connections a file may use now if it can use `wish`: what others leave is shared evenly, and each
    /// gets at least one.
    func share(of member: Int, wish: Int) -> Int {
        state.withLock { state in
            state.wishes[member] = max(1, wish)
            var left = total
            var waiting = state.wishes.sorted { ($0.value, $0.key) < ($1.value, $1.key) }[...]
            // The modest first: what they do not use raises the share of the others.
            while let (file, wish) = waiting.popFirst() {
                let fair = (left + waiting.count) / (waiting.count + 1)
                let given = max(1, min(wish, fair))
                if file == member { return given }
                left = max(0, left - given)
            }
            return 1
        }
    }
}
