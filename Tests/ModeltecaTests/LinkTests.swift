import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// Stored models that other programs use too.
@Suite struct LinkTests {
    private func withModel(_ body: (Place, Shelf, StoredModel) async throws -> Void) async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["sub/tiny-Q8_0.gguf": model()])
            let shelf = try place.shelf()
            try await body(place, shelf, try await shelf.get("hf:o/tiny-GGUF").model)
        }
    }

    private func exists(_ path: FilePath) -> Bool { FileStatus(of: path) != nil }

    @Test func `a folder's link leads to the stored file, and goes with the model`() async throws {
        try await withModel { place, shelf, stored in
            let folder = place.folder.appending("models")
            let link = folder.appending("tiny-Q8_0.gguf")
            let links = try await shelf.link("hf:o/tiny-GGUF", to: .folder(folder))
            #expect(links.map(\.path) == [link.string])
            #expect(try link.readBytes() == model())
            #expect(FileStatus(of: link)?.kind == .link)
            #expect(try await shelf.link("hf:o/tiny-GGUF", to: .folder(folder)) == links)
            _ = try await shelf.remove("hf:o/tiny-GGUF")
            #expect(!exists(link))
            #expect(try shelf.links(of: nil).isEmpty)
        }
    }

    @Test func `LM Studio finds it under its publisher, when it is here`() async throws {
        try await withModel { place, shelf, stored in
            await #expect(throws: LinkError.self) { try await shelf.link("hf:o/tiny-GGUF", to: .lmStudio) }
            let root = place.folder.pushing(".lmstudio/models")
            try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: true)
            _ = try await shelf.link("hf:o/tiny-GGUF", to: .lmStudio)
            let link = root.pushing("o/tiny-GGUF/tiny-Q8_0.gguf")
            #expect(try link.readBytes() == model())
            try await shelf.unlink("hf:o/tiny-GGUF", from: .lmStudio)
            #expect(!exists(root.appending("o")) && exists(root) && exists(stored.path))
        }
    }

    @Test func `the Hub's cache has it as its own programs put it there`() async throws {
        try await withModel { place, shelf, stored in
            _ = try await shelf.link("hf:o/tiny-GGUF", to: .huggingFace)
            let root = place.folder.pushing(".cache/huggingface/hub/models--o--tiny-GGUF")
            let commit = try #require(stored.files[0].origin?.hubFile?.revision)
            #expect(try root.pushing("refs/main").readBytes() == Array(commit.utf8))
            let link = root.pushing(FilePath("snapshots/\(commit)/sub/tiny-Q8_0.gguf"))
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: link.string)
            #expect(target == "../../../blobs/\(sha256(of: model()))")
            #expect(try link.readBytes() == model())
            // What that cache's own program removes is not the stored file.
            try await shelf.unlink("hf:o/tiny-GGUF", from: nil)
            #expect(!exists(link) && exists(stored.path))
            #expect(try await shelf.verify([]).map(\.state) == [.ready])
        }
    }

    @Test(arguments: [true, false])
    func `what the Hub's own program has in its cache stays`(hasSnapshot: Bool) async throws {
        try await withModel { place, shelf, stored in
            let root = place.folder.pushing(".cache/huggingface/hub/models--o--tiny-GGUF")
            let commit = try #require(stored.files[0].origin?.hubFile?.revision)
            let blob = root.pushing(FilePath("blobs/\(sha256(of: model()))"))
            let theirs = root.pushing(FilePath("snapshots/\(commit)/sub/tiny-Q8_0.gguf"))
            for folder in [blob, theirs] {
                try FileManager.default.createDirectory(
                    atPath: folder.removingLastComponent().string, withIntermediateDirectories: true)
            }
            // As `slm adopt` leaves it: one file with two names.
            try FileManager.default.linkItem(atPath: stored.path.string, toPath: blob.string)
            if hasSnapshot {
                let target = "../../../blobs/\(sha256(of: model()))"
                try FileManager.default.createSymbolicLink(atPath: theirs.string, withDestinationPath: target)
            }
            _ = try await shelf.link("hf:o/tiny-GGUF", to: .huggingFace)
            #expect(try theirs.readBytes() == model())
            _ = try await shelf.remove("hf:o/tiny-GGUF")
            #expect(try blob.readBytes() == model())
            #expect(exists(theirs) == hasSnapshot)
            // Of a commit that is theirs they may have moved it on.
            #expect(exists(root.appending("refs")) == hasSnapshot)
        }
    }

    @Test func `in the Hub's cache a model goes when nothing of ours needs it any more`() async throws {
        try await withModel { place, shelf, stored in
            let commit = try #require(stored.files[0].origin?.hubFile?.revision)
            let pinned = try await shelf.get("hf:o/tiny-GGUF/sub/tiny-Q8_0.gguf@\(commit)").model.ref
            let root = place.folder.pushing(".cache/huggingface/hub/models--o--tiny-GGUF")
            // Who asks for a commit says nothing of where `main` is.
            _ = try await shelf.link(pinned, to: .huggingFace)
            #expect(!exists(root.appending("refs")))
            _ = try await shelf.link(stored.ref, to: .huggingFace)
            #expect(exists(root.pushing("refs/main")))
            try await shelf.unlink(stored.ref, from: nil)
            #expect(exists(root.pushing(FilePath("blobs/\(sha256(of: model()))"))))
            try await shelf.unlink(pinned, from: nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root.removingLastComponent().string).isEmpty)
        }
    }

    @Test func `a model does not take another's link`() async throws {
        try await withModel { place, shelf, stored in
            let folder = place.folder.appending("models")
            _ = try await shelf.link("hf:o/tiny-GGUF", to: .folder(folder))
            let commit = try #require(stored.files[0].origin?.hubFile?.revision)
            let pinned = try await shelf.get("hf:o/tiny-GGUF/sub/tiny-Q8_0.gguf@\(commit)").model.ref
            let link = folder.appending("tiny-Q8_0.gguf")
            await #expect(throws: LinkError.occupied(path: link)) {
                try await shelf.link(pinned, to: .folder(folder))
            }
            #expect(try await shelf.unlink(stored.ref, from: nil).map(\.path) == [link.string])
        }
    }

    @Test func `Ollama gets a Modelfile`() async throws {
        try await withModel { place, shelf, stored in
            let links = try await shelf.link("hf:o/tiny-GGUF", to: .ollama)
            let text = String(decoding: try FilePath(try #require(links.first).path).readBytes(), as: UTF8.self)
            #expect(text == "FROM \(stored.path)\n")
        }
    }

    @Test func `what somebody else has put there stays`() async throws {
        try await withModel { place, shelf, stored in
            let theirs = place.folder.appending("tiny-Q8_0.gguf")
            try theirs.write([1])
            await #expect(throws: LinkError.occupied(path: theirs)) {
                try await shelf.link("hf:o/tiny-GGUF", to: .folder(place.folder))
            }
            #expect(try theirs.readBytes() == [1])
        }
    }
}
