internal import CurlHTTP
package import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub

extension Shelf.Settings {
    /// Fetches a catalog document from an address, as `SLM_CATALOG` may name one. No token is sent for it.
    ///
    /// - Throws: `HTTPError` (`.tooLarge` above what a catalog may have),
    ///   `DownloadError.missing`, `HubError.unexpectedAnswer`.
    package func catalogDocument(at address: URL) async throws -> Data {
        try await document(at: address, limit: Catalog.longestDocument)
    }

    /// - Parameter limit: In bytes.
    func document(at address: URL, limit: Int) async throws -> Data {
        var options = HTTPClient.Options(userAgent: userAgent, caFile: caFile, isOffline: isOffline)
        options.onExchange = onExchange
        let http = HTTPClient(options: options)
        let response = try await http.fetch(HTTPRequest(address), limit: limit)
        switch response.head.status {
        case 200: return response.body
        case 404, 410:
            throw DownloadError.missing(
                file: address.lastPathComponent, url: address, status: response.head.status)
        default: throw HubError.unexpectedAnswer(url: address, status: response.head.status, detail: "")
        }
    }
}
