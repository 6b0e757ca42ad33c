package import Foundation
internal import Synchronization

/// Sends requests through libcurl, all on one thread of its own, with connections kept for reuse.
package final class HTTPClient: Sendable {
    /// What holds for every request of a client.
    package struct Options: Sendable {
        /// Names this program to servers.
        package var userAgent: String
        /// The `Authorization` header for an address, asked for at every hop: a token never leaves its host.
        package var authorization: @Sendable (URL) -> String?
        /// The `Cookie` header for an address, by the same rule.
        package var cookie: @Sendable (URL) -> String? = { _ in nil }
        /// Asked when an answer is 401 and says how to do better (`WWW-Authenticate`): true when `authorization` knows
        /// more now and the request is to be sent once more. Nil when nobody can help.
        package var answerChallenge: (@Sendable (HTTPHead) async -> Bool)?
        /// Hears of each request once it is over, redirects one by one, on any thread.
        package var onExchange: (@Sendable (HTTPExchange) -> Void)?
        /// A file of certificates to trust instead of the system's (`SSL_CERT_FILE`).
        package var caFile: String?
        /// By default as the environment of this process says.
        package var proxies: ProxySettings
        /// In seconds.
        package var connectTimeout: Int
        /// A transfer that brings less than one byte a second for this long is stalled. In seconds.
        package var stallTimeout: Int
        /// A document (see `fetch`) has to be here whole within this time, redirects included. In seconds.
        package var documentTimeout: Int
        /// Refuses every request with `HTTPError.offline`, before anything is sent.
        package var isOffline: Bool

        /// Defaults suit a person's own connection.
        package init(
            userAgent: String, authorization: @escaping @Sendable (URL) -> String? = { _ in nil },
            answerChallenge: (@Sendable (HTTPHead) async -> Bool)? = nil, caFile: String? = nil,
            proxies: ProxySettings = ProxySettings(environment: ProcessInfo.processInfo.environment),
            connectTimeout: Int = 15, stallTimeout: Int = 30, documentTimeout: Int = 60, isOffline: Bool = false
        ) {
            self.userAgent = userAgent
            self.authorization = authorization
            self.answerChallenge = answerChallenge
            self.caFile = caFile
            self.proxies = proxies
            self.connectTimeout = connectTimeout
            self.stallTimeout = stallTimeout
            self.documentTimeout = documentTimeout
            self.isOffline = isOffline
        }
    }

    /// The most redirects that one request follows.
    package static let redirectLimit = 10
    /// The most bytes that an answer's head may have.
    static let headerLimit = 256 * 1024

    /// As given at the start.
    package let options: Options
    private let loop = Mutex<CurlLoop?>(nil)

    /// Nothing is started yet: the first request starts the client's thread, and it ends with the client.
    package init(options: Options) { self.options = options }

    deinit { loop.withLock { $0?.quit() } }

    /// Many programs never send a request, and libcurl with its TLS library takes 2 MiB to start.
    private func running() throws -> CurlLoop {
        try loop.withLock { loop in
            if let loop { return loop }
            let started = try CurlLoop(options: options)
            loop = started
            return started
        }
    }

    /// Sends a request and collects the whole body, for metadata. Any status is returned, 404 and 500 included.
    ///
    /// - Parameter limit: The most bytes of body to accept.
    /// - Throws: `HTTPError`, `CancellationError`.
    package func fetch(_ request: HTTPRequest, limit: Int) async throws -> HTTPResponse {
        let body = Mutex(Data())
        let receiver = HTTPReceiver(
            onHead: { _ in true },
            onBody: { bytes in
                body.withLock { data in
                    guard data.count + bytes.count <= limit else { return false }
                    data.append(contentsOf: bytes)
                    return true
                }
            })
        do {
            let head = try await transfer(request, within: options.documentTimeout, to: receiver)
            return HTTPResponse(head: head, body: body.withLock { $0 })
        } catch HTTPError.stoppedByReceiver {
            throw HTTPError.tooLarge(url: request.url, limit: limit)
        }
    }

    /// Sends a request and hands the answer to `receiver` as it arrives.
    ///
    /// Redirects are followed as the request allows, their bodies are dropped; the receiver sees the final answer only.
    /// - Returns: The head of the final answer, once its body has arrived whole.
    /// - Throws: `HTTPError` (`stoppedByReceiver` when a closure returned false), `CancellationError`.
    package func transfer(_ request: HTTPRequest, to receiver: HTTPReceiver) async throws -> HTTPHead {
        try await transfer(request, within: nil, to: receiver)
    }

    /// As `transfer(_:to:)`, and ended with `HTTPError.tooSlow` when the answer is not here whole in time.
    ///
    /// - Parameter limit: For all redirects together, in seconds; nil for none.
    package func transfer(
        _ request: HTTPRequest, within limit: Int?, to receiver: HTTPReceiver
    ) async throws -> HTTPHead {
        guard !options.isOffline else { throw HTTPError.offline(url: request.url) }
        let deadline = limit.map { HTTPDeadline(time: .now + .seconds($0), seconds: $0) }
        var request = request
        var isChallenged = false
        for _ in 0...Self.redirectLimit {
            let hop = Hop(request, holdsChallenge: !isChallenged && options.answerChallenge != nil)
            let head = try await told(request) {
                try await running().perform(request, until: deadline, hop.receiver(before: receiver))
            }
            if hop.isChallenge(head) {
                isChallenged = true
                if await options.answerChallenge?(head) == true { continue }
                guard receiver.onHead(head) else { throw HTTPError.stoppedByReceiver }
                return head
            }
            guard let target = hop.target(head) else { return head }
            guard target.isOfTheWeb else { throw HTTPError.strayRedirect(from: request.url, to: target) }
            guard target.isAsSafe(as: request.url) else {
                throw HTTPError.insecureRedirect(from: request.url, to: target)
            }
            request.url = target
        }
        throw HTTPError.tooManyRedirects(url: request.url)
    }

    /// Tells whoever wants to hear how a request ended.
    private func told(_ request: HTTPRequest, _ work: () async throws -> HTTPHead) async throws -> HTTPHead {
        guard let tell = options.onExchange else { return try await work() }
        let start = ContinuousClock.now
        do {
            let head = try await work()
            tell(HTTPExchange(request, .success(head), since: start))
            return head
        } catch {
            tell(HTTPExchange(request, .failure(error), since: start))
            throw error
        }
    }
}

