import ArgumentParser
import Modelteca

/// `slm fit`: the memory a model needs, part by part, against the device.
struct FitCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "fit", en: "The memory a model needs, part by part, against this device.",
            es: "La memoria que un modelo necesita, parte por parte, frente a este equipo.",
            more: say(
                en: """
                      slm fit llama3.1:8b --context 32768 --explain
                      slm fit ./model.gguf --runtime server --parallel 2
                      slm fit gemma4:e2b --device phone-8gb --device laptop-8gb

                    Of a remote file only the header is read. Exits with 1 when the model does not fit, llama.cpp
                    does not load it, or nobody can say.
                    """,
                es: """
                      slm fit llama3.1:8b --context 32768 --explain
                      slm fit ./modelo.gguf --runtime server --parallel 2
                      slm fit gemma4:e2b --device phone-8gb --device laptop-8gb

                    De un archivo remoto solo se lee la cabecera. Termina con 1 si no cabe, si
                    llama.cpp no lo carga o si no hay datos.
                    """))
    }

    @Argument(
        help: .say(en: "A model, or a GGUF file.", es: "Un modelo, o un archivo GGUF.", value: Labels.model),
        completion: .known(.models))
    var ref: String

    @OptionGroup var workload: WorkloadOptions

    @Flag(help: .say(en: "Show how each part is calculated.", es: "Muestra cómo se calcula cada parte."))
    var explain = false

    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let reference = try global.settings.reference(ref)
        let shelf = try await global.shelf(for: reference)
        let profiles = target.profiles
        // A catalog knows its models' numbers.
        let question: ProgressLine.Question? =
            if case .catalog = reference { nil } else { .init(reference, shelf.settings) }
        var answers: [FitDetails] = []
        for profile in profiles.isEmpty ? [nil] : profiles.map(Optional.some) {
            let device = profile?.device ?? shelf.device
            let wanted = workload.workload(on: device)
            let answer = try await console.during(asking: question) {
                try await shelf.fit(reference, device: device, workload: wanted)
            }
            answers.append(FitDetails(answer, workload: wanted, profile: profile, explains: explain))
        }
        if answers.count == 1 {
            try console.show(answers[0])
        } else {
            try console.show(FitComparison(devices: answers))
        }
        let verdicts = answers.map(\.fit.verdict)
        if verdicts.contains(where: { [.tooLarge, .cannotRun, .unknown].contains($0) }) { throw CheckFailed() }
    }
}
