import Foundation
import Testing

@testable import TestSupport

@Suite struct HubTests {
    let hub: LoopbackHub
    let client: RawClient
    let model = GGUFBuilder.tinyLlama().build()
    let first: String

    init() throws {
        hub = try LoopbackHub()
        first = hub.add(
            repo: "demo/tiny-GGUF",
            files: ["tiny-Q8_0.gguf": .bytes(model), "README.md": .text("# Tiny"), "sub/empty.txt": .text("")],
            info: RepositoryInfo(license: "mit", baseModel: "demo/tiny", downloads: 5))
        hub.add(repo: "demo/gated", files: ["g.gguf": model], info: RepositoryInfo(gate: .manual))
        hub.add(repo: "demo/secret", files: ["s.gguf": model], info: RepositoryInfo(isPrivate: true))
        client = try RawClient(hub.address)
    }

    @Test func `a large file is a redirect whose headers say what it will be`() throws {
        let reply = client.request("/demo/tiny-GGUF/resolve/main/tiny-Q8_0.gguf", method: "HEAD")
        #expect(reply.status == 302)
        #expect(reply.headers["x-repo-commit"] == first)
        #expect(reply.headers["x-linked-size"] == String(model.count))
        #expect(reply.headers["x-linked-etag"] == "\"\(sha256(of: model))\"")
        let target = try #require(reply.headers["location"])
        #expect(target.hasPrefix(hub.cdnAddress))
        let path = String(target.dropFirst(hub.cdnAddress.count))
        let cdn = try RawClient(hub.cdnAddress)
        let file = cdn.request(path)
        #expect(file.body == model && file.headers["etag"] != "\"\(sha256(of: model))\"")
        #expect(hub.bytesSent(for: "demo/tiny-GGUF/tiny-Q8_0.gguf") == model.count)
        #expect(cdn.request(path, ["Authorization": "Bearer \(hub.token)"]).status == 400)
        #expect(cdn.request(path.replacing("Expires=", with: "Expires=1")).status == 403)
        hub.expireAddresses()
        #expect(cdn.request(path).status == 403)
    }

    @Test func `a small file comes at once, with git's name for it`() {
        let reply = client.request("/demo/tiny-GGUF/resolve/main/README.md")
        // `printf '# Tiny' | git hash-object --stdin`
        #expect(reply.headers["etag"] == "\"a1875098e6e5667196623bad29cf003590ae86ce\"")
        #expect(reply.status == 200 && reply.text == "# Tiny" && reply.headers["x-repo-commit"] == first)
        #expect(client.request("/demo/tiny-GGUF/resolve/main/sub/empty.txt").headers["content-length"] == "0")
        let pointer = client.request("/demo/tiny-GGUF/raw/main/tiny-Q8_0.gguf").text
        #expect(pointer.contains("oid sha256:\(sha256(of: model))\nsize \(model.count)\n"))
    }

    struct Refusal: CustomTestStringConvertible {
        let path: String
        var token: String?
        let status: Int
        let code: String?
        var testDescription: String { "\(path) \(token ?? "no token")" }
    }

    static let stranger = HubRoutes.tokenWithoutAccess

    @Test(arguments: [
        Refusal(path: "/no/repo/resolve/main/x", status: 401, code: "RepoNotFound"),
        Refusal(path: "/no/repo/resolve/main/x", token: stranger, status: 404, code: "RepoNotFound"),
        Refusal(path: "/api/models/no/repo", status: 401, code: "RepoNotFound"),
        Refusal(path: "/api/models/demo/secret", status: 401, code: "RepoNotFound"),
        Refusal(path: "/demo/secret/resolve/main/s.gguf", token: stranger, status: 404, code: "RepoNotFound"),
        Refusal(path: "/demo/secret/resolve/main/s.gguf", token: HubRoutes.token, status: 302, code: nil),
        Refusal(path: "/demo/gated/resolve/main/g.gguf", status: 401, code: "GatedRepo"),
        Refusal(path: "/demo/gated/resolve/main/g.gguf", token: stranger, status: 403, code: "GatedRepo"),
        Refusal(path: "/demo/gated/resolve/main/g.gguf", token: HubRoutes.token, status: 302, code: nil),
        Refusal(path: "/api/models/demo/gated", status: 200, code: nil),
        Refusal(path: "/demo/tiny-GGUF/resolve/other/x", status: 404, code: "RevisionNotFound"),
        Refusal(path: "/api/models/demo/tiny-GGUF/tree/other", status: 404, code: "RevisionNotFound"),
        Refusal(path: "/demo/tiny-GGUF/resolve/main/x", status: 404, code: "EntryNotFound"),
        Refusal(path: "/demo/tiny-GGUF/resolve/main/README.md", token: "hf_wrong", status: 401, code: nil),
        Refusal(path: "/api/whoami-v2", token: HubRoutes.token, status: 200, code: nil),
        Refusal(path: "/api/whoami-v2", status: 401, code: nil),
        Refusal(path: "/somewhere", status: 404, code: nil),
    ])
    func `who may see what`(row: Refusal) {
        let headers = row.token.map { ["Authorization": "Bearer \($0)"] } ?? [:]
        let reply = client.request(row.path, headers)
        #expect(reply.status == row.status)
        #expect(reply.headers["x-error-code"] == row.code)
    }

