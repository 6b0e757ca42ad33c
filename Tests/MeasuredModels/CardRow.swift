import Foundation
import GGUF
public import LlamaMemory

/// One run of llama.cpp with a graphics card, with the figures of its own log and of the driver.
public struct CardRow: Sendable, CustomStringConvertible {
    /// Name of its header.
    public let header: String
    /// `general.architecture`.
    public let architecture: String
    /// `completion`, `cli` or `bench`.
    public let tool: String
    /// What it was run with.
    public let workload: Workload
    /// Further flags.
    public let flags: String
    /// Weights on the card and in memory, in MiB.
    public let cardWeights, memoryWeights: Double
    /// Keys, values and state.
    public let cardCache, memoryCache: Double
    /// Results.
    public let cardCompute, memoryCompute: Double
    /// Logits.
    public let output: Double
    /// All buffers of a side.
    public let cardTotal, memoryTotal: Double
    /// The process's memory on the card.
    public let process: Double
    /// What of it is no buffer: not known well where the process ended before it was asked again.
    public let fixed: Double

    /// Of several cards, what each holds: weights, cache, results.
    public let cards: [(weights: Double, cache: Double, compute: Double)]

    /// What it was run with, in a line.
    public var description: String {
        "\(header) \(tool) ctx \(workload.contextLength ?? 0) ngl \(workload.gpuLayers ?? 0) \(workload.cacheTypeK) "
            + "fa \(workload.flashAttention) \(flags)"
    }

    /// The rows of a table.
    public static func read(_ name: String = "truth_gpu") throws -> [CardRow] {
        let path = name.hasPrefix("/") ? name : try Fixtures.path(name, "csv")
        let lines = try String(contentsOfFile: path, encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        guard let names = lines.first else { return [] }
        return try lines.dropFirst().map { fields in
            guard let row = CardRow(Dictionary(uniqueKeysWithValues: zip(names, fields))) else {
                throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: fields.joined(separator: ",")])
            }
            return row
        }
    }

    private init?(_ row: [String: String]) {
        func number(_ name: String) -> Double { row[name].flatMap(Double.init) ?? 0 }
        guard let model = row["model"], let quantization = row["quant"], let architecture = row["arch"],
            let context = (row["ctx_req"] == "" ? row["n_ctx"] : row["ctx_req"]).flatMap({ Int($0) }),
            let tool = row["tool"],
            let keys = row["cache_k"].flatMap({ TensorType(name: $0) }),
            let values = row["cache_v"].flatMap({ TensorType(name: $0) }),
            let attention = row["fa_req"].flatMap(Workload.FlashAttention.init(rawValue:)),
            let batch = row["n_batch"].flatMap({ Int($0) }), let microBatch = row["n_ubatch"].flatMap({ Int($0) }),
            let layers = row["ngl"].flatMap({ Int($0) }), let flags = row["extra"]
        else { return nil }
        header = model == "gemma-3-270m(real)" ? "gemma-3-270m-Q4_K_M" : "\(model).\(quantization)"
        (self.architecture, self.tool, self.flags) = (architecture, tool, flags)
        var workload = Workload(
            contextLength: context, runtime: Workload.Runtime(rawValue: tool) ?? .library, cacheTypeK: keys,
            cacheTypeV: values, flashAttention: attention, batch: batch, microBatch: microBatch, gpuLayers: layers)
        workload.keepsCacheInMemory = flags.contains("--no-kv-offload")
        workload.offloadsOperations = !flags.contains("--no-op-offload")
        if let split = flags.split(separator: " ").drop(while: { $0 != "-ts" }).dropFirst().first {
            workload.tensorSplit = split.split(separator: "/").compactMap { Double($0) }
        }
        workload.fullWindowCache = flags.contains("--swa-full")
        if flags == "--cpu-moe" { workload.expertLayersInMemory = .max }
        if flags.hasPrefix("-ncmoe ") {
            workload.expertLayersInMemory = flags.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
        self.workload = workload
        cardWeights = number("cuda_model_mib")
        memoryWeights = number("cpu_mapped_mib") + number("cpu_mib") + number("cuda_host_model_mib")
        (cardCache, memoryCache) = (
            number("kv_cuda_mib") + number("rs_cuda_mib"), number("kv_cpu_mib") + number("rs_cpu_mib")
        )
        (cardCompute, memoryCompute) = (number("compute_cuda_mib"), number("compute_host_mib"))
        output = number("output_mib")
        (cardTotal, memoryTotal) = (number("cuda_total_mib"), number("host_total_mib"))
        (process, fixed) = (number("proc_gpu_mib"), number("fixed_mib"))
        cards = (row["cards_mib"] ?? "").split(separator: ";").map { card in
            let parts = card.split(separator: "/").compactMap { Double($0) }
            return (parts[0], parts[1], parts[2])
        }
    }
}
