import Foundation

/// The request line and headers of one HTTP/1.1 request.
public struct RequestHead: Sendable, Equatable {
    /// In upper case, as sent.
    public var method: String
    /// As it was sent, percent-encoded, without the query.
    public var rawPath: String
    /// Percent-decoded.
    public var path: String
    /// As it was sent, without the `?`; empty when there is none.
    public var query: String
    /// Names in lower case, in the order sent.
    public var headers: [(name: String, value: String)]

    /// The largest head that is read, in bytes.
    static let limit = 64 << 10

    /// Parses everything up to the empty line; nil for what is not an HTTP/1 request.
    init?(parsing text: String) {
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)[...]
        guard let first = lines.popFirst() else { return nil }
        let words = first.split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        method = String(words[0])
        var target = words[1]
        if target.hasPrefix("http://"), let slash = target.dropFirst(7).firstIndex(of: "/") {
            target = target[slash...]
        }
        guard target.hasPrefix("/") else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        rawPath = String(parts[0])
        query = parts.count > 1 ? String(parts[1]) : ""
        guard let decoded = rawPath.removingPercentEncoding else { return nil }
        path = decoded
        headers = []
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append((line[..<colon].lowercased(), String(value)))
        }
    }

    /// The first header of that name, in any case.
    public subscript(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    /// Decoded values of a query parameter, in order: it may be repeated. `name[]` counts as `name`.
    public func parameters(_ name: String) -> [String] {
        query.split(separator: "&").compactMap { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = halves[0].replacing("+", with: " ").removingPercentEncoding ?? ""
            guard key == name || key == name + "[]" else { return nil }
            guard halves.count > 1 else { return "" }
            return halves[1].replacing("+", with: " ").removingPercentEncoding
        }
    }

    /// The first value of a query parameter.
    public func parameter(_ name: String) -> String? { parameters(name).first }

    /// Headers count in their order.
    public static func == (left: RequestHead, right: RequestHead) -> Bool {
        left.method == right.method && left.rawPath == right.rawPath && left.query == right.query
            && left.headers.elementsEqual(right.headers) { $0.name == $1.name && $0.value == $1.value }
    }
}
