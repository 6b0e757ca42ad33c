/// How llama.cpp's quantizer mixed the types of a file's tensors, by its number in `general.file_type`.
///
/// Source: llama.cpp, `llama.h` (`enum llama_ftype`) and `llama-quant.cpp` (`llama_ftype_get_default_type`).
package enum FileType: Int, Hashable, Sendable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q40 = 2
    case q41 = 3
    case q80 = 7
    case q50 = 8
    case q51 = 9
    case q2K = 10
    case q3KS = 11
    case q3KM = 12
    case q3KL = 13
    case q4KS = 14
    case q4KM = 15
    case q5KS = 16
    case q5KM = 17
    case q6K = 18
    case iq2XXS = 19
    case iq2XS = 20
    case q2KS = 21
    case iq3XS = 22
    case iq3XXS = 23
    case iq1S = 24
    case iq4NL = 25
    case iq3S = 26
    case iq3M = 27
    case iq2S = 28
    case iq2M = 29
    case iq4XS = 30
    case iq1M = 31
    case bf16 = 32
    /// Q4_0 in the layouts for ARM of 2024.
    case q40Arm4x4 = 33
    case q40Arm4x8 = 34
    case q40Arm8x8 = 35
    case tq10 = 36
    case tq20 = 37
    case mxfp4 = 38
    case nvfp4 = 39
    case q10 = 40
    case q20 = 41

    /// As file names have it: `Q4_K_M`.
    package var name: String { facts.name }

    /// The type of tensors for which there is no special rule.
    package var baseType: TensorType { facts.type }

    static func named(_ name: String) -> FileType? {
        switch name {
        case "FP16": .f16
        case "FP32": .f32
        case "MXFP4": .mxfp4
        case "Q3_K": .q3KM
        case "Q4_K": .q4KM
        case "Q5_K": .q5KM
        default: byName[name]
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

    private var facts: (name: String, type: TensorType) {
        switch self {
        case .f32: ("F32", .f32)
        case .f16: ("F16", .f16)
        case .q40: ("Q4_0", .q40)
        case .q41: ("Q4_1", .q41)
        case .q80: ("Q8_0", .q80)
        case .q50: ("Q5_0", .q50)
        case .q51: ("Q5_1", .q51)
        case .q2K: ("Q2_K", .q2K)
        case .q3KS: ("Q3_K_S", .q3K)
        case .q3KM: ("Q3_K_M", .q3K)
        case .q3KL: ("Q3_K_L", .q3K)
        case .q4KS: ("Q4_K_S", .q4K)
        case .q4KM: ("Q4_K_M", .q4K)
        case .q5KS: ("Q5_K_S", .q5K)
        case .q5KM: ("Q5_K_M", .q5K)
        case .q6K: ("Q6_K", .q6K)
        case .iq2XXS: ("IQ2_XXS", .iq2XXS)
        case .iq2XS: ("IQ2_XS", .iq2XS)
        case .q2KS: ("Q2_K_S", .q2K)
        case .iq3XS: ("IQ3_XS", .iq3S)
        case .iq3XXS: ("IQ3_XXS", .iq3XXS)
        case .iq1S: ("IQ1_S", .iq1S)
        case .iq4NL: ("IQ4_NL", .iq4NL)
        case .iq3S: ("IQ3_S", .iq3S)
        case .iq3M: ("IQ3_M", .iq3S)
        case .iq2S: ("IQ2_S", .iq2XS)
        case .iq2M: ("IQ2_M", .iq2S)
        case .iq4XS: ("IQ4_XS", .iq4XS)
        case .iq1M: ("IQ1_M", .iq1M)
        case .bf16: ("BF16", .bf16)
        case .q40Arm4x4: ("Q4_0_4_4", .q40Arm4x4)
        case .q40Arm4x8: ("Q4_0_4_8", .q40Arm4x8)
        case .q40Arm8x8: ("Q4_0_8_8", .q40Arm8x8)
        case .tq10: ("TQ1_0", .tq10)
        case .tq20: ("TQ2_0", .tq20)
        case .mxfp4: ("MXFP4_MOE", .mxfp4)
        case .nvfp4: ("NVFP4", .nvfp4)
        case .q10: ("Q1_0", .q10)
        case .q20: ("Q2_0", .q20)
        }
    }
}
