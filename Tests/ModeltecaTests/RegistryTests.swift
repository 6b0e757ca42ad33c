import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// Models in Ollama's registry and in others.
@Suite struct RegistryTests {
    private static let ollama = "application/vnd.ollama.image."
    private static let path = "org.cncf.model.filepath"

    /// As Ollama has one: the model, its projector and three texts.
    private func publish(_ place: Place, tag: String = "1b", seed: UInt64 = 1) {
        place.hub.addArtifact(
            "library/tiny", tag: tag,
            layers: [
                Layer(Self.ollama + "model", .bytes(model(seed))),
                Layer(Self.ollama + "projector", .bytes(model(99, bytes: 4096))),
                Layer(Self.ollama + "template", .text("{{ .Prompt }}")),
                Layer(Self.ollama + "params", .text(#"{"stop": ["x"]}"#)),
                Layer(Self.ollama + "license", .text("MIT")),
            ],
            config: Layer(
                "application/vnd.docker.container.image.v1+json",
                .text(#"{"model_format": "gguf", "file_type": "Q8_0"}"#)))
    }

    private func oci(_ place: Place, _ name: String) -> String {
        name.replacing("{}", with: "oci://\(place.hub.address.dropFirst(7))")
    }

    @Test func `a model of Ollama comes with what belongs to it, proven, and once`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            let receipt = try await shelf.get("ollama:tiny:1b")
            #expect(receipt.proof == .sha256)
            #expect(receipt.model.identity.quantization == "Q8_0")
            #expect(
                receipt.model.files.map(\.name) == [
                    "tiny-1b-Q8_0.gguf", "mmproj-tiny-1b.gguf", "tiny-1b.template", "tiny-1b.params.json",
                    "tiny-1b.LICENSE.txt",
                ])
            #expect(try place.bytes("ollama/tiny/tiny-1b-Q8_0.gguf") == model())
            #expect(try place.bytes("ollama/tiny/tiny-1b.LICENSE.txt") == Array("MIT".utf8))
            let sent = place.hub.bytesSent(for: "library/tiny/*")
            #expect(try await shelf.get("ollama:tiny:1b").wasThere)
            #expect(place.hub.bytesSent(for: "library/tiny/*") - sent < 1000)
        }
    }

    @Test func `a tag that moves is found and fetched by update`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            try await shelf.get("ollama:tiny:1b")
            #expect(try await shelf.outdated().map(\.outcome) == [.current])
            publish(place, seed: 2)
            #expect(try await shelf.outdated().map(\.outcome) == [.changed])
            let updated = try await shelf.update()
            #expect(updated.first?.changed == true)
            #expect(try place.bytes("ollama/tiny/tiny-1b-Q8_0.gguf") == model(2))
            #expect(try await shelf.outdated().map(\.outcome) == [.current])
        }
    }

    @Test func `only the header is read to say whether a model fits`() async throws {
        try await withPlace { place in
            place.hub.addArtifact(
                "library/large", layers: [Layer(Self.ollama + "model", .bytes(model(1, bytes: 8 << 20)))])
            let shelf = try place.shelf()
            let answer = try await shelf.fit(
                try shelf.reference("ollama:large"), device: shelf.device, workload: Workload())
            #expect(answer.report.verdict == .fits)
            #expect(answer.fetched <= 2 << 20)
        }
    }

