internal import CurlHTTP
internal import Disk
package import Foundation
internal import GGUF
package import ModelCatalog
package import SystemPackage
internal import Threads

/// How an artifact is written.
package enum PushFormat: String, Sendable, CaseIterable {
    /// CNCF ModelPack (modelpack/model-spec).
    case modelPack = "modelpack"
    /// Docker Model Runner's own (docker/model-runner, `pkg/distribution/types`).
    case docker
}

/// A model as it is put into a registry.
package struct RegistryUpload: Sendable {
    /// One file of it, proven before.
    package struct File: Sendable {
        var path: FilePath
        var name: String
        var size: Int64
        var digest: Digest

        package init(path: FilePath, name: String, size: Int64, digest: Digest) {
            (self.path, self.name, self.size, self.digest) = (path, name, size, digest)
        }
    }

    package var files: [File]
    package var format: PushFormat
    /// `llama`, `qwen2`; nil when unknown.
    package var architecture: String?
    package var quantization: String?
    package var license: String?
    /// The same model makes the same artifact whenever it is pushed.
    package var created: Date

    package init(
        files: [File], format: PushFormat, architecture: String?, quantization: String?, license: String?, created: Date
    ) {
        (self.files, self.format, self.architecture) = (files, format, architecture)
        (self.quantization, self.license, self.created) = (quantization, license, created)
    }
}

/// What a push did.
package struct RegistryReceipt: Sendable {
    /// Of the manifest.
    package var digest: Digest
    /// In bytes.
    package var sent: Int64 = 0
    /// What the registry had before, in bytes.
    package var skipped: Int64 = 0
}

/// Where unfinished uploads go on; kept by the caller.
package struct UploadNotes: Sendable {
    var read: @Sendable (_ key: String) -> String?
    var write: @Sendable (_ key: String, _ location: String?) -> Void

    package init(
        read: @escaping @Sendable (_ key: String) -> String?,
        write: @escaping @Sendable (_ key: String, _ location: String?) -> Void
    ) {
        (self.read, self.write) = (read, write)
    }
}

extension Registries {
    /// What goes in one request, in bytes.
    private static let chunk = 8 << 20

    /// Puts a model into a registry: what is there already is not sent, and what was sent in part goes on where the
    /// registry allows it (opencontainers/distribution-spec, "Pushing a blob in chunks").
    ///
    /// - Parameter onProgress: Bytes of a file that the registry has.
    /// - Throws: `RegistryError`, `HTTPError`, `CancellationError`.
    package func push(
        _ upload: RegistryUpload, to reference: ModelReference, notes: UploadNotes,
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void
    ) async throws -> RegistryReceipt {
        guard case .oci(_, _, let tag) = reference, !tag.hasPrefix("sha256:"),
            let place = try await place(of: reference)
        else { throw HubError.unsupportedOrigin("\(reference.description.prefix { $0 != ":" })") }
        var receipt = RegistryReceipt(digest: sha256(Data()))
        for file in upload.files {
            let source = BlobSource(size: file.size, digest: file.digest) { try await Self.read(file.path, $0) }
            let sent = try await put(source, place, notes) { onProgress(file.name, $0, file.size) }
            receipt.sent += sent
            receipt.skipped += max(0, file.size - sent)
            onProgress(file.name, file.size, file.size)
        }
        let config = try upload.config()
        let digest = sha256(config)
        let whole = BlobSource(size: Int64(config.count), digest: digest) { range in
            config.subdata(in: Int(range.lowerBound)..<Int(range.upperBound))
        }
        _ = try await put(whole, place, notes) { _ in }
        let manifest = try upload.manifest(config: digest, size: config.count)
        receipt.digest = sha256(manifest)
        let url = try address("manifests/\(place.tag)", place)
        let head = try await send(
            HTTPRequest(
                url, method: .put, headers: [("Content-Type", "application/vnd.oci.image.manifest.v1+json")],
                body: manifest))
        guard [200, 201].contains(head.status) else {
            throw await refusal(head, body: Data(), ref: place.ref, asked: url)
        }
        return receipt
    }

    private struct BlobSource: Sendable {
        var size: Int64
        var digest: Digest
        var read: @Sendable (Range<Int64>) async throws -> Data
    }

