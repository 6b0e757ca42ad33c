internal import Synchronization

/// Asks once for what several want to know at the same moment. Nothing is cached: whoever comes later asks anew.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Flight {
        let task: Task<Value, any Error>
        var waiting: Int
    }

    private let flights = Mutex<[Key: Flight]>([:])

    /// The value for `key`: from `work`, unless somebody is waiting for it already.
    ///
    /// - Throws: What `work` throws; `CancellationError`. The work itself is cancelled when nobody waits any more.
    func value(_ key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = flights.withLock { flights in
            let task = flights[key]?.task ?? Task { try await work() }
            flights[key, default: Flight(task: task, waiting: 0)].waiting += 1
            return task
        }
        let isLeft = Mutex(false)
        return try await withTaskCancellationHandler {
            let result = await task.result
            leave(key, task, isLeft)
            try Task.checkCancellation()
            return try result.get()
        } onCancel: {
            leave(key, task, isLeft)
        }
    }

    /// One caller waits no longer: after the answer, or before.
    private func leave(_ key: Key, _ task: Task<Value, any Error>, _ isLeft: borrowing Mutex<Bool>) {
        let isFirst = isLeft.withLock { left in
            defer { left = true }
            return !left
        }
        guard isFirst else { return }
        let isLast = flights.withLock { flights in
            guard let flight = flights[key], flight.task == task else { return false }
            flights[key]?.waiting -= 1
            guard flight.waiting == 1 else { return false }
            flights[key] = nil
            return true
        }
        if isLast { task.cancel() }
    }
}
