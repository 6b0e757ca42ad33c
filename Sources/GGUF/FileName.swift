/// What the name of a file tells before any of its bytes are here.
///
/// Names follow `Base-Size-FineTune-Version-Encoding-Type-Shard.gguf` (ggml, `docs/gguf.md`), but real ones also write
/// the encoding in lower case, after a dot or an underscore, or as the name of a folder.
package struct FileName: Hashable, Sendable {
    /// The last component: `Qwen3-8B-Q4_K_M-00001-of-00002.gguf`.
    package let name: String
    /// The name without folder, extension and shard: `Qwen3-8B-Q4_K_M`.
    package let stem: String
    /// The stem without the quantization: `Qwen3-8B`. Files of one model and different quantizations share it.
    package let base: String
    /// What the name says of how weights are stored; nil when it says nothing.
    package let quantization: Quantization?
    /// Which part of a split model it is; nil for whole ones.
    package let shard: Shard?
    /// What it is for.
    package let kind: Kind

    /// What a file is for.
    package enum Kind: Hashable, Sendable {
        /// A language model, or a part of one.
        case model
        /// Turns pictures or sound into what the model beside it reads (`mmproj`).
        case projector
        /// Statistics for quantizing.
        case importanceMatrix
        /// A vocabulary without weights.
        case vocabulary
        /// No GGUF file.
        case other
    }

    /// A part of a split model.
    package struct Shard: Hashable, Sendable {
        /// From 1.
        package let number: Int
        /// How many parts there are.
        package let count: Int
    }

    /// Takes a name or a path with `/` between its parts, as repositories list them. Nil when there is no name at the
    /// end, or the whole is longer than a path can be.
    ///
    /// Only reads what the name says. Whether it may touch a disk is for whoever lets it.
    package init?(_ path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.count <= 4096, let last = parts.last, !last.isEmpty else { return nil }
        name = String(last)

        let isGGUF = name.lowercased().hasSuffix(".gguf")
        var rest = isGGUF ? name.dropLast(5) : name[...]
        shard = isGGUF ? Self.takeShard(from: &rest) : nil
        stem = String(rest)

        if let found = Self.quantization(in: rest) {
            quantization = found.quantization
            base = String(rest[..<found.start]).trimmingTail("-._")
        } else {
            let folder = parts.dropLast().last.flatMap { Self.quantization(in: Substring($0)) }
            quantization = isGGUF ? folder?.quantization : nil
            base = stem
        }
        kind = Self.kind(of: stem.lowercased(), isGGUF: isGGUF, hasQuantization: quantization != nil)
    }

    /// Whether a file of this name is a projector: asked of every file of a model, and of nearly all a matter of one look.
    package static func isProjector(_ path: String) -> Bool {
        mayBeProjector(path) && FileName(path)?.kind == .projector
    }

    /// Whether `mmproj` stands in it, in whatever case.
    private static func mayBeProjector(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return false }
            var (matched, index) = (0, 0)
            while index < bytes.count, matched < projectorWord.count {
                let byte = start[index] | 0x20
                if byte == projectorWord[matched] {
                    matched += 1
                } else if byte == projectorWord[0] {
                    // After `mm` one more is the second again; elsewhere it may be the first.
                    matched = matched == 2 ? 2 : 1
                } else {
                    matched = 0
                }
                index += 1
            }
            return matched == projectorWord.count
        }
    }

    private static let projectorWord = Array("mmproj".utf8)

    /// The names of all parts of a split model in order; just this one when it is whole.
    package var allShards: [String] {
        guard let shard else { return [name] }
        let ending = name.suffix(5)
        return (1...shard.count).map { "\(stem)-\(Self.padded($0))-of-\(Self.padded(shard.count))\(ending)" }
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// `…-00003-of-00009`, five digits each, from 1 (llama.cpp, `llama_split_path`).
    private static func takeShard(from rest: inout Substring) -> Shard? {
        let tail = Array(rest.utf8.suffix(15))
        guard tail.count == 15, rest.utf8.count > 15, tail[0] == UInt8(ascii: "-"),
            Array(tail[6..<10]) == Array("-of-".utf8), let number = value(tail[1..<6]),
            let count = value(tail[10..<15]),
            number >= 1, number <= count
        else { return nil }
        rest = rest.dropLast(15)
        return Shard(number: number, count: count)
    }

    private static func value(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.reduce(0) { sum, digit in
            guard let sum, (48...57).contains(digit) else { return nil }
            return sum * 10 + Int(digit - 48)
        }
    }

    /// The last stretch between separators that names a quantization.
    private static func quantization(in text: Substring) -> (quantization: Quantization, start: Substring.Index)? {
        // Bytes, since what separates is ASCII: a Hub lists thousands of names.
        let bytes = text.utf8
        var starts = [bytes.startIndex]
        for index in bytes.indices where "-._".utf8.contains(bytes[index]) { starts.append(bytes.index(after: index)) }
        var best: (quantization: Quantization, start: Substring.Index)?
        // Where one name ends in another (`UD-Q4_K_XL`, `IQ4_NL`), the earliest start of the same end wins.
        var end = text.endIndex
        for start in starts.reversed() where best == nil {
            end = bytes[start...].firstIndex(where: { "-.".utf8.contains($0) }) ?? text.endIndex
            if let found = Quantization(parsing: text[start..<end]) { best = (found, start) }
        }
        guard let found = best else { return nil }
        for start in starts where start < found.start {
            if let longer = Quantization(parsing: text[start..<end]) { return (longer, start) }
        }
        return found
    }

    private static func kind(of stem: String, isGGUF: Bool, hasQuantization: Bool) -> Kind {
        if stem.contains("imatrix") && (!isGGUF || !hasQuantization) { return .importanceMatrix }
        guard isGGUF else { return .other }
        if stem.contains("mmproj") { return .projector }
        return stem.hasPrefix("ggml-vocab") ? .vocabulary : .model
    }
}

extension String {
    fileprivate func trimmingTail(_ characters: String) -> String {
        var text = self[...]
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}