    /// - Returns: What was sent, in bytes; 0 when the registry had it.
    private func put(
        _ blob: BlobSource, _ place: Place, _ notes: UploadNotes, _ onProgress: @Sendable (Int64) -> Void
    ) async throws -> Int64 {
        func isThere() async throws -> Bool {
            let url = try address("blobs/sha256:\(blob.digest.hex)", place)
            return try await send(HTTPRequest(url, method: .head)).status == 200
        }
        if try await isThere() { return 0 }
        let key = "\(HubAddress.root(place.endpoint))/\(place.repository) \(blob.digest.hex)"
        var session = try await resumed(notes.read(key), place)
        var (failures, restarts) = (0, 0)
        var sent: Int64 = 0
        while true {
            do {
                var (location, offset) = if let session { session } else { (try await begin(place), Int64(0)) }
                while offset < blob.size {
                    try Task.checkCancellation()
                    onProgress(offset)
                    let range = offset..<min(blob.size, offset + Int64(Self.chunk))
                    let request = HTTPRequest(
                        location, method: .patch,
                        headers: [
                            ("Content-Type", "application/octet-stream"),
                            ("Content-Range", "\(range.lowerBound)-\(range.upperBound - 1)"),
                        ], body: try await blob.read(range))
                    // A registry forgets what came of a piece that was cut: so this one goes to its end.
                    let head = try await Task { try await send(request) }.value
                    guard head.status == 202, let next = Self.location(head) else {
                        throw await refusal(head, body: Data(), ref: place.ref, asked: location)
                    }
                    (location, offset) = (next, range.upperBound)
                    sent += Int64(range.count)
                    notes.write(key, location.absoluteString)
                    failures = 0
                }
                try await finish(location, blob.digest, place)
                notes.write(key, nil)
                return sent
            } catch let error as HTTPError where failures < retry.tries {
                if case .offline = error { throw error }
                failures += 1
                session = try await resumed(notes.read(key), place)
            } catch let error as RegistryError
                where error.passes ? failures < retry.tries : error.saysUploadIsUnknown && restarts < 1
            {
                // What the registry no longer knows begins anew, but not for ever: pieces that go through count nothing.
                if error.passes { failures += 1 } else { restarts += 1 }
                notes.write(key, nil)
                session = nil
                // Or it has all of it, and only the answer was lost.
                if try await isThere() { return sent }
            }
        }
    }

    /// Where an upload of before goes on; nil when the registry has forgotten it.
    private func resumed(_ location: String?, _ place: Place) async throws -> (URL, Int64)? {
        guard let location, let url = URL(string: location), url.hasSameOrigin(as: place.endpoint),
            let head = try? await send(HTTPRequest(url)), head.status == 204, let next = Self.location(head)
        else { return nil }
        // `Range: 0-99` for a hundred bytes, and `0-0` for none as well as for one.
        guard let end = head["range"]?.split(separator: "-").last.flatMap({ Int64($0) }), end > 0 else { return nil }
        return (next, end + 1)
    }

    private func begin(_ place: Place) async throws -> URL {
        let url = try address("blobs/uploads/", place)
        let head = try await send(HTTPRequest(url, method: .post))
        guard head.status == 202, let location = Self.location(head) else {
            throw await refusal(head, body: Data(), ref: place.ref, asked: url)
        }
        return location
    }

    private func finish(_ location: URL, _ digest: Digest, _ place: Place) async throws {
        let text = location.absoluteString
        guard let url = URL(string: text + (text.holds("?") ? "&" : "?") + "digest=sha256:\(digest.hex)") else {
            throw RegistryError.unexpectedAnswer(url: location, status: 202, detail: "no address")
        }
        let head = try await send(HTTPRequest(url, method: .put))
        guard head.status == 201 else { throw await refusal(head, body: Data(), ref: place.ref, asked: location) }
    }

    private func address(_ path: String, _ place: Place) throws(RegistryError) -> URL {
        guard let url = URL(string: "\(HubAddress.root(place.endpoint))/v2/\(place.repository)/\(path)") else {
            throw .noRepository(ref: place.ref, host: place.host)
        }
        return url
    }

    /// A request whose answer's text does not matter. It may take as long as it goes on.
    private func send(_ request: HTTPRequest) async throws -> HTTPHead {
        var request = request
        request.redirects = .sameOrigin
        return try await http.transfer(request, to: HTTPReceiver(onHead: { _ in true }, onBody: { _ in true }))
    }

    /// `Location` of an answer that is no redirect; never from https to something less.
    private static func location(_ head: HTTPHead) -> URL? {
        guard let text = head["location"], let url = URL(string: text, relativeTo: head.url)?.absoluteURL,
            url.scheme == head.url.scheme || url.scheme == "https"
        else { return nil }
        return url
    }

