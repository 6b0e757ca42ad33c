import ArgumentParser
import Modelteca

/// `slm fit`: the memory a model needs, part by part, against the device.
struct Fit: Command {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "fit",
            abstract: say(
                en: "The memory a model needs, part by part, against this device.",
                es: "La memoria que un modelo necesita, parte por parte, frente a este equipo."),
            discussion: say(
                en: """
                      slm fit llama3.1:8b --context 32768 --explain
                      slm fit ./model.gguf --runtime server --parallel 2

                    Of a remote file only the header is read. Exits with 1 when it does not fit.
                    """,
                es: """
                      slm fit llama3.1:8b --context 32768 --explain
                      slm fit ./modelo.gguf --runtime server --parallel 2

                    De un archivo remoto solo se lee la cabecera. Termina con 1 si no cabe.
                    """))
    }

    @Argument(
        help: ArgumentHelp(say(en: "A model, or a GGUF file.", es: "Un modelo, o un archivo GGUF."), valueName: "ref"))
    var ref: String

    @OptionGroup var workload: WorkloadOptions

    @Flag(help: ArgumentHelp(say(en: "Show how each part is worked out.", es: "Muestra cómo se calcula cada parte.")))
    var explain = false

    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let reference = try global.settings.reference(ref)
        let shelf = try await global.shelf(for: reference)
        let profile = target.profile
        let device = profile?.device ?? shelf.device
        let wanted = workload.workload
        let answer = try await shelf.fit(reference, device: device, workload: wanted)
        try console.show(FitAnswerReport(answer, workload: wanted, isOtherDevice: profile != nil, explains: explain))
        if answer.report.verdict == .tooLarge { throw Finding() }
    }
}

/// In which of llama.cpp's programs, and with which of its settings, a model is to run.
struct WorkloadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            say(
                en: "Context length in tokens; the longest the model knows, if not given.",
                es: "Longitud del contexto en tokens; si no se da, la mayor que conoce el modelo."),
            valueName: "tokens"))
    var context: Int?

    @Option(
        help: ArgumentHelp(
            say(
                en: "llama-cli, llama-server, or the C library's defaults.",
                es: "llama-cli, llama-server, o los valores de la biblioteca C.")))
    var runtime = Workload.Runtime.cli

    @Option(
        help: ArgumentHelp(
            say(
                en: "How keys are cached: \(CacheType.names.joined(separator: ", ")).",
                es: "Cómo se guardan las claves: \(CacheType.names.joined(separator: ", "))."),
            valueName: "type"))
    var cacheTypeK = CacheType.f16

    @Option(
        help: ArgumentHelp(say(en: "How values are cached.", es: "Cómo se guardan los valores."), valueName: "type"))
    var cacheTypeV = CacheType.f16

    @Option(
        help: ArgumentHelp(
            say(en: "Attention in one fused step.", es: "La atención en un solo paso."), valueName: "auto|on|off"))
    var flashAttn = Workload.FlashAttention.auto

    @Option(help: ArgumentHelp(say(en: "Tokens given at a time.", es: "Tokens que se dan a la vez."), valueName: "n"))
    var batch = 2048

    @Option(
        help: ArgumentHelp(
            say(en: "Tokens calculated at a time.", es: "Tokens que se calculan a la vez."), valueName: "n"))
    var ubatch = 512

    @Option(help: ArgumentHelp(say(en: "Conversations at a time.", es: "Conversaciones a la vez."), valueName: "n"))
    var parallel: Int?

    @Option(
        name: [.customLong("gpu-layers"), .customLong("ngl", withSingleDash: true)],
        help: ArgumentHelp(
            say(
                en: "Layers for the graphics card, the output counted as one; as many as fit, if not given.",
                es: "Capas para la gráfica, contando la salida como una; si no se da, las que quepan."),
            valueName: "n"))
    var gpuLayers: Int?

    func validate() throws {
        if let context, !(0...100_000_000).contains(context) {
            throw invalid(say(en: "no context has \(context) tokens", es: "ningún contexto tiene \(context) tokens"))
        }
        if let gpuLayers, !(0...1_000_000).contains(gpuLayers) {
            throw invalid(
                say(en: "`--gpu-layers` cannot be \(gpuLayers)", es: "`--gpu-layers` no puede ser \(gpuLayers)"))
        }
        for (name, value) in [("batch", batch), ("ubatch", ubatch), ("parallel", parallel ?? 1)]
        where !(1...1_000_000).contains(value) {
            throw invalid(say(en: "`--\(name)` cannot be \(value)", es: "`--\(name)` no puede ser \(value)"))
        }
    }

    var workload: Workload {
        Workload(
            contextLength: context, runtime: runtime, cacheTypeK: cacheTypeK.type,
            cacheTypeV: cacheTypeV.type, flashAttention: flashAttn, batch: batch, microBatch: ubatch,
            parallel: parallel, gpuLayers: gpuLayers)
    }
}
