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
            en: "llama-cli, llama-server, or the C library's defaults, which apps for phones have.",
            es: "llama-cli, llama-server, o los valores de la biblioteca C, que son los de las apps de teléfonos."))
    var runtime: Workload.Runtime?

    @Option(
        help: .say(
            en: "How keys are cached: \(CacheType.names.joined(separator: ", ")).",
            es: "Cómo se guardan las claves: \(CacheType.names.joined(separator: ", ")).", value: "type"),
        completion: .list(CacheType.names))
    var cacheTypeK = CacheType.f16

    @Option(
        help: .say(en: "How values are cached.", es: "Cómo se guardan los valores.", value: "type"),
        completion: .list(CacheType.names))
    var cacheTypeV = CacheType.f16

    @Option(help: .say(en: "Flash attention.", es: "Atención flash.", value: "auto|on|off"))
    var flashAttn = Workload.FlashAttention.auto

    @Option(help: .say(en: "Tokens per batch.", es: "Tokens por lote.", value: "n"))
    var batch = 2048

    @Option(help: .say(en: "Tokens per micro-batch.", es: "Tokens por microlote.", value: "n"))
    var ubatch = 512

    @Option(
        help: .say(
            en: "Whether the vision projector is loaded too; apps for phones read text alone.",
            es: "Si se carga también el proyector de visión; las apps de teléfonos solo leen texto."))
    var mmproj: ProjectorUse?

    @Option(help: .say(en: "Conversations at the same time.", es: "Conversaciones a la vez.", value: "n"))
    var parallel: Int?

    @Option(
        name: [.customLong("gpu-layers"), .customLong("ngl", withSingleDash: true)],
        help: .say(
            en: "Layers on the GPU, the output counted as one; without it, as many as fit.",
            es: "Capas en la GPU, contando la salida como una; sin la opción, las que quepan.", value: "n"))
    var gpuLayers: Int?

    @Option(
        name: [.customLong("n-cpu-moe"), .customLong("ncmoe", withSingleDash: true)],
        help: .say(
            en: "Keep the experts of the first layers in memory.",
            es: "Deja en la memoria los expertos de las primeras capas.", value: "n"))
    var nCpuMoe: Int?

    @Flag(
        help: .say(en: "Keep all experts in memory.", es: "Deja todos los expertos en la memoria."))
    var cpuMoe = false

    @Flag(
        name: [.customLong("no-kv-offload"), .customLong("nkvo", withSingleDash: true)],
        help: .say(en: "Keep the cache in memory.", es: "Deja la caché en la memoria."))
    var noKVOffload = false

    @Flag(
        help: .say(
            en: "Let the processor calculate with weights in memory, also for prompts.",
            es: "Que el procesador calcule con los pesos de la memoria, también al leer."))
    var noOpOffload = false

    @Option(
        name: [.customLong("tensor-split"), .customLong("ts", withSingleDash: true)],
        help: .say(
            en: "How layers are divided among GPUs; without it, by free memory.",
            es: "Cómo se reparten las capas entre las GPU; sin la opción, según la memoria libre.", value: "3,1"))
    var tensorSplit: String?

    private var split: [Double]? {
        let parts = (tensorSplit ?? "").split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        let known = parts.compactMap(\.self)
        return known.count == parts.count && known.allSatisfy { $0.isFinite && (0...1e9).contains($0) } ? known : nil
    }

    func validate() throws {
        if let tensorSplit, split == nil {
            throw invalid(
                en: "`--tensor-split` cannot be \(tensorSplit)", es: "`--tensor-split` no puede ser \(tensorSplit)")
        }
        if let context, !(0...100_000_000).contains(context) {
            throw invalid(en: "no context has \(context) tokens", es: "ningún contexto tiene \(context) tokens")
        }
        let bounds: [(name: String, value: Int?, range: ClosedRange<Int>)] = [
            ("gpu-layers", gpuLayers, 0...1_000_000), ("n-cpu-moe", nCpuMoe, 0...1_000_000),
            ("batch", batch, 1...1_000_000), ("ubatch", ubatch, 1...Workload.mostInMicroBatch),
            ("parallel", parallel, 1...Workload.mostSequences),
        ]
        for (name, value, range) in bounds {
            guard let value, !range.contains(value) else { continue }
            let (least, most) = (
                Language.current.grouped(Int64(range.lowerBound)), Language.current.grouped(Int64(range.upperBound))
            )
            let why = name == "parallel" ? say(en: ", as in llama.cpp", es: ", como en llama.cpp") : ""
            throw invalid(
                en: "`--\(name)` is from \(least) to \(most)\(why): \(value)",
                es: "`--\(name)` va de \(least) a \(most)\(why): \(value)")
        }
    }

    func workload(on device: Device) -> Workload {
        let usual = ContextOption.workload(on: device)
        var workload = Workload(
            contextLength: context ?? ContextOption.usual(on: device), runtime: runtime ?? usual.runtime,
            cacheTypeK: cacheTypeK.type,
            cacheTypeV: cacheTypeV.type, flashAttention: flashAttn, batch: batch, microBatch: ubatch,
            parallel: parallel, gpuLayers: gpuLayers, contextMayShrink: context == nil)
        workload.loadsProjector = mmproj.map { $0 == .auto } ?? usual.loadsProjector
        workload.expertLayersInMemory = cpuMoe ? .max : nCpuMoe ?? 0
        workload.keepsCacheInMemory = noKVOffload
        workload.offloadsOperations = !noOpOffload
        if tensorSplit != nil, let split { workload.tensorSplit = split }
        return workload
    }
}

/// Whether a vision projector is loaded with a model, as for llama.cpp's `--mmproj-auto` and `--no-mmproj`.
enum ProjectorUse: String, CaseIterable, ExpressibleByArgument {
    case auto, none
}
