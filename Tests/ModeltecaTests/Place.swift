import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// A loopback hub and a folder of its own, with everything that a shelf needs to find both.
struct Place {
    let hub: LoopbackHub
    let folder: FilePath

    var store: FilePath { folder.appending("store") }
    /// Where what is half here collects.
    var partials: FilePath { store.pushing(".slm/partial") }

    /// Another one of these is what another process would have.
    func shelf(
        _ catalog: Catalog? = nil, memory: Int64 = 8_000_000_000, _ change: (inout Shelf.Settings) -> Void = { _ in }
    ) throws -> Shelf {
        var settings = Shelf.Settings(environment: [
            "HOME": folder.string, "SLM_STORE": store.string, "HF_ENDPOINT": hub.address,
            "OLLAMA_REGISTRY": hub.address, "PATH": folder.appending("bin").string,
        ])
        settings.metadataRetry = RetryPolicy(tries: 2, firstDelay: 0.001, longestRequestedDelay: 20)
        settings.transfer.retry = RetryPolicy(tries: 2, firstDelay: 0.001, longestDelay: 0.01)
        change(&settings)
        return Shelf(
            catalog: try catalog ?? Catalog.builtIn(),
            device: Device(ramTotal: memory, ramAvailable: memory), settings: settings)
    }

    /// The files of models in the store, by path.
    var stored: [String] {
        let paths = FileManager.default.enumerator(atPath: store.string)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".gguf") && !$0.hasPrefix(".slm") }.sorted()
    }

    func bytes(_ path: String) throws -> [UInt8] { try store.pushing(FilePath(path)).readBytes() }

    /// Bytes of model files that were sent, by either port.
    func sent(_ name: String = "*.gguf") -> Int { hub.bytesSent(for: name) }
}

/// A place for the length of a body; all of it is removed whatever happens.
func withPlace<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (Place) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        try await withLoopbackHub { hub in
            let place = Place(hub: hub, folder: folder)
            // Its name is given, so it has to be there.
            try FileManager.default.createDirectory(atPath: place.store.string, withIntermediateDirectories: false)
            return try await body(place)
        }
    }
}

/// Small, and different for every seed.
func model(_ seed: UInt64 = 1, bytes: Int = 64 << 10) -> [UInt8] {
    GGUFBuilder.tinyLlama(seed: seed, tensorBytes: bytes).build()
}

func digest(of bytes: [UInt8]) throws -> Digest { try #require(Digest(hex: sha256(of: bytes))) }

/// A catalog of a few models, as far as a test describes them.
struct SmallCatalog {
    struct Size {
        var id: String
        var parameters = 1_000_000_000
        var upstream: String?
        var files: [File] = []
    }

    struct File {
        var repo: String
        var file: String
        var quant = "Q8_0"
        var bytes: Int?
        var digest: String?
    }

    var families: [(id: String, sizes: [Size])]
    var knownBad: [String] = []

    func read() throws -> Catalog {
        func text(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "null" }
        func file(_ file: File) -> String {
            """
            {"repo": "\(file.repo)", "file": "\(file.file)", "quant": "\(file.quant)",
             "bytes": \(file.bytes.map(String.init) ?? "null"), "sha256": \(text(file.digest)), "revision": null}
            """
        }
        func size(_ size: Size) -> String {
            """
            {"id": "\(size.id)", "label": "\(size.id.uppercased())", "upstream": {"instruct": \(text(size.upstream))},
             "parameters": \(size.parameters), "device_class": "phone",
             "default_quant": \(text(size.files.first?.quant)),
             "files": [\(size.files.map(file).joined(separator: ","))]}
            """
        }
        let rows = families.map { family in
            """
            {"id": "\(family.id)", "name": "\(family.id)", "license": "MIT",
             "sizes": [\(family.sizes.map(size).joined(separator: ","))]}
            """
        }
        let document = """
            {"schema_version": 1, "revision": 1,
             "guide": {"title": "t", "publisher": "p", "date": "2025-04", "marks": {}},
             "known_bad_hashes": [\(knownBad.map { "{\"sha256\": \"\($0)\"}" }.joined(separator: ","))],
             "licenses": {"MIT": {"name": "MIT", "commercial_use": "yes"}},
             "sources": {}, "families": [\(rows.joined(separator: ","))]}
            """
        return try Catalog(json: Data(document.utf8))
    }

    /// One model, `tiny:1b`, in one file.
    static func tiny(digest: String? = nil) throws -> Catalog {
        let file = File(repo: "o/tiny-GGUF", file: "tiny-Q8_0.gguf", digest: digest)
        return try SmallCatalog(families: [("tiny", [Size(id: "1b", files: [file])])]).read()
    }
}
