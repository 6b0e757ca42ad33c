/// Which bytes of a file a request asks for (RFC 9110, 14.2).
enum RangeHeader: Equatable {
    case whole
    case part(Range<Int64>)
    case notSatisfiable

    /// Reads `bytes=0-99`, `bytes=100-`, `bytes=-100`. Several ranges at once, other units and whatever cannot be read
    /// are ignored, as a server may: the whole is the answer then.
    init(_ text: String?, size: Int64) {
        self = .whole
        guard let text, text.hasPrefix("bytes=") else { return }
        let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        // More digits than a number holds are past every end.
        func number(_ digits: Substring) -> Int64?? {
            let digits = digits.drop { $0 == " " }
            if digits.isEmpty { return .some(nil) }
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int64(digits) ?? .max
        }
        guard let first = number(ends[0]), let last = number(ends[1]) else { return }
        switch (first, last) {
        case (nil, nil): return
        case (nil, let count?):
            self = count == 0 || size == 0 ? .notSatisfiable : .part(max(0, size - count)..<size)
        case (let first?, let last):
            if let last, last < first { return }
            self = first >= size ? .notSatisfiable : .part(first..<(min(last ?? .max, size - 1) + 1))
        }
    }
}
