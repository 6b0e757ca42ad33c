internal import CHost

/// The memory of this process.
public enum Heap {
    /// Makes all threads share one heap: what a thread has given back another can use, and memory stays flat however
    /// many threads there are; and gives large blocks back to the system as they are freed. For the start of a program; without effect where the system does so by itself.
    public static func share() { chost_share_heap() }

    /// Gives back what only the start of the program needed: the tables of names and places that the dynamic linker
    /// went through, 4 MiB of the peak for a program with forty libraries. For the start of a program; without effect
    /// where that is not known to be safe.
    public static func forgetStart() { chost_forget_start() }
}
