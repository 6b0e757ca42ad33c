import ArgumentParser
import Modelteca

/// `slm push`: puts a stored model into a registry.
struct PushCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "push", en: "Put a stored model into an OCI registry, for a class or a company.",
            es: "Sube un modelo guardado a un registro OCI, para una clase o una empresa.",
            more: """
                  slm push gemma2:2b oci://registry.example.org/models/gemma2:2b
                  slm get oci://registry.example.org/models/gemma2:2b
                """)
    }

    @Argument(
        help: .say(en: "A stored model.", es: "Un modelo guardado.", value: Labels.model), completion: .known(.stored))
    var ref: String

    @Argument(
        help: .say(
            en: "Where to: oci://host/repository:tag.", es: "Adónde: oci://servidor/repositorio:etiqueta.",
            value: "oci://…"))
    var target: String

    @Option(
        help: .say(
            en: "How the artifact is written: modelpack (CNCF) or docker (Docker Model Runner).",
            es: "Cómo se escribe: modelpack (CNCF) o docker (Docker Model Runner).", value: "modelpack|docker"))
    var format = PushFormat.modelPack

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let reference = try shelf.reference(target)
        guard case .oci(_, _, let tag) = reference, !tag.hasPrefix("sha256:") else {
            throw invalid(
                en: "a model is pushed to `oci://host/repository:tag`, not to `\(target)`",
                es: "un modelo se sube a `oci://servidor/repositorio:etiqueta`, no a `\(target)`")
        }
        let line = ReadingLine(console)
        let pushed = try await shelf.push(ref, to: reference, format: format) { line.note($0, $1, $2) }
        line.finish()
        try console.show(PushedModel(pushed, format: format))
    }
}

/// What a push did.
struct PushedModel: Answer {
    static var isAllThereIs: Bool { false }

    var ref: String
    var target: String
    var digest: String
    var sentBytes: Int64
    var skippedBytes: Int64
    var format: PushFormat

    init(_ pushed: Pushed, format: PushFormat) {
        (ref, target, digest) = (pushed.ref, pushed.target, "sha256:\(pushed.digest.hex)")
        (sentBytes, skippedBytes, self.format) = (pushed.sent, pushed.skipped, format)
    }

    enum CodingKeys: CodingKey { case ref, target, digest, sentBytes, skippedBytes, format }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ref, forKey: .ref)
        try values.encode(target, forKey: .target)
        try values.encode(digest, forKey: .digest)
        try values.encode(sentBytes, forKey: .sentBytes)
        try values.encode(skippedBytes, forKey: .skippedBytes)
        try values.encode(format.rawValue, forKey: .format)
    }

    func draw(on page: inout Page) {
        let sent = Language.current.bytes(sentBytes)
        let skipped = Language.current.bytes(skippedBytes)
        page.line(
            say(
                en: "\("✓", .good) pushed \(ref) to \(target): \(sent) sent, \(skipped) already there",
                es: "\("✓", .good) se subió \(ref) a \(target): \(sent) enviados, \(skipped) ya estaban"))
        page.line(
            say(en: "  \("get it:", .faint)  slm get \(target)", es: "  \("descargarlo:", .faint)  slm get \(target)"))
    }
}
