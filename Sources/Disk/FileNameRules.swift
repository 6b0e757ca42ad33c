public import Foundation

/// What a name that comes from outside must be before it becomes part of a path on this disk.
package enum FileNameRules {
    /// The longest name a component may have, in bytes of UTF-8: what common file systems take.
    package static let longestComponent = 255
    /// The longest relative path, in bytes of UTF-8.
    package static let longestPath = 1024

    /// Takes one path component (a file name, a publisher, a repository) and gives it back when it is safe: it means
    /// the same to every program that shows or opens it.
    ///
    /// - Throws: ``FileNameFault`` for an empty or too long name, a separator, `.` or `..`, a leading dot or space, a
    ///   trailing one, hidden characters, and the names of Windows' devices: a disk of its kind refuses them, when the
    ///   bytes are there.
    @discardableResult
    package static func component(_ name: some StringProtocol) throws(FileNameFault) -> String {
        let name = String(name)
        let scalars = name.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { throw .empty }
        guard name.utf8.count <= longestComponent else { throw .tooLong(bytes: name.utf8.count) }
        // Scalars, not characters: a combining mark after the slash would otherwise hide it.
        guard !scalars.contains(where: { $0 == "/" || $0 == "\\" }) else { throw .separator(name.printable) }
        guard !name.hasHiddenCharacters else { throw .hiddenCharacter(name.printable) }
        guard first != "." else { throw .leadingDot(name) }
        guard first.properties.generalCategory != .spaceSeparator else { throw .leadingSpace(name) }
        guard last != ".", last.properties.generalCategory != .spaceSeparator else { throw .trailingDotOrSpace(name) }
        guard !isDevice(name) else { throw .reserved(name) }
        return name
    }

    /// Whether Windows takes it for a device, whatever follows a dot (Microsoft, "Naming Files, Paths, and Namespaces";
    /// Linux, `fs/fat/namei_vfat.c`).
    private static func isDevice(_ name: some StringProtocol) -> Bool {
        let stem = name.prefix { $0 != "." }
        // Spaces before the dot do not count, and the longest is `COM1`.
        guard let end = stem.lastIndex(where: { $0 != " " }), stem[...end].utf8.count <= 5 else { return false }
        let device = stem[...end].lowercased()
        if ["con", "prn", "aux", "nul"].contains(device) { return true }
        return device.count == 4 && (device.hasPrefix("com") || device.hasPrefix("lpt"))
            && "123456789¹²³".holds(device.suffix(1))
    }

    /// Takes a path inside a repository (`sub/file.gguf`) and gives it back when every component is safe.
    ///
    /// - Throws: ``FileNameFault``, also for an absolute path and for more than ``longestPath`` bytes.
    @discardableResult
    package static func relativePath(_ path: some StringProtocol) throws(FileNameFault) -> String {
        let path = String(path)
        guard !path.isEmpty else { throw .empty }
        guard path.utf8.count <= longestPath else { throw .tooLong(bytes: path.utf8.count) }
        for part in path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false) {
            try component(String(part))
        }
        return path
    }

    /// Whether a text is one safe path component.
    package static func isSafe(_ component: String) -> Bool {
        isPlain(component) || (try? self.component(component)) != nil
    }

    /// The same of a text where it lies.
    package static func isSafe(_ component: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        isPlain(component) || isSafe(String(decoding: component, as: UTF8.self))
    }

    /// The longest name that every file system takes, in bytes: eCryptfs, which many encrypted home folders are, ends
    /// here.
    package static let longestEverywhere = 143

    /// Whether no file system is known that refuses the name: one of plain characters, and not long.
    package static func isTakenEverywhere(_ component: String) -> Bool {
        component.utf8.count <= longestEverywhere && isPlain(component)
    }

    /// Nearly every name is like this: letters, digits, `-`, `_` and inner dots.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.withContiguousStorageIfAvailable { isPlain($0[...]) } ?? false
    }

    private static func isPlain(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let dot = UInt8(ascii: ".")
        guard let first = bytes.first, let last = bytes.last, first != dot, last != dot else { return false }
        // No device's name is longer before its first dot.
        let isShort = bytes.count <= 5 || bytes.prefix(6).contains(dot)
        guard !isShort || !isDevice(String(decoding: bytes, as: UTF8.self)) else { return false }
        return bytes.count <= longestComponent
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), dot:
                    true
                default: false
                }
            }
    }
}

/// Why a name from outside may not become part of a path.
public enum FileNameFault: Error, Hashable, Sendable {
    case empty
    case tooLong(bytes: Int)
    case separator(String)
    case hiddenCharacter(String)
    case leadingDot(String)
    case leadingSpace(String)
    case trailingDotOrSpace(String)
    case reserved(String)

    /// Name for `--json`.
    public var code: String {
        switch self {
        case .empty: "name-empty"
        case .tooLong: "name-too-long"
        case .separator: "name-has-separator"
        case .hiddenCharacter: "name-has-hidden-character"
        case .leadingDot: "name-starts-with-dot"
        case .leadingSpace: "name-starts-with-space"
        case .trailingDotOrSpace: "name-ends-with-dot-or-space"
        case .reserved: "name-is-reserved"
        }
    }
}

extension FileNameFault: LocalizedError {
    /// One sentence.
    public var errorDescription: String? { "A file name cannot be used: \(code)." }
}
