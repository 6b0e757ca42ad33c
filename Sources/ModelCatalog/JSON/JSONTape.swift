/// A JSON document, read through once: its values one after the other, each with the place of its text.
///
/// The compiled-in catalog is read in every run, and with Foundation's decoder that was about a fifth of the processor
/// time of `slm list`. Numbers and texts are made when they are asked for. Held while the bytes are.
final class JSONTape {
    /// What a value is.
    enum Kind: UInt8 {
        case null, truth, falsehood, number, string, array, object
    }

    /// A value, or a key before its value.
    struct Token {
        let kind: Kind
        /// A string with escapes in it.
        let isEscaped: Bool
        /// The first byte, of a string the one behind its quote.
        let start: UInt32
        /// The byte behind the last one, of a string its quote.
        var end: UInt32
        /// The token behind all that is in it.
        var next: UInt32
    }

    /// Why a text is no JSON, or is more than one can hold.
    struct Fault: Error {}

    /// As Foundation's: what is deeper is no document but an attack.
    static let deepest = 512

    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var tokens: [Token] = []
    private var place = 0

    /// - Throws: ``Fault``.
    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
        guard bytes.count < UInt32.max / 2 else { throw Fault() }
        self.bytes = bytes
        tokens.reserveCapacity(bytes.count / 12)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { place = 3 }
        try value(depth: 0)
        guard peek() == 0, place == bytes.count else { throw Fault() }
    }

    // MARK: Reading through

    /// The next byte that is no space; 0 at the end.
    private func peek() -> UInt8 {
        while place < bytes.count {
            let byte = bytes[place]
            if byte > 0x20 || byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09 { return byte }
            place += 1
        }
        return 0
    }

    private func value(depth: Int) throws(Fault) {
        switch peek() {
        case UInt8(ascii: "{"): try container(.object, UInt8(ascii: "}"), depth)
        case UInt8(ascii: "["): try container(.array, UInt8(ascii: "]"), depth)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "t"): try word("true", .truth)
        case UInt8(ascii: "f"): try word("false", .falsehood)
        default: try number()
        }
    }

    private func container(_ kind: Kind, _ closing: UInt8, _ depth: Int) throws(Fault) {
        guard depth < Self.deepest else { throw Fault() }
        let index = tokens.count
        tokens.append(Token(kind: kind, isEscaped: false, start: UInt32(place), end: 0, next: 0))
        place += 1
        var isFirst = true
        while peek() != closing {
            if !isFirst {
                guard peek() == UInt8(ascii: ",") else { throw Fault() }
                place += 1
            }
            isFirst = false
            if kind == .object {
                guard peek() == UInt8(ascii: "\"") else { throw Fault() }
                try string()
                guard peek() == UInt8(ascii: ":") else { throw Fault() }
                place += 1
            }
            try value(depth: depth + 1)
        }
        place += 1
        tokens[index].end = UInt32(place)
        tokens[index].next = UInt32(tokens.count)
    }

    private func append(_ kind: Kind, from start: Int, to end: Int, isEscaped: Bool = false) {
        tokens.append(
            Token(
                kind: kind, isEscaped: isEscaped, start: UInt32(start), end: UInt32(end),
                next: UInt32(tokens.count + 1)))
    }

    private func string() throws(Fault) {
        place += 1
        let start = place
        var isEscaped = false
        var isPlain = true
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                append(.string, from: start, to: place, isEscaped: isEscaped)
                place += 1
                if isEscaped || !isPlain { _ = try text(at: tokens.count - 1) }
                return
            }
            guard byte >= 0x20 else { throw Fault() }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                place += 1
            } else if byte >= 0x80 {
                isPlain = false
            }
            place += 1
        }
        throw Fault()
    }

    private func word(_ word: StaticString, _ kind: Kind) throws(Fault) {
        let end = place + word.utf8CodeUnitCount
        guard end <= bytes.count, (place..<end).allSatisfy({ bytes[$0] == word.utf8Start[$0 - place] }) else {
            throw Fault()
        }
        append(kind, from: place, to: end)
        place = end
    }

    /// `-0.5e+3`: digits before and behind the point, no zero before others.
    private func number() throws(Fault) {
        let start = place
        func takes(_ some: UInt8...) -> Bool {
            guard place < bytes.count, some.contains(bytes[place]) else { return false }
            place += 1
            return true
        }
        func digits() throws(Fault) {
            let first = place
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
            guard place > first else { throw Fault() }
        }
        _ = takes(UInt8(ascii: "-"))
        if !takes(UInt8(ascii: "0")) { try digits() }
        if takes(UInt8(ascii: ".")) { try digits() }
        if takes(UInt8(ascii: "e"), UInt8(ascii: "E")) {
            _ = takes(UInt8(ascii: "+"), UInt8(ascii: "-"))
            try digits()
        }
        append(.number, from: start, to: place)
    }

    // MARK: Values

    /// The bytes of a token.
    func slice(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(tokens[index].start)..<Int(tokens[index].end)])
    }

    /// The text of a string.
    ///
    /// - Throws: ``Fault`` where it is no UTF-8, or an escape is none.
    func text(at index: Int) throws(Fault) -> String {
        let slice = slice(index)
        guard tokens[index].isEscaped else {
            guard let text = String(validating: slice, as: UTF8.self) else { throw Fault() }
            return text
        }
        var plain: [UInt8] = []
        var place = 0
        func unit() throws(Fault) -> UInt16 {
            guard place + 4 <= slice.count else { throw Fault() }
            var unit: UInt16 = 0
            for digit in slice[place..<place + 4] {
                guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { throw Fault() }
                unit = unit << 4 | UInt16(value)
            }
            place += 4
            return unit
        }
        while place < slice.count {
            let byte = slice[place]
            place += 1
            guard byte == UInt8(ascii: "\\"), place < slice.count else {
                plain.append(byte)
                continue
            }
            let letter = slice[place]
            place += 1
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(letter)
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0c)
            case UInt8(ascii: "n"): plain.append(0x0a)
            case UInt8(ascii: "r"): plain.append(0x0d)
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "u"):
                var units = [try unit()]
                if UTF16.isLeadSurrogate(units[0]) {
                    guard place + 6 <= slice.count, slice[place] == UInt8(ascii: "\\"),
                        slice[place + 1] == UInt8(ascii: "u")
                    else { throw Fault() }
                    place += 2
                    units.append(try unit())
                }
                guard let text = String(validating: units, as: UTF16.self) else { throw Fault() }
                plain += text.utf8
            default: throw Fault()
            }
        }
        guard let text = String(validating: plain, as: UTF8.self) else { throw Fault() }
        return text
    }

    /// A whole number, also where it is written as `5.0`; nil where it is none, or too large.
    func integer(at index: Int) -> Int64? {
        guard tokens[index].kind == .number else { return nil }
        // Counted downwards: there is one more number below zero than above.
        var below: Int64 = 0
        var isNegative = false
        for (offset, byte) in slice(index).enumerated() {
            if offset == 0, byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            guard (0x30...0x39).contains(byte) else { return number(at: index).flatMap { Int64(exactly: $0) } }
            let (tens, isOver) = below.multipliedReportingOverflow(by: 10)
            let (sum, isMore) = tens.subtractingReportingOverflow(Int64(byte - 0x30))
            if isOver || isMore { return nil }
            below = sum
        }
        return isNegative ? below : below == .min ? nil : -below
    }

    /// A number; nil where it is none, or too large.
    func number(at index: Int) -> Double? {
        guard tokens[index].kind == .number else { return nil }
        return Double(String(decoding: slice(index), as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Whether a string is just this text.
    func holds(_ text: String, at index: Int) -> Bool {
        let slice = slice(index)
        guard !tokens[index].isEscaped else { return (try? self.text(at: index)) == text }
        return text.utf8.count == slice.count && text.utf8.elementsEqual(slice)
    }

    /// The elements of an array, or the keys of an object, each before its value.
    func inner(of index: Int) -> [Int] {
        var found: [Int] = []
        var inner = index + 1
        let isObject = tokens[index].kind == .object
        while inner < tokens[index].next {
            found.append(inner)
            inner = Int(tokens[isObject ? inner + 1 : inner].next)
        }
        return found
    }
}
