import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct GetTests {
    private static let path = "o/tiny-GGUF/tiny-Q8_0.gguf"

    /// Beside the hub a plain origin on another port.
    private func withPlaceAndOrigin(_ body: (Place, LoopbackHub) async throws -> Void) async throws {
        try await withLoopbackHub { origin in try await withPlace { try await body($0, origin) } }
    }

    private func publish(_ place: Place, _ bytes: [UInt8] = model()) {
        place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": bytes])
    }

    @Test func `a catalog name becomes a proven file, and the second time nothing comes`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: model())))
            let receipt = try await shelf.get("tiny")
            #expect(receipt.model.ref == "tiny:1b:q8_0")
            #expect(receipt.proof == .sha256)
            #expect(!receipt.wasThere)
            #expect(receipt.fetched == Int64(model().count))
            #expect(receipt.model.path == place.store.pushing(FilePath(Self.path)))
            #expect(try place.bytes(Self.path) == model())
            let sent = place.sent()

            let again = try await shelf.get("TINY:1b:Q8_0")
            #expect(again.wasThere)
            #expect(again.fetched == 0)
            #expect(again.model == receipt.model)
            #expect(place.sent() == sent)
        }
    }

    @Test(arguments: [
        "hf:o/tiny-GGUF", "o/tiny-GGUF", "hf:o/tiny-GGUF:q8_0", "hf:o/tiny-GGUF/tiny-Q8_0.gguf",
        "https://huggingface.co/o/tiny-GGUF/blob/main/tiny-Q8_0.gguf", "hf.co/o/tiny-GGUF:Q8_0",
        "{hub}/o/tiny-GGUF/resolve/main/tiny-Q8_0.gguf?download=true",
    ])
    func `a file of the hub can be named in every way, and comes once`(text: String) async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            let text = text.replacing("{hub}", with: place.hub.address)
            let receipt = try await shelf.get(text)
            #expect(place.stored == [Self.path])
            #expect(receipt.proof == .sha256)
            #expect(receipt.model.identity.license == "apache-2.0")
            let again = try await shelf.get(text)
            #expect(again.wasThere)
            #expect(place.sent() == model().count)
        }
    }

    @Test func `a plain address is taken as it is, and not fetched again while it stays the same`() async throws {
        try await withPlaceAndOrigin { place, origin in
            let url = origin.addFile("some/m-Q8_0.gguf", model(1))
            let shelf = try place.shelf()
            let receipt = try await shelf.get(url.absoluteString)
            #expect(receipt.proof != .sha256)
            #expect(place.stored == ["127.0.0.1/some/m-Q8_0.gguf"])
            let again = try await shelf.get(url.absoluteString)
            #expect(again.wasThere)
            #expect(origin.bytesSent(for: "*") == model(1).count)

            origin.addFile("some/m-Q8_0.gguf", model(2, bytes: 128 << 10))
            let third = try await shelf.get(url.absoluteString)
            #expect(!third.wasThere)
            #expect(try third.model.path.readBytes() == model(2, bytes: 128 << 10))
        }
    }

    @Test func `a digest from the user proves a plain address`() async throws {
        try await withPlaceAndOrigin { place, origin in
            let url = origin.addFile("m.gguf", model(1))
            let shelf = try place.shelf()
            let wrong = try digest(of: model(2))
            let right = try digest(of: model(1))
            await #expect(throws: DownloadError.digestMismatch(file: "m.gguf", expected: wrong, actual: right)) {
                try await shelf.get(url.absoluteString, options: GetOptions(digest: wrong))
            }
            #expect(place.stored.isEmpty)
            let receipt = try await shelf.get(url.absoluteString, options: GetOptions(digest: right))
            #expect(receipt.proof == .sha256)
        }
    }

    @Test func `a digest from the user is held against what the hub says before a byte comes`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            let wrong = try digest(of: model(9))
            await #expect { try await shelf.get("hf:o/tiny-GGUF", options: GetOptions(digest: wrong)) } throws: {
                ($0 as? DownloadError)?.code == "digest-mismatch"
            }
            #expect(place.sent() == 0)
        }
    }

    @Test func `one digest cannot prove a split model`() async throws {
        try await withPlace { place in
            place.hub.add(
                repo: "o/m", files: ["m-00001-of-00002.gguf": model(1), "m-00002-of-00002.gguf": model(2)])
            let shelf = try place.shelf()
            let wish = try digest(of: model(1))
            await #expect { try await shelf.get("hf:o/m", options: GetOptions(digest: wish)) } throws: {
                ($0 as? ModeltecaError)?.code == "digest-not-possible"
            }
            let receipt = try await shelf.get("hf:o/m")
            #expect(receipt.model.files.map(\.name) == ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"])
            #expect(receipt.fetched == Int64(model(1).count + model(2).count))
        }
    }

    @Test func `a path on this disk is copied in, and not again`() async throws {
        try await withPlace { place in
            let file = place.folder.appending("mine/m-Q8_0.gguf")
            try file.write(model())
            // What is as old as the store's own copy, to the second, may have been changed since.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: file.string)
            let shelf = try place.shelf()
            for text in [file.string, "file://\(file.string)", "~/mine/m-Q8_0.gguf"] {
                let receipt = try await shelf.get(text)
                #expect(receipt.model.ref == file.string)
                #expect(receipt.wasThere == (text != file.string))
            }
            #expect(place.stored == ["local/mine/m-Q8_0.gguf"])
            #expect(try place.bytes("local/mine/m-Q8_0.gguf") == model())
            #expect(try file.readBytes() == model())
        }
    }

    @Test func `content that is here under another name is not fetched`() async throws {
        try await withPlace { place in
            publish(place)
            place.hub.add(repo: "p/copy-GGUF", files: ["copy-Q8_0.gguf": model()])
            let shelf = try place.shelf(SmallCatalog.tiny())
            try await shelf.get("tiny")
            let receipt = try await shelf.get("hf:p/copy-GGUF")
            #expect(receipt.fetched == 0)
            #expect(place.stored == [Self.path, "p/copy-GGUF/copy-Q8_0.gguf"])
            #expect(place.sent() == model().count)
            #expect(receipt.model.state == .ready)
            let verified = try await shelf.verify([])
            #expect(verified.map(\.state) == [.ready, .ready])
        }
    }

    @Test func `two shelves that want one model fetch it once`() async throws {
        try await withPlace { place in
            publish(place, model(1, bytes: 2 << 20))
            let (one, other) = (try place.shelf(), try place.shelf())
            async let first = one.get("hf:o/tiny-GGUF")
            async let second = other.get("hf:o/tiny-GGUF")
            let receipts = try await [first, second]
            #expect(receipts.count { $0.wasThere } == 1)
            #expect(place.sent() == model(1, bytes: 2 << 20).count)
        }
    }

    @Test func `who has to wait for another process says so, and goes on after it`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            let lock = try await shelf.store.lock("content \(sha256(of: model()))")
            let receipt = try await shelf.get("hf:o/tiny-GGUF") { event in
                if case .waitingForOther("hf:o/tiny-GGUF:Q8_0") = event { lock.release() }
            }
            #expect(receipt.model.state == .ready)
        }
    }

    @Test func `events tell what was chosen and how it went`() async throws {
        try await withPlace { place in
            publish(place)
            let shelf = try place.shelf()
            let (events, talk) = AsyncStream<GetEvent>.makeStream()
            try await shelf.get("hf:o/tiny-GGUF") { talk.yield($0) }
            talk.finish()
            var phases: [TransferEvent.Phase] = []
            var chosen: [String] = []
            for await event in events {
                switch event {
                case .resolved(let variant, _): chosen.append(variant.ref)
                case .transfer(let transfer): phases.append(transfer.phase)
                case .unreadable: Issue.record("all of the list can be read")
                case .waitingForOther: Issue.record("nobody else is here")
                case .foundHere: Issue.record("no other program is here")
                }
            }
            #expect(chosen == ["hf:o/tiny-GGUF:Q8_0"])
            #expect(phases.last == .done)
        }
    }
}
