import Crypto
import Foundation
import Synchronization

/// Everything that the two ports share: content, faults, log. `LoopbackHub` is its front door.
final class Origin: Sendable {
    let faults = FaultBook()
    let log = RequestLog()
    private let state = Mutex(State())

    struct State: Sendable {
        var hub = ""
        var cdn = ""
        var repositories: [String: Repository] = [:]
        /// Old names and what they are called now.
        var renamed: [String: String] = [:]
        /// By path, such as `/files/m.gguf`.
        var files: [String: PlainFile] = [:]
        /// Of the registry, by name.
        var artifacts: [String: Artifact] = [:]
        var handlers: [Handler] = []
        /// How a control operation changes a file that it is to upload anew.
        var reuploads: [String: @Sendable (Int) -> Content] = [:]
        /// Raised to refuse every signed address handed out before.
        var generation = 0
        /// Of a signed address, in seconds.
        var addressLifetime = 3600
        /// Entries of a listing before the next page.
        var pageLength = 1000
        /// Whether small files of public repositories are a relative redirect first.
        var redirectsSmallFiles = false
        /// Whether large files come from the hub's own port, with no word about their hash, as from a mirror.
        var isMirror = false
        var changes = 0
    }

    struct PlainFile: Sendable {
        var content: Content
        var etag: String
        var lastModified: String
    }

    struct Handler: Sendable {
        var pattern: String
        var side: Side
        var answer: @Sendable (OriginRequest) -> Answer
    }

    func with<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// Finds the answer to a request, and what the file in question is called besides its path.
    func route(_ request: OriginRequest) -> (answer: Answer, name: String?) {
        let state = with { $0 }
        let path = request.head.path
        if let handler = state.handlers.last(where: {
            $0.side == request.side && namesMatch([path], $0.pattern)
        }) {
            return (handler.answer(request), nil)
        }
        if path.hasPrefix("/files/") {
            guard let file = state.files[path] else { return (.text("Not Found", status: 404), nil) }
            let body = Answer.FileBody(
                content: file.content, etag: file.etag, lastModified: file.lastModified)
            let type = [("Content-Type", "application/octet-stream")]
            return (
                Answer(status: 200, headers: type.map { (name: $0.0, value: $0.1) }, body: .file(body)), nil
            )
        }
        switch request.side {
        case .hub where path.hasPrefix("/v2/") || path == "/token":
            return RegistryRoutes(state: state, head: request.head).route()
        case .hub: return HubRoutes(state: state, origin: self, head: request.head).route()
        case .cdn: return CDNRoutes(state: state, origin: self, head: request.head).route()
        }
    }

    /// Puts a plain file at `/files/…`; doing so again gives it another ETag.
    func put(_ content: Content, at path: String) -> String {
        let path = "/files/\(path.trimmingPrefix("/").trimmingPrefix("files/"))"
        with { state in
            state.changes += 1
            // A day of its own for every change, long past, so that a date is a strong validator too.
            let date = Date(timeIntervalSince1970: 1_700_000_000 + 86_400 * Double(state.changes))
            let etag = "\"\(String(state.changes, radix: 16))-\(String(content.size, radix: 16))\""
            state.files[path] = PlainFile(content: content, etag: etag, lastModified: httpDate(date))
        }
        return path
    }

    /// A plain file by its path, or a file of `main` by `owner/repo/path`.
    func content(_ name: String) -> Content? {
        with { state in
            if let file = state.files["/files/\(name.trimmingPrefix("/").trimmingPrefix("files/"))"] {
                return file.content
            }
            let words = name.split(separator: "/", maxSplits: 2).map(String.init)
            guard words.count == 3, let repository = state.repositories["\(words[0])/\(words[1])"] else {
                return nil
            }
            return repository.main?.files[words[2]]
        }
    }
}

/// A date as HTTP headers have it, in GMT.
func httpDate(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: date)
}
