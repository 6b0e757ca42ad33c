import Foundation
import Modelteca
import TestSupport
import Testing

@Suite struct ResolveTests {
    @Test func `a file that has changed at the hub is not fetched for the catalog's name`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model(2)])
            let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: model(1))))
            let (expected, now) = (try digest(of: model(1)), try digest(of: model(2)))
            await #expect { try await shelf.get("tiny") } throws: { error in
                guard case .changedUpstream("tiny:1b:q8_0", "o/tiny-GGUF", expected, now) = error as? ModeltecaError
                else { return false }
                return true
            }
            #expect(place.sent() == 0)
            #expect(place.stored.isEmpty)
        }
    }

    @Test func `a digest that the catalog does not know comes from the hub and is remembered`() async throws {
        try await withPlace { place in
            let commit = place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            let shelf = try place.shelf(SmallCatalog.tiny())
            let receipt = try await shelf.get("tiny")
            #expect(receipt.proof == .sha256)
            let pins = try await shelf.store.pins(for: "tiny:1b:q8_0")
            #expect(pins.map(\.digest) == [try digest(of: model())])
            #expect(pins.map(\.revision) == [commit])
            #expect(receipt.model.identity.revision == commit)
        }
    }

    @Test func `a digest that the catalog knows is not remembered beside it`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: model())))
            try await shelf.get("tiny")
            let pins = try await shelf.store.pins(for: "tiny:1b:q8_0")
            #expect(pins.isEmpty)
        }
    }

    @Test(arguments: [503, 429])
    func `a hub that fails is no obstacle where the catalog knows the digest`(status: Int) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            place.hub.script("/api/*", .status(status))
            let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: model())))
            let receipt = try await shelf.get("tiny")
            #expect(receipt.proof == .sha256)
            // What is stored would be the answer.
            _ = try await shelf.remove("tiny")
            let careless = try place.shelf(SmallCatalog.tiny())
            await #expect(throws: HubError.self) { try await careless.get("tiny") }
        }
    }

    @Test func `another publisher's copy serves when the first is gone`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "p/copy", files: ["copy-Q8_0.gguf": model()])
            let digest = sha256(of: model())
            let files = [
                SmallCatalog.File(repo: "o/tiny-GGUF", file: "tiny-Q8_0.gguf", digest: digest),
                SmallCatalog.File(repo: "p/copy", file: "copy-Q8_0.gguf", digest: digest),
            ]
            let catalog = try SmallCatalog(families: [("tiny", [.init(id: "1b", files: files)])]).read()
            let receipt = try await place.shelf(catalog).get("tiny")
            #expect(receipt.proof == .sha256)
            #expect(place.stored == ["o/tiny-GGUF/tiny-Q8_0.gguf"])
        }
    }

    @Test(arguments: [(Int64(64_000_000_000), "big"), (8_000_000_000, "middle"), (100_000_000, "small")])
    func `with no size named the largest that fits is taken, else the smallest`(
        memory: Int64, name: String
    ) async throws {
        try await withPlace { place in
            let names = ["small": 1_000_000_000, "middle": 4_000_000_000, "big": 30_000_000_000]
            place.hub.add(
                repo: "o/m", files: Dictionary(uniqueKeysWithValues: names.keys.map { ("\($0)-Q8_0.gguf", model()) }))
            let sizes = names.map { name, bytes in
                SmallCatalog.Size(
                    id: name, parameters: bytes,
                    files: [.init(repo: "o/m", file: "\(name)-Q8_0.gguf", bytes: bytes)])
            }
            let catalog = try SmallCatalog(families: [("m", sizes)]).read()
            let shelf = try place.shelf(catalog, memory: memory)
            let offer = try await shelf.resolve(shelf.reference("m"))
            #expect(offer.best(on: shelf.device, for: Workload()).variant.ref == "m:\(name):q8_0")
            #expect(place.hub.requests.isEmpty)
        }
    }

    @Suite struct ModelsWithoutFiles {
        private func prepare(_ place: Place) throws -> Shelf {
            let files = ["bare-Q8_0.gguf": model(1), "bare-Q4_0.gguf": model(2)]
            place.hub.add(repo: "a/Bare-GGUF", files: files, info: RepositoryInfo(baseModel: "up/Bare", downloads: 5))
            place.hub.add(
                repo: "b/Bare-GGUF", files: ["notes-GGUF.txt": [1]],
                info: RepositoryInfo(tags: ["gguf"], baseModel: "up/Bare", downloads: 50))
            let catalog = try SmallCatalog(families: [("bare", [.init(id: "1b", upstream: "up/Bare")])]).read()
            return try place.shelf(catalog)
        }

        @Test func `the hub is asked, and nothing is taken unasked`() async throws {
            try await withPlace { place in
                let shelf = try prepare(place)
                await #expect { try await shelf.get("bare") } throws: { error in
                    guard case .needsConfirmation("bare:1b", let found) = error as? ModeltecaError else { return false }
                    return found.map(\.id) == ["a/Bare-GGUF"]
                }
                await #expect { try await shelf.get("bare", options: GetOptions(choose: { _, _ in nil })) } throws: {
                    ($0 as? ModeltecaError)?.code == "declined"
                }
                #expect(place.stored.isEmpty)
            }
        }

        @Test func `what was chosen once goes by the catalog's name and need not be chosen again`() async throws {
            try await withPlace { place in
                let shelf = try prepare(place)
                let receipt = try await shelf.get("bare", options: GetOptions(choose: { $1.first }))
                #expect(receipt.model.ref == "bare:1b:q4_0")
                #expect(place.stored == ["a/Bare-GGUF/bare-Q4_0.gguf"])
                let again = try await shelf.get("bare:1b")
                #expect(again.wasThere)
                let other = try await shelf.get("bare:1b:q8_0")
                #expect(other.model.ref == "bare:1b:q8_0")
            }
        }

        @Test func `nobody who has any is said with the original's name`() async throws {
            try await withPlace { place in
                let catalog = try SmallCatalog(families: [("bare", [.init(id: "1b", upstream: "up/None")])]).read()
                let shelf = try place.shelf(catalog)
                await #expect(throws: HubError.noQuantizationsOf(upstream: ["up/None"])) { try await shelf.get("bare") }
            }
        }
    }
}
