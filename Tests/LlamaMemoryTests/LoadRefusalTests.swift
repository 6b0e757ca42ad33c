import GGUF
import LlamaMemory
import TestSupport
import Testing

@Suite struct LoadRefusalTests {
    private typealias Value = GGUFBuilder.Value

    private func refusal(
        _ pairs: [(key: String, value: Value)] = [], tensors: [GGUFBuilder.Tensor]? = nil, isModel: Bool = true,
        version: UInt32 = 3, layers: UInt32 = 0
    ) throws -> LoadRefusal? {
        var builder = GGUFBuilder()
        builder.version = version
        if isModel {
            builder.metadata = [("general.architecture", .string("llama"))]
            for key in ["context_length", "embedding_length", "block_count"] {
                builder.metadata.append(("llama.\(key)", .uint32(key == "block_count" ? layers : 256)))
            }
        }
        builder.metadata += pairs
        builder.tensors = tensors ?? [GGUFBuilder.Tensor("token_embd.weight", [256, 8], .f32)]
        return LoadRefusal(try GGUFFile(bytes: builder.build()))
    }

    @Test func `a model is refused nothing`() throws {
        #expect(try refusal() == nil)
    }

    @Test func `what is no model is told by its kind`() throws {
        #expect(try refusal([("general.type", .string("adapter"))]) == .adapter)
        #expect(try refusal([("adapter.type", .string("lora"))]) == .adapter)
        #expect(try refusal([("general.type", .string("mmproj"))]) == .projector)
        #expect(try refusal([("general.architecture", .string("clip"))], isModel: false) == .projector)
        #expect(try refusal([("general.type", .string("imatrix"))], isModel: false) == .importanceMatrix)
        #expect(try refusal([("imatrix.chunk_count", .uint32(1))], isModel: false) == .importanceMatrix)
        #expect(try refusal([("general.architecture", .string("controlvector"))], isModel: false) == .controlVector)
        #expect(try refusal([("general.architecture", .string("flux"))], isModel: false) == .otherArchitecture("flux"))
        #expect(try refusal(isModel: false) == .noArchitecture)
        #expect(try refusal([("tokenizer.ggml.tokens", .strings(["a", "b"]))], tensors: []) == .vocabularyOnly)
    }

    @Test func `a header without what llama.cpp asks for first is refused`() throws {
        let pairs: [(key: String, value: Value)] = [
            ("general.architecture", .string("qwen2")), ("qwen2.block_count", .uint32(2)),
            ("qwen2.embedding_length", .uint32(64)),
        ]
        #expect(try refusal(pairs, isModel: false) == .keyMissing("qwen2.context_length"))
        #expect(try refusal([("general.alignment", .uint64(32))]) == .keyType("general.alignment"))
        #expect(
            try refusal([("x", .array(of: .array, [.array(of: .uint8, [.uint8(1)])]))]) == .keyType("x"))
    }

    @Test func `a model without embeddings or without one of its layers is refused`() throws {
        func made(_ names: [String]) -> [GGUFBuilder.Tensor] { names.map { .init($0, [256], .f32) } }
        let whole = made(["token_embd.weight", "blk.0.a", "blk.2.a", "blk.1.a"])
        #expect(try refusal(tensors: whole, layers: 3) == nil)
        #expect(try refusal(tensors: whole, layers: 4) == .tensorMissing("blk.3"))
        #expect(try refusal([("llama.nextn_predict_layers", .uint32(1))], tensors: whole, layers: 4) == nil)
        #expect(
            try refusal(tensors: made(["token_embd.weight", "blk.0.a", "blk.2.a"]), layers: 3)
                == .tensorMissing("blk.1"))
        #expect(try refusal(tensors: made(["blk.0.a"]), layers: 1) == .tensorMissing("token_embd.weight"))
        #expect(try refusal(tensors: [], layers: 1) == .tensorMissing("token_embd.weight"))
        #expect(try refusal(tensors: whole, layers: .max) == .tensorMissing("blk.3"))
    }

    @Test func `tensors that llama.cpp does not load are refused`() throws {
        let long = String(repeating: "n", count: 64)
        #expect(try refusal(tensors: [.init(long, [256], .f32)]) == .tensorNameTooLong(long))
        #expect(
            try refusal(tensors: [.init(String(long.dropLast()), [256], .f32), .init("token_embd.weight", [256], .f32)])
                == nil)
        #expect(
            LoadRefusal(GGUFError.unknownTensorType(tensor: "t", number: 144, at: 0)) == .tensorTypeUnknown("IQ4_KS"))
        #expect(LoadRefusal(GGUFError.unknownTensorType(tensor: "t", number: 99, at: 0)) == .tensorTypeUnknown("99"))
        #expect(LoadRefusal(GGUFError.unsupportedVersion(4)) == .version(4))
        #expect(LoadRefusal(GGUFError.notGGUF(found: [])) == nil)
    }

    @Test(
        arguments: [
            ("m-Q4_0_4_4.gguf", LoadRefusal.tensorTypeRemoved("Q4_0_4_4")),
            ("m-IQ4_KS.gguf", .tensorTypeUnknown("IQ4_KS")),
            ("mmproj-m-F16.gguf", .projector), ("m-Q4_K_M.gguf", nil), ("m.gguf", nil),
        ] as [(String, LoadRefusal?)])
    func `a name tells before the bytes are here`(name: String, refusal: LoadRefusal?) throws {
        #expect(LoadRefusal(try #require(FileName(name))) == refusal)
    }
}
