internal import CHost

/// The memory of this process.
public enum Heap {
    /// Makes all threads share one heap: what a thread has given back another can use, and memory stays flat however
    /// many threads there are. For the start of a program; without effect where the system does so by itself.
    public static func share() { chost_share_heap() }
}
