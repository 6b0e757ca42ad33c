import GGUF
import LlamaMemory
public import ModelCatalog

extension FitJudge {
    /// No file is larger, in bytes; what claims to be is cut to this before it is added to anything.
    static let mostBytes: Int64 = 1 << 56

    /// What is needed beside llama.cpp's own allocations.
    func outside(_ shape: ModelShape) -> OutsideMemory {
        OutsideMemory(process: ProcessOverhead.bytes(vocabularySize: shape.vocabularySize), projector: projectors)
    }

    var estimatedSize: Int64? {
        guard let parameters = variant.parameters, parameters > 0, let name = variant.quantization,
            let quantization = Quantization(parsing: name)
        else { return nil }
        return quantization.weights(parameters: parameters)
    }

    /// All files together, in bytes; nil when one is unknown.
    var fileSize: Int64? {
        variant.files.isEmpty ? nil : sum(variant.files.map(\.size))
    }

    private var projectors: Int64 {
        sum(variant.files.filter { FileName($0.name)?.kind == .projector }.map { $0.size ?? 0 }) ?? 0
    }

    private func sum(_ sizes: [Int64?]) -> Int64? {
        sizes.reduce(0) { sum, size in
            guard let sum, let size else { return nil }
            return min(Self.mostBytes, sum + min(max(size, 0), Self.mostBytes))
        }
    }

    /// Weights in bytes: what llama.cpp's quantizer would write where that agrees with the files' size, else that size
    /// less what headers usually take.
    func weights(of shape: ModelShape) -> Int64? {
        let computed = variant.quantization.flatMap { Quantization(parsing: $0) }?.weights(of: shape)
        guard let size = fileSize else { return computed ?? estimatedSize }
        let models = size - projectors
        if let computed, computed <= models, models - computed <= Int64(shape.vocabularySize) * 80 { return computed }
        return max(0, models - Int64(shape.vocabularySize) * 30)
    }
}

extension Variant {
    /// What its files would take by the model's numbers, in bytes; nil when those, or the quantization, are unknown.
    public var estimatedSize: Int64? {
        guard let quantization, let known = Quantization(parsing: quantization) else { return nil }
        if let shape, let size = known.fileSize(of: shape) { return size }
        return parameters.map { known.weights(parameters: $0) }
    }
}
