internal import Disk
package import Foundation
internal import GGUF
package import ModelCatalog
package import SystemPackage

/// Headers of remote files that were read before: asked again, an origin need only say that the file is still the same.
///
/// Each is a file of its own: a line of facts, then the header. What is read back counts for the same digest at the same
/// host, or for the same strong validator at the same address, and for nothing else; without a network it is an answer
/// with a date. Whatever cannot be read or written is as good as absent.
package struct HeaderCache: Sendable {
    /// The longest header that is kept, in bytes; those of large vocabularies have some ten million.
    private static let longest = 32 << 20
    /// All of them together, in bytes: the oldest go.
    private static let room: Int64 = 128 << 20
    /// A line of facts is no longer, in bytes.
    private static let longestFacts = 64 << 10

    private let path: FilePath

    /// - Parameter path: A folder of its own; it is made when it is needed.
    package init(at path: FilePath) { self.path = path }

    /// What is known of a kept header.
    package struct Facts: Codable, Sendable {
        /// The host and digest, or the address.
        var key: String
        /// The strong `ETag`, where no digest is known.
        var validator: String?
        /// When it was read.
        package var date: Date
        /// The references for which it was read, in canonical form.
        package var refs: [String] = []
        package var variant: Form?
    }

    /// The form of a model whose first file has the header.
    package struct Form: Codable, Sendable {
        var ref: String
        var publisher: String
        var repository: String
        var quantization: String?
        var parameters: Int64?
        var files: [File]

        struct File: Codable, Sendable {
            var name: String
            var url: URL
            var size: Int64?
            var digest: Digest?
        }

        package init(_ variant: Variant) {
            (ref, publisher, repository) = (variant.ref, variant.publisher, variant.repository)
            (quantization, parameters) = (variant.quantization, variant.parameters)
            files = variant.files.map {
                File(name: $0.name, url: $0.url.withoutSecrets, size: $0.size, digest: $0.digest)
            }
        }

        /// As it was then.
        package var variant: Variant {
            Variant(
                ref: ref, publisher: publisher, repository: repository, quantization: quantization,
                files: files.map { RemoteFile(name: $0.name, url: $0.url, size: $0.size, digest: $0.digest) },
                parameters: parameters)
        }
    }

    /// What a header is kept under.
    static func key(of file: RemoteFile) -> String {
        let url = file.url.withoutSecrets
        guard let digest = file.digest else { return url.absoluteString }
        return "\(url.scheme ?? "")://\(url.host() ?? ""):\(url.port ?? 0) \(digest.hex)"
    }

    private static func name(_ key: String) -> String { String(fnv1a(key.utf8), radix: 16) + ".header" }

    /// The header that was kept under a key.
    func header(_ key: String) -> (facts: Facts, bytes: Data)? {
        guard let (facts, bytes) = read(Self.name(key)), facts.key == key else { return nil }
        return (facts, bytes)
    }

    /// What was read last for a reference, when the origin cannot be asked.
    package func remembered(_ ref: String) -> (facts: Facts, header: RemoteHeader)? {
        let folder = try? Folder.root(path)
        let all = (try? folder?.names()) ?? []
        let meant = all.filter { $0.hasSuffix(".header") }.compactMap { name -> (String, Date)? in
            guard let text = readText(at: path.appending(name), limit: Self.longestFacts),
                let facts = Self.facts(text.prefix { $0 != "\n" }), facts.refs.contains(ref)
            else { return nil }
            return (name, facts.date)
        }
        guard let newest = meant.max(by: { $0.1 < $1.1 }), let (facts, bytes) = read(newest.0),
            let file = try? GGUFFile(bytes)
        else { return nil }
        return (facts, RemoteHeader(file: file, bytes: bytes))
    }

    /// Keeps a header.
    func keep(_ bytes: Data, _ facts: Facts) {
        guard bytes.count <= Self.longest, let line = try? JSONEncoder().encode(facts),
            line.count < Self.longestFacts, let folder = try? Folder.creatingRoot(path)
        else { return }
        try? folder.write(line + [10] + bytes, as: Self.name(facts.key), durably: false)
        makeRoom(in: folder)
    }

    /// Notes for which references a kept header was read.
    package func note(_ ref: String, _ variant: Variant) {
        guard let file = variant.files.first, let kept = header(Self.key(of: file)) else { return }
        var facts = kept.facts
        let refs = [ref, variant.ref]
        guard facts.variant == nil || !refs.allSatisfy(facts.refs.contains) else { return }
        facts.refs = Array((refs + facts.refs.filter { !refs.contains($0) }).prefix(16))
        facts.variant = Form(variant)
        keep(kept.bytes, facts)
    }

    private func makeRoom(in folder: Folder) {
        let files = ((try? folder.names()) ?? []).compactMap { name in
            FileStatus(of: path.appending(name)).map { (name: name, status: $0) }
        }.sorted { $0.status.modified > $1.status.modified }
        var sum: Int64 = 0
        for file in files {
            sum += file.status.size
            if sum > Self.room { _ = try? folder.remove(file.name) }
        }
    }

    private func read(_ name: String) -> (facts: Facts, bytes: Data)? {
        guard let bytes = try? Folder.root(path)?.read(name, limit: Self.longest + Self.longestFacts),
            let end = bytes.prefix(Self.longestFacts).firstIndex(of: 10),
            let facts = Self.facts(String(decoding: bytes[..<end], as: UTF8.self)[...])
        else { return nil }
        return (facts, Data(bytes[(end + 1)...]))
    }

    private static func facts(_ line: Substring) -> Facts? {
        try? JSONDecoder().decode(Facts.self, from: Data(line.utf8))
    }
}
