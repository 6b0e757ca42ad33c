import Foundation
import ModelCatalog
import SystemPackage
import Testing

@Suite struct ModelReferenceTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var text: String
        var canonical: String

        init(_ text: String, _ canonical: String) {
            self.text = text
            self.canonical = canonical
        }

        var testDescription: String { text }
    }

    @Test(arguments: [
        // The catalog.
        Form("tinyllama", "tinyllama"),
        Form("  TinyLlama ", "tinyllama"),
        Form("Qwen2:0.5B", "qwen2:0.5b"),
        Form("qwen2:0,5B:Q8_0", "qwen2:0.5b:q8_0"),
        Form("tinyllama:Q4_K_M", "tinyllama:q4_k_m"),
        Form("gpt-oss:mxfp4", "gpt-oss:mxfp4"),
        Form("gemma3n:e2b", "gemma3n:e2b"),
        // The Hub.
        Form("hf:bartowski/gemma-2-2b-it-GGUF", "hf:bartowski/gemma-2-2b-it-GGUF"),
        Form("HF:bartowski/gemma-2-2b-it-GGUF:q4_k_m", "hf:bartowski/gemma-2-2b-it-GGUF:Q4_K_M"),
        Form("hf:a/b/sub/f.gguf@main", "hf:a/b/sub/f.gguf@main"),
        Form("hf:a/b:Q4_K_M@refs/pr/1", "hf:a/b:Q4_K_M@refs/pr/1"),
        Form("hf:a/b@v1.0:q8_0", "hf:a/b:Q8_0@v1.0"),
        Form("hf:gpt2", "hf:gpt2"),
        Form("bartowski/gemma-2-2b-it-GGUF:Q6_K", "hf:bartowski/gemma-2-2b-it-GGUF:Q6_K"),
        // The Hub, as pasted.
        Form("https://huggingface.co/a/b", "hf:a/b"),
        Form("https://huggingface.co/a/b/", "hf:a/b"),
        Form("https://huggingface.co/a/b/blob/main/f.gguf", "hf:a/b/f.gguf@main"),
        Form("https://huggingface.co/a/b/resolve/main/f.gguf?download=true", "hf:a/b/f.gguf@main"),
        Form("https://www.huggingface.co/a/b/raw/v1/f.gguf", "hf:a/b/f.gguf@v1"),
        Form("https://HF.co/a/b/tree/main", "hf:a/b@main"),
        Form("https://huggingface.co/a/b/tree/main/Q4_K_M", "hf:a/b:Q4_K_M@main"),
        Form("https://huggingface.co/a/b/blob/refs%2Fpr%2F1/x/f%20g.gguf", "hf:a/b/x/f g.gguf@refs/pr/1"),
        Form("https://huggingface.co/a/b/resolve/refs/pr/1/f.gguf", "hf:a/b/f.gguf@refs/pr/1"),
        Form("https://huggingface.co/gpt2/blob/main/f g.gguf", "https://huggingface.co/gpt2/resolve/main/f%20g.gguf"),
        Form("https://huggingface.co/a/b?show_file_info=f-Q8_0.gguf", "hf:a/b/f-Q8_0.gguf"),
        Form("https://huggingface.co/a/b/discussions/3", "hf:a/b"),
        Form("https://huggingface.co/a/b#readme", "hf:a/b"),
        Form("hf.co/a/b:Q4_K_M", "hf:a/b:Q4_K_M"),
        Form("huggingface.co/a/b/blob/main/f.gguf", "hf:a/b/f.gguf@main"),
        // ModelScope.
        Form("modelscope:a/b", "modelscope:a/b"), Form("ModelScope:a/b:q8_0", "modelscope:a/b:Q8_0"),
        Form("modelscope:a/b/x/f.gguf@v1", "modelscope:a/b/x/f.gguf@v1"),
        Form("https://modelscope.cn/models/a/b", "modelscope:a/b"),
        Form("https://www.modelscope.cn/models/a/b/files", "modelscope:a/b"),
        Form("modelscope.cn/models/a/b/summary", "modelscope:a/b"),
        Form("https://modelscope.ai/models/a/b/file/view/master/x/f.gguf?status=2", "modelscope:a/b/x/f.gguf"),
        Form("https://modelscope.cn/models/a/b/resolve/v1/f.gguf", "modelscope:a/b/f.gguf@v1"),
        Form("https://modelscope.cn/studios/a/b.gguf", "https://modelscope.cn/studios/a/b.gguf"),
        // Registries.
        Form("ollama:qwen2:0.5b", "ollama:qwen2:0.5b"),
        Form("ollama:qwen2", "ollama:qwen2:latest"),
        Form("ollama:user/name:tag", "ollama:user/name:tag"),
        Form("ollama:registry.ollama.ai/library/qwen2:0.5b", "ollama:qwen2:0.5b"),
        Form("ollama:hf.co/a/b:Q4_K_M", "hf:a/b:Q4_K_M"),
        Form("https://ollama.com/library/qwen2:0.5b", "ollama:qwen2:0.5b"),
        Form("oci://ghcr.io/org/model", "oci://ghcr.io/org/model:latest"),
        Form("oci://LOCALHOST:5000/org/model:v1", "oci://localhost:5000/org/model:v1"),
        Form("oci://[::1]:5000/model:v1", "oci://[::1]:5000/model:v1"),
        Form(
            "oci://h/r:v1@sha256:" + String(repeating: "AB", count: 32),
            "oci://h/r@sha256:" + String(repeating: "ab", count: 32)),
        // Plain origins and paths.
        Form("https://example.org/m/file.gguf?v=1", "https://example.org/m/file.gguf?v=1"),
        Form("http://127.0.0.1:8080/file.gguf", "http://127.0.0.1:8080/file.gguf"),
        Form("https://huggingface.co.example.org/a/b", "https://huggingface.co.example.org/a/b"),
        Form("file:///models/a%20b.gguf", "/models/a b.gguf"),
        Form("file://localhost/models/a.gguf", "/models/a.gguf"),
        Form("/models/a.gguf", "/models/a.gguf"),
        Form("./a", "./a"),
        Form("../a/b", "../a/b"),
        Form("sub/a.gguf", "./sub/a.gguf"),
        Form("a.GGUF", "./a.GGUF"),
    ])
    func `each form reads as its canonical text, which reads as the same reference`(form: Form) throws {
        let reference = try ModelReference(parsing: form.text)
        #expect(reference.description == form.canonical)
        #expect(try ModelReference(parsing: reference.description) == reference)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var text: String
        var code: String

        init(_ text: String, _ code: String) {
            self.text = text
            self.code = code
        }

        var testDescription: String { String(text.prefix(60)) }
    }

    @Test(arguments: [
        Refusal("", "reference-empty"),
        Refusal("   ", "reference-empty"),
        Refusal(String(repeating: "a", count: 5000), "reference-too-long"),
        Refusal("qwen2\u{0}", "reference-has-hidden-character"),
        Refusal("qwen2\u{202E}fugg", "reference-has-hidden-character"),
        Refusal("a\nb", "reference-has-hidden-character"),
        Refusal("qwen2::q8_0", "reference-incomplete"),
        Refusal(":", "reference-incomplete"),
        Refusal("a:b:c:d", "reference-not-a-name"),
        Refusal("modèle", "reference-not-a-name"),
        Refusal("two words", "reference-not-a-name"),
        Refusal("-rf", "reference-not-a-name"),
        Refusal(String(repeating: "a", count: 65), "reference-not-a-name"),
        Refusal("hf:", "reference-incomplete"),
        Refusal("hf:a/", "reference-incomplete"),
        Refusal("hf:a/b:", "reference-incomplete"),
        Refusal("hf:a/b@", "reference-incomplete"),
        Refusal("hf:../b", "reference-not-a-repository"),
        Refusal("hf:a/..", "reference-not-a-repository"),
        Refusal("hf:a/b c", "reference-not-a-repository"),
        Refusal("hf:a/b/../../x.gguf", "reference-path-unsafe"),
        Refusal("hf:a/b/.git/x.gguf", "reference-path-unsafe"),
        Refusal("hf:a/b/c\\d.gguf", "reference-path-unsafe"),
        Refusal("hf:a/b@../x", "reference-path-unsafe"),
        Refusal("hf:a/b/x:Q4_K_M", "reference-not-a-repository"),
        Refusal("https://huggingface.co/", "reference-not-a-model-page"),
        Refusal("https://huggingface.co/datasets/a/b", "reference-not-a-model-page"),
        Refusal("https://huggingface.co/spaces/a/b", "reference-not-a-model-page"),
        Refusal("https://huggingface.co/a/b/blob/main", "reference-incomplete"),
        Refusal("https://huggingface.co/a/b/resolve", "reference-incomplete"),
        Refusal("https://huggingface.co/a/b/blob/main/%2e%2e/%2e%2e/x.gguf", "reference-path-unsafe"),
        Refusal("https://huggingface.co/a/b/blob/main/..%2F..%2Fx.gguf", "reference-path-unsafe"),
        Refusal("https://huggingface.co/a/b/blob/main/x%00.gguf", "reference-path-unsafe"),
        Refusal("https://huggingface.co/a/b?show_file_info=../x", "reference-path-unsafe"),
        Refusal("https://user:secret@example.org/f.gguf", "reference-has-credentials"),
        Refusal("https://", "reference-not-an-address"),
        Refusal("https:///f.gguf", "reference-not-an-address"),
        Refusal("ftp://example.org/f.gguf", "reference-scheme-unknown"),
        Refusal("s3://bucket/f.gguf", "reference-scheme-unknown"),
        Refusal("file:a.gguf", "reference-not-an-address"),
        Refusal("file://server/a.gguf", "reference-not-an-address"),
        Refusal("file:///a%00b.gguf", "reference-has-hidden-character"),
        Refusal("ollama:", "reference-not-in-a-registry"),
        Refusal("ollama:a/b/c:d", "reference-not-in-a-registry"),
        Refusal("ollama:../x", "reference-not-in-a-registry"),
        Refusal("oci://host", "reference-incomplete"),
        Refusal("oci://host/", "reference-not-in-a-registry"),
        Refusal("oci://host/UPPER", "reference-not-in-a-registry"),
        Refusal("oci://host/../x", "reference-not-in-a-registry"),
        Refusal("oci://host:99999/x", "reference-not-in-a-registry"),
        Refusal("oci://host/x@sha256:12", "reference-not-in-a-registry"),
        Refusal("oci://user:pass@host/x", "reference-has-credentials"),
    ])
    func `what names no model is refused with its reason`(refusal: Refusal) {
        #expect { try ModelReference(parsing: refusal.text) } throws: { error in
            (error as? ReferenceError)?.code == refusal.code
        }
    }

    @Test func `an address under the endpoint of HF_ENDPOINT is a reference of the Hub`() throws {
        let endpoint = try #require(URL(string: "http://127.0.0.1:8711/mirror/"))
        let context = ModelReference.ParsingContext(hubEndpoint: endpoint)
        let inside = try ModelReference(
            parsing: "http://127.0.0.1:8711/mirror/a/b/resolve/main/f.gguf", in: context)
        #expect(inside.description == "hf:a/b/f.gguf@main")
        for outside in ["http://127.0.0.1:8711/other/f.gguf", "http://127.0.0.1:9/mirror/a/b", "http://x/mirror/a/b"] {
            let reference = try ModelReference(parsing: outside, in: context)
            #expect(reference.description == outside)
        }
    }

    @Test func `a tilde is the home that was given`() throws {
        let context = ModelReference.ParsingContext(home: "/home/ana")
        #expect(try ModelReference(parsing: "~/m.gguf", in: context) == .file("/home/ana/m.gguf"))
        #expect(try ModelReference(parsing: "~/m.gguf") == .file("~/m.gguf"))
    }

    @Test func `random bytes never bring the parser down`() {
        var state: UInt64 = 42
        let letters = Array("hf:oci/@.\\%2e~qQ4_K_M:ollama file https huggingface.co blob é🦙\u{0}\u{202E}[]#?")
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(letters[Int(state >> 33) % letters.count])
            }
            guard let reference = try? ModelReference(parsing: text) else { continue }
            if case .hub(let hub) = reference, case .path(let path) = hub.selection {
                #expect(!path.split(separator: "/").contains("..") && !path.hasPrefix("/"))
            }
        }
    }
}
