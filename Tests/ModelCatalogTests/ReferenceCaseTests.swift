import ModelCatalog
import Testing

@Suite struct ReferenceCaseTests {
    @Test(arguments: [
        ("Qwen2:0.5B:Q8_0", "qwen2:0.5b:q8_0"), ("HF:Owner/Repo:q4_0", "hf:owner/repo:Q4_0"),
        ("hf:Owner/Repo/a/M.gguf@V1", "hf:owner/repo/a/M.gguf@V1"), ("OLLAMA:User/Name:Tag", "ollama:user/name:tag"),
        ("https://HOST.example:8/A", "https://host.example:8/A"), ("modelscope:O/R@Main", "modelscope:o/r@Main"),
    ])
    func `names of models are the same in any case`(typed: String, stored: String) {
        #expect(ModelReference.ignoringCase(typed) == ModelReference.ignoringCase(stored))
    }

    @Test(arguments: [
        ("https://h.example/M.gguf", "https://h.example/m.gguf"),
        ("https://h.example/m?a=B", "https://h.example/m?a=b"),
        ("hf:o/r/M.gguf", "hf:o/r/m.gguf"), ("hf:o/r:Q4_0@V1", "hf:o/r:Q4_0@v1"), ("oci://h/r:T", "oci://h/r:t"),
        ("/models/M.gguf", "/models/m.gguf"), ("o/r/M.gguf", "o/r/m.gguf"),
    ])
    func `paths, branches and queries are not`(one: String, other: String) {
        #expect(ModelReference.ignoringCase(one) != ModelReference.ignoringCase(other))
    }
}
