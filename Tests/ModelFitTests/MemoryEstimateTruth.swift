import Foundation
import GGUF
import ModelFit
import Testing

/// One run of llama.cpp, with the figures of its own log.
struct TruthRow: Sendable {
    let model: String
    let quantization: String
    let architecture: String
    let workload: Workload
    /// What it says it allocated, in MiB, printed with two decimals.
    let mapped, cache, state, compute, output, total: Double
    /// Weights copied for the processor, in MiB; nil where it was told not to.
    let repacked: Double?

    /// The header that goes with it.
    var header: String {
        model == "gemma-3-270m(real)" ? "gemma-3-270m-Q4_K_M" : "\(model).\(quantization)"
    }

    static func read(_ name: String) throws -> [TruthRow] {
        let lines = try String(contentsOfFile: try Fixtures.path(name, "csv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let names = try #require(lines.first)
        return try lines.dropFirst().map { fields in
            let row = Dictionary(uniqueKeysWithValues: zip(names, fields))
            return try #require(TruthRow(row))
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

enum Fixtures {
    static func path(_ name: String, _ type: String, in folder: String = "Fixtures") throws -> String {
        try #require(Bundle.module.path(forResource: name, ofType: type, inDirectory: folder), "\(name).\(type)")
    }

    static func header(_ name: String) throws -> GGUFFile {
        try GGUFFile(path: try path(name, "header", in: "Fixtures/headers"))
    }
}

/// Errors of many rows.
struct ErrorStatistics {
    private var errors: [Double] = []

    mutating func add(_ estimate: Double, _ truth: Double) {
        errors.append(truth == 0 ? abs(estimate) : abs(estimate - truth) / truth)
    }

    var count: Int { errors.count }
    var worst: Double { errors.max() ?? 0 }
    var median: Double {
        let sorted = errors.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
