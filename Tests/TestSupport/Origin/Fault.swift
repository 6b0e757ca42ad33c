/// Something that goes wrong on purpose. Offsets and lengths are in bytes.
public enum Fault: Sendable {
    // While the body of a file is sent.
    /// The connection breaks after so many bytes of the body.
    case drop(after: Int, rst: Bool = false)
    /// The body is short, but HTTP finds it complete: the length, or the last chunk, agrees with it.
    case truncate(after: Int, chunked: Bool = false)
    /// So many bytes a second on each connection.
    case slow(bytesPerSecond: Int)
    /// Nothing more comes after so many bytes, for a while or for ever, but the connection stays open.
    case stall(after: Int, milliseconds: Int? = nil)
    /// Wrong bytes at an offset of the file, whatever range is asked for.
    case corrupt(offset: Int, length: Int = 1, xor: UInt8 = 0xFF)

    // In the headers of a file.
    /// `Content-Length` is off by so much.
    case wrongLength(by: Int)
    /// No `Content-Length`: the body comes in chunks, or ends with the connection.
    case noLength(chunked: Bool = true)
    /// 200 with the whole file to a request with `Range`.
    case ignoreRange
    /// The first byte in `Content-Range` is off by so much; the body is what was asked for.
    case wrongContentRange(by: Int)
    /// Other content with another ETag, of the same size; the first four bytes stay.
    case change
    /// No ETag at all.
    case noEtag
    /// The ETag turns weak: it does not count for `If-Range`.
    case weakEtag
    /// `Content-Encoding: gzip`, no length, `Range` ignored.
    case gzip

    // Instead of an answer.
    /// An HTML page, as a portal for signing in sends it.
    case html(status: Int = 200)
    /// A bare status, with `Retry-After` if given and the Hub's `X-Error-Code` if given.
    case status(Int, retryAfter: RetryAfter? = nil, errorCode: String? = nil)
    /// 403 as from a signed address whose time is over.
    case expired
    /// A status when more than so many transfers of the same files are under way.
    case limitConnections(Int, status: Int = 503)
    /// The connection is reset.
    case reset
    /// Nothing at all, until the client gives up.
    case hang
    /// To another address; `{hub}`, `{cdn}` and `{path}` stand for those of this origin and this request.
    case redirect(to: String, status: Int = 302)
    /// To itself, for ever.
    case redirectLoop

    // Beside an answer.
    /// A header is set, or taken away.
    case header(String, String?)
    /// The answer takes so long.
    case latency(milliseconds: Int)
    /// The connection ends after the answer, and the answer says so.
    case close

    /// When to come back, in one of the two forms that `Retry-After` has (RFC 9110, 10.2.3).
    public enum RetryAfter: Sendable {
        case seconds(Int)
        /// As an HTTP date, so many seconds from now.
        case date(secondsFromNow: Int)
    }

    /// Where a fault does its work, and so which requests count for `skip` and `times`.
    enum Stage { case request, fileHead, fileBody }

    var stage: Stage {
        switch self {
        case .drop, .truncate, .slow, .stall, .corrupt: .fileBody
        case .wrongLength, .noLength, .ignoreRange, .wrongContentRange, .change, .noEtag, .weakEtag, .gzip:
            .fileHead
        case .html, .status, .expired, .limitConnections, .reset, .hang, .redirect, .redirectLoop,
            .header, .latency, .close:
            .request
        }
    }
}

/// The two ports of the origin.
public enum Side: String, Sendable { case hub, cdn }
