import Disk
import Foundation
import ModelCatalog
import SystemPackage

@testable import ModelDownload
@testable import ModelStore

/// A store in a folder of its own, which goes when the test ends, and files to put into it.
struct TemporaryStore: Sendable {
    let root: FilePath

    static let start = Date(timeIntervalSince1970: 1_700_000_000)

    var layout: StoreLayout { StoreLayout(root: root) }

    /// A store object as a new process would have it.
    func open(
        at date: Date = start, naming: @escaping StoreScan.Naming = { "\($0)/\($1)/\($2)" },
        afterStep: @escaping @Sendable (Store.Step) throws -> Void = { _ in }
    ) -> Store {
        Store(at: root, naming: naming, now: { date }, afterStep: afterStep)
    }

    /// A store object whose process dies at a step.
    func open(dyingAfter step: Store.Step) -> Store {
        open(afterStep: { if $0 == step { throw Killed() } })
    }

    struct Killed: Error {}

    /// A proven file under `.slm/partial`.
    func verified(
        _ name: String, _ text: String, proof: VerifiedFile.Proof = .sha256
    ) throws -> VerifiedFile {
        let folder = layout.partials
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        let path = folder.appending("\(digest(text).hex)-\(name)")
        let content = Data(gguf(text))
        try content.write(to: URL(filePath: path.string))
        guard let source = URL(string: "https://hub.example/\(name)") else { throw Killed() }
        return VerifiedFile(
            path: path, name: name, size: Int64(content.count), digest: digest(text), proof: proof,
            blocks: BlockHashes(hashes: [UInt64(content.count)]), origin: .address(source), source: source,
            fetched: Int64(content.count),
            resumed: 0)
    }

    /// Bytes that begin as a GGUF file does.
    func gguf(_ text: String) -> [UInt8] { Array("GGUF\(text)".utf8) }

    /// Not a hash: the store takes digests on the verifier's word, so any that differ will do.
    func digest(_ text: String) -> Digest {
        let hex = Data(text.utf8).map { String(format: "%02x", $0) }.joined()
        guard let digest = Digest(hex: String((hex + String(repeating: "0", count: 64)).prefix(64))) else {
            preconditionFailure("64 hexadecimal digits are a digest")
        }
        return digest
    }

    /// Puts a file where a person would, with folders.
    func put(_ bytes: [UInt8], at path: String) throws {
        let target = root.appending(path)
        try FileManager.default.createDirectory(
            atPath: target.removingLastComponent().string, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: target.string))
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: root.appending(path).string).map { String(decoding: $0, as: UTF8.self) }
    }

    func exists(_ path: String) -> Bool { FileStatus(of: root.appending(path)) != nil }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root.appending(path).string) }

    /// The names in a folder of the store, hidden ones too.
    func names(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path).string)) ?? []).sorted()
    }

    /// What a crash must not leave behind.
    func unfinished() -> [String] {
        names(".slm/records").filter { !$0.hasSuffix(".json") } + names(".slm/pending")
    }
}

/// Runs a test with a store that does not exist yet.
func withStore(_ test: (TemporaryStore) async throws -> Void) async throws {
    let folder = FilePath(NSTemporaryDirectory()).appending("store-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    try await test(TemporaryStore(root: folder.appending("slm")))
}

/// What a test keeps unless it says otherwise.
func identity(
    _ ref: String = "tiny:1b:q4_0", publisher: String = "maker", repository: String = "tiny-GGUF",
    revision: String? = "r1"
) -> ModelIdentity {
    ModelIdentity(
        ref: ref, publisher: publisher, repository: repository, quantization: "Q4_0", revision: revision,
        license: "Apache-2.0")
}

extension TemporaryStore {
    /// The usual file, by its content alone.
    func verified(_ text: String) throws -> VerifiedFile { try verified("model.gguf", text) }
}

/// Makes what only a verifier may make.
enum VerifiedFileMaker {
    static func renamed(_ file: VerifiedFile, _ name: String) -> VerifiedFile {
        VerifiedFile(
            path: file.path, name: name, size: file.size, digest: file.digest, proof: file.proof, blocks: file.blocks,
            origin: file.origin, source: file.source, fetched: file.fetched, resumed: file.resumed)
    }
}