    @Test func `model information and the tree agree about sizes and hashes`() {
        let info = client.request("/api/models/demo/tiny-GGUF?blobs=true").json
        #expect(info["sha"]?.text == first && info["gated"]?.truth == false)
        let tags = info["tags"]?.array?.compactMap(\.text) ?? []
        #expect(Set(tags).isSuperset(of: ["gguf", "license:mit", "base_model:quantized:demo/tiny"]))
        let sibling = info["siblings"]?.array?.first { $0["rfilename"]?.text == "tiny-Q8_0.gguf" }
        #expect(sibling?["lfs"]?["sha256"]?.text == sha256(of: model))
        let tree = client.request("/api/models/demo/tiny-GGUF/tree/main?recursive=true").json.array ?? []
        #expect(tree.compactMap { $0["path"]?.text } == ["README.md", "sub", "sub/empty.txt", "tiny-Q8_0.gguf"])
        #expect(tree.last?["lfs"]?["oid"]?.text == sha256(of: model))
        #expect(tree.last?["size"]?.integer == model.count && tree.first?["lfs"] == nil)
        let short = client.request("/api/models/demo/tiny-GGUF/tree/main/sub").json.array ?? []
        #expect(short.compactMap { $0["path"]?.text } == ["sub/empty.txt"])
        let expanded = client.request("/api/models/demo/tiny-GGUF?expand=tags").json.object ?? [:]
        #expect(Set(expanded.keys) == ["_id", "id", "tags"])
    }

    @Test func `a commit moves main and leaves the old state where it was`() throws {
        let new = try #require(hub.commit("demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": [1, 2, 3]]))
        #expect(new != first && new.count == 40)
        let path = "resolve/REV/tiny-Q8_0.gguf"
        for (revision, size) in [("main", 3), (new, 3), (first, model.count), (String(first.prefix(7)), model.count)] {
            let reply = client.request("/demo/tiny-GGUF/\(path.replacing("REV", with: revision))")
            #expect(reply.headers["x-linked-size"] == String(size))
        }
        let refs = client.request("/api/models/demo/tiny-GGUF/refs").json
        #expect(refs["branches"]?.array?.first?["targetCommit"]?.text == new)
        hub.commit("demo/tiny-GGUF", files: ["x.gguf": [1]], branch: "refs/pr/1")
        #expect(client.request("/demo/tiny-GGUF/resolve/refs%2Fpr%2F1/x.gguf").status == 302)
        #expect(client.request("/demo/tiny-GGUF/resolve/main/x.gguf").status == 404)
    }

    @Test func `a renamed repository points to its new name`() {
        hub.rename("demo/tiny-GGUF", to: "demo/small-GGUF")
        let reply = client.request("/api/models/demo/tiny-GGUF?blobs=true")
        #expect(reply.status == 307 && reply.headers["location"] == "/api/models/demo/small-GGUF?blobs=true")
        #expect(client.request("/demo/small-GGUF/resolve/main/README.md").status == 200)
    }

    @Test(arguments: [
        ("", ["demo/tiny-GGUF", "demo/gated"]), ("search=TINY", ["demo/tiny-GGUF"]),
        ("author=demo&limit=1", ["demo/tiny-GGUF"]),
        ("filter=gguf&filter=license:mit", ["demo/tiny-GGUF"]),
        ("filter=base_model:quantized:demo/tiny", ["demo/tiny-GGUF"]),
        ("filter=base_model%3Aquantized%3Ademo%2Ftiny", ["demo/tiny-GGUF"]), ("filter=onnx", []), ("author=dem", []),
    ])
    func `a search finds what is public, most downloaded first`(query: String, found: [String]) {
        let list = client.request("/api/models?\(query)").json.array ?? []
        #expect(list.compactMap { $0["id"]?.text } == found)
    }

    @Test func `listings come in pages`() throws {
        hub.pageLength = 2
        var paths: [String] = []
        var next: String? = "/api/models/demo/tiny-GGUF/tree/main?recursive=true"
        while let target = next {
            let reply = client.request(target)
            paths += (reply.json.array ?? []).compactMap { $0["path"]?.text }
            next = reply.headers["link"].map { String($0.dropFirst(1 + hub.address.count).prefix { $0 != ">" }) }
        }
        #expect(paths == ["README.md", "sub", "sub/empty.txt", "tiny-Q8_0.gguf"])
    }

    @Test func `a test can answer in its own way`() {
        hub.handle("/v2/*") { request in .json("{\"path\": \"\(request.head.path)\"}", headers: [("X-Own", "1")]) }
        let reply = client.request("/v2/library/x/manifests/latest")
        #expect(reply.json["path"]?.text == "/v2/library/x/manifests/latest" && reply.headers["x-own"] == "1")
        hub.handle("/v2/blob") { _ in .file(.bytes([1, 2, 3])) }
        #expect(client.request("/v2/blob", ["Range": "bytes=1-"]).body == [2, 3])
    }
}
