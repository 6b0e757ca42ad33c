/// A stretch of a file that one connection fetches.
struct Segment: Hashable, Sendable {
    var id: Int
    /// Bytes wanted; the end is open when the size is not known yet.
    var range: Range<Int64>
    /// Rises when the content turned out to be another one: bytes of an older generation are dropped.
    var generation: Int
    /// Which of the file's addresses this is for.
    var source: Int
    /// Failures that had been counted when the request was made.
    var failures: Int
    /// Whether the request says which bytes it wants.
    var asksForRange: Bool
    /// Whether the connections that are open have disappointed.
    var needsNewConnection: Bool
}

/// Which stretches of a file are being fetched.
struct SegmentTable {
    /// A segment is at most this long, in bytes: the finished prefix, which the hasher follows, grows steadily.
    private static let longest: Int64 = 16 << 20
    /// And at least this long while there is that much: near the end many short ones finish together.
    private static let shortest: Int64 = 1 << 20

    /// By the number of their segment.
    private var claims: [Int: (range: Range<Int64>, failures: Int, isWaiting: Bool)] = [:]
    private var count = 0

    var isEmpty: Bool { claims.isEmpty }
    /// How many requests are under way.
    var active: Int { claims.values.count { !$0.isWaiting } }
    /// Whether a request is under way that was made since the last of `failures`.
    func isTrying(after failures: Int) -> Bool { claims.values.contains { !$0.isWaiting && $0.failures == failures } }

    /// Takes the next stretch that is not yet being fetched.
    ///
    /// - Parameters:
    ///   - written: What is here.
    ///   - size: Of the file; nil when unknown.
    ///   - connections: How many fetch at the same time.
    mutating func claim(
        after written: ByteRangeSet, size: Int64?, connections: Int, failures: Int
    ) -> (id: Int, range: Range<Int64>)? {
        var taken = written
        for claim in claims.values { taken.insert(claim.range) }
        guard let gap = taken.firstGap(to: size ?? .max) else { return nil }
        var length = Self.longest
        if let size {
            let share = (size - taken.count) / Int64(2 * max(1, connections))
            length = min(max(share, Self.shortest), Self.longest)
        }
        let range = gap.lowerBound..<min(gap.upperBound, gap.lowerBound.saturatingAdd(length))
        count += 1
        claims[count] = (range, failures, false)
        return (count, range)
    }

    /// The request has failed; its stretch stays taken for a while, so that no other connection meets the same failure at once.
    mutating func wait(_ id: Int) { claims[id]?.isWaiting = true }

    mutating func release(_ id: Int) { claims[id] = nil }
}
