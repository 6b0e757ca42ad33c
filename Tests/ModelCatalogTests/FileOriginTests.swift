import Foundation
import ModelCatalog
import Testing

@Suite struct FileOriginTests {
    private static func hub(_ text: String, at endpoint: String = "https://huggingface.co") throws -> FileOrigin {
        let place = try #require(URL(string: endpoint))
        return .hub(try #require(HubFile(try HubReference(parsing: text), at: place)))
    }

    @Test(arguments: [
        ("https://huggingface.co/o/r/resolve/main/a%20b.gguf?download=true", "https://huggingface.co/o/r"),
        ("http://me:secret@127.0.0.1:8/hub/o/r/resolve/refs%2Fpr%2F1/m.gguf", "http://127.0.0.1:8/hub/o/r"),
        ("https://cas-bridge.xethub.hf.co/xet/abc?to=/resolve/", nil),
    ])
    func `a file's address at the Hub tells its model's page`(address: String, page: String?) throws {
        #expect(HubAddress.page(ofFile: try #require(URL(string: address))) == page)
    }

    @Test(arguments: ["o/r/a/b c-Q8_0.gguf@0123456789012345678901234567890123456789", "gpt2-x/r/m.gguf@refs/pr/1"])
    func `what is written into a record is read from it`(text: String) throws {
        let url = try #require(URL(string: "https://example.org/m.gguf?download=true"))
        let registry = try #require(URL(string: "http://127.0.0.1:5000"))
        let digest = try #require(Digest(hex: String(repeating: "a", count: 64)))
        let blob = try #require(RegistryBlob(endpoint: registry, repository: "library/Tiny", digest: digest))
        for origin in [
            try Self.hub(text), try Self.hub(text, at: "http://mirror.example:8/hub"), .address(url),
            .local("/a/b.gguf"),
            .registry(blob),
        ] {
            let again = try JSONDecoder().decode(FileOrigin.self, from: JSONEncoder().encode(origin))
            #expect(again == origin)
        }
    }

    @Test(arguments: [
        #"{"hub": {"endpoint": "https://h", "repository": "o/r", "path": "../x.gguf"}}"#,
        #"{"hub": {"endpoint": "https://h", "repository": "..", "path": "x.gguf"}}"#,
        #"{"hub": {"endpoint": "https://h", "repository": "o/r", "revision": "../..", "path": "x.gguf"}}"#, "{}",
        #"{"registry": {"endpoint": "https://h", "repository": "../x", "digest": "\#(String(repeating: "a", count: 64))"}}"#,
        #"{"registry": {"endpoint": "file:///h", "repository": "x", "digest": "\#(String(repeating: "a", count: 64))"}}"#,
        #"{"registry": {"endpoint": "https://h", "repository": "x", "digest": "a"}}"#,
    ])
    func `a record that nobody could have written is refused`(json: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(FileOrigin.self, from: Data(json.utf8)) }
    }

    @Test(
        arguments: [
            ("https://huggingface.co/o/r/resolve/main/q/m.gguf", "o/r/q/m.gguf@main"),
            ("https://hf.co/o/r/resolve/refs%2Fpr%2F1/m.gguf", "o/r/m.gguf@refs/pr/1"),
            (
                "http://127.0.0.1:8080/o/r/resolve/0123456789012345678901234567890123456789/m.gguf",
                "o/r/m.gguf@0123456789012345678901234567890123456789"
            ),
            (
                "https://mirror.example/hub/o/r/resolve/0123456789012345678901234567890123456789/m.gguf",
                "o/r/m.gguf@0123456789012345678901234567890123456789"
            ),
            ("https://example.org/o/r/resolve/main/m.gguf", nil), ("https://example.org/m.gguf", nil),
        ] as [(String, String?)])
    func `the address of an old record becomes an origin`(address: String, reference: String?) throws {
        let origin = try #require(FileOrigin(recordedAddress: address))
        #expect(origin.hubFile?.reference.description == reference)
        #expect(reference == nil || origin.url.absoluteString == address)
    }

    @Test func `nothing that lets its reader in is written down`() throws {
        let url = try #require(URL(string: "https://u:p@example.org/m.gguf?X-Amz-Signature=s&v=2&token=t#f"))
        #expect(FileOrigin.address(url).withoutSecrets.url.absoluteString == "https://example.org/m.gguf?v=2")
        #expect(ModelReference.address(url).description == "https://example.org/m.gguf?v=2")
    }

    @Test(
        arguments: [
            ("a=1&access_token=x", "a=1"), ("X-Goog-Credential=c&X-Goog-Date=d", nil),
            ("sv=2024&sig=x&se=y", "sv=2024"),
            ("api-key=x", nil), ("file=a%20b+c", "file=a%20b+c"), ("id=7&Key-Pair-Id=k&Policy=p&Signature=s", "id=7"),
            ("client_secret=x&PASSWORD=y&n=1", "n=1"), ("authuser=0", "authuser=0"),
            ("st=x&e=17&v=2", "v=2"), ("md5=x&expires=9", nil), ("hash=x", "hash=x"), ("st=x", "st=x"),
        ] as [(String, String?)])
    func `the secrets of a query are known by their names`(query: String, left: String?) throws {
        let url = try #require(URL(string: "https://example.org/m.gguf?" + query))
        #expect(url.withoutSecrets.absoluteString == "https://example.org/m.gguf" + (left.map { "?" + $0 } ?? ""))
    }
}
