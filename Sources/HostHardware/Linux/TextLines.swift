extension StringProtocol {
    /// Its lines, the empty ones left out. By bytes: `/proc/cpuinfo` of a big server is half a megabyte.
    var textLines: [Substring] {
        Substring(self).utf8.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.map(Substring.init)
    }

    /// Without the blanks and NULs at both ends.
    var trimmingBlanks: Substring {
        var rest = Substring(self).utf8
        while let first = rest.first, first <= UInt8(ascii: " ") { rest = rest.dropFirst() }
        while let last = rest.last, last <= UInt8(ascii: " ") { rest = rest.dropLast() }
        return Substring(rest)
    }

    /// What stands before and behind the first `separator`, trimmed; nil when there is none.
    func halves(at separator: Unicode.Scalar) -> (Substring, Substring)? {
        let bytes = Substring(self).utf8
        guard let mark = bytes.firstIndex(of: UInt8(truncatingIfNeeded: separator.value)) else { return nil }
        return (
            Substring(bytes[..<mark]).trimmingBlanks, Substring(bytes[bytes.index(after: mark)...]).trimmingBlanks
        )
    }
}
