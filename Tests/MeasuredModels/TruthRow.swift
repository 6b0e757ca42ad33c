import Foundation
import GGUF
public import LlamaMemory

/// One run of llama.cpp, with the figures of its own log.
public struct TruthRow: Sendable {
    /// Name of the header, without its quantization.
    public let model: String
    /// As names have it: `Q4_K_M`.
    public let quantization: String
    /// `general.architecture`.
    public let architecture: String
    /// What it was run with.
    public let workload: Workload
    /// What it says it allocated, in MiB, printed with two decimals.
    public let mapped, cache, state, compute, output, total: Double
    /// Weights copied for the processor, in MiB; nil where it was told not to.
    public let repacked: Double?

    /// The header that goes with it.
    public var header: String {
        model == "gemma-3-270m(real)" ? "gemma-3-270m-Q4_K_M" : "\(model).\(quantization)"
    }

    /// The rows of a table: `truth_public`.
    public static func read(_ name: String) throws -> [TruthRow] {
        let lines = try String(contentsOfFile: try Fixtures.path(name, "csv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        guard let names = lines.first else { return [] }
        return try lines.dropFirst().map { fields in
            let row = Dictionary(uniqueKeysWithValues: zip(names, fields))
            guard let row = TruthRow(row) else {
                throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: fields.joined(separator: ",")])
            }
            return row
        }
    }

    private init?(_ row: [String: String]) {
        func number(_ name: String) -> Double? { row[name].flatMap(Double.init) }
        guard let model = row["model"], let quantization = row["quant"], let architecture = row["arch"],
            let context = row["ctx_req"].flatMap({ Int($0) }), let tool = row["tool"],
            let keys = row["cache_k"].flatMap({ TensorType(name: $0) }),
            let values = row["cache_v"].flatMap({ TensorType(name: $0) }),
            let attention = row["fa_req"].flatMap(Workload.FlashAttention.init(rawValue:)),
            let mapped = number("mapped_mib"), let cache = number("kv_mib"), let state = number("rs_mib"),
            let compute = number("compute_mib"), let output = number("output_mib"), let total = number("total_mib")
        else { return nil }
        (self.model, self.quantization, self.architecture) = (model, quantization, architecture)
        workload = Workload(
            contextLength: context, runtime: Workload.Runtime(rawValue: tool) ?? .library, cacheTypeK: keys,
            cacheTypeV: values, flashAttention: attention)
        (self.mapped, self.cache, self.state) = (mapped, cache, state)
        (self.compute, self.output, self.total) = (compute, output, total)
        repacked = row["repack"] == "1" ? number("repack_mib") : nil
    }
}
