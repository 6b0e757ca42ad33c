import ModelCatalog
import Testing

@Suite struct CatalogSearchTests {
    private static let shared = Result { CatalogSearch(try Catalog.builtIn()) }
    let search: CatalogSearch

    init() throws { search = try Self.shared.get() }

    @Test(arguments: [
        ("gemma", "gemma2:2b"), ("GEMMA 2", "gemma2:2b"), ("qwen 0.5b", "qwen2:0.5b"), ("0,5B qwen2", "qwen2:0.5b"),
        ("energetica", "openelm:270m"), ("eficiencia energética", "openelm:270m"),
        ("energy efficiency", "openelm:270m"), ("razonamiento codificación", "pythia:160m"),
        ("Microsoft MIT", "phi3.5:3.8b"), ("chinchilla", "cerebras-gpt:111m"), ("eleuther", "pythia:160m"),
        ("bartowski mistral", "mistral-nemo:12b"), ("coder", "qwen2.5-coder:0.5b"), ("tinylama", "tinyllama:1.1b"),
        ("tailandés llama", "llama3.1:8b"), ("no comercial lamini", "lamini-gpt:774m"),
        ("los modelos de Microsoft con licencia MIT", "phi3.5:3.8b"),
    ])
    func `words in either language lead to the model`(words: String, ref: String) {
        #expect(search.search(words, limit: 8).map(\.entry.ref).contains(ref))
    }

    @Test func `a family's own name comes before a mention elsewhere`() {
        #expect(search.search("phi").first?.entry.familyID.hasPrefix("phi") == true)
        #expect(search.search("llama 3.1").first?.entry.ref == "llama3.1:8b")
        #expect(search.search("openelm 3b").first?.entry.ref == "openelm:3b")
    }

    @Test func `every word has to be met where any model meets them all`() {
        let hits = search.search("apache qwen coder")
        #expect(hits.prefix(2).map(\.entry.ref) == ["qwen2.5-coder:0.5b", "qwen2.5-coder:1.5b"])
        #expect(hits.allSatisfy { $0.entry.license.id == "Apache-2.0" && $0.entry.type == .code })
    }

    @Test(arguments: [
        ("código", ModelType.code), ("programar", .code), ("coding", .code), ("visión", .vision),
        ("traducir", .translation),
        ("translate", .translation), ("embeddings", .embedding), ("buscar documentos", .embedding),
        ("matemáticas", .reasoning),
    ])
    func `a use is found by its name in both languages`(words: String, type: ModelType) {
        #expect(search.search(words, limit: 12).contains { $0.entry.type == type })
    }

    @Test(arguments: ["imagen", "fotos", "pictures"])
    func `what sees is found by what it sees`(word: String) {
        let hits = search.search(word, limit: 20)
        #expect(!hits.isEmpty && hits.prefix(5).allSatisfy { $0.entry.modalities.contains(.image) })
    }

    @Test(arguments: ["", "   ", "?!", "zzzzqqqq", "\u{0}"])
    func `nothing is found for nothing`(words: String) {
        #expect(search.search(words).isEmpty)
    }

    @Test func `a flood of words is answered`() {
        #expect(!search.search(String(repeating: "gemma qwen ", count: 2000), limit: 3).isEmpty)
    }
}

@Suite struct CatalogFilterTests {
    let catalog: Catalog

    init() throws { catalog = try Catalog.builtIn() }

    @Test func `an empty filter lets everything through`() throws {
        #expect(try catalog.entries(matching: CatalogFilter()).count == catalog.entries.count)
    }

    @Test func `may I use this commercially is answered by the real licence`() throws {
        let yes = try catalog.entries(matching: CatalogFilter(license: .init(parsing: "commercial")))
        #expect(!yes.isEmpty && yes.allSatisfy { $0.license.commercialUse == .yes })
        #expect(yes.contains { $0.ref == "phi3.5:3.8b" })
        #expect(!yes.contains { $0.familyID == "stablelm-zephyr" || $0.familyID == "gemma2" })
        let perhaps = try catalog.entries(matching: CatalogFilter(license: .init(parsing: "restricted")))
        #expect(perhaps.contains { $0.familyID == "gemma2" })
        #expect(!perhaps.contains { $0.license.commercialUse == .no })
        let gemma = try catalog.entries(matching: CatalogFilter(license: .init(parsing: "gemma")))
        #expect(Set(gemma.map(\.familyID)).isSuperset(of: ["gemma2", "gemma3", "gemma3n"]))
        #expect(gemma.allSatisfy { $0.license.name.hasPrefix("Gemma") })
    }

    @Test(arguments: ["es", "ES", "es-MX", "español", "Spanish", "castellano"])
    func `a language is known by code and by name`(language: String) throws {
        let found = try catalog.entries(matching: CatalogFilter(language: language))
        let families = Set(found.map(\.familyID))
        #expect(families.isSuperset(of: ["qwen2", "mistral-nemo", "llama3.1", "phi3.5", "llama3.2", "granite4"]))
        #expect(!families.contains("tinyllama"))
    }

    @Test func `what is unknown does not pass a limit`() throws {
        let small = try catalog.entries(matching: CatalogFilter(maxSize: 500_000_000))
        #expect(!small.isEmpty)
        #expect(small.allSatisfy { ($0.defaultFile?.size).map { $0 <= 500_000_000 } == true })
        let all = try catalog.entries(matching: CatalogFilter(maxSize: 500_000_000)) { _ in 1 }
        #expect(all.count == catalog.entries.count)
        let long = try catalog.entries(matching: CatalogFilter(minContext: 131_072))
        #expect(!long.isEmpty && long.allSatisfy { ($0.contextLength ?? 0) >= 131_072 })
    }

    @Test func `filters add up`() throws {
        let filter = CatalogFilter(family: "Qwen-2", deviceClass: .phone, license: .commercial, minContext: 32768)
        #expect(try catalog.entries(matching: filter).map(\.ref) == ["qwen2:0.5b", "qwen2:1.5b"])
    }

    @Test func `a family that is none is an error with its neighbours`() {
        #expect {
            try catalog.entries(matching: CatalogFilter(family: "gema2"))
        } throws: { error in
            guard case .unknownModel(_, let hint) = error as? CatalogError else { return false }
            return hint.nearest.contains("gemma2")
        }
    }

    @Test func `a shared family name means all that have it`() throws {
        let found = try catalog.entries(matching: CatalogFilter(family: "deepseek-r1"))
        #expect(Set(found.map(\.familyID)) == ["deepseek-r1-distill-qwen", "deepseek-r1-distill-llama"])
    }
}
