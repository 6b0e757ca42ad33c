import Foundation
import ModelCatalog
import Testing

@Suite struct CatalogLintTests {
    @Test func `the catalog that is compiled in has no faults`() {
        #expect(CatalogLint.faults(in: Catalog.builtInJSON) == [])
    }

    @Test func `a person's own catalog of three models has no faults and reads`() throws {
        let folder = try #require(Bundle.module.resourcePath)
        let json = try Data(contentsOf: URL(filePath: folder + "/Fixtures/own-catalog.json"))
        #expect(CatalogLint.faults(in: json) == [])
        let catalog = try Catalog(json: json)
        #expect(catalog.entries.map(\.ref) == ["tinyllama:1.1b", "house:0.5b", "house:7b"])
        #expect(catalog.guide == nil)
    }

    @Test func `a document that is too large is told by the limit`() {
        let big = Data(count: Catalog.longestDocument + 1)
        #expect(
            CatalogLint.faults(in: big) == [CatalogFault(path: "", kind: .tooLarge(limit: Catalog.longestDocument))])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var old: String
        var new: String
        var code: String
        var path: String

        init(_ old: String, _ new: String, _ code: String, _ path: String) {
            self.old = old
            self.new = new
            self.code = code
            self.path = path
        }

        var testDescription: String { "\(code): \(new.prefix(50))" }
    }

    /// The built-in document without most of its families, which would only be read again for each fault.
    private static let firstFamilies = Result {
        let json = Catalog.builtInJSON
        let cut = try #require(json.range(of: Data(",\n    {\n      \"id\": \"smolvlm2\"".utf8)))
        let rest = try #require(json.range(of: Data("\n  ],\n  \"sources\"".utf8)))
        return Data(json[..<cut.lowerBound] + json[rest.lowerBound...])
    }

    private static let firstFile = "families[0].sizes[0].files[0]"

    @Test(arguments: [
        Damage("\"schema_version\": 1", "\"schema_version\": 7", "schema-unsupported", "schema_version"),
        Damage("\"revision\": 3", "\"revision\": \"x\"", "wrong-type", "revision"),
        Damage("\"id\": \"qwen2\",", "", "missing", "families[0].id"),
        Damage(
            "\"thinking\": \"never\"", "\"thinking\": \"maybe\"", "unknown-value", "families[1].sizes[0].thinking"),
        Damage(
            "\"page\": \"https://huggingface.co/Qwen", "\"page\": \"http://huggingface.co/Qwen", "not-https",
            "families[0].sizes[0].page"),
        Damage(
            "\"file\": \"mmproj-SmolVLM-256M", "\"file\": \"SmolVLM-256M", "not-a-projector",
            "families[17].sizes[0].projector.file"),
        Damage(
            "\"evidence\": \"strong\"", "\"evidence\": \"sure\"", "unknown-value",
            "families[0].sizes[0].quality.chat.quick.evidence"),
        Damage(
            "\"benchmark\": \"ifeval\"", "\"benchmark\": \"hearsay\"", "unknown-evidence",
            "families[0].sizes[0].quality.chat.quick.values[0].benchmark"),
        Damage(
            "\"model\": \"pythia:160m\"", "\"model\": \"pythia:9b\"", "unknown-evidence",
            "families[0].sizes[0].quality.chat.quick.beats.model"),
        Damage("\"id\": \"qwen2\"", "\"id\": \"Qwen2\"", "bad-id", "families[0].id"),
        Damage("\"id\": \"mistral-nemo\"", "\"id\": \"qwen2\"", "duplicate-id", "families[1].id"),
        Damage("\"id\": \"1.5b\"", "\"id\": \"0.5b\"", "duplicate-id", "families[0].sizes[1].id"),
        Damage("\"open_source\": \"SI\"", "\"open_source\": \"NO\"", "unknown-value", "families[0].guide.open_source"),
        Damage("\"license\": \"Apache-2.0\"", "\"license\": \"X\"", "unknown-license", "families[0].license"),
        Damage(
            "\"commercial_use\": \"yes\"", "\"commercial_use\": \"ja\"", "unknown-value",
            "licenses.Apache-2.0.commercial_use"),
        Damage("\"url\": \"https://www.apache", "\"url\": \"http://www.apache", "not-https", "licenses.Apache-2.0.url"),
        Damage("\"es\": \"sí, solo con", "\"fr\": \"sí, solo con", "missing-translation", "guide.marks.SI**.es"),
        Damage("\"parameters\": 494032768", "\"parameters\": 0", "bad-number", "families[0].sizes[0].parameters"),
        Damage("\"parameters\": 494032768", "\"parameters\": 0.5", "bad-number", "families[0].sizes[0].parameters"),
        Damage("\"released\": \"2024-06-06\"", "\"released\": \"June\"", "bad-date", "families[0].sizes[0].released"),
        Damage(
            "\"device_class\": \"phone\"", "\"device_class\": \"tv\"", "unknown-value",
            "families[0].sizes[0].device_class"),
        Damage(
            "\"device_class\": \"phone\"", "\"device_class\": \"server\"", "class-disagrees",
            "families[0].sizes[0].device_class"),
        Damage(
            "\"block_count\": 24,", "\"block_count\": 24, \"block_count\": 25,", "repeated-field",
            "families[0].sizes[0].architecture.block_count"),
        Damage(
            "\"released\": [", "\"page\": [", "missing-source", "families[0].sizes[0].sources.released"),
        Damage("\"type\": [", "\"page\": [", "missing-source", "families[0].sources.type"),
        Damage(
            "\"default_quant\": \"Q4_K_M\"", "\"default_quant\": \"Q1_0\"", "default-without-file",
            "families[0].sizes[0].default_quant"),
        Damage(
            "\"default_quant\": \"Q4_K_M\"", "\"default_quant\": null", "missing-default",
            "families[0].sizes[0].default_quant"),
        Damage("instruct-q4_k_m.gguf", "instruct-q4_k_s.gguf", "quantization-disagrees", "\(firstFile).quant"),
        Damage("\"quant\": \"Q4_K_M\"", "\"quant\": \"Q4_K\"", "quantization-disagrees", "\(firstFile).quant"),
        Damage(
            "\"file\": \"qwen2-0_5b-instruct-q4_k_m.gguf\"", "\"file\": \"../q4_k_m.gguf\"", "bad-file-name",
            "\(firstFile).file"),
        Damage(
            "qwen2-0_5b-instruct-q4_0.gguf\", \"quant\": \"Q4_0\"",
            "qwen2-0_5b-instruct-q4_k_m.gguf\", \"quant\": \"Q4_K_M\"", "duplicate-file",
            "families[0].sizes[0].files[1].file"),
        Damage("\"repo\": \"Qwen/Qwen2-0.5B", "\"repo\": \"a/b/Qwen2-0.5B", "bad-repository", "\(firstFile).repo"),
        Damage(
            "\"sources\": [\"names-printed\", \"koil\"", "\"sources\": [\"hearsay\", \"koil\"", "unknown-source",
            "\(firstFile).sources[0]"),
        Damage(
            "198f08841147e5196a6a69bd0053690fb1fd3857", "../main", "bad-revision",
            "\(firstFile).revision"),
        Damage("\"bytes\": 986045824", "\"bytes\": 29", "too-small", "families[0].sizes[1].files[0].bytes"),
        Damage("\"bytes\": 986045824", "\"bytes\": \"986 MB\"", "bad-number", "families[0].sizes[1].files[0].bytes"),
        Damage(
            ", \"sources\": [\"script-jitllm\", \"koil\", \"text-709199\"]", "", "missing-source",
            "families[0].sizes[1].files[0].sources"),
        Damage(
            "1fabf28bda17e96824bacc29e43b09ec4ba8a82d190f700cbdd1286586a05311", "abc", "bad-digest",
            "families[0].sizes[1].files[3].sha256"),
        Damage(
            "1fabf28bda17e96824bacc29e43b09ec4ba8a82d190f700cbdd1286586a05311",
            "45b71fe98efe5f530b825dce6f5049d738e9c16869f10be4370ab81a9912d4a6", "known-bad-digest",
            "families[0].sizes[1].files[3].sha256"),
        Damage(
            "\"bytes\": 1708582752", "\"bytes\": 1708582753", "size-disagrees", "families[10].sizes[0].files[1].bytes"),
        Damage(
            "\"instruct\": \"MBZUAI/LaMini-GPT-774M\"", "\"instruct\": null", "nothing-to-fetch",
            "families[9].sizes[0].files"),
        Damage("\"gated\": false", "\"gated\": \"no\"", "unreadable", "families[0].gated"),
        Damage(
            "\"revision\": null, \"sources\"", "\"sha265\": null, \"revision\": null, \"sources\"", "unknown-field",
            "families[0].sizes[0].files[2].sha265"),
        Damage(
            "[12, 12, 12, 12, 12, 16, 16,", "[12, 12, 12, 12, 12, 16,", "layers-disagree",
            "families[12].sizes[0].architecture.head_count"),
        Damage(
            "\"block_count\": 24,", "\"block_count\": 24, \"blok_count\": 24,", "unknown-field",
            "families[0].sizes[0].architecture.blok_count"),
        Damage(
            "\"block_count\": 24,", "\"block_count\": 24, \"expert_count\": 0,", "bad-number",
            "families[0].sizes[0].architecture.expert_count"),
        Damage(
            "\"block_count\": 24,", "\"block_count\": 24, \"shared_kv_layers\": 25,", "bad-number",
            "families[0].sizes[0].architecture.shared_kv_layers"),
    ])
    func `a fault is found where it is`(damage: Damage) throws {
        // Only a document without any other fault is read to its end.
        var json = damage.code == "unreadable" ? Catalog.builtInJSON : try Self.firstFamilies.get()
        try json.replaceSubrange(#require(json.range(of: Data(damage.old.utf8))), with: Data(damage.new.utf8))
        let faults = CatalogLint.faults(in: json)
        #expect(faults.contains { $0.code == damage.code && $0.path == damage.path }, "\(faults)")
    }

    @Test(arguments: [
        "", "{", "[]", "<html>", "null", String(repeating: "[", count: 50_000), "{} x", "{\"a\": 1,}", "{\"a\" 1}",
        "{\"a\": [1 2]}", "{a: 1}", "{\"a\": 01}", "{\"a\": -}", "{\"a\": .5}", "{\"a\": 1e}", "{\"a\": nul}",
        "{\"a\": \"\t\"}", "{\"a\": \"\\x\"}", "{\"a\": \"\\u12\"}", "{\"a\": \"\\ud83d\"}", "{\"a\": \"",
    ])
    func `what is no JSON object is one fault`(text: String) {
        #expect(CatalogLint.faults(in: Data(text.utf8)).map(\.code) == ["not-json"])
    }

    @Test func `text that is no UTF-8 is one fault`() {
        #expect(
            CatalogLint.faults(in: Data("{\"a\": \"".utf8 + [0xc3, 0x28] + "\"}".utf8)).map(\.code) == ["not-json"])
    }

    @Test func `an empty object lacks everything and nothing breaks`() {
        let codes = Set(CatalogLint.faults(in: Data("{}".utf8)).map(\.code))
        #expect(codes == ["missing"])
    }
}
