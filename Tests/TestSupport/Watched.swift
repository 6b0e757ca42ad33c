import Synchronization

/// A value that many threads change and that tests wait for, so that no test ever sleeps.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let holds: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var cancelled: Set<Int> = []
        var count = 0
        var closed = false
    }

    private let state: Mutex<State>

    init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    var value: Value { state.withLock { $0.value } }

    /// Changes the value and resumes whoever waited for what now holds.
    @discardableResult
    func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        let (result, ready) = state.withLock { state in
            let result = change(&state.value)
            let value = state.value
            let numbers = state.waiters.filter { $0.value.holds(value) }.keys
            return (result, numbers.compactMap { state.waiters.removeValue(forKey: $0) })
        }
        for waiter in ready { waiter.continuation.resume() }
        return result
    }

    /// Returns as soon as the condition holds.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, or the value will not change any more.
    func wait(until holds: @escaping @Sendable (Value) -> Bool) async throws {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if holds(state.value) { return .success(()) }
                    if state.closed || state.cancelled.remove(number) != nil {
                        return .failure(CancellationError())
                    }
                    state.waiters[number] = Waiter(holds: holds, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: number)
                if waiter == nil { state.cancelled.insert(number) }
                return waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// No more changes will come: everybody who waits is sent away.
    func close() {
        let waiters = state.withLock { state in
            state.closed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
    }
}
