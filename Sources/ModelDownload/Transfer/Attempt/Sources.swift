internal import Foundation

/// Where a file can be had: the address in use, and the mirrors after it.
struct Sources {
    /// The address in use.
    private(set) var current: URL
    /// The mirrors that have not been asked yet.
    private(set) var untried: [URL]
    /// How many addresses were dropped: names the one in use.
    private(set) var number = 0
    /// Where the redirects of the address in use ended.
    var direct: URL?
    /// Why the first address was dropped: what a user wants to know when none is left.
    private var firstFailure: (any Error)?

    init(_ current: URL, mirrors: [URL]) {
        self.current = current
        untried = mirrors
    }

    /// Where the next request goes.
    var target: URL { direct ?? current }

    /// For another attempt: the untried first, then the one in use once more.
    var reordered: Sources {
        let all = untried + [current]
        return Sources(all[0], mirrors: Array(all.dropFirst()))
    }

    /// Goes over to a mirror that is faster. The address in use has not failed: it comes last.
    mutating func prefer(_ mirror: URL) {
        untried.removeAll { $0 == mirror }
        untried.append(current)
        (current, direct) = (mirror, nil)
        number += 1
    }

    /// Gives up the address in use.
    ///
    /// - Returns: What to tell the user when no other is left.
    mutating func drop(after error: any Error) -> (any Error)? {
        let first = firstFailure ?? error
        guard !untried.isEmpty else { return first }
        firstFailure = first
        current = untried.removeFirst()
        number += 1
        direct = nil
        return nil
    }
}
