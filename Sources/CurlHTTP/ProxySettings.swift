internal import Foundation

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

    /// No proxy at all, unless named.
    package init(http: String? = nil, https: String? = nil, exceptions: String? = nil) {
        self.http = http
        self.https = https
        self.exceptions = exceptions
    }

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? {
            let isForged = name == "http_proxy" && environment["GATEWAY_INTERFACE"] != nil
            let found = environment[name] ?? (isForged ? nil : environment[name.uppercased()])
            return found.flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(
            http: value("http_proxy") ?? value("all_proxy"), https: value("https_proxy") ?? value("all_proxy"),
            exceptions: value("no_proxy"))
    }

    /// The proxy for an address, the exceptions left aside; nil for none.
    func proxy(for url: URL) -> String? { url.scheme?.lowercased() == "https" ? https : http }
}
