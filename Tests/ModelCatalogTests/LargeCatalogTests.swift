import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import ModelCatalog

/// A catalog that is too large for memory answers as one that is held there.
@Suite struct LargeCatalogTests {
    private static let document = Array(Catalog.builtInJSON)

    /// As a database, however small it is.
    private func read(_ file: FilePath, _ caches: FilePath?, _ willMake: (Int64) -> Void = { _ in }) throws -> Catalog {
        try #require(try Catalog.read(file, caches: caches, atOnce: 0, willMake: willMake))
    }

    private static func small(_ families: String...) -> [UInt8] {
        let rows = families.map { id in
            #"""
            {"id": "\#(id)", "name": "A \"[{\" name", "license": "X", "sizes": [{
                "id": "1b", "label": "1B", "upstream": {}, "device_class": "phone", "files": []}]}
            """#
        }
        return Array(
            #"""
            {"schema_version": 1, "revision": 3, "families": [\#(rows.joined(separator: " ,\n"))],
             "licenses": {"X": {"name": "families [", "commercial_use": "yes"}}}
            """#.utf8)
    }

    @Test func `its answers are those of the same catalog in memory`() throws {
        let memory = try Catalog.builtIn()
        try withTemporaryFolder { folder in
            let file = folder.appending("catalog.json")
            try file.write(Self.document)
            let large = try read(file, folder.appending("caches"))
            #expect(large.families == memory.families)
            #expect(large.sources == memory.sources && large.knownBad == memory.knownBad)
            #expect(large.benchmarks == memory.benchmarks && large.qualitySources == memory.qualitySources)
            #expect(large.counts.files == memory.counts.files && large.counts.sizes == memory.counts.sizes)
            #expect(large.counts.filesWithDigest == memory.counts.filesWithDigest)
            #expect(large.counts.guideFamilies == memory.counts.guideFamilies)

            var few = CatalogFilter(license: .commercial, language: "español", minContext: 8192)
            few.types = [.chat, .reasoning]
            few.mostMemory = 3_000_000_000
            var ours = CatalogFilter(family: "Qwen-2", deviceClass: .phone)
            ours.isOfGuide = true
            var seeing = CatalogFilter(type: .chat, license: .named("apache"))
            (seeing.sees, seeing.hasFiles, seeing.mostRead, seeing.parametersBelow) = (true, true, 9 << 30, 9 << 30)
            var heavy = CatalogFilter()
            heavy.memoryAbove = 9 << 30
            let orders: [Candidates.Order] = [
                .first, .lightest, .largest(below: 3_000_000_000), .newest(without: .chat), .tested(.code),
            ]
            for filter in [CatalogFilter(), few, ours, seeing, heavy] {
                #expect(try large.count(matching: filter) == memory.count(matching: filter))
                for order in orders {
                    let found = try large.candidates(order, matching: filter).map(\.position)
                    #expect(try found == memory.candidates(order, matching: filter).map(\.position), "\(order)")
                }
            }

            for name in ["qwen2", "QWEN_2", "minicpm5", "qwen2-0.5b", "gemma-2-2b-it", "google/gemma-2-2b-it", "phi"] {
                let found = Result { try large.find(family: name).entries.map(\.ref) }
                let known = Result { try memory.find(family: name).entries.map(\.ref) }
                #expect((try? found.get()) == (try? known.get()), "\(name)")
            }
            #expect(throws: CatalogError.self) { try large.find(family: "qwen2", size: "1b") }
            #expect(
                large.nearest(to: "gemmma2").contains("gemma2:2b") || large.nearest(to: "gemmma2").contains("gemma2"))
            let some = try #require(memory.entry(ref: "gemma2:2b"))
            #expect(large.entry(ref: "gemma2:2b") == some && large.entry(ref: "gemma2:3b") == nil)
            #expect(large.family(id: "Gemma2") == nil)
            let digest = try #require(some.files.compactMap(\.digest).first)
            #expect(large.file(with: digest)?.entry == some)
            #expect(
                large.entry(holding: some.files[0].hubReference) == memory.entry(holding: some.files[0].hubReference))

            let (search, known) = (CatalogSearch(large), CatalogSearch(memory))
            for words in ["gemma 2", "los modelos de Microsoft con licencia MIT", "tinylama código"] {
                let found = search.search(words, limit: 3).map(\.entry.ref)
                #expect(found == known.search(words, limit: 3).map(\.entry.ref), "\(words)")
            }
            #expect(search.search("zzzzzzzz").isEmpty)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64, 4096])
    func `a document is cut alike in pieces of any length`(length: Int) throws {
        let document = Self.small("a", "b", "c")
        var slices = CatalogSlices()
        var families: [String] = []
        for start in stride(from: 0, to: document.count, by: length) {
            try document[start..<min(start + length, document.count)].withUnsafeBytes {
                try slices.take($0) { text, _ in families.append(String(decoding: text, as: UTF8.self)) }
            }
        }
        #expect(families.count == 3 && slices.count == 3)
        #expect(families.allSatisfy { $0.hasPrefix("{\"id\"") && $0.hasSuffix("]}") })
        let frame = try Catalog.decode(Data(slices.frame))
        #expect(frame.families.isEmpty && frame.revision == 3 && frame.licenses["X"]?.name == "families [")
    }

    @Test func `it is made once, anew when the file changes, and when what was made is damaged`() throws {
        try withTemporaryFolder { folder in
            let (file, caches) = (folder.appending("c.json"), folder.appending("caches"))
            var made = 0
            func ids(_ caches: FilePath?) throws -> [String] {
                try read(file, caches) { _ in made += 1 }.families.map(\.id)
            }
            try file.write(Self.small("a"))
            #expect(try ids(caches) == ["a"] && made == 1)
            #expect(try ids(caches) == ["a"] && made == 1)
            try file.write(Self.small("a", "b"))
            #expect(try ids(caches) == ["a", "b"] && made == 2)

            let names = try FileManager.default.contentsOfDirectory(atPath: caches.string)
            try #require(names.count == 1)
            let kept = caches.appending(names[0])
            let whole = try kept.readBytes()
            for damaged in [[], Array(whole.prefix(5000)), Array("no database at all".utf8)] {
                try kept.write(damaged)
                #expect(try ids(caches) == ["a", "b"])
            }
            #expect(made == 5)
            // A page in the middle: what was asked for is not there, and the next run makes it anew.
            var hurt = whole
            for index in hurt.indices.dropFirst(4096) { hurt[index] = 0xff }
            try kept.write(hurt)
            _ = try? ids(caches)
            #expect(try ids(caches) == ["a", "b"])
            // Where nothing can be kept it is made for this run.
            #expect(try ids(file.appending("no-folder")) == ["a", "b"])
            #expect(try ids(nil) == ["a", "b"])
        }
    }

    @Test(arguments: [
        (#""id": "b""#, #""id": "B b""#, "families[1].id"), (#""id": "b""#, #""id": "a""#, "families"),
        (#""license": "X""#, #""license": "Y""#, "families[0].sizes[0].license"),
        (#""label": "1B""#, #""label": 1"#, "families[0].sizes[0].label"),
        (#""files": []"#, #""files": [}"#, "families[0]"), (#""revision": 3,"#, "", "revision"), ("]}", "", ""),
    ])
    func `a fault is refused with the place it is in, and nothing is left`(
        old: String, new: String, path: String
    ) throws {
        try withTemporaryFolder { folder in
            let (file, caches) = (folder.appending("c.json"), folder.appending("caches"))
            let text = String(decoding: Self.small("a", "b"), as: UTF8.self)
            try file.write(Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
            #expect {
                try read(file, caches)
            } throws: { error in
                guard case .malformed(let place, _) = error as? CatalogError else { return false }
                return place == path
            }
            let left = (try? FileManager.default.contentsOfDirectory(atPath: caches.string)) ?? []
            #expect(left.isEmpty)
        }
    }

    @Test func `a family without an end is not collected without an end`() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending("c.json")
            let start = Array(#"{"families": [{"id": ""#.utf8)
            try file.write(start + [UInt8](repeating: 97, count: CatalogSlices.longestFamily))
            #expect(throws: CatalogError.tooLarge(size: nil, limit: CatalogSlices.longestFamily)) {
                try read(file, folder)
            }
        }
    }
}
