import GGUF
import Testing

@Suite struct QuantizationNamesTests {
    @Test(arguments: [
        ("Q4_K_P", "Q4_K_P", FileType.q4KM, false), ("ud-q4_k_xl", "UD-Q4_K_XL", .q4KM, false),
        ("i1-Q4_K_M", "Q4_K_M", .q4KM, false), ("Q2_0_g64", "Q2_0_G64", .q20, false),
        ("Q4_0_4_4", "Q4_0_4_4", .q40Arm4x4, false), ("IQ4_KS", "IQ4_KS", .iq4XS, true),
        ("iq4_kss", "IQ4_KSS", .iq4XS, true), ("Q4_K_R4", "Q4_K_R4", .q4KM, true),
        ("IQ2_K_R4", "IQ2_K_R4", .iq2S, true),
        ("IQ1_KT", "IQ1_KT", .iq1M, true),
    ])
    func `names that people use are read`(text: String, name: String, fileType: FileType, isOfFork: Bool) throws {
        let found = try #require(Quantization(parsing: text))
        #expect(found.name == name)
        #expect(found.fileType == fileType)
        #expect(found.isOfFork == isOfFork)
    }

    @Test(arguments: ["_R4", "XX_R4", "Q4_K_G", "Q4_K_M_R3", "i1-", "i1-i1", "g64"])
    func `what only looks like one is none`(text: String) {
        #expect(Quantization(parsing: text) == nil)
    }

    @Test(arguments: [
        ("Model-7B.i1-Q4_K_M.gguf", "Q4_K_M", "Model-7B"), ("m-Q2_0_g64.gguf", "Q2_0_G64", "m"),
        ("m-Q4_K_P.gguf", "Q4_K_P", "m"), ("m-IQ4_KSS.gguf", "IQ4_KSS", "m"), ("m-UD-IQ2_M.gguf", "UD-IQ2_M", "m"),
    ])
    func `they are found in names of files`(file: String, quantization: String, base: String) throws {
        let name = try #require(FileName(file))
        #expect(name.quantization?.name == quantization)
        #expect(name.base == base)
    }

    @Test(arguments: [
        ("mmproj-m-f16.gguf", true), ("sub/M-MMPROJ-Q8_0.GGUF", true), ("m-Q4_0.gguf", false), ("mmproj.bin", false),
        ("m-mmproj.imatrix.gguf", false), ("", false), ("mm-mmmproj-f16.gguf", true), ("mmpmmproj.gguf", true),
        ("mmprooj-m.gguf", false),
    ])
    func `a projector is known by its name`(file: String, isProjector: Bool) {
        #expect(FileName.isProjector(file) == isProjector)
        #expect(FileName.isProjector(file) == (FileName(file)?.kind == .projector))
    }

    @Test func `a tensor of an unknown type is no damage`() {
        var header = HeaderBytes(tensors: 1, keys: 0)
        header.tensor("t", [256], type: 144)
        #expect(throws: GGUFError.unknownTensorType(tensor: "t", number: 144, at: 24)) {
            try GGUFFile(bytes: header.bytes)
        }
    }

    @Test(arguments: [(14, 16, false), (14, 12, true), (19, 16, true), (nil, 16, true)] as [(UInt32?, UInt32, Bool)])
    func `a label that the tensors contradict is found`(label: UInt32?, type: UInt32, isTrue: Bool) throws {
        var header = HeaderBytes(tensors: 1, keys: label == nil ? 1 : 2)
        header.pair("general.architecture", "llama")
        if let label { header.pair("general.file_type", label) }
        header.tensor("token_embd.weight", [256, 8], type: type)
        #expect(try GGUFFile(bytes: header.bytes).isLabelTrue == isTrue)
    }
}
