package import GGUF

/// The second copy that llama.cpp makes of some weights, in a layout for the processor.
///
/// The originals stay mapped but are no longer read, so their pages can go: the peak while loading is the sum, the
/// working set afterwards is not. `--no-repack` switches it off.
///
/// Source: ggml, `ggml-cpu/repack.cpp` (`ggml_repack_get_optimal_repack_type`).
package struct RepackedWeights: Hashable, Sendable {
    /// The copy, in bytes.
    package let bytes: Int64
    /// What stays mapped: from the first tensor that was not copied to the last, in bytes.
    package let mapped: Int64

    /// `features` are the processor's, in lower case as in `Device.CPU.features`: `avx2`, `avx512f`, `asimddp`, `i8mm`.
    package init(_ file: GGUFFile, features: [String]) {
        let processor = Processor(features)
        var copied: Int64 = 0
        var rest: (first: Int64, last: Int64)?
        for tensor in file.tensors {
            if processor.copies(tensor) {
                // Buffers are aligned like the results of a graph.
                let (sum, overflow) = copied.addingReportingOverflow((tensor.byteCount + 31) / 32 * 32)
                copied = overflow ? .max : sum
            } else {
                rest = (min(rest?.first ?? tensor.offset, tensor.offset), max(rest?.last ?? 0, tensor.end))
            }
        }
        bytes = copied
        mapped = rest.map { $0.last - $0.first } ?? 0
    }

    /// What a processor's vector units can do with packed weights.
    private struct Processor {
        let hasAVX2, hasAVX512, hasDotProduct, hasMatrix: Bool

        init(_ features: [String]) {
            let names = Set(features)
            hasAVX2 = names.contains("avx2")
            hasAVX512 = names.contains("avx512f")
            hasDotProduct = names.contains("asimddp") || names.contains("dotprod")
            hasMatrix = names.contains("i8mm")
        }

        /// Matrices that are multiplied with; embeddings are only looked up, so they never are copied.
        func copies(_ tensor: TensorInfo) -> Bool {
            guard tensor.dimensions.count >= 2, tensor.name.hasSuffix(".weight"), !tensor.isLookedUp else {
                return false
            }
            let rows = tensor.dimensions[1]
            let hasARM = hasDotProduct || hasMatrix
            return switch tensor.type {
            case .q40: (hasAVX2 && rows % 8 == 0) || (hasARM && rows % 4 == 0)
            case .q4K: (hasAVX2 || hasARM) && rows % 8 == 0
            case .q2K: hasAVX512 && rows % 8 == 0
            case .q5K, .q6K: hasARM && rows % 8 == 0
            case .iq4NL, .mxfp4: (hasAVX2 && rows % 8 == 0) || (hasDotProduct && rows % 4 == 0)
            case .q80: hasARM && rows % 4 == 0
            default: false
            }
        }
    }
}

/// What the process needs beside what llama.cpp allocates for the model, in bytes.
///
/// Measured, not derived: about 7 MiB, 155 bytes for each piece of the vocabulary and 130 for each merge of its
/// tokenizer (llama.cpp 0.5.0 on Linux, resident memory less all buffers, models from 12 to 56 MiB).
package enum ProcessOverhead {
    /// `merges` is nil when unknown; then as many as pieces, which only overstates.
    package static func bytes(vocabularySize: Int, merges: Int? = nil) -> Int64 {
        let pieces = Int64(min(max(vocabularySize, 0), 1 << 22))
        let joined = merges.map { Int64(min(max($0, 0), 1 << 22)) } ?? pieces
        return 7 << 20 + pieces * 155 + joined * 130
    }
}