    @Test func `damage is mended from the registry`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            let receipt = try await shelf.get("ollama:tiny:1b")
            var bytes = model()
            bytes[bytes.count - 9] ^= 1
            try receipt.model.path.write(bytes)
            #expect(try await shelf.verify([], repair: true).map(\.state) == [.ready])
            #expect(try place.bytes("ollama/tiny/tiny-1b-Q8_0.gguf") == model())
        }
    }

    @Test func `what Ollama's registry refuses is told apart`() async throws {
        try await withPlace { place in
            publish(place)
            place.hub.handle("/v2/library/newest/manifests/latest") { _ in .text("newer", status: 412) }
            place.hub.addArtifact(
                "library/cloud", layers: [],
                config: Layer(
                    "application/vnd.docker.container.image.v1+json",
                    .text(#"{"remote_host": "https://ollama.com", "remote_model": "big"}"#)))
            let shelf = try place.shelf()
            let expected: [(String, RegistryError)] = [
                ("ollama:newest", .needsNewerOllama(ref: "ollama:newest:latest")),
                ("ollama:tiny:2b", .noTag(ref: "ollama:tiny:2b")),
                (
                    "ollama:none:1b",
                    .noRepository(ref: "ollama:none:1b", host: String(place.hub.address.dropFirst(7)))
                ),
                ("ollama:cloud", .onlyInCloud(ref: "ollama:cloud:latest", host: "https://ollama.com")),
            ]
            for (text, error) in expected {
                await #expect(throws: error) { try await shelf.get(text) }
            }
            #expect(place.stored.isEmpty)
        }
    }

    @Test func `a changed byte of a blob is never stored`() async throws {
        try await withPlace { place in
            publish(place)
            place.hub.script("library/tiny/*", .corrupt(offset: 5000), side: .cdn)
            let shelf = try place.shelf()
            await #expect(throws: DownloadError.self) { try await shelf.get("ollama:tiny:1b") }
            #expect(place.stored.isEmpty)
        }
    }

    @Test(arguments: [
        ("application/vnd.docker.ai.gguf.v3", nil), ("application/vnd.cncf.model.weight.v1.raw", "cncf"),
        ("application/vnd.cncf.model.weight.v1.gguf", "cncf"),
    ])
    func `every kind of artifact is read, by tag and by digest, with a token where one is asked for`(
        type: String, artifact: String?
    ) async throws {
        try await withPlace { place in
            let digest = place.hub.addArtifact(
                "ai/tiny", tag: "v1",
                layers: [
                    Layer(type, .bytes(model()), annotations: [Self.path: "sub/tiny-Q4_0.gguf"]),
                    Layer("application/vnd.docker.ai.license", .text("MIT")),
                ],
                mediaType: "application/vnd.oci.image.manifest.v1+json",
                artifactType: artifact.map { "application/vnd.\($0).model.manifest.v1+json" }, access: .anonymousToken)
            let shelf = try place.shelf()
            let byTag = try await shelf.get(oci(place, "{}/ai/tiny:v1"))
            #expect(byTag.proof == .sha256 && byTag.model.identity.quantization == "Q4_0")
            #expect(byTag.model.path.lastComponent?.string == "tiny-Q4_0.gguf")
            let byDigest = try await shelf.get(oci(place, "{}/ai/tiny@\(digest)"))
            #expect(byDigest.fetched == 0)
            #expect(byDigest.model.path != byTag.model.path)
            #expect(
                try await shelf.outdated().map(\.outcome).sorted { $0.rawValue < $1.rawValue } == [.current, .unknown])
            // The token goes to the registry alone.
            #expect(
                place.hub.requests.filter(\.hasAuthorization).allSatisfy { $0.side == .hub })
        }
    }

    @Test(arguments: ["../x.gguf", "/etc/x.gguf", "a/../../x.gguf", "a\\x.gguf", ".hidden.gguf"])
    func `a path that leads elsewhere is refused`(hostile: String) async throws {
        try await withPlace { place in
            place.hub.addArtifact(
                "ai/tiny",
                layers: [
                    Layer("application/vnd.docker.ai.gguf.v3", .bytes(model()), annotations: [Self.path: hostile])
                ])
            let text = oci(place, "{}/ai/tiny:latest")
            let shelf = try place.shelf()
            await #expect(throws: RegistryError.unsafeName(ref: text, name: hostile)) { try await shelf.get(text) }
            #expect(place.stored.isEmpty)
        }
    }

    @Test func `a manifest with another content than its digest is refused`() async throws {
        try await withPlace { place in
            let digest = place.hub.addArtifact("ai/tiny", layers: [Layer(Self.ollama + "model", .bytes(model()))])
            place.hub.handle("/v2/ai/tiny/manifests/*") { _ in .json(#"{"schemaVersion": 2, "layers": []}"#) }
            let shelf = try place.shelf()
            do {
                try await shelf.get(oci(place, "{}/ai/tiny@\(digest)"))
                Issue.record("nothing was refused")
            } catch RegistryError.digestMismatch(_, let expected, _) {
                #expect("sha256:\(expected.hex)" == digest)
            }
        }
    }

    @Test func `an index leads to its model, past an attestation`() async throws {
        try await withPlace { place in
            let digest = place.hub.addArtifact("ai/tiny", layers: [Layer(Self.ollama + "model", .bytes(model()))])
            let index = """
                {"schemaVersion": 2, "manifests": [
                 {"mediaType": "m", "size": 1, "digest": "sha256:0", "platform": {"architecture": "unknown"}},
                 {"mediaType": "m", "size": 1, "digest": "\(digest)"}]}
                """
            place.hub.handle("/v2/ai/tiny/manifests/all") { _ in .json(index) }
            let receipt = try await place.shelf().get(oci(place, "{}/ai/tiny:all"))
            #expect(receipt.proof == .sha256)
            #expect(receipt.model.identity.revision == digest)
        }
    }

    @Test(arguments: ["auths", "credHelpers"])
    func `a password that Docker keeps opens a registry, and goes to no other`(kept: String) async throws {
        try await withPlace { place in
            let host = String(place.hub.address.dropFirst(7))
            let basic = "Basic " + Data("ada:s3:cret".utf8).base64EncodedString()
            place.hub.addArtifact(
                "ai/tiny", layers: [Layer(Self.ollama + "model", .bytes(model()))], access: .basic(basic))
            let docker = place.folder.appending(".docker")
            try FileManager.default.createDirectory(atPath: docker.string, withIntermediateDirectories: true)
            let bin = place.folder.appending("bin")
            try FileManager.default.createDirectory(atPath: bin.string, withIntermediateDirectories: true)
            let helper = bin.appending("docker-credential-test")
            try helper.write(
                Array(
                    "#!/bin/sh\nread s; [ \"$1 $s\" = 'get \(host)' ] && echo '{\"Username\": \"ada\", \"Secret\": \"s3:cret\"}'\n"
                        .utf8))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper.string)
            let document =
                kept == "auths"
                ? #"{"auths": {"\#(host)": {"auth": "\#(basic.dropFirst(6))"}}}"#
                : #"{"credHelpers": {"\#(host)": "test"}}"#
            try docker.appending("config.json").write(Array(document.utf8))
            let receipt = try await place.shelf().get(oci(place, "{}/ai/tiny:latest"))
            #expect(receipt.proof == .sha256)
            let cdn = place.hub.requests.filter { $0.side == .cdn }
            #expect(!cdn.isEmpty && !cdn.contains(where: \.hasAuthorization))
        }
    }
}
