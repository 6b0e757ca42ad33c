public import Foundation

/// A Hugging Face Hub with its CDN, and a plain origin, on two free ports of 127.0.0.1: for tests, honest unless told otherwise.
///
/// It listens from `init` on and stops with `stop()` or when nobody holds it any more, which Swift may find to be right
/// after its last use: `withLoopbackHub` keeps it to the end of a test that only passes its address on. `HF_ENDPOINT` set
/// to `address` sends any client of the Hub here. Patterns name files: see `script`.
public final class LoopbackHub: Sendable {
    /// `http://127.0.0.1:PORT`: the value for `HF_ENDPOINT`.
    public let address: String
    /// `http://127.0.0.1:PORT` of the host that sends large files.
    public let cdnAddress: String
    /// The address of the hub.
    public let url: URL
    let origin = Origin()
    private let listeners: [Listener]

    /// The address of a port cannot be written as a URL.
    struct AddressFailure: Error {}

    /// - Parameters:
    ///   - port: Of the hub; 0 takes a free one.
    ///   - cdnPort: Of the CDN; 0 takes a free one.
    /// - Throws: When a port is taken.
    public init(port: UInt16 = 0, cdnPort: UInt16 = 0) throws {
        let origin = origin
        let hub = try Listener(port: port) { socket, number in
            Conversation(socket: socket, number: number, side: .hub, origin: origin).run()
        }
        let cdn = try Listener(port: cdnPort) { socket, number in
            // Numbers of the two ports never meet.
            Conversation(socket: socket, number: 1_000_000 + number, side: .cdn, origin: origin).run()
        }
        listeners = [hub, cdn]
        address = "http://127.0.0.1:\(hub.port)"
        cdnAddress = "http://127.0.0.1:\(cdn.port)"
        guard let url = URL(string: address) else { throw AddressFailure() }
        self.url = url
        let (hubAddress, cdnAddress) = (address, cdnAddress)
        origin.with { state in
            state.hub = hubAddress
            state.cdn = cdnAddress
        }
    }

    deinit { stop() }

    /// Ends all connections and frees both ports; who still waits for something gets a `CancellationError`.
    public func stop() {
        for listener in listeners { listener.stop() }
        origin.log.close()
    }

    /// A token that may see everything.
    public var token: String { HubRoutes.token }

    /// A token of an account that nobody let in.
    public var tokenWithoutAccess: String { HubRoutes.tokenWithoutAccess }

    /// The address of a path on the hub's port; characters are encoded where needed.
    public func url(for path: String) -> URL {
        url.appending(path: path.trimmingPrefix("/"))
    }
}

// Content.
extension LoopbackHub {
    /// Creates a repository, or replaces it.
    ///
    /// - Parameters:
    ///   - repository: `owner/name`.
    ///   - files: By path inside the repository. GGUF files are published with their SHA-256, small ones are not.
    /// - Returns: The id of the commit that `main` is at, 40 hexadecimal digits.
    @discardableResult
    public func add(
        repo repository: String, files: [String: Content], info: RepositoryInfo = RepositoryInfo()
    ) -> String {
        origin.with { state in
            var new = Repository(id: repository, info: info)
            let commit = new.add(files: files, title: "initial commit", branch: "main")
            state.repositories[repository] = new
            return commit
        }
    }

    /// Creates a repository, or replaces it.
    @discardableResult
    public func add(
        repo repository: String, files: [String: [UInt8]], info: RepositoryInfo = RepositoryInfo()
    ) -> String {
        add(repo: repository, files: files.mapValues { .bytes($0) }, info: info)
    }

    /// Changes files of a repository and moves the branch; earlier states stay reachable by their commit.
    ///
    /// - Parameter files: New or changed ones; the others stay as they are.
    /// - Returns: The id of the new commit; nil when there is no such repository.
    @discardableResult
    public func commit(
        _ repository: String, files: [String: Content], removing: [String] = [], branch: String = "main"
    ) -> String? {
        origin.with { state in
            guard var changed = state.repositories[repository] else { return nil }
            var all = (changed.commit(branch) ?? changed.main)?.files ?? [:]
            all.merge(files) { _, new in new }
            for path in removing { all[path] = nil }
            let commit = changed.add(files: all, title: "upload \(files.keys.sorted())", branch: branch)
            state.repositories[repository] = changed
            return commit
        }
    }

    /// Changes files of a repository and moves the branch; earlier states stay reachable by their commit.
    @discardableResult
    public func commit(_ repository: String, files: [String: [UInt8]], branch: String = "main")
        -> String?
    {
        commit(repository, files: files.mapValues { .bytes($0) }, branch: branch)
    }

    /// Gives a commit a name that stays.
    public func tag(_ repository: String, _ name: String, commit: String) {
        origin.with { $0.repositories[repository]?.tag(name, commit) }
    }

    /// The old name redirects to the new one from now on.
    public func rename(_ old: String, to new: String) {
        origin.with { state in
            guard let repository = state.repositories.removeValue(forKey: old) else { return }
            var copy = Repository(id: new, info: repository.info)
            _ = copy.add(files: repository.main?.files ?? [:], title: "renamed", branch: "main")
            state.repositories[new] = copy
            state.renamed[old] = new
        }
    }

    /// Says something else about a repository from now on: its licence, who may read it.
    public func change(_ repository: String, _ change: (inout RepositoryInfo) -> Void) {
        origin.with { state in
            guard var info = state.repositories[repository]?.info else { return }
            change(&info)
            state.repositories[repository]?.info = info
        }
    }