/// When an answer has to be here, and how long it was given. In seconds.
struct HTTPDeadline: Sendable {
    let time: ContinuousClock.Instant
    let seconds: Int
}

/// One request of a chain of redirects.
private struct Hop {
    let request: HTTPRequest
    /// Whether a challenge is answered here before the receiver hears of it.
    let holdsChallenge: Bool

    init(_ request: HTTPRequest, holdsChallenge: Bool) {
        self.request = request
        self.holdsChallenge = holdsChallenge
    }

    func isChallenge(_ head: HTTPHead) -> Bool {
        holdsChallenge && head.status == 401 && head["www-authenticate"] != nil
    }

    /// Where to go next; nil when this answer is the last.
    func target(_ head: HTTPHead) -> URL? {
        guard [301, 302, 303, 307, 308].contains(head.status), let location = head.location else { return nil }
        switch request.redirects {
        case .all: return location
        case .sameOrigin: return location.hasSameOrigin(as: request.url) ? location : nil
        case .none: return nil
        }
    }

    /// Drops the body of an answer that points elsewhere, so that its connection can be used again.
    func receiver(before receiver: HTTPReceiver) -> HTTPReceiver {
        let dropped = Mutex<Int?>(nil)
        return HTTPReceiver(
            onHead: { head in
                guard target(head) != nil || isChallenge(head) else { return receiver.onHead(head) }
                dropped.withLock { $0 = 0 }
                return true
            },
            onBody: { bytes in
                let drop: Bool? = dropped.withLock { count in
                    guard let sum = count else { return nil }
                    count = sum + bytes.count
                    return sum + bytes.count <= HTTPClient.headerLimit
                }
                return drop ?? receiver.onBody(bytes)
            })
    }
}

extension URL {
    /// Whether a redirect may lead here at all.
    fileprivate var isOfTheWeb: Bool {
        ["http", "https"].contains(scheme?.lowercased()) && host()?.isEmpty == false
            && port.map { (1...65535).contains($0) } ?? true
    }

    /// Whether a redirect may lead from `other` to here: https never goes to anything less.
    func isAsSafe(as other: URL) -> Bool {
        other.scheme?.lowercased() != "https" || scheme?.lowercased() == "https"
    }

    /// Whether credentials for one address may go to the other: scheme, host and port agree.
    package func hasSameOrigin(as other: URL) -> Bool {
        func port(_ url: URL) -> Int { url.port ?? (url.scheme == "https" ? 443 : 80) }
        return scheme?.lowercased() == other.scheme?.lowercased() && host()?.lowercased() == other.host()?.lowercased()
            && port(self) == port(other)
    }
}
