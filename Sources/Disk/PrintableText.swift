extension String {
    /// Whether it is ASCII without control characters, as nearly every text is: it can be shown as it is, and its bytes
    /// are columns.
    package var isPlain: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            // To the end, whatever comes: so the processor takes many bytes at a time.
            bytes.reduce(0 as UInt8) { $0 | ($1 &- 0x20 < 0x5F ? 0 : 1) } == 0
        } ?? utf8.allSatisfy { 0x20..<0x7F ~= $0 }
    }

    /// The text on one line and without anything that could steer a terminal or deceive who reads it: for names, words
    /// and messages that come from other people's files and servers.
    ///
    /// A control sequence is shown as one `?`, any other hidden character too; a line break or tab is a space.
    package var printable: String { printable(limit: .max) }

    /// The same, no longer than `limit` characters of Unicode; an ellipsis stands for what is left out.
    ///
    /// - Parameter keepingLines: Whether line breaks stay, each as one line feed.
    package func printable(limit: Int, keepingLines: Bool = false) -> String {
        if utf8.count <= limit, isPlain { return self }
        var reader = PrintableReader(self)
        var shown = UnicodeScalarView()
        var count = 0
        while let scalar = reader.next(lineBreak: keepingLines ? "\n" : " ") {
            if count >= limit {
                if limit > 0 { shown.removeLast() }
                return String(shown) + (limit > 0 ? "…" : "")
            }
            shown.append(scalar)
            count += 1
        }
        return String(shown)
    }
}

/// Goes through a text as a terminal would, and gives what may be shown of it.
///
/// Source: ECMA-48, chapters 5 (C1, control strings, control sequences) and 8; ECMA-35 for the shorter escapes.
private struct PrintableReader {
    private var rest: Substring.UnicodeScalarView
    private var previous: Unicode.Scalar?
    /// Set once the end of a control string was looked for in vain: from any later place it is in vain too.
    private var stringsAreOpen = false

    init(_ text: String) { rest = text[...].unicodeScalars }

    mutating func next(lineBreak: Unicode.Scalar) -> Unicode.Scalar? {
        guard let scalar = rest.popFirst() else { return nil }
        let shown: Unicode.Scalar
        switch scalar.value {
        case 0x0D:
            if rest.first == "\n" { rest.removeFirst() }
            shown = lineBreak
        case 0x0A...0x0C, 0x85, 0x2028, 0x2029: shown = lineBreak
        case 0x09: shown = " "
        case 0x1B:
            skipEscape()
            shown = "?"
        case 0x80...0x9F:
            skip(c1: scalar.value)
            shown = "?"
        default: shown = scalar.isHidden(after: previous) ? "?" : scalar
        }
        previous = shown
        return shown
    }

    private mutating func skipEscape() {
        guard let second = rest.first?.value else { return }
        switch second {
        case 0x40...0x5F:
            rest.removeFirst()
            skip(c1: second + 0x40)
        case 0x30...0x7E: rest.removeFirst()
        case 0x20...0x2F: skip(parameters: 0x20...0x2F, final: 0x30...0x7E)
        default: break
        }
    }

    /// What belongs to a C1 control: the rest of a control sequence, or all of a control string.
    private mutating func skip(c1 control: UInt32) {
        switch control {
        case 0x9B: skip(parameters: 0x20...0x3F, final: 0x40...0x7E)
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: skipString()
        default: break
        }
    }

    private mutating func skip(parameters: ClosedRange<UInt32>, final: ClosedRange<UInt32>) {
        let after = rest.drop { parameters ~= $0.value }
        // One that is broken off is no sequence; without its beginning the rest is only text.
        if let last = after.first, final ~= last.value { rest = after.dropFirst() }
    }

    /// To the string terminator, or the bell that ends an operating system command for xterm.
    private mutating func skipString() {
        guard !stringsAreOpen else { return }
        var after = rest
        while let scalar = after.popFirst() {
            if scalar.value == 0x07 || scalar.value == 0x9C {
                rest = after
                return
            }
            if scalar.value == 0x1B, after.first == "\\" {
                rest = after.dropFirst()
                return
            }
        }
        stringsAreOpen = true
    }
}
