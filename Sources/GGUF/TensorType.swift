/// How a tensor's numbers are stored.
///
/// Numbers and block sizes: ggml, `ggml.h` (`enum ggml_type`) and `ggml-common.h` (the `block_…` structures).
public enum TensorType: UInt32, Hashable, Sendable, CaseIterable, Codable {
    case f32 = 0
    case f16 = 1
    case q40 = 2
    case q41 = 3
    case q50 = 6
    case q51 = 7
    case q80 = 8
    case q81 = 9
    case q2K = 10
    case q3K = 11
    case q4K = 12
    case q5K = 13
    case q6K = 14
    case q8K = 15
    case iq2XXS = 16
    case iq2XS = 17
    case iq3XXS = 18
    case iq1S = 19
    case iq4NL = 20
    case iq3S = 21
    case iq2S = 22
    case iq4XS = 23
    case i8 = 24
    case i16 = 25
    case i32 = 26
    case i64 = 27
    case f64 = 28
    case iq1M = 29
    case bf16 = 30
    /// Q4_0 laid out for ARM processors. Files of 2024 have it; llama.cpp no longer loads them.
    case q40Arm4x4 = 31
    case q40Arm4x8 = 32
    case q40Arm8x8 = 33
    case tq10 = 34
    case tq20 = 35
    /// IQ4_NL laid out for ARM processors; llama.cpp no longer loads it.
    case iq4NLArm4x4 = 36
    case iq4NLArm4x8 = 37
    case iq4NLArm8x8 = 38
    case mxfp4 = 39
    case nvfp4 = 40
    case q10 = 41
    case q20 = 42

    /// How many numbers share a block: a row's length must be a multiple of it.
    public var blockSize: Int { layout.block }

    /// Bytes that one block takes.
    public var bytesPerBlock: Int { layout.bytes }

    /// Bits for one number, the scales of its block included.
    public var bitsPerWeight: Double { Double(bytesPerBlock * 8) / Double(blockSize) }

    /// As ggml and the tools around it write it: `Q4_K`, `IQ3_XXS`, `F16`.
    public var name: String { layout.name }

    /// Whether today's llama.cpp refuses tensors of this type.
    package var isRemoved: Bool {
        switch self {
        case .q40Arm4x4, .q40Arm4x8, .q40Arm8x8, .iq4NLArm4x4, .iq4NLArm4x8, .iq4NLArm8x8: true
        default: false
        }
    }

    /// Finds a type by its name in either case: `q8_0`, `F16`, `Q4_K`.
    package init?(name: some StringProtocol) {
        let wanted = name.uppercased()
        guard let type = Self.allCases.first(where: { $0.name == wanted }) else { return nil }
        self = type
    }

    /// Bytes of `elements` numbers in rows of `row`; nil when a row is no multiple of the block or the product is more
    /// than 63 bits can say.
    package func byteCount(elements: Int64, row: Int64) -> Int64? {
        guard elements >= 0, row >= 0, row % Int64(blockSize) == 0 else { return nil }
        let (bytes, overflow) = (elements / Int64(blockSize)).multipliedReportingOverflow(by: Int64(bytesPerBlock))
        return overflow ? nil : bytes
    }

    private var layout: (name: String, block: Int, bytes: Int) {
        switch self {
        case .f32: ("F32", 1, 4)
        case .f16: ("F16", 1, 2)
        case .q40: ("Q4_0", 32, 18)
        case .q41: ("Q4_1", 32, 20)
        case .q50: ("Q5_0", 32, 22)
        case .q51: ("Q5_1", 32, 24)
        case .q80: ("Q8_0", 32, 34)
        // Two halves and 32 bytes in ggml. It never occurs in files; the `gguf` package counts it as 40.
        case .q81: ("Q8_1", 32, 36)
        case .q2K: ("Q2_K", 256, 84)
        case .q3K: ("Q3_K", 256, 110)
        case .q4K: ("Q4_K", 256, 144)
        case .q5K: ("Q5_K", 256, 176)
        case .q6K: ("Q6_K", 256, 210)
        case .q8K: ("Q8_K", 256, 292)
        case .iq2XXS: ("IQ2_XXS", 256, 66)
        case .iq2XS: ("IQ2_XS", 256, 74)
        case .iq3XXS: ("IQ3_XXS", 256, 98)
        case .iq1S: ("IQ1_S", 256, 50)
        case .iq4NL: ("IQ4_NL", 32, 18)
        case .iq3S: ("IQ3_S", 256, 110)
        case .iq2S: ("IQ2_S", 256, 82)
        case .iq4XS: ("IQ4_XS", 256, 136)
        case .i8: ("I8", 1, 1)
        case .i16: ("I16", 1, 2)
        case .i32: ("I32", 1, 4)
        case .i64: ("I64", 1, 8)
        case .f64: ("F64", 1, 8)
        case .iq1M: ("IQ1_M", 256, 56)
        case .bf16: ("BF16", 1, 2)
        case .q40Arm4x4: ("Q4_0_4_4", 32, 18)
        case .q40Arm4x8: ("Q4_0_4_8", 32, 18)
        case .q40Arm8x8: ("Q4_0_8_8", 32, 18)
        case .tq10: ("TQ1_0", 256, 54)
        case .tq20: ("TQ2_0", 256, 66)
        case .iq4NLArm4x4: ("IQ4_NL_4_4", 32, 18)
        case .iq4NLArm4x8: ("IQ4_NL_4_8", 32, 18)
        case .iq4NLArm8x8: ("IQ4_NL_8_8", 32, 18)
        case .mxfp4: ("MXFP4", 32, 17)
        case .nvfp4: ("NVFP4", 64, 36)
        case .q10: ("Q1_0", 128, 18)
        case .q20: ("Q2_0", 64, 18)
        }
    }
}
