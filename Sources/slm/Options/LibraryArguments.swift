public import ArgumentParser
import GGUF
public import HostHardware
public import LlamaMemory
public import ModelCatalog
package import ModelHub
public import Modelteca

extension DeviceClass: ExpressibleByArgument {}
extension ModelType: ExpressibleByArgument {}
extension PushFormat: ExpressibleByArgument {}

extension Use: ExpressibleByArgument {
    /// Reads the value of `--use`.
    public init?(argument: String) { self.init(parsing: argument) }
}

extension Workload.Runtime: ExpressibleByArgument {}
extension Workload.FlashAttention: ExpressibleByArgument {}

/// A type that llama.cpp caches keys and values in (`common/arg.cpp`, `kv_cache_types`).
struct CacheType: ExpressibleByArgument {
    let type: TensorType

    static let f16 = CacheType(type: .f16)

    static let names = ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1"]

    init?(argument: String) {
        guard Self.names.contains(argument.lowercased()), let type = TensorType(name: argument) else { return nil }
        self.type = type
    }

    private init(type: TensorType) { self.type = type }

    var defaultValueDescription: String { type.name.lowercased() }
}
