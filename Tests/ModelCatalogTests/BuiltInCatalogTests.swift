import Foundation
import ModelCatalog
import Testing

@Suite struct BuiltInCatalogTests {
    let catalog: Catalog

    init() throws { catalog = try Catalog.builtIn() }

    private static let guideFamilies = [
        "qwen2", "mistral-nemo", "llama3.1", "pythia", "cerebras-gpt", "phi3.5", "stablelm-zephyr", "tinyllama",
        "mobilellama", "lamini-gpt", "gemma2", "minicpm", "openelm", "dclm", "fox-1",
    ]

    @Test func `all fifteen families of the guide are there with their 34 sizes`() {
        let guide = catalog.families.filter { $0.guide != nil }
        #expect(guide.map(\.id) == Self.guideFamilies)
        #expect(guide.flatMap(\.entries).count == 34)
        #expect(guide.allSatisfy { ["SI", "SI*", "SI**"].contains($0.guide?.openSource) })
        #expect(guide.flatMap(\.entries).allSatisfy { $0.license.guideFlag != nil })
    }

    @Test func `every digest that has a source is there`() {
        let guide = catalog.families.filter { $0.guide != nil }.flatMap(\.entries)
        let others = catalog.families.filter { $0.guide == nil }.flatMap(\.entries)
        #expect(guide.flatMap(\.files).filter { $0.digest != nil }.count >= 45)
        #expect(others.flatMap(\.files).filter { $0.digest != nil }.count >= 220)
        #expect(others.count >= 130)
        #expect(guide.count { entry in entry.files.contains { $0.size != nil && $0.digest != nil } } >= 17)
    }

