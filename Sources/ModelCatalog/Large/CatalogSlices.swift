internal import Foundation

/// Cuts a catalog's document into the text of each family and the frame around them, holding one family at a time.
///
/// It only counts brackets: whether the pieces are sound is for the decoder to say, which reads each of them.
struct CatalogSlices {
    /// In bytes.
    static let longestFamily = 8 << 20
    /// Licences, sources, tests and whatever else stands beside the families, in bytes.
    static let longestFrame = 32 << 20

    /// The document without its families.
    private(set) var frame: [UInt8] = []
    /// How many were cut out.
    private(set) var count = 0

    private var family: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isInFamilies = false
    /// The last text at the top level: before a bracket it is its key.
    private var key: [UInt8] = []

    private static let familiesKey = Array("families".utf8)

    /// Takes the next bytes of the document, and hands on each family that ends in them.
    ///
    /// - Throws: ``CatalogError/tooLarge(size:limit:)``, and what `body` throws.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, body: (_ family: [UInt8], _ index: Int) throws -> Void
    ) throws {
        var start = bytes.startIndex
        for index in bytes.indices {
            let byte = bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                } else if depth == 1, key.count < 16 {
                    key.append(byte)
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                if depth == 1 { key.removeAll(keepingCapacity: true) }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if isInFamilies, depth == 2 {
                    // What stands between two families is a comma.
                    start = index
                } else if depth == 1, byte == UInt8(ascii: "["), key == Self.familiesKey {
                    try keep(bytes[start...index])
                    isInFamilies = true
                    start = index + 1
                }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if isInFamilies, depth == 2 {
                    try keep(bytes[start...index], ofFamily: true)
                    try body(family, count)
                    count += 1
                    family.removeAll(keepingCapacity: true)
                    start = index + 1
                } else if isInFamilies, depth < 2 {
                    isInFamilies = false
                    start = index
                }
            case UInt8(ascii: ","):
                if depth == 1 { key.removeAll(keepingCapacity: true) }
            default: break
            }
        }
        if isInFamilies, depth == 2 { return }
        try keep(bytes[start...], ofFamily: isInFamilies)
    }

    private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>, ofFamily: Bool = false) throws(CatalogError) {
        let limit = ofFamily ? Self.longestFamily : Self.longestFrame
        guard (ofFamily ? family.count : frame.count) + bytes.count <= limit else {
            throw .tooLarge(size: nil, limit: limit)
        }
        if ofFamily { family += bytes } else { frame += bytes }
    }
}
