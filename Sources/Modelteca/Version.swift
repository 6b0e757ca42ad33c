/// The program's own version.
public enum Version {
    /// Semantic versioning.
    public static let current = "0.1.0"

    /// Whether a version is newer than this one. What is not three numbers is none.
    package static func isNewer(_ version: String, than current: String = Version.current) -> Bool {
        func numbers(_ text: String) -> [Int]? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && part.utf8.count < 6 ? Int(part) : nil
            }
            return parts.count == 3 && !parts.contains(nil) ? parts.compactMap(\.self) : nil
        }
        guard let new = numbers(version), let own = numbers(current) else { return false }
        return own.lexicographicallyPrecedes(new)
    }
}
