import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct CatalogUpdateTests {
    /// A catalog of one model; `extra` are more fields of its file.
    private static func document(revision: Int, extra: String = "") -> Data {
        Data(
            """
            {"schema_version": 1, "revision": \(revision),
             "licenses": {"MIT": {"name": "MIT License", "commercial_use": "yes"}},
             "families": [{"id": "house", "name": "House", "license": "MIT", "sizes": [{
               "id": "1b", "label": "1B", "upstream": {}, "device_class": "phone", "default_quant": "Q8_0",
               "files": [{"repo": "house/one", "file": "one-Q8_0.gguf", "quant": "Q8_0"\(extra)}]}]}]}
            """.utf8)
    }

    private struct Desk {
        let folder: FilePath
        let settings: Shelf.Settings
        let publisher = CatalogPublisher()

        var keys: Set<PublicKey> { Set([PublicKey(text: publisher.publicKey)].compactMap(\.self)) }

        func put(_ bytes: Data) throws -> String {
            let file = folder.appending("catalog.signed")
            try file.write(Array(bytes))
            return file.string
        }

        @discardableResult
        func update(_ bytes: Data, keys: Set<PublicKey>? = nil) async throws -> CatalogUpdate {
            try await settings.updateCatalog(from: try put(bytes), keys: keys ?? self.keys)
        }
    }

    private func withDesk(_ body: (Desk) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let home = folder.appending("home").string
            try await body(Desk(folder: folder, settings: Shelf.Settings(environment: ["HOME": home])))
        }
    }

    @Test func `a signed catalog is used from then on, and the built-in one again after a reset`() async throws {
        try await withDesk { desk in
            let update = try await desk.update(try desk.publisher.sign(Self.document(revision: 1), version: 1))
            #expect(update.changed)
            #expect(try desk.settings.catalog().entries.map(\.ref) == ["house:1b"])
            #expect(desk.settings.storedCatalog?.ownKeys == desk.keys)
            // Without a name: where the last one came from, with the key of the last time.
            _ = try desk.put(try desk.publisher.sign(Self.document(revision: 2), version: 2))
            #expect(try await desk.settings.updateCatalog().now.revision == 2)
            #expect(try await desk.settings.updateCatalog().changed == false)
            #expect(try desk.settings.resetCatalog())
            #expect(try desk.settings.catalog().entries.count > 100)
            #expect(try !desk.settings.resetCatalog())
        }
    }

    @Test func `a large one is kept as a database, and told whole`() async throws {
        try await withDesk { desk in
            // Longer than what is read at once; a document may have any number of spaces.
            let large = Self.document(revision: 1, extra: String(repeating: " ", count: Catalog.mostAtOnce))
            let update = try await desk.update(try desk.publisher.sign(large, version: 1))
            #expect(update.changed)
            let caches = desk.settings.caches.appending("modelteca")
            func databases() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: caches.string).filter { $0.hasSuffix(".sqlite") }
            }
            #expect(try databases().count == 1)
            #expect(try desk.settings.catalog().entries.map(\.ref) == ["house:1b"])
            // Another in its place, and one that is small again.
            let next = Self.document(revision: 2, extra: String(repeating: "\n", count: Catalog.mostAtOnce))
            try await desk.update(try desk.publisher.sign(next, version: 2))
            #expect(try desk.settings.catalog().revision == 2)
            #expect(try databases().count == 1)
            try await desk.update(try desk.publisher.sign(Self.document(revision: 3), version: 3))
            #expect(try desk.settings.catalog().revision == 3)
        }
    }

    @Test func `what is wrong with a catalog is told, and nothing changes`() async throws {
        try await withDesk { desk in
            let (publisher, good) = (desk.publisher, Self.document(revision: 5))
            try await desk.update(try publisher.sign(good, version: 5))
            let next = Self.document(revision: 6)
            var turned = try publisher.sign(next, version: 6)
            turned[turned.index(before: turned.endIndex) - 20] ^= 1
            let bad: [(String, Data)] = [
                ("catalog-not-trusted", try CatalogPublisher().sign(next, version: 6)),
                (
                    "catalog-not-trusted",
                    Data(
                        String(decoding: try publisher.sign(next, version: 6), as: UTF8.self)
                            .replacing(#"{\"version\":6"#, with: #"{\"version\":7"#).utf8)
                ),
                ("catalog-older", try publisher.sign(Self.document(revision: 4), version: 4)),
                ("catalog-same-version", try publisher.sign(Self.document(revision: 5, extra: "  "), version: 5)),
                ("catalog-version-disagrees", try publisher.sign(next, version: 7)),
                ("catalog-expired", try publisher.sign(next, version: 6, lifetime: -60)),
                ("catalog-truncated", try publisher.sign(next, version: 6).dropLast(10)),
                ("catalog-damaged", turned),
                ("catalog-damaged", try publisher.sign(next, version: 6) + Data("\n".utf8)),
                ("catalog-not-signed", next),
                ("catalog-not-signed", Data()),
                ("catalog-not-signed", try publisher.sign(next, version: 6).prefix(200)),
                ("catalog-too-large", Data(count: Catalog.longestDocument + (1 << 20))),
                ("catalog-malformed", try publisher.sign(Data("[]".utf8), version: 6)),
            ]
            for (code, bytes) in bad {
                let error = await #expect(throws: (any Error).self) { try await desk.update(Data(bytes)) }
                #expect((error as? any CodedError)?.code == code)
            }
            #expect(desk.settings.storedCatalog?.version == 5)
            #expect(try desk.settings.catalog().revision == 5)
        }
    }

    @Test(arguments: [
        #""file": "../../one-Q8_0.gguf""#, #""repo": "a/../b""#, #""bytes": -1"#, #""sha256": "x""#,
        #""revision": "../../main""#, #""revision": "x\u001b[2J""#, #""parts": [{"file": "/etc/passwd"}]"#,
    ])
    func `a row that could do harm is refused although it is signed`(field: String) async throws {
        try await withDesk { desk in
            // The last of equal keys, or the first: both are in the document.
            let name = field.prefix { $0 != ":" }
            let text = String(decoding: Self.document(revision: 1), as: UTF8.self)
            let rows = text.replacing(
                try Regex("\(name): \"[^\"]*\"", as: Substring.self), maxReplacements: 1
            ) { _ in field }
            let document = Data((rows == text ? text.replacing("\"quant\"", with: field + ", \"quant\"") : rows).utf8)
            let error = await #expect(throws: CatalogError.self) {
                try await desk.update(try desk.publisher.sign(document, version: 1))
            }
            #expect(error?.code == "catalog-malformed")
            #expect(desk.settings.storedCatalog == nil)
        }
    }

    @Test func `keys change by the word of the key before, once and in order`() async throws {
        try await withDesk { desk in
            let (first, second, thief) = (desk.publisher, CatalogPublisher(), CatalogPublisher())
            let change = try first.handOver(to: [second.publicKey], generation: 2)
            let forged = try thief.handOver(to: [thief.publicKey], generation: 2)
            func signed(_ by: CatalogPublisher, _ version: Int, _ changes: [String]) throws -> Data {
                try by.sign(Self.document(revision: version), version: version, changes: changes)
            }
            await #expect(throws: CatalogUpdateError.notTrusted) { try await desk.update(signed(second, 1, [])) }
            await #expect(throws: CatalogUpdateError.notTrusted) { try await desk.update(signed(thief, 1, [forged])) }
            try await desk.update(signed(second, 1, [change]))
            // From here on the second key alone counts, also where the thief has the first.
            await #expect(throws: CatalogUpdateError.notTrusted) { try await desk.update(signed(first, 2, [])) }
            let stolen = try first.handOver(to: [thief.publicKey], generation: 2)
            await #expect(throws: CatalogUpdateError.notTrusted) { try await desk.update(signed(thief, 2, [stolen])) }
            try await desk.update(signed(second, 2, [change]))
            #expect(desk.settings.storedCatalog?.version == 2)
        }
    }

    @Test func `without a key nothing is asked, and plain http is for this machine`() async throws {
        try await withDesk { desk in
            await #expect(throws: CatalogUpdateError.noKey) { try await desk.settings.updateCatalog() }
            await #expect(throws: CatalogUpdateError.noKey) {
                try await desk.settings.updateCatalog(from: "https://example.invalid/catalog")
            }
            await #expect(throws: CatalogUpdateError.noAddress) {
                try await desk.settings.updateCatalog(keys: desk.keys)
            }
            await #expect(throws: CatalogUpdateError.insecureAddress("http://example.invalid/catalog")) {
                try await desk.settings.updateCatalog(from: "http://example.invalid/catalog", keys: desk.keys)
            }
        }
    }

    @Test func `a key can be a PEM file`() {
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----
            """
        // RFC 8410, section 10.3.
        #expect(PublicKey(text: pem)?.description == "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
        #expect(PublicKey(text: "AAAA") == nil)
        #expect(PublicKey(text: "") == nil)
    }

    @Test func `a catalog that was cut off while it was stored leaves the old one`() async throws {
        try await withDesk { desk in
            try await desk.update(try desk.publisher.sign(Self.document(revision: 1), version: 1))
            let folder = desk.folder.appending("home/.local/share/slm")
            let stored = folder.appending("catalog.signed")
            let bytes = try stored.readBytes()
            try folder.appending("catalog.signed.tmp").write(Array(bytes.dropLast(40)))
            #expect(desk.settings.storedCatalog?.version == 1)
            try await desk.update(try desk.publisher.sign(Self.document(revision: 2), version: 2))
            #expect(desk.settings.storedCatalog?.version == 2)
            // A disk that has lost the end of it: the built-in one is as good.
            try stored.write(Array(bytes.dropLast(40)))
            #expect(desk.settings.storedCatalog == nil)
            #expect(try desk.settings.catalog().entries.count > 100)
        }
    }
}
