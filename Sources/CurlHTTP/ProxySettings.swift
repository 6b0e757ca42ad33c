internal import Disk
internal import Foundation

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Which proxy stands before which address, as the usual environment variables say.
///
/// The lower-case name of a variable wins over the upper-case one. `HTTP_PROXY` in upper case does not count where
/// `GATEWAY_INTERFACE` is set: in a CGI program it is a header of the client's making.
package struct ProxySettings: Hashable, Sendable {
    /// For http addresses: `http://`, `https://`, `socks5://` or `socks5h://` and host and port; nil for none.
    package var http: String?
    /// For https addresses.
    package var https: String?
    /// Hosts to reach directly: names, suffixes and address blocks with commas between them, or `*`.
    package var exceptions: String?
    /// The variables that name the two.
    private var httpVariable: String?
    private var httpsVariable: String?

    /// No proxy at all, unless named.
    package init(http: String? = nil, https: String? = nil, exceptions: String? = nil) {
        self.http = http
        self.https = https
        self.exceptions = exceptions
    }

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`.
    package init(environment: [String: String]) {
        func variable(_ names: String...) -> String? {
            names.lazy.compactMap { Self.variable($0, in: environment) }.first
        }
        httpVariable = variable("http_proxy", "all_proxy")
        httpsVariable = variable("https_proxy", "all_proxy")
        http = httpVariable.flatMap { environment[$0] }
        https = httpsVariable.flatMap { environment[$0] }
        exceptions = variable("no_proxy").flatMap { environment[$0] }
    }

    private static func variable(_ name: String, in environment: [String: String]) -> String? {
        let isForged = name == "http_proxy" && environment["GATEWAY_INTERFACE"] != nil
        // An empty one in lower case switches the other off.
        if let value = environment[name] { return value.isEmpty ? nil : name }
        guard !isForged, let value = environment[name.uppercased()], !value.isEmpty else { return nil }
        return name.uppercased()
    }

    /// The proxy for an address; nil when it is to be reached directly.
    func proxy(for url: URL) -> (address: String, variable: String?)? {
        let isSecure = url.scheme?.lowercased() == "https"
        guard let address = isSecure ? https : http, !isException(url) else { return nil }
        return (address, isSecure ? httpsVariable : httpVariable)
    }

    // MARK: Values that cannot be used

    /// Whether a variable is none of these, or one that can be used.
    package static func isUsable(_ name: String, in environment: [String: String]) -> Bool {
        let names = ["http_proxy", "https_proxy", "all_proxy"]
        guard names.contains(name.lowercased()), variable(name.lowercased(), in: environment) == name,
            let value = environment[name]
        else { return true }
        return place(of: value) != nil
    }

    /// `host:port` of a proxy; nil when it makes none. Without a scheme it is spoken to in http, as libcurl has it.
    static func place(of proxy: String) -> String? {
        let text = proxy.trimmed
        let parts = URLComponents(string: text.holds("://") ? text : "http://" + text)
        let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
        guard let parts, let host = parts.host, !host.isEmpty, let scheme = parts.scheme?.lowercased(),
            schemes.contains(scheme), (parts.port ?? 1080).isPort,
            ["", "/"].contains(parts.path)
        else { return nil }
        return parts.port.map { "\(host):\($0)" } ?? host
    }

    /// A value as it may be shown: without user and password.
    package static func withoutPassword(_ value: String) -> String {
        guard let at = value.lastIndex(of: "@") else { return value }
        let start = value.firstRange(of: "://").map(\.upperBound) ?? value.startIndex
        return value[..<min(start, at)] + String(value[value.index(after: at)...])
    }

    // MARK: Exceptions

    /// Whether one of the exceptions is about the host: by name, as the end of it with or without `.` or `*.` in front,
    /// with a port where it names one, or as a block of addresses.
    private func isException(_ url: URL) -> Bool {
        guard let exceptions, let host = url.host()?.lowercased() else { return false }
        let port = url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80)
        let name = Self.name(host[...])
        return exceptions.lowercased().split(whereSeparator: { $0 == "," || $0.isWhitespace }).contains { entry in
            if entry == "*" { return true }
            var entry = entry
            if let scheme = entry.firstRange(of: "://") { entry = entry[scheme.upperBound...] }
            if let block = AddressBlock(entry) { return block.contains(name) }
            entry = entry.prefix { $0 != "/" }
            if !entry.hasSuffix("]"), entry.count(where: { $0 == ":" }) == 1 || entry.hasPrefix("["),
                let colon = entry.lastIndex(of: ":"), let only = Int(entry[entry.index(after: colon)...])
            {
                guard only == port else { return false }
                entry = entry[..<colon]
            }
            let suffix = Self.name(entry.hasPrefix("*.") ? entry.dropFirst(2) : entry.drop { $0 == "." })
            return !suffix.isEmpty && (name == suffix || name.hasSuffix("." + suffix))
        }
    }

    /// Without the brackets of an address and the dot at the end of a name.
    private static func name(_ host: Substring) -> String {
        var host = host
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if host.hasSuffix(".") { host = host.dropLast() }
        return String(host)
    }
}

extension Int {
    fileprivate var isPort: Bool { (1...65_535).contains(self) }
}

/// `10.0.0.0/8`, `fd00::/8`.
private struct AddressBlock {
    private let bytes: [UInt8]
    private let bits: Int

    init?(_ text: Substring) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = Int(parts[1]), let bytes = Self.bytes(String(parts[0])),
            (0...bytes.count * 8).contains(bits)
        else { return nil }
        (self.bytes, self.bits) = (bytes, bits)
    }

    func contains(_ host: String) -> Bool {
        guard let other = Self.bytes(host), other.count == bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            (bytes[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
