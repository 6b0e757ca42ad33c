import Crypto
import Foundation

/// Who may read a repository's files.
public enum Gate: String, Sendable {
    /// Everybody.
    case open
    /// Everybody with an account who agrees to the terms.
    case auto
    /// Those whom the owner let in.
    case manual
}

/// What a repository says about itself.
public struct RepositoryInfo: Sendable {
    /// As the Hub writes it: `apache-2.0`, `gemma`, `other`.
    public var license: String?
    /// Who may read the files.
    public var gate: Gate
    /// Strangers are told that it does not exist.
    public var isPrivate: Bool
    /// Besides `gguf`, `license:…`, `base_model:…`, which come by themselves.
    public var tags: [String]
    /// The model it was quantized from, `owner/name`.
    public var baseModel: String?
    /// In the last month.
    public var downloads: Int
    /// How many people like it.
    public var likes: Int
    /// What it is for.
    public var pipelineTag: String?

    /// By default an open text model that nobody has downloaded.
    public init(
        license: String? = "apache-2.0", gate: Gate = .open, isPrivate: Bool = false,
        tags: [String] = [],
        baseModel: String? = nil, downloads: Int = 0, likes: Int = 0,
        pipelineTag: String? = "text-generation"
    ) {
        self.license = license
        self.gate = gate
        self.isPrivate = isPrivate
        self.tags = tags
        self.baseModel = baseModel
        self.downloads = downloads
        self.likes = likes
        self.pipelineTag = pipelineTag
    }
}

/// A model repository with its history.
struct Repository: Sendable {
    let id: String
    var info: RepositoryInfo
    private(set) var commits: [Commit] = []
    /// Branch names and where they are.
    private(set) var branches: [String: String] = [:]
    private(set) var tags: [String: String] = [:]

    /// One state of all files.
    struct Commit: Sendable {
        /// 40 hexadecimal digits.
        let id: String
        let files: [String: Content]
        /// Seconds since 1970.
        let date: Int
        let title: String
    }

    init(id: String, info: RepositoryInfo) {
        self.id = id
        self.info = info
    }

    /// 24 hexadecimal digits, as in the addresses of the CDN.
    var storageID: String { String(sha256(of: Array(id.utf8)).prefix(24)) }

    var main: Commit? { commit("main") }

    /// By branch, tag, `refs/…` name, or the id of a commit (at least seven digits of it).
    func commit(_ revision: String) -> Commit? {
        let name = revision.hasPrefix("refs/heads/") ? String(revision.dropFirst(11)) : revision
        if let id = branches[name] ?? tags[name] { return commits.first { $0.id == id } }
        guard revision.utf8.count >= 7 else { return nil }
        return commits.first { $0.id.hasPrefix(revision) }
    }

    /// Adds a state and moves the branch there.
    mutating func add(files: [String: Content], title: String, branch: String) -> String {
        let date = Self.firstDate + 3600 * commits.count
        var hasher = Insecure.SHA1()
        hasher.update(data: Array("\(id) \(commits.count) \(title)".utf8))
        let commitID = hexadecimal(hasher.finalize())
        commits.append(Commit(id: commitID, files: files, date: date, title: title))
        branches[branch] = commitID
        return commitID
    }

    mutating func tag(_ name: String, _ commit: String) { tags[name] = commit }

    /// 2026-01-01T00:00:00Z: fixed, so that two runs give the same answers.
    private static let firstDate = 1_767_225_600

    /// The file with that content, in any commit, newest first.
    func file(sha256: String) -> (path: String, content: Content)? {
        for commit in commits.reversed() {
            for (path, content) in commit.files.sorted(by: { $0.key < $1.key })
            where Self.isLarge(path, content) && content.sha256 == sha256 {
                return (path, content)
            }
        }
        return nil
    }

    /// Whether the Hub keeps a file outside git: only these have a published SHA-256.
    static func isLarge(_ path: String, _ content: Content) -> Bool {
        content.size > 0
            && ([".gguf", ".bin", ".safetensors"].contains { path.lowercased().hasSuffix($0) }
                || content.size > 10 << 20)
    }

    /// The three lines that git holds in place of a large file.
    static func pointer(_ content: Content) -> String {
        "version https://git-lfs.github.com/spec/v1\noid sha256:\(content.sha256)\nsize \(content.size)\n"
    }

    /// RFC 3339, as in the Hub's documents.
    static func timestamp(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).replacing("Z", with: ".000Z")
    }
}
