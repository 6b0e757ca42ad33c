import ArgumentParser
import Modelteca

/// In which of llama.cpp's programs, and with which of its settings, a model is to run.
struct WorkloadOptions: ParsableArguments {
    @Option(
        help: .say(
            en: "Context length in tokens; without it 4096, or 2048 for phones; 0 is the longest that the model knows.",
            es: "Longitud del contexto en tokens; sin la opción 4096, o 2048 en teléfonos; 0 es la mayor del modelo.",
            value: "tokens"))
    var context: Int?

    @Option(
        help: .say(
            en: "llama-cli, llama-server, or the C library's defaults.",
            es: "llama-cli, llama-server, o los valores de la biblioteca C."))
    var runtime = Workload.Runtime.cli

    @Option(
        help: .say(
            en: "How keys are cached: \(CacheType.names.joined(separator: ", ")).",
            es: "Cómo se guardan las claves: \(CacheType.names.joined(separator: ", ")).", value: "type"))
    var cacheTypeK = CacheType.f16

    @Option(help: .say(en: "How values are cached.", es: "Cómo se guardan los valores.", value: "type"))
    var cacheTypeV = CacheType.f16

    @Option(help: .say(en: "Flash attention.", es: "Atención flash.", value: "auto|on|off"))
    var flashAttn = Workload.FlashAttention.auto

    @Option(help: .say(en: "Tokens per batch.", es: "Tokens por lote.", value: "n"))
    var batch = 2048

    @Option(help: .say(en: "Tokens per micro-batch.", es: "Tokens por microlote.", value: "n"))
    var ubatch = 512

    @Option(help: .say(en: "Conversations at the same time.", es: "Conversaciones a la vez.", value: "n"))
    var parallel: Int?

    @Option(
        name: [.customLong("gpu-layers"), .customLong("ngl", withSingleDash: true)],
        help: .say(
            en: "Layers on the GPU, the output counted as one; without it, as many as fit.",
            es: "Capas en la GPU, contando la salida como una; sin la opción, las que quepan.", value: "n"))
    var gpuLayers: Int?

    func validate() throws {
        if let context, !(0...100_000_000).contains(context) {
            throw invalid(en: "no context has \(context) tokens", es: "ningún contexto tiene \(context) tokens")
        }
        if let gpuLayers, !(0...1_000_000).contains(gpuLayers) {
            throw invalid(en: "`--gpu-layers` cannot be \(gpuLayers)", es: "`--gpu-layers` no puede ser \(gpuLayers)")
        }
        for (name, value) in [("batch", batch), ("ubatch", ubatch), ("parallel", parallel ?? 1)]
        where !(1...1_000_000).contains(value) {
            throw invalid(en: "`--\(name)` cannot be \(value)", es: "`--\(name)` no puede ser \(value)")
        }
    }

    func workload(on device: Device) -> Workload {
        Workload(
            contextLength: context ?? ContextOption.usual(on: device), runtime: runtime, cacheTypeK: cacheTypeK.type,
            cacheTypeV: cacheTypeV.type, flashAttention: flashAttn, batch: batch, microBatch: ubatch,
            parallel: parallel, gpuLayers: gpuLayers, contextMayShrink: context == nil)
    }
}
