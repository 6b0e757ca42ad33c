import CHost

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The process that this program is.
package enum ThisProcess {
    /// Makes all threads share one heap: what a thread has given back another can use, and memory stays flat however
    /// many threads there are; and gives large blocks back to the system as they are freed. For the start of a
    /// program; without effect where the system does so by itself.
    package static func shareHeap() { chost_share_heap() }

    /// How many files it may open at a time, once that is as many as the system lets it have and it can use.
    package static func raisedFileLimit() -> UInt64 {
        var limit = rlimit()
        #if canImport(Glibc)
            let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let kind = RLIMIT_NOFILE
        #endif
        guard getrlimit(kind, &limit) == 0 else { return .max }
        let wanted = min(limit.rlim_max, 1024)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = wanted
            if setrlimit(kind, &raised) == 0 { return UInt64(wanted) }
        }
        return UInt64(limit.rlim_cur)
    }

    /// Whether everything that it was started with is UTF-8. What is not names no file once it is read as text.
    package static var hasOnlyText: Bool {
        (0..<max(0, chost_argument_count())).allSatisfy { position in
            chost_argument(position).map { String(validatingCString: $0) != nil } ?? true
        }
    }

    /// What the program was started with, its own name first.
    ///
    /// Swift's `CommandLine` reads `/proc` on Linux, and is empty where that is not mounted.
    package static var arguments: [String] {
        let count = chost_argument_count()
        guard count > 0 else { return CommandLine.arguments }
        return (0..<count).compactMap { chost_argument($0).map { String(cString: $0) } }
    }
}
