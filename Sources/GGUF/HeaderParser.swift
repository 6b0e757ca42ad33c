/// Bounds of what is read. Real files stay far below them; a header that claims more is refused before it costs memory.
enum Limits {
    /// Keys: real files have 20 to 60.
    static let keys: UInt64 = 1 << 16
    /// Tensors: the largest models have a few thousand.
    static let tensors: UInt64 = 1 << 16
    /// A key or a tensor's name, in bytes (ggml allows 63 for tensors; the format 65 535 for keys).
    static let name: UInt64 = 1 << 16
    /// All texts that are kept, together, in bytes. The longest chat templates have some 20 kB.
    static let keptText: UInt64 = 16 << 20
    /// Elements of an array of texts, which must be walked one by one, or of numbers that are asked for;
    /// vocabularies have up to 262 144 pieces.
    static let texts: UInt64 = 1 << 20
    /// Numbers of an array that are kept.
    static let keptNumbers = 1024
    /// Texts of an array that are kept.
    static let keptTexts = 64
    /// Bytes from the start of the file to the end of the tensor list; the largest known have some 30 MB.
    static let header: Int64 = 256 << 20
    /// Arrays within arrays. llama.cpp refuses the second level.
    static let depth = 4
    /// Axes of a tensor (ggml, `GGML_MAX_DIMS`).
    static let dimensions: UInt32 = 4
    /// Largest sensible alignment, in bytes.
    static let alignment: Int64 = 1 << 20
}

/// Reads a header from its first byte to its last.
///
/// Sources: ggml `docs/gguf.md` for versions 1 to 3, and `gguf.cpp` for what a reader must refuse.
struct HeaderParser {
    private var reader: ByteReader
    private var keptText: UInt64 = 0
    private var forecast = HeaderForecast()

    private(set) var version: UInt32 = 0
    private(set) var metadata = GGUFMetadata()
    private(set) var tensors: [TensorInfo] = []
    private(set) var headerLength: Int64 = 0
    private(set) var alignment: Int64 = 32
    var length: Int64 { reader.length }
    var isBigEndian: Bool { reader.isBigEndian }

    init(_ source: ByteSource) throws(GGUFError) {
        reader = try ByteReader(source)
        // Until the counts are known: most headers with a vocabulary need megabytes.
        reader.toCome = 1 << 20
        try readStart()
        let tensorCount = try count("tensor count", limit: Limits.tensors)
        let keyCount = try count("key count", limit: Limits.keys)
        forecast.tensors = Int64(tensorCount)
        forecast.keys = Int64(keyCount)
        for _ in 0..<keyCount { try readPair() }
        try readAlignment()
        try readTensors(tensorCount)
        headerLength = reader.offset
    }

    /// Continues in a header that was read before, at the first element of an array.
    init(_ source: ByteSource, version: UInt32, isBigEndian: Bool, at offset: Int64) throws(GGUFError) {
        reader = try ByteReader(source, at: offset)
        reader.isBigEndian = isBigEndian
        self.version = version
    }

    private mutating func readStart() throws(GGUFError) {
        let magic = try reader.bytes(4, "magic")
        guard magic == Array("GGUF".utf8) else { throw .notGGUF(found: magic) }
        version = try reader.integer(UInt32.self, "version")
        // Version 3 allows the other byte order. ggml tells it by the same sign: no low half.
        if version & 0xFFFF == 0 {
            version = version.byteSwapped
            reader.isBigEndian = true
        }
        guard (1...3).contains(version) else { throw .unsupportedVersion(version) }
    }

    /// A count or length: 32 bits in version 1, 64 since.
    private mutating func size(_ what: @autoclosure () -> String) throws(GGUFError) -> UInt64 {
        version == 1 ? UInt64(try reader.integer(UInt32.self, what())) : try reader.integer(UInt64.self, what())
    }

    private mutating func count(_ what: @autoclosure () -> String, limit: UInt64) throws(GGUFError) -> Int {
        let at = reader.offset
        let value = try size(what())
        guard value <= limit else { throw .tooLarge(reading: what(), at: at, value: value, limit: limit) }
        return Int(value)
    }

    // MARK: Metadata

    private mutating func readPair() throws(GGUFError) {
        forecast.keys -= 1
        reader.toCome = forecast.rest
        let at = reader.offset
        let key = try name("key")
        guard !key.isEmpty else { throw .badName(key, at: at) }
        let value = try readValue(try kind(of: key), key, depth: 0)
        guard metadata.insert(value, for: key) else { throw .badName(key, at: at) }
    }

