import Dispatch

/// Runs the store's work on a queue of its own: it blocks on disks, and the shared pool has one thread for each core.
final class StoreExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "modelteca.store", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
