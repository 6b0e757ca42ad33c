#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Threads of our own, for work that sleeps in the kernel: the cooperative pool has none to spare.
///
/// Foundation's `Thread` says nothing when the system gives none (`ulimit -u`, a container's limit of processes), and
/// whoever waits for its work waits for ever.
package enum SystemThread {
    /// Runs `work` on a new thread.
    ///
    /// - Parameters:
    ///   - name: For debuggers, where the system lets it be set.
    ///   - stackSize: In bytes; nil for the system's own.
    /// - Throws: `ThreadError`, and `work` never runs.
    package static func start(
        _ name: StaticString, stackSize: Int? = nil, _ work: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
        let handle = try create(stackSize: stackSize, Work(name, work))
        pthread_detach(handle)
    }

    /// Makes sure that so many more threads can be had now, and lets them go again.
    ///
    /// What is not ours to start, the threads of the cooperative pool, waits without an end where there are none.
    /// - Throws: `ThreadError`.
    package static func check(_ count: Int) throws(ThreadError) {
        let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(gate, nil)
        defer {
            pthread_mutex_destroy(gate)
            gate.deallocate()
        }
        let address = UInt(bitPattern: gate)
        var handles: [pthread_t] = []
        pthread_mutex_lock(gate)
        // All of them are there at the same time: each waits for the gate.
        defer {
            pthread_mutex_unlock(gate)
            for handle in handles { pthread_join(handle, nil) }
        }
        for _ in 0..<count {
            handles.append(
                try create(
                    stackSize: 128 << 10,
                    Work("check") {
                        guard let gate = UnsafeMutablePointer<pthread_mutex_t>(bitPattern: address) else { return }
                        pthread_mutex_lock(gate)
                        pthread_mutex_unlock(gate)
                    }))
        }
    }

    private final class Work: Sendable {
        let name: StaticString
        let run: @Sendable () -> Void

        init(_ name: StaticString, _ run: @escaping @Sendable () -> Void) { (self.name, self.run) = (name, run) }
    }

    private static func create(stackSize: Int?, _ work: Work) throws(ThreadError) -> pthread_t {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        if let stackSize { pthread_attr_setstacksize(&attributes, stackSize) }
        let context = Unmanaged.passRetained(work)
        #if canImport(Darwin)
            var handle: pthread_t?
            let code = pthread_create(&handle, &attributes, { SystemThread.main($0) }, context.toOpaque())
            if code == 0, let handle { return handle }
        #else
            var handle = pthread_t()
            let code = pthread_create(&handle, &attributes, { SystemThread.main($0) }, context.toOpaque())
            if code == 0 { return handle }
        #endif
        context.release()
        throw ThreadError(errno: code)
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
        #if canImport(Darwin)
            work.name.withUTF8Buffer { name in
                name.withMemoryRebound(to: CChar.self) { _ = $0.baseAddress.map { pthread_setname_np($0) } }
            }
        #endif
        work.run()
        return nil
    }
}

/// The system gives this program no more threads.
public struct ThreadError: Error, Equatable, Sendable {
    /// As `pthread_create` gave it.
    public let errno: Int32

    package init(errno: Int32) { self.errno = errno }

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String { "no-threads" }
}
