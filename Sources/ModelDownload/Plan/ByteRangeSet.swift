/// Which bytes of a file are there: disjoint half-open ranges of offsets, in order, neighbours merged.
package struct ByteRangeSet: Hashable, Sendable {
    /// In order; none is empty, none touches the next.
    package private(set) var ranges: [Range<Int64>] = []

    /// No bytes.
    package init() {}

    /// The bytes of all of `ranges`, in any order.
    package init(_ ranges: some Sequence<Range<Int64>>) {
        for range in ranges { insert(range) }
    }

    /// How many bytes there are.
    package var count: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }

    /// Bytes that are there from the start of the file without a hole.
    package var prefix: Int64 { ranges.first.map { $0.lowerBound == 0 ? $0.upperBound : 0 } ?? 0 }

    /// Whether the byte at `offset` is there.
    func contains(_ offset: Int64) -> Bool { ranges.contains { $0.contains(offset) } }

    /// Adds a range; what was there already stays there.
    package mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        let first = ranges.firstIndex { $0.upperBound >= range.lowerBound } ?? ranges.endIndex
        var last = first
        var merged = range
        while last < ranges.endIndex, ranges[last].lowerBound <= range.upperBound {
            merged = min(merged.lowerBound, ranges[last].lowerBound)..<max(merged.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: [merged])
    }

    /// The first stretch at or after `start`, below `end`, that is not there; nil when all of it is.
    package func firstGap(from start: Int64 = 0, to end: Int64) -> Range<Int64>? {
        var position = start
        for range in ranges where range.upperBound > position {
            if range.lowerBound > position { return position < end ? position..<min(range.lowerBound, end) : nil }
            position = range.upperBound
        }
        return position < end ? position..<end : nil
    }

    /// All stretches of `range` that are not there, in order.
    func gaps(in range: Range<Int64>) -> [Range<Int64>] {
        var gaps: [Range<Int64>] = []
        var position = range.lowerBound
        while let gap = firstGap(from: position, to: range.upperBound) {
            gaps.append(gap)
            position = gap.upperBound
        }
        return gaps
    }

    /// Only what lies below `end`.
    package func clamped(to end: Int64) -> ByteRangeSet {
        ByteRangeSet(ranges.compactMap { $0.lowerBound < end ? $0.lowerBound..<min($0.upperBound, end) : nil })
    }
}
