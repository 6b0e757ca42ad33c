import Foundation
import ModelCatalog
import Testing

@Suite struct CatalogLookupTests {
    let catalog: Catalog

    init() throws { catalog = try Catalog.builtIn() }

    private func refs(_ text: String) throws -> [String] {
        let reference = try ModelReference(parsing: text)
        return try #require(try catalog.find(reference)).entries.map(\.ref)
    }

    @Test(arguments: [
        ("tinyllama", ["tinyllama:1.1b"]),
        ("qwen2", ["qwen2:7b", "qwen2:1.5b", "qwen2:0.5b"]),
        ("Qwen2:0,5B", ["qwen2:0.5b"]),
        ("qwen2:7", ["qwen2:7b"]),
        ("qwen2:latest", ["qwen2:7b", "qwen2:1.5b", "qwen2:0.5b"]),
        ("qwen2-0.5b", ["qwen2:0.5b"]),
        ("Qwen2-0.5B-Instruct", ["qwen2:0.5b"]),
        ("llama-3.1", ["llama3.1:8b"]),
        ("Llama-3.1-8B", ["llama3.1:8b"]),
        ("phi-3.5-mini", ["phi3.5:3.8b"]),
        ("phi-3,5", ["phi3.5:3.8b"]),
        ("stablelm", ["stablelm-zephyr:3b"]),
        ("cerebras_gpt:2,7b", ["cerebras-gpt:2.7b"]),
        ("minicpm:3-4b", ["minicpm:4b"]),
        ("minicpm", ["minicpm:4b", "minicpm:2b", "minicpm:1b", "minicpm:5-1b"]),
        ("minicpm3", ["minicpm:4b"]),
        ("minicpm5:1b", ["minicpm:5-1b"]),
        ("fox", ["fox-1:1.6b"]),
        ("deepseek-r1:8b", ["deepseek-r1-distill-llama:8b"]),
        ("deepseek-r1:1.5b", ["deepseek-r1-distill-qwen:1.5b"]),
        ("granite4:tiny-h", ["granite4:7b"]),
    ])
    func `a likely spelling finds its model`(text: String, found: [String]) throws {
        #expect(try refs(text) == found)
    }

    @Test func `a quantization may stand where the size was left out`() throws {
        let match = try #require(try catalog.find(try ModelReference(parsing: "tinyllama:Q8_0")))
        #expect(match.entries.map(\.ref) == ["tinyllama:1.1b"])
        #expect(match.quantization == "q8_0")
    }

    @Test func `every reference of the catalog finds itself`() throws {
        for entry in catalog.entries {
            #expect(try refs(entry.ref) == [entry.ref])
            #expect(try refs(entry.ref.uppercased()) == [entry.ref])
        }
    }

    @Test(arguments: [
        ("qwen2:1b", "1B", "qwen2:1.5b"), ("fox-1:1.0b", "1.0B", "fox-1:1.6b"), ("fox:1b", "1.0B", "fox-1:1.6b"),
    ])
    func `a size that only the guide prints is told apart`(text: String, printed: String, ref: String) throws {
        let hint = try #require(try missed(text))
        #expect(hint.guideSlip?.printed == printed)
        #expect(hint.guideSlip?.ref == ref)
        #expect(!hint.nearest.contains(ref))
    }

    @Test(arguments: [
        ("tinylama", "tinyllama:1.1b"), ("gema2", "gemma2"), ("mistal-nemo", "mistral-nemo:12b"),
        ("qwen2:9b", "qwen2:0.5b"), ("gemm", "gemma2"), ("cerebras-gtp", "cerebras-gpt"),
        ("opnelm", "openelm"),
    ])
    func `a miss tells the nearest names`(text: String, near: String) throws {
        let hint = try #require(try missed(text))
        #expect(hint.nearest.contains(near), "\(hint.nearest)")
        #expect(hint.nearest.count <= 5)
    }

    @Test func `nonsense has no nearest name`() throws {
        #expect(try #require(try missed("zzzzzzzzzz")).nearest.isEmpty)
    }