    /// Serves a plain file below `/files/`, with a strong ETag and a date; doing so again changes both.
    ///
    /// - Returns: Where it is now.
    @discardableResult
    public func addFile(_ path: String, _ content: Content) -> URL {
        url(for: origin.put(content, at: path))
    }

    /// Serves a plain file below `/files/`, with a strong ETag and a date; doing so again changes both.
    @discardableResult
    public func addFile(_ path: String, _ bytes: [UInt8]) -> URL { addFile(path, .bytes(bytes)) }

    /// Answers requests for a path in a way of the test's own, before everything else: another registry, an API.
    ///
    /// - Parameters:
    ///   - pattern: A path, or a pattern for one; of several that fit, the latest added answers.
    ///   - side: The port it is for.
    public func handle(
        _ pattern: String, side: Side = .hub, _ answer: @escaping @Sendable (OriginRequest) -> Answer
    ) {
        origin.with { $0.handlers.append(Origin.Handler(pattern: pattern, side: side, answer: answer)) }
    }

    /// What is served under a name: a plain file's path, or `owner/repo/path` on `main`.
    public func content(_ name: String) -> Content? { origin.content(name) }

    /// The SHA-256 of what is served under a name; empty when there is nothing.
    public func digest(of name: String) -> String { content(name)?.sha256 ?? "" }

    /// The size of what is served under a name, in bytes; 0 when there is nothing.
    public func size(of name: String) -> Int { content(name)?.size ?? 0 }
}

// Faults.
extension LoopbackHub {
    /// Switches a fault on.
    ///
    /// - Parameters:
    ///   - pattern: A path (`/files/m.gguf`), `owner/repo/path`, or the end of one; `*` stands for anything. Large files
    ///     of the Hub are found under `owner/repo/path` on both ports.
    ///   - side: Only on this port.
    ///   - method: Only for `GET` or `HEAD`.
    ///   - skip: So many requests pass first.
    ///   - times: So many are struck after that; all when nil. Faults of a body count only answers that send a file's bytes.
    /// - Returns: A number for `clear`.
    @discardableResult
    public func script(
        _ pattern: String, _ fault: Fault, side: Side? = nil, method: String? = nil, skip: Int = 0,
        times: Int? = nil
    ) -> Int {
        origin.faults.add(
            FaultRule(
                fault: fault, pattern: pattern, side: side, method: method, skip: skip, times: times))
    }

    /// Switches one fault off, or all.
    public func clear(_ fault: Int? = nil) { origin.faults.clear(fault) }

    /// Every signed address handed out so far is refused from now on, as if its time were over.
    public func expireAddresses() { origin.with { $0.generation += 1 } }

    /// How long a signed address holds, in seconds.
    public var addressLifetime: Int {
        get { origin.with { $0.addressLifetime } }
        set { origin.with { $0.addressLifetime = newValue } }
    }

    /// Whether small files of public repositories are a relative redirect first, as on the real Hub.
    public var redirectsSmallFiles: Bool {
        get { origin.with { $0.redirectsSmallFiles } }
        set { origin.with { $0.redirectsSmallFiles = newValue } }
    }

    /// Whether large files come from the hub's own port with no word about their hash, as from a mirror.
    public var isMirror: Bool {
        get { origin.with { $0.isMirror } }
        set { origin.with { $0.isMirror = newValue } }
    }

    /// Entries of a listing on one page; there are 1000 on the real Hub.
    public var pageLength: Int {
        get { origin.with { $0.pageLength } }
        set { origin.with { $0.pageLength = max(1, newValue) } }
    }
}

// What was asked for.
extension LoopbackHub {
    /// All requests so far, in the order of arrival, finished or not.
    public var requests: [RequestRecord] { origin.log.all }

    /// The requests that a pattern fits, as in `script`.
    public func requests(for pattern: String) -> [RequestRecord] {
        requests.filter { namesMatch($0.names, pattern) }
    }

    /// The bytes of files sent for a pattern, in all requests together.
    public func bytesSent(for pattern: String) -> Int { Self.sent(requests, pattern) }

    /// Returns once so many bytes of a file are on their way, in all requests together.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the origin stops first.
    public func waitUntilSent(_ pattern: String, _ bytes: Int) async throws {
        try await origin.log.wait { Self.sent($0, pattern) >= bytes }
    }

    /// Returns once every request so far has its answer: only then is it certain which of them were aborted.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the origin stops first.
    public func waitUntilIdle() async throws {
        try await origin.log.wait { $0.allSatisfy(\.finished) }
    }

    /// Returns once a condition on the requests holds; it is asked after every change, under a lock.
    ///
    /// - Throws: `CancellationError` when the task is cancelled or the origin stops first.
    public func wait(until holds: @escaping @Sendable ([RequestRecord]) -> Bool) async throws {
        try await origin.log.wait(until: holds)
    }

    private static func sent(_ requests: [RequestRecord], _ pattern: String) -> Int {
        requests.reduce(0) { $1.isFile && namesMatch($1.names, pattern) ? $0 + $1.sent : $0 }
    }
}

/// A hub for the length of a body; it stops whatever happens.
public func withLoopbackHub<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (LoopbackHub) async throws -> Result
) async throws -> Result {
    let hub = try LoopbackHub()
    defer { hub.stop() }
    return try await body(hub)
}