    private mutating func name(_ what: @autoclosure () -> String) throws(GGUFError) -> String {
        let at = reader.offset
        let length = try count(what(), limit: Limits.name)
        let bytes = try reader.bytes(try keep(length, what()), what())
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(reading: what(), at: at) }
        return text
    }

    private mutating func kind(of key: @autoclosure () -> String) throws(GGUFError) -> GGUFValue.Kind {
        let at = reader.offset
        let raw = try reader.integer(UInt32.self, key())
        guard let kind = GGUFValue.Kind(rawValue: raw) else { throw .unknownType(reading: key(), at: at, value: raw) }
        return kind
    }

    /// Counts text that will be kept against the limit.
    private mutating func keep(_ length: Int, _ what: @autoclosure () -> String) throws(GGUFError) -> Int {
        let (sum, overflow) = keptText.addingReportingOverflow(UInt64(length))
        guard !overflow, sum <= Limits.keptText else {
            throw .tooLarge(reading: what(), at: reader.offset, value: UInt64(length), limit: Limits.keptText)
        }
        keptText = sum
        return length
    }

    private mutating func readText(_ key: String) throws(GGUFError) -> String {
        let at = reader.offset
        let length = try size(key)
        guard length <= Limits.keptText else {
            throw .tooLarge(reading: key, at: at, value: length, limit: Limits.keptText)
        }
        // Vocabularies hold pieces of characters, so a broken one is shown as such instead of refused.
        return String(decoding: try reader.bytes(try keep(Int(length), key), key), as: UTF8.self)
    }

    private mutating func readValue(
        _ kind: GGUFValue.Kind, _ key: String, depth: Int
    ) throws(GGUFError) -> GGUFValue {
        switch kind {
        case .uint8: .uint8(try reader.integer(UInt8.self, key))
        case .int8: .int8(Int8(bitPattern: try reader.integer(UInt8.self, key)))
        case .uint16: .uint16(try reader.integer(UInt16.self, key))
        case .int16: .int16(Int16(bitPattern: try reader.integer(UInt16.self, key)))
        case .uint32: .uint32(try reader.integer(UInt32.self, key))
        case .int32: .int32(Int32(bitPattern: try reader.integer(UInt32.self, key)))
        case .float32: .float32(Float(bitPattern: try reader.integer(UInt32.self, key)))
        case .bool: .bool(try reader.integer(UInt8.self, key) != 0)
        case .string: .string(try readText(key))
        case .array: .array(try readArray(key, depth: depth + 1))
        case .uint64: .uint64(try reader.integer(UInt64.self, key))
        case .int64: .int64(Int64(bitPattern: try reader.integer(UInt64.self, key)))
        case .float64: .float64(Double(bitPattern: try reader.integer(UInt64.self, key)))
        }
    }

    private mutating func readArray(_ key: String, depth: Int) throws(GGUFError) -> GGUFArray {
        guard depth <= Limits.depth else {
            throw .tooLarge(reading: key, at: reader.offset, value: UInt64(depth), limit: UInt64(Limits.depth))
        }
        let kind = try kind(of: key)
        let at = reader.offset
        let count = try size(key)
        let start = reader.offset
        var elements: [GGUFValue]?
        if let size = kind.size {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: UInt64(size))
            guard !overflow, let bytes = Int64(exactly: bytes), bytes <= Limits.header else {
                throw .tooLarge(reading: key, at: at, value: count, limit: UInt64(Limits.header) / UInt64(size))
            }
            forecast.passes(numbers: Int64(count), of: key)
            reader.toCome = forecast.rest
            if count <= Limits.keptNumbers {
                elements = try readElements(kind, Int(count), key, depth: depth)
            } else {
                try reader.skip(bytes, key)
            }
        } else {
            guard count <= Limits.texts else {
                throw .tooLarge(reading: key, at: at, value: count, limit: Limits.texts)
            }
            if kind == .string, count <= Limits.keptTexts {
                elements = try readElements(kind, Int(count), key, depth: depth)
            } else {
                try walk(kind, Int(count), key, depth: depth)
            }
        }
        guard reader.offset <= Limits.header else {
            throw .tooLarge(
                reading: key, at: at, value: UInt64(reader.offset), limit: UInt64(Limits.header))
        }
        return GGUFArray(
            elementKind: kind, count: Int(count), offset: start, byteCount: reader.offset - start, elements: elements)
    }

    private mutating func readElements(
        _ kind: GGUFValue.Kind, _ count: Int, _ key: String, depth: Int
    ) throws(GGUFError) -> [GGUFValue] {
        var elements: [GGUFValue] = []
        elements.reserveCapacity(min(count, Int(Limits.texts)))
        for _ in 0..<count { elements.append(try readValue(kind, key, depth: depth)) }
        return elements
    }

    /// Passes over elements whose length only they know.
    private mutating func walk(
        _ kind: GGUFValue.Kind, _ count: Int, _ key: String, depth: Int
    ) throws(GGUFError) {
        let start = reader.offset
        if kind == .string {
            forecast.begins(texts: Int64(count), of: key, model: metadata.string("tokenizer.ggml.model"))
        }
        for index in 0..<count {
            if kind == .string {
                if index & 0xFF == 0 {
                    reader.toCome = forecast.rest(after: Int64(index), taking: reader.offset - start)
                }
                let at = reader.offset
                let length = try size(key)
                // Of the whole array, not of each text: a sparse file may have a million of them without a byte on disk.
                guard let skipped = Int64(exactly: length), skipped <= Limits.header - reader.offset else {
                    throw .tooLarge(reading: key, at: at, value: length, limit: UInt64(Limits.header))
                }
                try reader.skip(skipped, key)
            } else {
                _ = try readArray(key, depth: depth + 1)
            }
        }
        if kind == .string { forecast.ends(taking: reader.offset - start) }
    }

    /// Reads all elements of one array, for a caller who asked for them.
    mutating func elements(of array: GGUFArray, key: String) throws(GGUFError) -> [GGUFValue] {
        guard array.count <= Limits.texts else {
            throw .tooLarge(reading: key, at: array.offset, value: UInt64(array.count), limit: Limits.texts)
        }
        return try readElements(array.elementKind, array.count, key, depth: 1)
    }

    private mutating func readAlignment() throws(GGUFError) {
        let key = "general.alignment"
        guard let value = metadata[key] else { return }
        guard let number = value.integer, number > 0, number <= Limits.alignment, number & (number - 1) == 0 else {
            throw .badValue(key: key)
        }
        alignment = number
    }

    // MARK: Tensors

    private mutating func readTensors(_ count: Int) throws(GGUFError) {
        tensors.reserveCapacity(min(count, 4096))
        var names: Set<String> = []
        for _ in 0..<count {
            forecast.tensors -= 1
            reader.toCome = forecast.rest
            let at = reader.offset
            let tensor = try readTensor()
            guard names.insert(tensor.name).inserted else { throw .badName(tensor.name, at: at) }
            tensors.append(tensor)
        }
    }

    private mutating func readTensor() throws(GGUFError) -> TensorInfo {
        let at = reader.offset
        let name = try name("tensor name")
        let axes = try reader.integer(UInt32.self, name)
        guard axes <= Limits.dimensions else {
            throw .tooLarge(reading: name, at: at, value: UInt64(axes), limit: UInt64(Limits.dimensions))
        }
        var dimensions: [Int64] = []
        var elements: Int64 = 1
        for _ in 0..<axes {
            let raw = try size(name)
            guard let length = Int64(exactly: raw) else { throw .badTensor(name: name, at: at) }
            let (product, overflow) = elements.multipliedReportingOverflow(by: length)
            guard !overflow else { throw .badTensor(name: name, at: at) }
            elements = product
            dimensions.append(length)
        }
        let raw = try reader.integer(UInt32.self, name)
        guard let type = TensorType(rawValue: raw) else {
            throw .unknownTensorType(tensor: name, number: raw, at: at)
        }
        let offset = try reader.integer(UInt64.self, name)
        guard let bytes = type.byteCount(elements: elements, row: dimensions.first ?? 1) else {
            throw .badTensor(name: name, at: at)
        }
        // The sum must leave room for the header and for padding.
        guard let start = Int64(exactly: offset), start % alignment == 0,
            start <= Int64.max / 4, bytes <= Int64.max / 4
        else { throw .badOffset(tensor: name, offset: offset) }
        return TensorInfo(name: name, dimensions: dimensions, type: type, offset: start, byteCount: bytes)
    }
}
