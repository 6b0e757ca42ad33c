import Foundation
import ModelCatalog
import ModelHub
import SystemPackage
import TestSupport
import Testing

@Suite struct PlainOriginTests {
    @Test(
        arguments: [
            ("https://example.org/models/m-Q8_0.gguf", "example.org", "models", "m-Q8_0.gguf", "Q8_0"),
            ("https://example.org/m.gguf?x=1#y", "example.org", "files", "m.gguf", nil),
            ("https://example.org/a/b%20c/d%20e.gguf", "example.org", "b c", "d e.gguf", nil),
            ("https://example.org/../m.gguf", "example.org", "files", "m.gguf", nil),
        ] as [(String, String, String, String, String?)])
    func `an address becomes a place in the store`(
        address: String, publisher: String, folder: String, name: String, quantization: String?
    ) throws {
        let url = try #require(URL(string: address))
        let offer = try PlainOrigin.offer(url)
        let variant = offer.variants[0]
        #expect(variant.publisher == publisher)
        #expect(variant.repository == folder)
        #expect(variant.files.map(\.name) == [name])
        #expect(variant.quantization == quantization)
        // What follows # is no part of what a server is asked for.
        #expect(variant.ref == address.split(separator: "#").first.map(String.init))
    }

    @Test(arguments: ["https://example.org/", "https://example.org/a/%2e%2e", "https://example.org/.hidden.gguf"])
    func `an address without a usable name is refused`(address: String) throws {
        let url = try #require(URL(string: address))
        #expect { try PlainOrigin.offer(url) } throws: { ($0 as? HubError)?.code == "unsafe-name" }
    }

    @Test func `a path is known by its file, and a link by what it points to`() throws {
        try withTemporaryFolder { folder in
            let blob = folder.appending("blobs/0123")
            try blob.write(model())
            let link = folder.appending("snapshot/m-Q8_0.gguf")
            try FileManager.default.createDirectory(
                atPath: folder.appending("snapshot").string, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "../blobs/0123")
            let variant = try PlainOrigin.offer(link).variants[0]
            #expect(variant.files[0].name == "m-Q8_0.gguf")
            #expect(variant.files[0].size == Int64(model().count))
            #expect(variant.files[0].url.path(percentEncoded: false) == blob.string)
            #expect(variant.publisher == "local")
            #expect(variant.repository == "snapshot")
            #expect(variant.ref == link.string)
        }
    }

    @Test func `all parts of a split model beside each other are one model`() throws {
        try withTemporaryFolder { folder in
            for part in 1...2 { try folder.appending("m-0000\(part)-of-00002.gguf").write(model(UInt64(part))) }
            let second = folder.appending("m-00002-of-00002.gguf")
            let names = try PlainOrigin.offer(second).variants[0].files.map(\.name)
            #expect(names == ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"])
            try FileManager.default.removeItem(atPath: folder.appending("m-00001-of-00002.gguf").string)
            #expect(throws: HubError.noLocalFile(path: folder.appending("m-00001-of-00002.gguf").string)) {
                try PlainOrigin.offer(second)
            }
        }
    }

    @Test func `what is no file is refused`() throws {
        try withTemporaryFolder { folder in
            for path in [folder, folder.appending("none.gguf"), "./no-such-file-here.gguf"] {
                #expect { try PlainOrigin.offer(path) } throws: {
                    ($0 as? HubError)?.code == "no-local-file"
                }
            }
        }
    }
}
