import CHost

/// The process that this program is.
package enum ThisProcess {
    /// Makes all threads share one heap: what a thread has given back another can use, and memory stays flat however
    /// many threads there are; and gives large blocks back to the system as they are freed. For the start of a
    /// program; without effect where the system does so by itself.
    package static func shareHeap() { chost_share_heap() }

    /// What the program was started with, its own name first.
    ///
    /// Swift's `CommandLine` reads `/proc` on Linux, and is empty where that is not mounted.
    package static var arguments: [String] {
        let count = chost_argument_count()
        guard count > 0 else { return CommandLine.arguments }
        return (0..<count).compactMap { chost_argument($0).map { String(cString: $0) } }
    }
}