    @Test func `nearly every size says what it is, since when, and which languages it knows`() {
        let all = catalog.entries
        #expect(all.count >= 160)
        #expect(all.count { $0.released != nil } * 100 >= 95 * all.count)
        #expect(all.count { $0.languages != nil || $0.languagesCount != nil } * 100 >= 85 * all.count)
        for type in ModelType.allCases { #expect(all.contains { $0.type == type }, "\(type)") }
        #expect(all.count { $0.knows("es") } >= 60)
        #expect(all.count { !$0.quality.isEmpty } >= 100)
        for entry in all where entry.modalities != [.text] && !entry.files.isEmpty && entry.projector == nil {
            #expect(!entry.sees, "\(entry.ref)")
        }
    }

    @Test func `a model that sees brings its projector, and goes without it`() throws {
        let entry = try #require(catalog.entries.first { $0.projector?.digest != nil })
        let offer = try catalog.offer(for: entry)
        for variant in offer.variants {
            #expect(variant.files.count == 2)
            #expect(variant.files.last?.digest == entry.projector?.digest)
            #expect(variant.withoutProjector.files.count == 1)
        }
        #expect(offer.with(projectors: false).variants.allSatisfy { $0.files.count == 1 })
    }

    @Test func `every standing names tests, sources and models that are there`() {
        for entry in catalog.entries {
            for standing in entry.quality.values.flatMap({ [$0.quick, $0.thinking].compactMap(\.self) }) {
                #expect(standing.place >= 1 && standing.levelTo >= standing.place)
                if let beaten = standing.beats {
                    #expect(catalog.entry(ref: beaten.model) != nil, "\(entry.ref): \(beaten.model)")
                    #expect(beaten.won <= beaten.tests)
                }
                for value in standing.values {
                    #expect(catalog.benchmarks[value.benchmark] != nil && catalog.qualitySources[value.source] != nil)
                }
            }
        }
    }

    @Test func `a row keeps what its sources say`() throws {
        let file = try #require(catalog.entry(ref: "gemma2:2b")?.defaultFile)
        #expect(file.repositoryID == "bartowski/gemma-2-2b-it-GGUF")
        #expect(file.name == "gemma-2-2b-it-Q4_K_M.gguf")
        #expect(file.size == 1_708_582_752)
        #expect(file.digest?.hex == "e0aee85060f168f0f2d8473d7ea41ce2f3230c1bc1374847505ea599288a7787")
        #expect(file.revision == "855f67caed130e1befc571b52bd181be2e858883")
        #expect(file.witnesses >= 3)
        #expect(!file.sourceIDs.isEmpty)
    }

    @Test func `the guide's remark stands beside the licence as it is`() throws {
        let zephyr = try #require(catalog.entry(ref: "stablelm-zephyr:3b"))
        #expect(zephyr.license.guideFlag == "SI")
        #expect(zephyr.license.commercialUse == .no)
        let phi = try #require(catalog.entry(ref: "phi3.5:3.8b"))
        #expect(phi.license.guideFlag == "SI**")
        #expect(phi.license.commercialUse == .yes)
        let openELM = try #require(catalog.entry(ref: "openelm:270m"))
        #expect(openELM.license.commercialUse == .restricted)
        #expect(!openELM.licenseNotes.isEmpty)
    }

    @Test func `a size's own licence wins over its family's`() throws {
        let older = try #require(catalog.entry(ref: "minicpm:2b"))
        let newer = try #require(catalog.entry(ref: "minicpm:5-1b"))
        #expect(older.license.commercialUse == .restricted)
        #expect(newer.license.id == "Apache-2.0")
        #expect(newer.licenseNotes.isEmpty)
        #expect(try #require(catalog.entry(ref: "qwen2.5:3b")).license.commercialUse == .no)
    }

    @Test func `what has no known file names the upstream to ask the Hub about`() {
        let bare = catalog.entries.filter(\.files.isEmpty)
        #expect(Set(bare.map(\.familyID)).isSuperset(of: ["cerebras-gpt", "lamini-gpt", "dclm", "minicpm", "fox-1"]))
        #expect(bare.count * 10 < catalog.entries.count)
        #expect(bare.allSatisfy { !$0.upstream.isEmpty && $0.defaultQuantization == nil })
    }

    @Test func `the default is Q4_K_M wherever there is one`() {
        for entry in catalog.entries where !entry.files.isEmpty {
            let isThere = !entry.files(in: "q4_k_m").isEmpty
            #expect((entry.defaultQuantization == "Q4_K_M") == isThere, "\(entry.ref)")
            #expect(entry.defaultFile?.quantization == entry.defaultQuantization, "\(entry.ref)")
        }
    }

    @Test func `numbers that differ from layer to layer are kept`() throws {
        let architecture = try #require(catalog.entry(ref: "openelm:270m")?.shape)
        #expect(architecture.architecture == "openelm")
        #expect(architecture.headCountKV == .each([3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5]))
        #expect(try #require(catalog.entry(ref: "gemma2:9b")?.shape).headCountKV == .same(8))
    }

    @Test func `the digests of error pages are known and prove nothing`() throws {
        let page = try #require(
            Digest(hex: "45b71fe98efe5f530b825dce6f5049d738e9c16869f10be4370ab81a9912d4a6"))
        #expect(catalog.knownBad.contains(page))
        #expect(catalog.file(with: page) == nil)
        let text = String(decoding: Catalog.builtInJSON, as: UTF8.self)
            .replacing("e0aee85060f168f0f2d8473d7ea41ce2f3230c1bc1374847505ea599288a7787", with: page.hex)
        let poisoned = try Catalog(json: Data(text.utf8))
        #expect(try #require(poisoned.entry(ref: "gemma2:2b")?.defaultFile).digest == nil)
    }

    @Test func `every source that is named is told`() {
        for entry in catalog.entries {
            let named = entry.files.flatMap(\.sourceIDs) + entry.sourceIDs.values.flatMap(\.self)
            for id in named { #expect(catalog.sources[id] != nil, "\(entry.ref): \(id)") }
        }
    }
}