    private static func read(_ path: FilePath, _ range: Range<Int64>) async throws -> Data {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try SystemThread.start("read") {
                    continuation.resume(
                        with: Result {
                            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
                            defer { try? file.close() }
                            var data = Data(count: range.count)
                            let count = try data.withUnsafeMutableBytes { try file.fill($0, at: range.lowerBound) }
                            guard count == range.count else { throw DiskError(.ioError, at: path) }
                            return data
                        })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

extension RegistryError {
    /// Whether it may be otherwise in a moment.
    fileprivate var passes: Bool {
        if case .unexpectedAnswer(_, let status, _) = self { RetryPolicy.passes(status) } else { false }
    }

    /// Whether the registry answered as to an upload that it does not know, or not so far.
    fileprivate var saysUploadIsUnknown: Bool {
        switch self {
        case .noTag: true
        case .unexpectedAnswer(_, let status, _): (400..<500).contains(status)
        default: false
        }
    }
}

extension RegistryUpload {
    private static let annotation = "org.cncf.model.filepath"
    /// Without it oras leaves a file out (`oras pull`, "Skipped pulling layers without file name").
    private static let title = "org.opencontainers.image.title"

    private struct Descriptor: Encodable {
        var mediaType: String
        var digest: String
        var size: Int64
        var annotations: [String: String]?
    }

    private struct Manifest: Encodable {
        var schemaVersion = 2
        var mediaType = "application/vnd.oci.image.manifest.v1+json"
        var artifactType: String?
        var config: Descriptor
        var layers: [Descriptor]
        var annotations: [String: String]?
    }

    private struct ModelPackConfig: Encodable {
        struct About: Encodable {
            var createdAt: String
            var licenses: [String]?
        }

        struct Files: Encodable {
            var type = "layers"
            var diffIds: [String]
        }

        var descriptor: About
        var modelfs: Files
        var config: Numbers
    }

    private struct DockerConfig: Encodable {
        struct About: Encodable { var created: String }

        struct Files: Encodable {
            var type = "rootfs"
            var diffIds: [String]

            enum CodingKeys: String, CodingKey {
                case type
                case diffIds = "diff_ids"
            }
        }

        var config: Numbers
        var descriptor: About
        var rootfs: Files
    }

    private struct Numbers: Encodable {
        var format = "gguf"
        var architecture: String?
        var quantization: String?
    }

    private static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// Layers are not compressed, so what they are called is what they hold.
    private var identifiers: [String] { files.map { "sha256:\($0.digest.hex)" } }

    func config() throws -> Data {
        let numbers = Numbers(architecture: architecture, quantization: quantization)
        let moment = created.formatted(.iso8601)
        switch format {
        case .modelPack:
            return try Self.encode(
                ModelPackConfig(
                    descriptor: .init(createdAt: moment, licenses: license.map { [$0] }),
                    modelfs: .init(diffIds: identifiers), config: numbers))
        case .docker:
            return try Self.encode(
                DockerConfig(config: numbers, descriptor: .init(created: moment), rootfs: .init(diffIds: identifiers)))
        }
    }

    func manifest(config digest: Digest, size: Int) throws -> Data {
        var annotations: [String: String] = [:]
        annotations["org.opencontainers.image.licenses"] = license
        annotations["org.cncf.model.architecture"] = architecture
        let isPack = format == .modelPack
        return try Self.encode(
            Manifest(
                artifactType: isPack ? "application/vnd.cncf.model.manifest.v1+json" : nil,
                config: Descriptor(
                    mediaType: isPack
                        ? "application/vnd.cncf.model.config.v1+json"
                        : "application/vnd.docker.ai.model.config.v0.1+json",
                    digest: "sha256:\(digest.hex)", size: Int64(size)),
                layers: files.map {
                    Descriptor(
                        mediaType: mediaType(of: $0.name), digest: "sha256:\($0.digest.hex)", size: $0.size,
                        annotations: [Self.annotation: $0.name, Self.title: $0.name])
                },
                annotations: annotations.isEmpty ? nil : annotations))
    }

    private func mediaType(of name: String) -> String {
        let lower = name.lowercased()
        let isModel = lower.hasSuffix(".gguf")
        let isLicense = lower.holds("license")
        switch format {
        case .modelPack:
            let kind = isModel ? "weight" : isLicense || lower.hasSuffix(".md") ? "doc" : "weight.config"
            return "application/vnd.cncf.model.\(kind).v1.raw"
        case .docker where isModel:
            return FileName(name)?.kind == .projector
                ? "application/vnd.docker.ai.mmproj" : "application/vnd.docker.ai.gguf.v3"
        case .docker:
            return "application/vnd.docker.ai."
                + (isLicense ? "license" : lower.hasSuffix(".jinja") ? "chat.template.jinja" : "model.file")
        }
    }
}
