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
    func contains(_ offset: Int64) -> Bool {
        ranges[position(endingFrom: offset)...].first { $0.upperBound > offset }?.contains(offset) ?? false
    }

    /// Whether every byte of `range` is there.
    func contains(_ range: Range<Int64>) -> Bool { firstGap(from: range.lowerBound, to: range.upperBound) == nil }

    /// The first of the ranges that ends at `offset` or behind it.
    private func position(endingFrom offset: Int64) -> Int {
        var (low, high) = (ranges.startIndex, ranges.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds a range; what was there already stays there.
    package mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        let first = position(endingFrom: range.lowerBound)
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
        for range in ranges[self.position(endingFrom: start)...] where range.upperBound > position {
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

    /// What is in this one or in the other; in one pass, however many ranges both have.
    func union(_ other: ByteRangeSet) -> ByteRangeSet {
        guard !other.ranges.isEmpty else { return self }
        var merged = ByteRangeSet()
        var (mine, theirs) = (0, 0)
        while mine < ranges.count || theirs < other.ranges.count {
            let isMine =
                theirs == other.ranges.count
                || (mine < ranges.count && ranges[mine].lowerBound <= other.ranges[theirs].lowerBound)
            let next = isMine ? ranges[mine] : other.ranges[theirs]
            if isMine { mine += 1 } else { theirs += 1 }
            if let last = merged.ranges.last, last.upperBound >= next.lowerBound {
                merged.ranges[merged.ranges.count - 1] = last.lowerBound..<max(last.upperBound, next.upperBound)
            } else {
                merged.ranges.append(next)
            }
        }
        return merged
    }

    /// What is in this one and not in the other.
    func subtracting(_ other: ByteRangeSet) -> ByteRangeSet {
        ByteRangeSet(ranges.flatMap { other.gaps(in: $0) })
    }

    /// Only what lies below `end`.
    package func clamped(to end: Int64) -> ByteRangeSet {
        ByteRangeSet(ranges.compactMap { $0.lowerBound < end ? $0.lowerBound..<min($0.upperBound, end) : nil })
    }
}
