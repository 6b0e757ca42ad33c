import Modelteca
import Synchronization

/// What is said while a model is on its way.
final class GetMessages: Sendable {
    private let console: Console
    private let progress: ProgressLine
    private let model: Mutex<ProgressLine.Model>
    private let hasSaidResume = Atomic(false)

    /// - Parameter number: Tells the model from others of the same command.
    init(_ console: Console, _ progress: ProgressLine, number: Int = 0) {
        self.console = console
        self.progress = progress
        model = Mutex(ProgressLine.Model(number: number))
    }

    func note(_ event: GetEvent) {
        defer { progress.follow(event, of: model.withLock { $0 }) }
        switch event {
        case .resolved(let variant, let fit):
            model.withLock { $0.ref = variant.ref }
            introduce(variant, fit)
        case .unreadable(let entries, let repository):
            guard console.isVerbose else { return }
            progress.say(
                say(
                    en: entries == 1
                        ? "\(repository): an entry of its list cannot be read and is passed over"
                        : "\(repository): \(entries) entries of its list cannot be read and are passed over",
                    es: entries == 1
                        ? "\(repository): una entrada de su lista no se puede leer y se omite"
                        : "\(repository): \(entries) entradas de su lista no se pueden leer y se omiten"))
        case .waitingForOther(let ref):
            progress.say(
                say(
                    en: "another process is downloading \(ref): waiting for it",
                    es: "otro proceso está descargando \(ref): se espera a que termine"))
        case .foundHere(let file, let program, let path):
            progress.say(
                say(
                    en: "\(file) is on this disk already, in \(program.name) (\(path.shown)): nothing to download",
                    es: "\(file) ya está en este disco, en \(program.name) (\(path.shown)): no se descarga nada"))
        case .transfer(let event):
            if event.resumed > 0, !hasSaidResume.exchange(true, ordering: .relaxed) {
                let kept = Language.current.bytes(event.resumed)
                progress.say(
                    say(en: "resuming: \(kept) already downloaded", es: "se reanuda: \(kept) ya descargados"))
            }
        }
    }

    private func introduce(_ variant: Variant, _ fit: FitReport) {
        let language = Language.current
        // A second file of one quantization goes by its origin's name.
        let entry = variant.entry.flatMap { variant.ref.hasPrefix($0) ? $0 : nil }
        var line = Text(entry ?? variant.ref, .strong)
        if let quantization = variant.quantization, entry != nil || !variant.ref.hasSuffix(quantization) {
            line += " · \(quantization)"
        }
        if entry != nil { line += " · \(variant.publisher)/\(variant.repository)" }
        if let size = variant.size { line += " · \(language.bytes(size))" }
        let model = variant.withoutProjector
        if model.files.count < variant.files.count, let all = variant.size, let text = model.size {
            let size = language.bytes(all - text)
            line += say(en: " (\(size) of it a projector)", es: " (\(size) son de un proyector)")
        }
        if let license = variant.license { line += " · " + LicenseTerms(license).short }
        progress.say(line)
        if let use = variant.license?.commercialUse, use != .yes {
            let page = "`slm show \(entry ?? variant.ref)`"
            let terms =
                use == .no
                ? say(en: "not for commercial use: \(page)", es: "sin uso comercial: \(page)")
                : say(en: "its licence has conditions: \(page)", es: "su licencia tiene condiciones: \(page)")
            progress.say(Text(terms, .faint))
        }
        if let choice = fit.choice { progress.say(Text(ChosenForm(choice).sentence, .faint)) }
        if console.isVerbose {
            for file in variant.files { progress.say(Text("  \(file.url.withoutSecrets.absoluteString)", .faint)) }
            for reason in fit.reasons { progress.say(Text("  \(fit.verdict.word.plain): \(reason.sentence)", .faint)) }
        }
        for case .refused(let refusal) in fit.reasons {
            progress.say(say(en: "\("careful:", .careful) ", es: "\("atención:", .careful) ") + "\(refusal.sentence)")
        }
        if fit.verdict == .tooLarge {
            let needed = fit.required.map(language.memory) ?? "?"
            let budget = fit.budget.now.map(language.memory) ?? "?"
            progress.say(
                say(
                    en: "\("careful:", .careful) it needs \(needed) of memory, and \(budget) are available",
                    es: "\("atención:", .careful) necesita \(needed) de memoria y hay \(budget) disponibles"))
        }
    }
}
