import ModelHub
import TestSupport
import Testing

@Suite struct MirrorTests {
    private static let digest = sha256(of: model(1))
    private static let bare = """
        {"id":"o/m","sha":"0123456789abcdef0123456789abcdef01234567",
         "siblings":[{"rfilename":"README.md"},{"rfilename":"m-Q8_0.gguf"},{"rfilename":"m-Q4_0.gguf"}]}
        """
    private static let tree = "/api/models/o/m/tree/0123456789abcdef0123456789abcdef01234567"

    private static func entry(_ path: String, _ lfs: String = "") -> String {
        "{\"type\":\"file\",\"path\":\"\(path)\",\"size\":77,\"oid\":\"89ab\"\(lfs)}"
    }

    @Test func `sizes and digests that the model's page lacks are taken from its tree`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in .json(Self.bare) }
            hub.handle(Self.tree) { request in
                #expect(request.head.query == "recursive=true")
                let lfs = ",\"lfs\":{\"oid\":\"\(Self.digest)\",\"size\":1234,\"pointerSize\":135}"
                return .json("[\(Self.entry("m-Q8_0.gguf", lfs)),\(Self.entry("README.md"))]")
            }
            let file = try await client(of: hub).resolve("o/m:Q8_0").variants[0].files[0]
            #expect(file.size == 1234)
            #expect(file.digest?.hex == Self.digest)
        }
    }

    @Test func `all pages of a tree are read, and no page elsewhere`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in .json(Self.bare) }
            let lfs = ",\"lfs\":{\"oid\":\"\(Self.digest)\",\"size\":1234}"
            let next = "<\(hub.address)\(Self.tree)?recursive=true&cursor=1>; rel=\"next\""
            let away = "<\(hub.cdnAddress)\(Self.tree)?cursor=2>; rel=\"next\""
            hub.handle(Self.tree) { request in
                request.head.parameter("cursor") == nil
                    ? .json("[\(Self.entry("m-Q8_0.gguf", lfs))]", headers: [("Link", next)])
                    : .json("[\(Self.entry("m-Q4_0.gguf", lfs))]", headers: [("Link", away)])
            }
            let offer = try await client(of: hub).resolve("o/m")
            #expect(offer.variants.allSatisfy { $0.files[0].digest?.hex == Self.digest })
            #expect(hub.requests.allSatisfy { $0.side == .hub })
        }
    }

    @Test func `without a tree the digest stays unknown`() async throws {
        try await withLoopbackHub { hub in
            hub.handle("/api/models/o/m") { _ in .json(Self.bare) }
            hub.handle(Self.tree) { _ in .json("{\"error\":\"no such page\"}", status: 404) }
            let file = try await client(of: hub).resolve("o/m:Q8_0").variants[0].files[0]
            #expect(file.digest == nil)
            #expect(file.size == nil)
        }
    }

    @Test func `a hub that says everything is asked once`() async throws {
        try await withLoopbackHub { hub in
            hub.isMirror = true
            hub.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
            let file = try await client(of: hub).resolve("o/m").variants[0].files[0]
            #expect(file.digest?.hex == Self.digest)
            #expect(hub.requests.count == 1)
        }
    }

    @Test func `a mirror that sends us to another host is followed without the token`() async throws {
        try await withLoopbackHub { hub in
            try await withLoopbackHub { other in
                other.add(repo: "o/m", files: ["m-Q8_0.gguf": model(1)])
                hub.script("/api/*", .redirect(to: "\(other.address)/api/models/o/m?blobs=true"))
                let offer = try await client(of: hub, token: hub.token).resolve("o/m")
                #expect(offer.variants.count == 1)
                #expect(hub.requests.allSatisfy { $0.hasAuthorization })
                #expect(other.requests.allSatisfy { !$0.hasAuthorization })
            }
        }
    }
}