    @Test func `a name that two families share lists both`() {
        #expect(
            throws: CatalogError.ambiguous(
                name: "deepseek-r1",
                candidates: ["deepseek-r1-distill-qwen", "deepseek-r1-distill-llama"])
        ) { try catalog.find(family: "deepseek-r1") }
    }

    @Test(arguments: ["phi", "llama", "gemma", "qwen"])
    func `a maker's bare name lists its generations, each of which can be typed`(name: String) throws {
        do {
            _ = try catalog.find(family: name)
            Issue.record("\(name) is not ambiguous")
        } catch .ambiguous(_, let candidates) {
            #expect(candidates.count > 1)
            for candidate in candidates { #expect(!(try refs(candidate)).isEmpty) }
        }
        #expect(try refs("gemma:9b") == ["gemma2:9b"])
    }

    @Test(arguments: [
        ("hf:bartowski/gemma-2-2b-it-GGUF/gemma-2-2b-it-Q6_K.gguf", "gemma2:2b"), ("hf:Qwen/Qwen3-4B-GGUF", "qwen3:4b"),
    ])
    func `a reference of the Hub leads back to the catalog's entry`(text: String, ref: String) throws {
        guard case .hub(let hub) = try ModelReference(parsing: text) else { throw CancellationError() }
        #expect(catalog.entry(holding: hub)?.ref == ref)
        #expect(catalog.entry(holding: HubReference(owner: "no", repository: "body")) == nil)
    }

    @Test func `references of other places are not the catalog's to answer`() throws {
        #expect(try catalog.find(try ModelReference(parsing: "hf:a/b")) == nil)
    }

    private func missed(_ text: String) throws -> NameHint? {
        do {
            _ = try catalog.find(try ModelReference(parsing: text))
            return nil
        } catch let error as CatalogError {
            guard case .unknownModel(let name, let hint) = error else { return nil }
            #expect(name == text)
            return hint
        }
    }
}

@Suite struct CatalogOfferTests {
    let catalog: Catalog

    init() throws { catalog = try Catalog.builtIn() }

    @Test func `the default variant comes first and twins are its mirrors`() throws {
        let entry = try #require(catalog.entry(ref: "gemma2:2b"))
        let offer = try catalog.offer(for: entry)
        let first = try #require(offer.variants.first)
        #expect(offer.name == "gemma2:2b")
        #expect(first.ref == "gemma2:2b:q4_k_m")
        #expect(first.publisher == "bartowski")
        #expect(
            first.files[0].url.absoluteString
                == "https://huggingface.co/bartowski/gemma-2-2b-it-GGUF/resolve/855f67caed130e1befc571b52bd181be2e858883/gemma-2-2b-it-Q4_K_M.gguf"
        )
        #expect(first.files[0].mirrors.map { $0.path().split(separator: "/").first } == ["lmstudio-community"])
        #expect(offer.variants.map(\.quantization) == ["Q4_K_M", "Q6_K"])
    }

    @Test func `each variant's name leads back to just that variant`() throws {
        for entry in catalog.entries where !entry.files.isEmpty {
            let offer = try catalog.offer(for: entry)
            #expect(Set(offer.variants.map(\.ref)).count == offer.variants.count)
            for variant in offer.variants {
                switch try ModelReference(parsing: variant.ref) {
                case .hub(let hub):
                    #expect(hub.id == "\(variant.publisher)/\(variant.repository)")
                    #expect(hub.revision == variant.revision)
                case let reference:
                    let match = try #require(try catalog.find(reference))
                    let again = try catalog.offer(for: match.entries[0], quantization: match.quantization)
                    #expect(again.variants.first?.files == variant.files)
                }
            }
        }
    }

    @Test func `another endpoint serves the same paths`() throws {
        let entry = try #require(catalog.entry(ref: "tinyllama:1.1b"))
        let endpoint = try #require(URL(string: "http://127.0.0.1:9/x/"))
        let url = try #require(try catalog.offer(for: entry, endpoint: endpoint).variants.first?.files[0].url)
        #expect(url.absoluteString.hasPrefix("http://127.0.0.1:9/x/TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF/resolve/"))
    }

    @Test func `what the catalog has no file for is offered by its numbers, and other quantizations are refused`()
        throws
    {
        let bare = try #require(catalog.entry(ref: "lamini-gpt:774m"))
        let offered = try catalog.offer(for: bare).variants
        #expect(offered.map(\.ref) == ["lamini-gpt:774m"])
        #expect(offered[0].files.isEmpty)
        #expect(offered[0].entry == bare.ref)
        let tiny = try #require(catalog.entry(ref: "pythia:160m"))
        #expect(
            throws: CatalogError.unknownQuantization(
                model: "pythia:160m", quantization: "q2_k", available: ["Q4_K_M", "Q8_0"])
        ) { try catalog.offer(for: tiny, quantization: "q2_k") }
    }

    @Test func `a family offers its sizes, the largest first, those with files before those without`() throws {
        let qwen = try #require(try catalog.find(.catalog(family: "qwen2", size: nil, quantization: nil)))
        let offer = try catalog.offer(for: qwen)
        #expect(offer.models.compactMap { $0[0].entry } == qwen.entries.filter { !$0.files.isEmpty }.map(\.ref))
        #expect(offer.reference == .catalog(family: "qwen2", size: nil, quantization: nil))
    }
}
