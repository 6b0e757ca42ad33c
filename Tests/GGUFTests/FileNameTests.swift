import GGUF
import Testing

@Suite struct FileNameTests {
    struct Case: Sendable {
        let path: String
        let base: String
        let quantization: String?
        var shard: [Int] = []
        var kind = FileName.Kind.model
    }

    @Test(arguments: [
        Case(path: "Qwen3-8B-Q4_K_M.gguf", base: "Qwen3-8B", quantization: "Q4_K_M"),
        Case(path: "tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf", base: "tinyllama-1.1b-chat-v1.0", quantization: "Q4_K_M"),
        Case(path: "smollm2-1.7b-instruct-q4_k_m.gguf", base: "smollm2-1.7b-instruct", quantization: "Q4_K_M"),
        Case(path: "gemma-3-1b-it-qat-q4_0.gguf", base: "gemma-3-1b-it-qat", quantization: "Q4_0"),
        Case(path: "phi_2_Q5_K_S.GGUF", base: "phi_2", quantization: "Q5_K_S"),
        Case(path: "gpt-oss-20b-mxfp4.gguf", base: "gpt-oss-20b", quantization: "MXFP4"),
        Case(path: "Llama-3.2-1B-Instruct-UD-Q4_K_XL.gguf", base: "Llama-3.2-1B-Instruct", quantization: "UD-Q4_K_XL"),
        Case(path: "m-IQ4_NL.gguf", base: "m", quantization: "IQ4_NL"),
        Case(path: "m-IQ3_XXS.gguf", base: "m", quantization: "IQ3_XXS"),
        Case(path: "m-Q4_0_4_8.gguf", base: "m", quantization: "Q4_0_4_8"),
        Case(path: "m-bf16.gguf", base: "m", quantization: "BF16"),
        Case(path: "m-fp16.gguf", base: "m", quantization: "FP16"),
        Case(path: "Q6_K.gguf", base: "", quantization: "Q6_K"),
        Case(path: "model.gguf", base: "model", quantization: nil),
        Case(path: "Phi-3-mini-4k-instruct-q4.gguf", base: "Phi-3-mini-4k-instruct-q4", quantization: nil),
        Case(
            path: "Q4_K_M/big-00001-of-00003.gguf", base: "big", quantization: "Q4_K_M", shard: [1, 3]),
        Case(path: "big-Q8_0-00009-of-00009.gguf", base: "big", quantization: "Q8_0", shard: [9, 9]),
        Case(path: "big-00004-of-00003.gguf", base: "big-00004-of-00003", quantization: nil),
        Case(path: "mmproj-model-f16.gguf", base: "mmproj-model", quantization: "F16", kind: .projector),
        Case(path: "Qwen2-VL-mmproj-Q8_0.gguf", base: "Qwen2-VL-mmproj", quantization: "Q8_0", kind: .projector),
        Case(path: "imatrix.dat", base: "imatrix.dat", quantization: nil, kind: .importanceMatrix),
        Case(path: "Qwen3-8B.imatrix.gguf", base: "Qwen3-8B.imatrix", quantization: nil, kind: .importanceMatrix),
        Case(path: "m-imatrix-Q4_K_M.gguf", base: "m-imatrix", quantization: "Q4_K_M"),
        Case(path: "ggml-vocab-llama-bpe.gguf", base: "ggml-vocab-llama-bpe", quantization: nil, kind: .vocabulary),
        Case(path: "README.md", base: "README.md", quantization: nil, kind: .other),
    ])
    func `a name is taken apart`(_ example: Case) throws {
        let name = try #require(FileName(example.path))
        #expect(name.base == example.base)
        #expect(name.quantization?.name == example.quantization)
        #expect(name.shard.map { [$0.number, $0.count] } ?? [] == example.shard)
        #expect(name.kind == example.kind)
    }

    @Test(arguments: ["", "/", "a/", String(repeating: "a", count: 4097)])
    func `a path without a name at its end is none`(_ path: String) {
        #expect(FileName(path) == nil)
    }

    @Test(arguments: [
        ("m-00001-of-00002.gguf", "m", 1, 2), ("a-b-00010-of-00010.GGUF", "a-b", 10, 10),
    ])
    func `the parts of a split model are known by their names`(name: String, stem: String, number: Int, count: Int) {
        #expect(FileName(name)?.stem == stem)
        #expect(FileName(name)?.shard?.number == number && FileName(name)?.shard?.count == count)
    }

    @Test(arguments: [
        "m.gguf", "m-00000-of-00002.gguf", "m-00003-of-00002.gguf", "m-1-of-2.gguf", "m-00001-of-00002.bin",
        "00001-of-00002.gguf", ".gguf", "",
    ])
    func `other names are those of whole files`(name: String) { #expect(FileName(name)?.shard == nil) }

    @Test func `the parts of a split model are all named`() throws {
        let name = try #require(FileName("big-Q8_0-00002-of-00003.gguf"))
        #expect(
            name.allShards == [
                "big-Q8_0-00001-of-00003.gguf", "big-Q8_0-00002-of-00003.gguf", "big-Q8_0-00003-of-00003.gguf",
            ])
    }

    @Test func `every file type is known by its own name in either case`() {
        for type in FileType.allCases {
            #expect(Quantization(parsing: type.name)?.fileType == type)
            #expect(Quantization(parsing: type.name.lowercased())?.fileType == type)
            #expect(Quantization(fileType: Int64(type.rawValue))?.fileType == type)
        }
        #expect(Quantization(fileType: 1024 + 15)?.name == "Q4_K_M")
        #expect(Quantization(fileType: 99) == nil)
        #expect(Quantization(fileType: -1) == nil)
    }
}
