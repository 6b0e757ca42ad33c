/// What a name that comes from outside must be before it becomes part of a path on this disk.
public enum FileNameRules {
    /// The longest name a component may have, in bytes of UTF-8: what common file systems take.
    public static let longestComponent = 255
    /// The longest relative path, in bytes of UTF-8.
    public static let longestPath = 1024

    /// Takes one path component (a file name, a publisher, a repository) and gives it back when it is safe.
    ///
    /// - Throws: ``FileNameFault`` for an empty or too long name, a separator, `.` or `..`, a leading dot, a trailing
    ///   dot or space, and characters that steer a terminal or reverse the reading direction.
    public static func component(_ name: some StringProtocol) throws(FileNameFault) -> String {
        let name = String(name)
        guard !name.isEmpty else { throw .empty }
        guard name.utf8.count <= longestComponent else { throw .tooLong(bytes: name.utf8.count) }
        // Scalars, not characters: a combining mark after the slash would otherwise hide it.
        guard !name.unicodeScalars.contains(where: { $0 == "/" || $0 == "\\" }) else { throw .separator(name) }
        guard !name.unicodeScalars.contains(where: isHidden) else { throw .hiddenCharacter(visible(name)) }
        guard name.unicodeScalars.first != "." else { throw .leadingDot(name) }
        guard name.unicodeScalars.last != ".", name.unicodeScalars.last != " " else {
            throw .trailingDotOrSpace(name)
        }
        return name
    }

    /// Takes a path inside a repository (`sub/file.gguf`) and gives it back when every component is safe.
    ///
    /// - Throws: ``FileNameFault``, also for an absolute path and for more than ``longestPath`` bytes.
    public static func relativePath(_ path: some StringProtocol) throws(FileNameFault) -> String {
        let path = String(path)
        guard !path.isEmpty else { throw .empty }
        guard path.utf8.count <= longestPath else { throw .tooLong(bytes: path.utf8.count) }
        for part in path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false) {
            _ = try component(String(part))
        }
        return path
    }

    /// Control characters, line separators, zero-width characters and the marks that reorder text.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        default: false
        }
    }

    /// The name with its hidden characters shown as `?`, fit for a message.
    private static func visible(_ name: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in name.unicodeScalars { shown.append(isHidden(scalar) ? "?" : scalar) }
        return String(shown)
    }
}

/// Why a name from outside may not become part of a path.
public enum FileNameFault: Error, Hashable, Sendable {
    case empty
    case tooLong(bytes: Int)
    case separator(String)
    case hiddenCharacter(String)
    case leadingDot(String)
    case trailingDotOrSpace(String)

    /// Name for `--json`.
    public var code: String {
        switch self {
        case .empty: "name-empty"
        case .tooLong: "name-too-long"
        case .separator: "name-has-separator"
        case .hiddenCharacter: "name-has-hidden-character"
        case .leadingDot: "name-starts-with-dot"
        case .trailingDotOrSpace: "name-ends-with-dot-or-space"
        }
    }
}
