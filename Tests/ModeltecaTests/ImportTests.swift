import Foundation
import Modelteca
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Files and folders that are taken in, and models that are carried to another machine.
@Suite struct ImportTests {
    private static var bytes: [UInt8] { model() }

    private func outcome(_ imported: Imported?) -> String {
        switch imported?.outcome {
        case .imported(let model): "imported \(model.ref)"
        case .alreadyHere(let model): "here \(model.ref)"
        case .failed(let error): "failed \((error as? any CodedError)?.code ?? "\(error)")"
        case nil: "nothing"
        }
    }

    private func link(_ path: FilePath, to target: FilePath) throws {
        try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target.string)
    }

    private func isThere(_ path: FilePath) -> Bool { FileStatus(of: path) != nil }

    @Test func `a file is taken in under a name of its own, and once`() async throws {
        try await withPlace { place in
            let file = place.folder.pushing("files/some-Q8_0.gguf")
            try file.write(Self.bytes)
            let shelf = try place.shelf()
            let first = try await shelf.take(in: [file])
            #expect(first.map(outcome) == ["imported local/files/some-Q8_0.gguf"])
            #expect(first[0].lacks == [.digest])
            #expect(try place.bytes("local/files/some-Q8_0.gguf") == Self.bytes)
            #expect(try file.readBytes() == Self.bytes)
            let stored = try await shelf.store.models()
            #expect(stored.map(\.state) == [.ready] && stored[0].identity.quantization == "Q8_0")

            // The same content under another name is not copied; another content with the same name is another model.
            let again = place.folder.pushing("other/again.gguf")
            try again.write(Self.bytes)
            #expect(try await shelf.take(in: [again]).map(outcome) == ["here local/files/some-Q8_0.gguf"])
            let twin = place.folder.pushing("elsewhere/files/some-Q8_0.gguf")
            try twin.write(model(2))
            let other = try await shelf.take(in: [twin])
            #expect(outcome(other.first).hasPrefix("imported local/files-"))
            #expect(try await shelf.store.models().count == 2)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.partials.string).isEmpty)
        }
    }

    @Test func `what the catalog knows by its digest has the catalog's name, whatever it was called`() async throws {
        try await withPlace { place in
            let file = place.folder.pushing("files/blob")
            try file.write(Self.bytes)
            let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: Self.bytes)))
            let imported = try await shelf.take(in: [file])
            #expect(imported.map(outcome) == ["imported tiny:1b:q8_0"])
            #expect(imported[0].recognition == .catalog && !imported[0].lacks.contains(.digest))
            #expect(place.stored == ["o/tiny-GGUF/tiny-Q8_0.gguf"])
        }
    }

    @Test func `a folder's shards and projector are one model, and what is no model is passed over`() async throws {
        try await withPlace { place in
            let folder = place.folder.appending("folder")
            for number in 1...2 {
                try folder.appending("big-Q8_0-0000\(number)-of-00002.gguf").write(model(UInt64(number)))
            }
            try folder.appending("mmproj-big-f16.gguf").write(model(3))
            try folder.appending("half-00001-of-00002.gguf").write(model(4))
            try folder.appending("page.gguf").write(Array("<html>".utf8))
            try folder.appending("notes.txt").write([1])
            try link(folder.appending("around"), to: folder)
            try link(folder.appending("single.gguf"), to: place.folder.appending("single.gguf"))
            try place.folder.appending("single.gguf").write(model(5))
            let imported = try await place.shelf().take(in: [folder], .move)
            let outcomes = Set(imported.map(outcome))
            #expect(
                outcomes == [
                    "imported local/folder/big-Q8_0-00001-of-00002.gguf", "failed parts-missing", "failed not-gguf",
                    "imported local/folder/single.gguf",
                ])
            let big = try await place.shelf().stored("local/folder/big-Q8_0-00001-of-00002.gguf")
            #expect(
                big?.files.map(\.name) == [
                    "big-Q8_0-00001-of-00002.gguf", "big-Q8_0-00002-of-00002.gguf", "mmproj-big-f16.gguf",
                ])
            // What was taken in is gone from there; what could not be, and what a link leads to, stays.
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
            #expect(left == ["around", "half-00001-of-00002.gguf", "notes.txt", "page.gguf", "single.gguf"])
            #expect(isThere(place.folder.appending("single.gguf")))
        }
    }

    @Test func `what is left of a model when a process died while it moved it in goes the next time`() async throws {
        try await withPlace { place in
            let parts = (1...3).map { place.folder.pushing(FilePath("folder/big-Q8_0-0000\($0)-of-00003.gguf")) }
            for (number, part) in parts.enumerated() { try part.write(model(UInt64(number))) }
            let shelf = try place.shelf()
            let ref = "local/folder/big-Q8_0-00001-of-00003.gguf"
            #expect(try await shelf.take(in: [parts[0]], .copy).map(outcome) == ["imported \(ref)"])
            try FileManager.default.removeItem(atPath: parts[0].string)

            // One that the store does not have stays, and is still said to lack the others.
            try parts[1].write(model(7))
            #expect(try await shelf.take(in: [parts[1]], .move).map(outcome) == ["failed parts-missing"])
            #expect(isThere(parts[1]) && isThere(parts[2]))
            try parts[1].write(model(1))
            let rest = try await shelf.take(in: [place.folder.appending("folder")], .move)
            #expect(rest.map(outcome) == ["here \(ref)"] && rest[0].isMoved)
            #expect(!isThere(parts[1]) && !isThere(parts[2]))
            #expect(try await shelf.stored(ref)?.state == .ready)
        }
    }

    @Test func `what is in the store, cut short, not there or in the way is said, and nothing is lost`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let file = place.folder.pushing("a/one.gguf")
            try file.write(Self.bytes)
            _ = try await shelf.take(in: [file])
            let stored = place.store.pushing("local/a/one.gguf")
            #expect(try await shelf.take(in: [stored], .move).map(outcome) == ["failed inside-store"])
            #expect(try await shelf.take(in: [place.folder], .move).count == 1)
            #expect(isThere(stored) && !isThere(file))

            let cut = place.folder.pushing("b/cut.gguf")
            try cut.write(Array(model(2).dropLast(9000)))
            #expect(try await shelf.take(in: [cut], .move).map(outcome) == ["failed cut-short"])
            #expect(try await shelf.take(in: [place.folder.appending("none")]).map(outcome) == ["failed no-such-file"])
            let empty = place.folder.appending("empty")
            try FileManager.default.createDirectory(atPath: empty.string, withIntermediateDirectories: true)
            #expect(try await shelf.take(in: [empty]).map(outcome) == ["failed nothing-to-import"])

            let whole = place.folder.pushing("b/whole.gguf")
            try whole.write(model(3))
            try place.store.pushing("local/b/whole.gguf/inside").write([1])
            #expect(try await shelf.take(in: [whole], .move).map(outcome) == ["failed occupied"])
            #expect(isThere(cut) && isThere(whole))
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.partials.string).isEmpty)
        }
    }

    @Test func `a named folder is searched to its end, and what systems leave in it is passed over`() async throws {
        try await withPlace { place in
            let root = place.folder.appending("all")
            let deep = root.pushing("1/2/3/4/5/6/7/8/9/deep/one-Q8_0.gguf")
            try deep.write(Self.bytes)
            try root.pushing("1/._one-Q8_0.gguf").write([0, 5, 22, 7])
            try root.pushing(".Trash-1000/files/two-Q8_0.gguf").write(model(2))
            try root.pushing("1/strange.gguf").write(Array("no GGUF".utf8))
            let seen = Mutex(0)
            let imported = try await place.shelf().take(
                in: [root], onFolder: { count in seen.withLock { $0 = max($0, count) } })
            #expect(imported.map(outcome).sorted() == ["failed not-gguf", "imported local/deep/one-Q8_0.gguf"])
            #expect(seen.withLock { $0 } == 2)
        }
    }

    @Test func `two imports of the same file store it once`() async throws {
        try await withPlace { place in
            let file = place.folder.pushing("a/one.gguf")
            try file.write(Self.bytes)
            async let one = try place.shelf().take(in: [file])
            async let two = try place.shelf().take(in: [file])
            let outcomes = try await (one + two).map(outcome).sorted()
            #expect(outcomes == ["here local/a/one.gguf", "imported local/a/one.gguf"])
            #expect(try await place.shelf().store.models().count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.partials.string).isEmpty)
        }
    }

    @Test func `a file that changes while it is read is not taken in`() async throws {
        try await withPlace { place in
            let file = place.folder.pushing("a/one.gguf")
            try file.write(Self.bytes)
            let imported = try await place.shelf().take(in: [file], .copy) { _, done, size in
                // Once all of it is copied and none of it proven; where the disk shares blocks nothing is copied.
                guard done == size, let open = try? FileDescriptor.open(file, .writeOnly) else { return }
                _ = try? open.writeAll(toAbsoluteOffset: 5000, [1, 2, 3])
                try? open.close()
            }
            let isShared = try file.readBytes() == Self.bytes
            #expect(outcome(imported.first) == (isShared ? "imported local/a/one.gguf" : "failed changed-meanwhile"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.partials.string).isEmpty)
        }
    }

    // MARK: Carried elsewhere

    private func stick(_ place: Place) async throws -> FilePath {
        place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": Self.bytes])
        let shelf = try place.shelf(SmallCatalog.tiny(digest: sha256(of: Self.bytes)))
        try await shelf.get("tiny:1b")
        let stick = place.folder.appending("stick")
        _ = try await shelf.export(["tiny:1b"], to: stick)
        return stick
    }

    /// Another machine, which has neither the network nor the catalog.
    private func elsewhere(_ place: Place, _ name: String = "elsewhere") throws -> Shelf {
        try place.shelf(SmallCatalog(families: [("other", [.init(id: "1b", files: [])])]).read()) { settings in
            settings.store = place.folder.appending(name)
            settings.isOffline = true
        }
    }

    @Test func `what is exported is verified, and taken in elsewhere without the network`() async throws {
        try await withPlace { place in
            let stick = try await stick(place)
            let file = stick.pushing("o/tiny-GGUF/tiny-Q8_0.gguf")
            #expect(try file.readBytes() == Self.bytes)
            let sums = String(decoding: try stick.appending("SHA256SUMS").readBytes(), as: UTF8.self)
            #expect(sums == "\(sha256(of: Self.bytes))  o/tiny-GGUF/tiny-Q8_0.gguf\n")
            let manifest = String(decoding: try stick.appending("slm-export.json").readBytes(), as: UTF8.self)
            #expect(manifest.contains("\"MIT\"") && manifest.contains("resolve/"))

            let sent = place.hub.requests.count
            let shelf = try elsewhere(place)
            let imported = try await shelf.take(in: [stick])
            #expect(imported.map(outcome) == ["imported tiny:1b:q8_0"])
            #expect(imported[0].recognition == .manifest)
            let model = try #require(try await shelf.store.models().first)
            #expect(model.identity.license == "MIT" && model.files[0].origin?.hubFile?.reference.id == "o/tiny-GGUF")
            #expect(place.hub.requests.count == sent)

            // One bit on the way, and it is not taken in.
            var damaged = Self.bytes
            damaged[damaged.count - 1] ^= 1
            try file.write(damaged)
            let refused = try await elsewhere(place, "third").take(in: [stick])
            #expect(refused.map(outcome) == ["failed digest-mismatch"])
            guard
                case .failed(ImportError.damaged(file, _, ref: "tiny:1b:q8_0", host: "127.0.0.1"))? = refused.first?
                    .outcome
            else { return #expect(refused.isEmpty) }
            try file.write(Array(damaged.dropLast()))
            #expect(try await elsewhere(place, "third").take(in: [stick]).map(outcome) == ["failed size-mismatch"])
            // A second export mends it, and says how much that took.
            let again = try await place.shelf().export(["tiny:1b:q8_0"], to: stick)
            #expect(again.map(\.written) == [Int64(Self.bytes.count)])
            #expect(try file.readBytes() == Self.bytes)
            #expect(try await place.shelf().export(["tiny:1b:q8_0"], to: stick).map(\.written) == [0])
        }
    }

    @Test func `an export goes on where it was interrupted, and proves what was there`() async throws {
        try await withPlace { place in
            let stick = try await stick(place)
            let folder = stick.pushing("o/tiny-GGUF")
            let partial = folder.appending(".slm-\(sha256(of: Self.bytes).prefix(32)).part")
            for (left, written) in [(Array(Self.bytes.prefix(9000)), -9000), ([UInt8](repeating: 7, count: 9000), 0)] {
                try FileManager.default.removeItem(atPath: folder.appending("tiny-Q8_0.gguf").string)
                try partial.write(left)
                let again = try await place.shelf().export(["tiny:1b:q8_0"], to: stick)
                #expect(again.map(\.written) == [Int64(Self.bytes.count + written)])
                #expect(try folder.appending("tiny-Q8_0.gguf").readBytes() == Self.bytes)
                #expect(!isThere(partial))
            }
        }
    }

    @Test func `an export overwrites nothing that is not its own, and knows what a disk takes`() async throws {
        try await withPlace { place in
            _ = try await stick(place)
            let shelf = try place.shelf()
            let other = place.folder.appending("other")
            let strange = other.pushing("o/tiny-GGUF/tiny-Q8_0.gguf")
            try strange.write([1, 2, 3])
            await #expect(throws: StoreError.occupied(path: strange)) {
                try await shelf.export(["tiny:1b:q8_0"], to: other)
            }
            #expect(try strange.readBytes() == [1, 2, 3])
            let fat = place.folder.appending("fat")
            await #expect(
                throws: ExportError.fileTooLarge(
                    file: "tiny-Q8_0.gguf", size: Int64(Self.bytes.count), limit: 1000, folder: fat)
            ) {
                try await shelf.export(["tiny:1b:q8_0"], to: fat, fileLimit: { _ in 1000 })
            }
            await #expect(throws: ExportError.insideStore(path: place.store.appending("x"))) {
                try await shelf.export(["tiny:1b:q8_0"], to: place.store.appending("x"))
            }
            await #expect(throws: StoreError.notStored(ref: "none:1b")) {
                try await shelf.export(["tiny:1b:q8_0", "none:1b"], to: other)
            }
        }
    }

    @Test(arguments: [
        ("o/tiny-GGUF/tiny-Q8_0.gguf", "../outside.gguf"), ("o/tiny-GGUF/tiny-Q8_0.gguf", "/etc/passwd"),
        ("\"publisher\" : \"o\"", "\"publisher\" : \"..\""), ("slm-export-1", "slm-export-9"), ("{", "["),
    ])
    func `a manifest that leads elsewhere is refused as a whole`(from: String, to: String) async throws {
        try await withPlace { place in
            let stick = try await stick(place)
            let path = stick.appending("slm-export.json")
            let text = String(decoding: try path.readBytes(), as: UTF8.self)
            try path.write(Array(text.replacing(from, with: to, maxReplacements: 1).utf8))
            let shelf = try elsewhere(place)
            #expect(try await shelf.take(in: [stick]).map(outcome) == ["failed bad-manifest"])
            #expect(try await shelf.store.models().isEmpty)
        }
    }

    @Test func `a manifest without a model is said`() async throws {
        try await withPlace { place in
            let manifest = place.folder.pushing("stick/slm-export.json")
            try manifest.write(Array(#"{"format": "slm-export-1", "models": []}"#.utf8))
            let imported = try await place.shelf().take(in: [manifest.removingLastComponent()])
            #expect(imported.map(outcome) == ["failed nothing-to-import"])
        }
    }

    @Test func `a manifest's files are files, and the sums of a plain folder count`() async throws {
        try await withPlace { place in
            let stick = try await stick(place)
            let file = stick.pushing("o/tiny-GGUF/tiny-Q8_0.gguf")
            let moved = place.folder.appending("moved.gguf")
            try FileManager.default.moveItem(atPath: file.string, toPath: moved.string)
            #expect(try await elsewhere(place).take(in: [stick]).map(outcome) == ["failed no-such-file"])
            try link(file, to: moved)
            #expect(try await elsewhere(place).take(in: [stick]).map(outcome) == ["failed manifest-link"])
            try FileManager.default.removeItem(atPath: file.string)
            try file.write(model(2))
            try FileManager.default.removeItem(atPath: stick.appending("slm-export.json").string)
            #expect(try await elsewhere(place).take(in: [stick]).map(outcome) == ["failed digest-mismatch"])
        }
    }
}
