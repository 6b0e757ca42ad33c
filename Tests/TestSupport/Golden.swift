import Foundation

/// A text that is not what the golden file says.
public struct GoldenMismatch: Error, CustomStringConvertible {
    /// The golden file.
    public let path: String
    /// From 1; nil when there is no golden file yet.
    public let line: Int?
    /// The line of the golden file.
    public let expected: String
    /// The line of the text.
    public let actual: String

    /// What differs, and how to record it anew.
    public var description: String {
        let hint = "RECORD_GOLDEN=1 records it anew"
        guard let line else { return "\(path) does not exist; \(hint)" }
        return "\(path), line \(line):\n  expected: \(expected)\n  actual:   \(actual)\n\(hint)"
    }
}

/// Compares a text with the file `Golden/NAME` beside the test, and records it when `RECORD_GOLDEN` is set.
///
/// - Throws: `GoldenMismatch` with the first line that differs.
public func expectGolden(_ text: String, named name: String, testFile: String = #filePath) throws {
    let file = URL(filePath: testFile).deletingLastPathComponent().appending(path: "Golden/\(name)")
    let path = "Golden/\(name)"
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return
    }
    guard let data = try? Data(contentsOf: file) else {
        throw GoldenMismatch(path: path, line: nil, expected: "", actual: text)
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard expected != text else { return }
    let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let given = text.split(separator: "\n", omittingEmptySubsequences: false)
    let index =
        zip(wanted, given).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(wanted.count, given.count)
    func line(_ lines: [Substring]) -> String { lines.indices.contains(index) ? String(lines[index]) : "(end)" }
    throw GoldenMismatch(path: path, line: index + 1, expected: line(wanted), actual: line(given))
}
