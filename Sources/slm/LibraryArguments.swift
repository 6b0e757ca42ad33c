public import ArgumentParser
public import GGUF
public import ModelCatalog
public import ModelFit

extension TargetDevice: ExpressibleByArgument {}
extension Workload.Runtime: ExpressibleByArgument {}
extension Workload.FlashAttention: ExpressibleByArgument {}

extension TensorType: ExpressibleByArgument {
    /// By the name that llama.cpp prints: `q8_0`.
    public init?(argument: String) { self.init(name: argument) }

    /// What llama.cpp caches in (`common/arg.cpp`, `kv_cache_types`).
    public static var allValueStrings: [String] {
        ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1"]
    }

    /// As `allValueStrings` spells it.
    public var defaultValueDescription: String { name.lowercased() }
}
