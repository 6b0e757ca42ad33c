internal import CCurl
internal import Disk
internal import Foundation

/// One libcurl easy handle with its request: every option is set here. Lives on the loop's thread only.
final class CurlHandle {
    /// What libcurl receives into, and what gathers the body for the receiver. All requests together keep to a budget,
    /// as long as none gets less than its least: memory must not grow with the number of connections.
    private static let receiveBuffer = BufferRule(budget: 1 << 20, least: 16 * 1024, most: 128 * 1024)
    private static let bodyBuffer = BufferRule(budget: 2 << 20, least: 16 * 1024, most: 256 * 1024)

    let easy: UnsafeMutableRawPointer
    private let request: HTTPRequest
    private let deadline: HTTPDeadline?
    private let receiver: HTTPReceiver
    private let options: HTTPClient.Options
    /// Nil when the address is reached directly.
    private let proxy: (address: String, variable: String?)?
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    private var status = 0
    private var headers: [String: String] = [:]
    private var headerBytes = 0
    private(set) var head: HTTPHead?
    private var body: BodyBuffer
    private var stopped = false
    private let started = ContinuousClock.now
    /// What the proxy said instead of the server.
    private var proxyRefusal: HTTPError?

    /// - Parameter others: Requests that are under way already.
    init?(
        _ request: HTTPRequest, until deadline: HTTPDeadline?, receiver: HTTPReceiver, options: HTTPClient.Options,
        others: Int
    ) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.request = request
        self.deadline = deadline
        self.receiver = receiver
        self.options = options
        proxy = options.proxies.proxy(for: request.url)
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        body = BodyBuffer(capacity: Self.bodyBuffer.size(for: others + 1))
        set(CURLOPT_BUFFERSIZE, Self.receiveBuffer.size(for: others + 1))
        configure()
    }

    deinit {
        curl_easy_cleanup(easy)
        for list in lists { curl_slist_free_all(list) }
        errorText.deallocate()
    }

    private func configure() {
        set(CURLOPT_URL, request.url.absoluteString)
        set(CURLOPT_USERAGENT, options.userAgent)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT, options.connectTimeout)
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, options.stallTimeout)
        if let deadline {
            set(CURLOPT_TIMEOUT_MS, max(1, Int((deadline.time - .now) / .milliseconds(1))))
        }
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_PROTOCOLS, Int(CURLPROTO_HTTP | CURLPROTO_HTTPS))
        if let caFile = options.caFile ?? SystemCertificates.file {
            set(CURLOPT_CAINFO, caFile)
            // A proxy that is reached with TLS has a certificate of its own.
            set(CURLOPT_PROXY_CAINFO, caFile)
        }
        // Empty words switch off what libcurl would read from the environment by itself.
        set(CURLOPT_PROXY, proxy?.address ?? "")
        set(CURLOPT_NOPROXY, "")
        if request.usesNewConnection { set(CURLOPT_FRESH_CONNECT, 1) }
        switch request.method {
        case .get: break
        case .head: set(CURLOPT_NOBODY, 1)
        case .post, .patch, .put: setBody()
        }
        if let range = request.range {
            set(CURLOPT_RANGE, "\(range.first)-\(range.last.map(String.init) ?? "")")
        }
        setHeaders()

        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = slm_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        _ = slm_setopt_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = slm_setopt_pointer(easy, CURLOPT_WRITEDATA, context)
        _ = slm_setopt_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
            return handle.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        _ = slm_setopt_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
            return handle.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
    }

    /// libcurl copies the body, so that it outlives the request's own.
    private func setBody() {
        _ = slm_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        var body = Array(request.body)
        // An empty body without an address would be one that is asked for later.
        if body.isEmpty { body = [0] }
        body.withUnsafeMutableBytes { _ = slm_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }

    private func setHeaders() {
        // Compressed bytes are not the file's bytes: their offsets and their digest are others.
        var lines = ["Accept-Encoding: identity"]
        // A body goes at once: some registries never answer the question whether it may.
        if request.method.sendsBody { lines.append("Expect:") }
        lines += request.headers.map { "\($0.name): \($0.value)" }
        if let cookie = options.cookie(request.url) { lines.append("Cookie: \(cookie)") }
        if let authorization = options.authorization(request.url) { lines.append("Authorization: \(authorization)") }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines where !line.utf8.contains(where: { $0 == 10 || $0 == 13 }) {
            list = curl_slist_append(list, line) ?? list
        }
        guard let list else { return }
        lists.append(list)
        _ = slm_setopt_list(easy, CURLOPT_HTTPHEADER, list)
    }

    // MARK: The common limit

    /// What all requests under the same limit share.
    var sharedRate: SharedRate? { request.rate }
    /// Since when this request waits for the limit; nil when it does not.
    private(set) var pausedSince: ContinuousClock.Instant?

    /// Takes up again what the limit has stopped; libcurl hands over the bytes that it holds at once.
    ///
    /// - Returns: How the request ended if the receiver wants no more: libcurl only tells the caller then.
    func goOn() -> Result<HTTPHead, any Error>? {
        pausedSince = nil
        let code = curl_easy_pause(easy, CURLPAUSE_CONT)
        return stopped || code != CURLE_OK ? result(code) : nil
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = slm_setopt_long(easy, option, value) }
    private func set(_ option: CURLoption, _ value: String) { _ = slm_setopt_string(easy, option, value) }

    // MARK: What arrives

    /// One line of the head. Interim answers (1xx) are forgotten; trailers are ignored.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard head == nil else { return true }
        headerBytes += bytes.count
        guard headerBytes <= HTTPClient.headerLimit else { return false }
        let line = String(decoding: bytes, as: UTF8.self).trimmed
        if line.isEmpty { return finishHead() }
        if line.hasPrefix("HTTP/") {
            let parts = line.split(separator: " ", maxSplits: 2)
            status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
            headers = [:]
        } else if let colon = line.firstIndex(of: ":") {
            let name = line[..<colon].lowercased()
            headers[name] = line[line.index(after: colon)...].trimmed
        }
        return true
    }

    /// Why the request is to end, when its head is not here after so many seconds.
    func headIsLate(after seconds: Int) -> HTTPError? {
        guard head == nil, ContinuousClock.now - started > .seconds(seconds) else { return nil }
        return .tooSlow(url: request.url, seconds: seconds)
    }

    private func finishHead() -> Bool {
        guard status >= 200 else { return true }
        var text: UnsafeMutablePointer<CChar>?
        var location: URL?
        if (300..<400).contains(status), slm_getinfo_string(easy, CURLINFO_REDIRECT_URL, &text) == CURLE_OK, let text {
            location = URL(string: String(cString: text))
        }
        if location == nil, (300..<400).contains(status), let relative = headers["location"] {
            location = URL(string: relative, relativeTo: request.url)?.absoluteURL
        }
        let head = HTTPHead(status: status, headers: headers, url: request.url, location: location)
        self.head = head
        proxyRefusal = refusal(of: head)
        guard proxyRefusal == nil else { return false }
        stopped = !receiver.onHead(head)
        return !stopped
    }

    /// Whether an answer that came without a tunnel is the proxy's own refusal, and not one of the server behind it.
    private func refusal(of head: HTTPHead) -> HTTPError? {
        guard let proxy, request.url.scheme?.lowercased() == "http" else { return nil }
        let isNamed = ["via", "proxy-status", "proxy-authenticate", "x-squid-error"].contains { head[$0] != nil }
        let isOfServer = head.headers.keys.contains { $0.hasPrefix("x-error-") || $0.hasPrefix("x-amz-") }
        guard head.status == 407 || head.status == 403 && isNamed && !isOfServer else { return nil }
        return proxyRefused(proxy, head.status)
    }

    private func proxyRefused(_ proxy: (address: String, variable: String?), _ status: Int) -> HTTPError {
        .proxyRefused(proxy: place(of: proxy), variable: proxy.variable, host: request.url.place, status: status)
    }

    private func place(of proxy: (address: String, variable: String?)) -> String {
        ProxySettings.place(of: proxy.address) ?? ProxySettings.withoutPassword(proxy.address)
    }

    /// How many bytes were taken: all of them, none, or libcurl's word for "later".
    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !stopped else { return 0 }
        if let rate = request.rate {
            guard rate.isOpen else {
                pausedSince = .now
                return Int(CURL_WRITEFUNC_PAUSE)
            }
            rate.charge(bytes.count)
        }
        stopped = !body.append(bytes, to: receiver.onBody)
        return stopped ? 0 : bytes.count
    }

    /// Since when bytes wait here for more; nil when none do.
    var heldSince: ContinuousClock.Instant? { body.since }

    /// Hands the bytes that wait here to the receiver.
    ///
    /// - Returns: How the request ended if the receiver wants no more: libcurl does not know yet.
    func flush() -> Result<HTTPHead, any Error>? {
        guard !stopped else { return nil }
        stopped = !body.flush(to: receiver.onBody)
        return stopped ? result(CURLE_WRITE_ERROR) : nil
    }

    // MARK: How it ended

    func result(_ code: CURLcode) -> Result<HTTPHead, any Error> {
        if let proxyRefusal { return .failure(proxyRefusal) }
        if stopped { return .failure(HTTPError.stoppedByReceiver) }
        if code == CURLE_OK {
            if let head { return .success(head) }
            return .failure(HTTPError.protocolError(url: request.url, detail: "no answer"))
        }
        return .failure(error(code))
    }

    /// libcurl does not say why it got no socket.
    private static var isOutOfFiles: Bool {
        let copy = dup(STDERR_FILENO)
        if copy >= 0 { close(copy) }
        return copy < 0 && [EMFILE, ENFILE].contains(errno)
    }

    private func error(_ code: CURLcode) -> HTTPError {
        let said = String(cString: errorText)
        let detail = said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
        let host = request.url.place
        let isConnecting = [CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT]
        if isConnecting.contains(code), Self.isOutOfFiles { return .outOfFiles(host: host) }
        if let proxy {
            // By libcurl's words alone: `CONNECT tunnel failed, response 407`; older ones say `Received HTTP code 407 from
            // proxy after CONNECT`.
            if detail.holds("CONNECT"), let status = detail.firstMatch(of: /\b[1-5]\d\d\b/).flatMap({ Int($0.0) }) {
                return proxyRefused(proxy, status)
            }
            if [CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT].contains(code) {
                return .proxyUnreachable(
                    proxy: place(of: proxy), variable: proxy.variable, host: host, detail: detail)
            }
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            return .unreachable(host: host, detail: detail)
        case CURLE_OPERATION_TIMEDOUT:
            // One code for three: no connection in time, nothing once connected, or not everything in time.
            if detail.hasPrefix("Operation too slow") {
                return .stalled(url: request.url, seconds: options.stallTimeout)
            }
            // libcurl's clock may run a little faster than ours.
            if let deadline, deadline.time - .now < .seconds(1) {
                return .tooSlow(url: request.url, seconds: deadline.seconds)
            }
            return .timedOut(url: request.url)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE:
            return .tls(host: host, detail: detail)
        // An answer that is no HTTP at all (stray bytes of the one before) has the same code as a scheme not spoken.
        case CURLE_UNSUPPORTED_PROTOCOL where ["http", "https"].contains(request.url.scheme?.lowercased()):
            return .protocolError(url: request.url, detail: detail)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            return .unsupported(url: request.url, detail: detail)
        // How libcurl says that a line of a head is longer than any may be.
        case CURLE_OUT_OF_MEMORY where head == nil:
            return .tooLarge(url: request.url, limit: HTTPClient.headerLimit)
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            return .interrupted(url: request.url, detail: detail)
        default:
            return .protocolError(url: request.url, detail: detail)
        }
    }
}

extension URL {
    /// The host, for an error's text.
    fileprivate var place: String { host() ?? scheme ?? "" }
}

/// How large a buffer each of many requests gets, in bytes: large means fewer system calls on fast links.
private struct BufferRule {
    let budget: Int
    let least: Int
    let most: Int

    func size(for requests: Int) -> Int { min(max(budget / requests, least), most) }
}
