import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// Models that other programs have left on this disk.
@Suite struct AdoptTests {
    private func write(_ bytes: [UInt8], _ path: FilePath) throws {
        try FileManager.default.createDirectory(
            atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
        try path.write(bytes)
    }

    /// As Ollama keeps a model: a manifest, and blobs called by their digests.
    private func ollama(_ place: Place, _ name: String = "library/tiny/1b", blob: [UInt8]? = nil) throws {
        let root = place.folder.pushing(".ollama/models")
        let (config, bytes) = (Array(#"{"model_format": "gguf", "file_type": "Q8_0"}"#.utf8), model())
        let manifest = """
            {"schemaVersion": 2,
             "config": {"mediaType": "c", "size": \(config.count), "digest": "sha256:\(sha256(of: config))"},
             "layers": [{"mediaType": "application/vnd.ollama.image.model", "size": \(bytes.count),
                         "digest": "sha256:\(sha256(of: bytes))"}]}
            """
        try write(Array(manifest.utf8), root.pushing(FilePath("manifests/registry.ollama.ai/\(name)")))
        try write(config, root.pushing(FilePath("blobs/sha256-\(sha256(of: config))")))
        try write(blob ?? bytes, root.pushing(FilePath("blobs/sha256-\(sha256(of: bytes))")))
    }

    /// As huggingface_hub keeps a file: a blob, and a link to it under its name.
    private func hub(_ place: Place, _ path: String = "tiny-Q8_0.gguf", _ bytes: [UInt8] = model()) throws {
        let root = place.folder.pushing(".cache/huggingface/hub/models--o--tiny-GGUF")
        let blob = root.pushing(FilePath("blobs/\(sha256(of: model()))"))
        try write(bytes, blob)
        let link = root.pushing(FilePath("snapshots/\(String(repeating: "a", count: 40))/\(path)"))
        try FileManager.default.createDirectory(
            atPath: link.removingLastComponent().string, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: blob.string)
    }

    /// As huggingface_hub keeps a file that came by Xet: the blob is a link to where repositories share it.
    private func hubOfXet(_ place: Place, _ bytes: [UInt8] = model()) throws {
        let root = place.folder.pushing(".cache/huggingface/hub")
        let blob = root.pushing(FilePath("models--o--tiny-GGUF/blobs/\(sha256(of: model()))"))
        let hash = String(repeating: "c", count: 64)
        try write(bytes, root.pushing(FilePath("blobs/cc/\(hash)")))
        let link = root.pushing(
            FilePath("models--o--tiny-GGUF/snapshots/\(String(repeating: "a", count: 40))/tiny-Q8_0.gguf"))
        for (link, target) in [
            (blob, "../../blobs/cc/\(hash)"), (link, "../../blobs/\(sha256(of: model()))"),
        ] {
            try FileManager.default.createDirectory(
                atPath: link.removingLastComponent().string, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: target)
        }
    }

    private func listing(_ folder: FilePath) -> [String] {
        (FileManager.default.enumerator(atPath: folder.string)?.compactMap { $0 as? String } ?? []).sorted()
    }

    @Test func `a model of Ollama is taken in under its name, as the same file`() async throws {
        try await withPlace { place in
            try ollama(place)
            let before = listing(place.folder.appending(".ollama"))
            let shelf = try place.shelf()
            let adopted = try await shelf.adopt()
            #expect(adopted.map(\.ref) == ["ollama:library/tiny:1b"] || adopted.map(\.ref) == ["ollama:tiny:1b"])
            guard case .adopted(let kept)? = adopted.first?.outcome else {
                Issue.record("not adopted")
                return
            }
            #expect(kept.state == .ready && kept.files[0].proof == .sha256)
            #expect(try kept.path.readBytes() == AdoptTests.bytes)
            #expect(listing(place.folder.appending(".ollama")) == before)
            let status = FileStatus(of: kept.path)
            let theirs = FileStatus(of: adopted[0].source)
            // A second name, where the file system cannot share blocks.
            #expect(status?.inode == theirs?.inode || status?.links == 1)
            #expect(place.hub.requests.isEmpty)
            let again = try await shelf.adopt()
            guard case .alreadyHere? = again.first?.outcome else {
                Issue.record("taken in twice")
                return
            }
            #expect(listing(place.store.pushing(".slm/partial")).isEmpty)
        }
    }

    private static var bytes: [UInt8] { model() }

    @Test func `what came by Xet is held against its SHA-256, not against Xet's hash`() async throws {
        try await withPlace { place in
            try hubOfXet(place)
            let adopted = try await place.shelf().adopt()
            guard case .adopted(let kept)? = adopted.first?.outcome else {
                Issue.record("not adopted: \(adopted)")
                return
            }
            #expect(kept.files[0].proof == .sha256)
        }
        try await withPlace { place in
            var damaged = model()
            damaged[damaged.count - 1] ^= 1
            try hubOfXet(place, damaged)
            guard case .corrupt(let file, _, let expected, _)? = try await place.shelf().adopt().first?.outcome else {
                Issue.record("not refused")
                return
            }
            #expect(file == "tiny-Q8_0.gguf" && expected.hex == sha256(of: model()))
        }
    }

    @Test func `a blob that is not what it is called is named, and left alone`() async throws {
        try await withPlace { place in
            var damaged = model()
            damaged[damaged.count - 1] ^= 1
            try ollama(place, blob: damaged)
            let adopted = try await place.shelf().adopt()
            guard case .corrupt(_, let path, let expected, let actual)? = adopted.first?.outcome else {

                Issue.record("\(adopted)")
                return
            }
            #expect(expected.hex == sha256(of: model()) && actual.hex == sha256(of: damaged))
            #expect(try path.readBytes() == damaged)
            #expect(place.stored.isEmpty)
            #expect(listing(place.store.pushing(".slm/partial")).isEmpty)
        }
    }

    @Test func `the cache of the Hub is taken in, by path and commit`() async throws {
        try await withPlace { place in
            try hub(place, "sub/tiny-Q8_0.gguf")
            let adopted = try await place.shelf().adopt(AdoptOptions(programs: [.huggingFace]))
            guard case .adopted(let kept)? = adopted.first?.outcome else {
                Issue.record("\(adopted)")
                return
            }
            #expect(kept.ref == "hf:o/tiny-GGUF/sub/tiny-Q8_0.gguf")
            #expect(kept.files[0].origin?.hubFile?.revision == String(repeating: "a", count: 40))
            #expect(place.stored == ["o/tiny-GGUF/tiny-Q8_0.gguf"])
        }
    }

    @Test(arguments: [
        (".lmstudio/models/pub/repo/tiny-Q8_0.gguf", OtherProgram.lmStudio, "pub/repo/tiny-Q8_0.gguf"),
        (".cache/llama.cpp/o_repo_tiny-Q8_0.gguf", .llamaCpp, "local/llama.cpp/o_repo_tiny-Q8_0.gguf"),
        (".local/share/nomic.ai/GPT4All/tiny-Q8_0.gguf", .gpt4All, "local/GPT4All/tiny-Q8_0.gguf"),
        (".local/share/Jan/data/llamacpp/models/tiny/model.gguf", .jan, "local/tiny/model.gguf"),
    ])
    func `a plain folder's files are taken in`(path: String, program: OtherProgram, stored: String) async throws {
        try await withPlace { place in
            try write(model(), place.folder.pushing(FilePath(path)))
            let shelf = try place.shelf()
            let dry = try await shelf.adopt(AdoptOptions(isDry: true))
            #expect(dry.map(\.program) == [program])
            #expect(place.stored.isEmpty)
            let adopted = try await shelf.adopt()
            guard case .adopted(let kept)? = adopted.first?.outcome else {
                Issue.record("\(adopted)")
                return
            }
            #expect(kept.files[0].digest?.hex == sha256(of: AdoptTests.bytes))
            #expect(place.stored == [stored])
        }
    }

    @Test(arguments: [
        (
            ".local/share/ramalama/store/huggingface/o/tiny-GGUF/snapshots/sha256-0/sub/tiny-Q8_0.gguf",
            "hf:o/tiny-GGUF/sub/tiny-Q8_0.gguf"
        ),
        (
            ".cache/modelscope/models/o--tiny-GGUF/snapshots/master/tiny-Q8_0.gguf",
            "modelscope:o/tiny-GGUF/tiny-Q8_0.gguf"
        ),
    ])
    func `where folders say the repository, a model has its name`(path: String, ref: String) async throws {
        try await withPlace { place in
            try write(model(), place.folder.pushing(FilePath(path)))
            #expect(try await place.shelf().adopt().map(\.ref) == [ref])
            #expect(place.stored == ["o/tiny-GGUF/tiny-Q8_0.gguf"])
        }
    }

    @Test func `what the catalog knows by its content has the catalog's name`() async throws {
        try await withPlace { place in
            try write(model(), place.folder.pushing(".lmstudio/models/who/knows/what.gguf"))
            let adopted = try await place.shelf(SmallCatalog.tiny(digest: sha256(of: model()))).adopt()
            guard case .adopted(let kept)? = adopted.first?.outcome else {
                Issue.record("\(adopted)")
                return
            }
            #expect(kept.ref == "tiny:1b:q8_0")
            #expect(kept.files[0].origin?.hubFile?.reference.id == "o/tiny-GGUF")
        }
    }

    @Test func `a file that another program has is not fetched`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            try ollama(place)
            let (events, talk) = AsyncStream<GetEvent>.makeStream()
            let receipt = try await place.shelf().get("hf:o/tiny-GGUF") { talk.yield($0) }
            talk.finish()
            #expect(receipt.fetched == 0 && receipt.proof == .sha256)
            #expect(place.sent() == 0)
            var from: [OtherProgram] = []
            for await case .foundHere(_, let program, _) in events { from.append(program) }
            #expect(from == [.ollama])
        }
    }

    @Test func `a damaged file of another program is fetched all the same`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            var damaged = model()
            damaged[damaged.count - 1] ^= 1
            try hub(place, "tiny-Q8_0.gguf", damaged)
            let receipt = try await place.shelf().get("hf:o/tiny-GGUF")
            #expect(receipt.fetched == Int64(model().count))
            #expect(try place.bytes("o/tiny-GGUF/tiny-Q8_0.gguf") == model())
        }
    }
}
