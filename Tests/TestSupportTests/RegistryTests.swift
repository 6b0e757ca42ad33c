import Foundation
import Testing

@testable import TestSupport

@Suite struct RegistryTests {
    let hub: LoopbackHub
    let client: RawClient
    let model = GGUFBuilder.tinyLlama().build()
    let type = "application/vnd.ollama.image.model"

    init() throws {
        hub = try LoopbackHub()
        client = try RawClient(hub.address)
    }

    @Test func `an artifact is found by tag and digest, and its blob on the other port`() throws {
        let digest = hub.addArtifact("library/tiny", tag: "1b", layers: [Layer(type, .bytes(model))])
        let manifest = client.request("/v2/library/tiny/manifests/1b")
        #expect(manifest.headers["docker-content-digest"] == digest)
        #expect("sha256:\(sha256(of: manifest.body))" == digest)
        #expect(client.request("/v2/library/tiny/manifests/\(digest)").body == manifest.body)
        let layer = manifest.json["layers"]?.array?.first
        #expect(layer?["size"]?.integer == model.count && layer?["mediaType"]?.text == type)
        let blob = try #require(layer?["digest"]?.text)
        let redirect = client.request("/v2/library/tiny/blobs/\(blob)")
        let target = try #require(redirect.headers["location"])
        #expect(redirect.status == 307 && target.hasPrefix(hub.cdnAddress))
        let cdn = try RawClient(hub.cdnAddress)
        #expect(cdn.request(String(target.dropFirst(hub.cdnAddress.count)), ["Range": "bytes=0-3"]).text == "GGUF")
        #expect(hub.bytesSent(for: "library/tiny/\(blob)") == 4)
    }

    @Test func `a registry may ask for a token that everybody gets`() throws {
        hub.addArtifact(
            "ai/tiny", layers: [Layer(type, .bytes(model), annotations: ["org.cncf.model.filepath": "a.gguf"])],
            access: .anonymousToken, redirectsBlobs: false)
        let path = "/v2/ai/tiny/manifests/latest"
        let refused = client.request(path)
        let challenge = try #require(refused.headers["www-authenticate"])
        #expect(refused.status == 401 && challenge.contains("scope=\"repository:ai/tiny:pull\""))
        let token = try #require(client.request("/token?service=loopback").json["token"]?.text)
        let manifest = client.request(path, ["Authorization": "Bearer \(token)"])
        let layer = manifest.json["layers"]?.array?.first
        #expect(layer?["annotations"]?["org.cncf.model.filepath"]?.text == "a.gguf")
        let blob = layer?["digest"]?.text ?? ""
        let reply = client.request("/v2/ai/tiny/blobs/\(blob)", ["Authorization": "Bearer \(token)"])
        #expect(reply.body == model && reply.headers["etag"] == "\"\(blob)\"")
        hub.expireAddresses()
        #expect(client.request(path, ["Authorization": "Bearer \(token)"]).status == 401)
    }

    @Test(
        arguments: [
            ("/v2/", 200, nil), ("/v2/no/such/manifests/x", 404, "NAME_UNKNOWN"),
            ("/v2/a/b/manifests/x", 404, "MANIFEST_UNKNOWN"),
            ("/v2/a/b/blobs/sha256:0", 404, "BLOB_UNKNOWN"), ("/v2/a/b/tags/list", 404, "UNSUPPORTED"),
            ("/v2/manifests/x", 404, "NAME_UNKNOWN"),
        ] as [(String, Int, String?)])
    func `what is missing has a code`(path: String, status: Int, code: String?) {
        hub.addArtifact("a/b", layers: [])
        let reply = client.request(path)
        #expect(reply.status == status)
        #expect(reply.json["errors"]?.array?.first?["code"]?.text == code)
    }

    @Test func `a mirror sends large files itself, and small ones may be redirected`() {
        hub.add(repo: "o/r", files: ["m.gguf": .bytes(model), "README.md": .text("hi")])
        hub.redirectsSmallFiles = true
        let small = client.request("/o/r/resolve/main/README.md")
        #expect(small.status == 307 && small.headers["x-repo-commit"] != nil)
        let cached = client.request(small.headers["location"] ?? "")
        #expect(cached.text == "hi" && cached.headers["x-repo-commit"] == small.headers["x-repo-commit"])
        hub.isMirror = true
        let large = client.request("/o/r/resolve/main/m.gguf")
        #expect(large.status == 200 && large.body == model && large.headers["x-linked-etag"] == nil)
    }
}
