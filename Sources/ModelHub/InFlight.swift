internal import Synchronization

/// Asks once for what several want to know at the same moment. Nothing is remembered: who comes later asks anew.
final class InFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Question {
        let task: Task<Value, any Error>
        var waiting: Int
    }

    private let questions = Mutex<[Key: Question]>([:])

    /// The answer to `key`, from `work` unless somebody is waiting for it already.
    ///
    /// - Throws: What `work` throws; `CancellationError`. The work itself is cancelled when nobody waits any more.
    func answer(_ key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = questions.withLock { questions in
            let task = questions[key]?.task ?? Task { try await work() }
            questions[key, default: Question(task: task, waiting: 0)].waiting += 1
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

    /// One who waited does so no more: after the answer, or before.
    private func leave(_ key: Key, _ task: Task<Value, any Error>, _ isLeft: borrowing Mutex<Bool>) {
        let isFirst = isLeft.withLock { left in
            defer { left = true }
            return !left
        }
        guard isFirst else { return }
        let isLast = questions.withLock { questions in
            guard let question = questions[key], question.task == task else { return false }
            questions[key]?.waiting -= 1
            guard question.waiting == 1 else { return false }
            questions[key] = nil
            return true
        }
        if isLast { task.cancel() }
    }
}
