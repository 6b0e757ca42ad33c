import Foundation
import Modelteca
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Models that go into a registry and come out of it: Debian's docker-registry on loopback.
@Suite(.enabled(if: DockerRegistry.isInstalled, "docker-registry is needed (apt-get install docker-registry)"))
struct PushTests {
    /// A stored model of a hub, and another machine's shelf.
    private func withModel(
        bytes: Int = 64 << 10, _ body: (Place, _ mine: Shelf, _ other: Shelf) async throws -> Void
    ) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(1, bytes: bytes)])
            let mine = try place.shelf()
            try await mine.get("hf:o/tiny-GGUF")
            let other = try place.shelf { $0.store = place.folder.appending("other") }
            try await body(place, mine, other)
        }
    }

    @Test(arguments: PushFormat.allCases)
    func `what was pushed is fetched and proven, and pushed again sends nothing`(format: PushFormat) async throws {
        try await withDockerRegistry { registry in
            try await withModel { place, mine, other in
                let target = "oci://\(registry.host)/class/tiny:v1"
                let pushed = try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target), format: format)
                #expect(pushed.sent == Int64(model().count) && pushed.skipped == 0)
                let again = try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target), format: format)
                #expect(again.sent == 0 && again.skipped == Int64(model().count))
                #expect(again.digest == pushed.digest)
                let receipt = try await other.get(target)
                #expect(receipt.proof == .sha256)
                #expect(receipt.model.identity.revision == "sha256:\(pushed.digest)")
                #expect(receipt.model.identity.license == "apache-2.0" || format == .docker)
                #expect(try receipt.model.path.readBytes() == model())
                #expect(receipt.model.path.lastComponent?.string == "tiny-Q8_0.gguf")
                let pinned = try await other.get("oci://\(registry.host)/class/tiny@sha256:\(pushed.digest)")
                #expect(pinned.fetched == 0)
            }
        }
    }

    @Test(arguments: [true, false])
    func `an upload that the registry forgets begins anew once, and not where it has all of it`(
        hasIt: Bool
    ) async throws {
        try await withModel { place, mine, _ in
            let registry = try ForgetfulRegistry(keepingBlobs: hasIt)
            defer { registry.stop() }
            let target = "oci://\(registry.host)/class/tiny:v1"
            if hasIt {
                // One for the file and one for the configuration.
                _ = try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target))
            } else {
                await #expect(throws: RegistryError.noTag(ref: target)) {
                    try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target))
                }
            }
            #expect(registry.begun == 2)
        }
    }

    @Test func `an interrupted push goes on where it was`() async throws {
        try await withDockerRegistry { registry in
            try await withModel(bytes: 20 << 20) { place, mine, other in
                let target = try mine.reference("oci://\(registry.host)/class/tiny:v1")
                let pushing = Mutex<Task<Void, any Error>?>(nil)
                let task = Task {
                    _ = try await mine.push("hf:o/tiny-GGUF", to: target) { _, done, _ in
                        if done > 0 { pushing.withLock { $0?.cancel() } }
                    }
                }
                pushing.withLock { $0 = task }
                _ = await task.result
                let offsets = Mutex<[Int64]>([])
                let pushed = try await mine.push("hf:o/tiny-GGUF", to: target) { _, done, _ in
                    offsets.withLock { $0.append(done) }
                }
                // What is told as sent is what this run sent.
                #expect(pushed.sent > 0 && pushed.sent <= (20 << 20) - (offsets.withLock { $0.first } ?? 0))
                #expect(pushed.skipped > 0)
                #expect(offsets.withLock { ($0.first ?? 0) > 0 })
                #expect(try await other.get(target.description).proof == .sha256)
            }
        }
    }

    @Test func `a registry that asks gets the password that Docker keeps, and says when it is wrong`() async throws {
        try await withDockerRegistry(asks: true) { registry in
            try await withModel { place, mine, other in
                let target = "oci://\(registry.host)/class/tiny:v1"
                await #expect(
                    throws: RegistryError.notAuthorized(ref: target, host: registry.host, hasCredentials: false)
                ) { try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target)) }
                func keep(_ password: String) throws {
                    let folder = place.folder.appending(".docker")
                    try FileManager.default.createDirectory(
                        atPath: folder.string, withIntermediateDirectories: true)
                    let secret = Data("\(DockerRegistry.user):\(password)".utf8).base64EncodedString()
                    try folder.appending("config.json").write(
                        Array(#"{"auths": {"\#(registry.host)": {"auth": "\#(secret)"}}}"#.utf8))
                }
                try keep("wrong")
                await #expect(
                    throws: RegistryError.notAuthorized(ref: target, host: registry.host, hasCredentials: true)
                ) { try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target)) }
                try keep(DockerRegistry.password)
                _ = try await mine.push("hf:o/tiny-GGUF", to: mine.reference(target))
                #expect(try await other.get(target).proof == .sha256)
            }
        }
    }
}
