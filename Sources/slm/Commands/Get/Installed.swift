import Modelteca
import SystemPackage

/// What came into the store.
struct Installed: Answer {
    static var isAllThereIs: Bool { false }

    var installed: [Row]
    /// What to do with the last of them.
    private var steps: [NextSteps.Step]

    enum CodingKeys: CodingKey { case installed }

    init(installed: [Receipt], steps: [NextSteps.Step]) {
        self.installed = installed.map(Row.init)
        self.steps = steps
    }

    struct Row: Encodable {
        var ref: String
        var path: String
        var sizeBytes: Int64
        @OrNull var sha256: String?
        var verified: VerifiedFile.Proof
        @OrNull var source: String?
        var fetchedBytes: Int64
        var resumedFromBytes: Int64
        var seconds: Double
        var averageBytesPerSecond: Int64
        var alreadyThere: Bool
        var files: [File]
        /// Why llama.cpp would not run it; null where nothing speaks against it.
        @OrNull var cannotRun: String?
        /// Why this form of the model; null where there was no choice.
        @OrNull var choice: ChosenForm?
        /// Why the origin could not be asked, or that it has the model no more; null when it was asked.
        @OrNull var originError: Failure.Message?

        /// For a person only.
        let refusal: LoadRefusal?

        enum CodingKeys: CodingKey {
            case ref, path, sizeBytes, sha256, verified, source, fetchedBytes, resumedFromBytes, seconds
            case averageBytesPerSecond, alreadyThere, files, cannotRun, choice, originError
        }

        init(_ receipt: Receipt) {
            let model = receipt.model
            ref = model.ref
            path = model.path.string
            sizeBytes = model.size
            sha256 = model.files.first?.digest?.hex
            verified = receipt.proof
            source = model.files.first?.origin?.url.absoluteString
            fetchedBytes = receipt.fetched
            resumedFromBytes = receipt.resumed
            seconds = (max(0, receipt.seconds) * 1000).rounded() / 1000
            let rate = Double(receipt.fetched) / max(receipt.seconds, 0.001)
            averageBytesPerSecond = rate < 9e18 ? Int64(rate) : 0
            alreadyThere = receipt.wasThere
            refusal = Shelf.refusal(of: model.path)
            cannotRun = refusal?.code
            choice = receipt.choice.map(ChosenForm.init)
            originError = receipt.originFailure.map { Failure($0).message }
            files = model.files.map { File(path: $0.path.string, sizeBytes: $0.size, sha256: $0.digest?.hex) }
        }
    }

    struct File: Encodable {
        var path: String
        var sizeBytes: Int64
        @OrNull var sha256: String?
    }

    var bare: [String]? { installed.map(\.path) }

    func draw(on page: inout Page) {
        for row in installed { draw(row, on: &page) }
        guard let last = installed.last else { return }
        if let refusal = last.refusal {
            return page.paragraph(Text(refusal.sentence, .careful), indent: "  ")
        }
        page.pairs(steps)
    }

    private func draw(_ row: Row, on page: inout Page) {
        let language = Language.current
        let mark = Text("✓", .good)
        let verb = row.alreadyThere ? say(en: "already here", es: "ya estaba") : say(en: "stored", es: "guardado")
        page.line("\(mark) \(verb)", then: FilePath(row.path).shown)
        if let error = row.originError { page.paragraph(error.besidesTheStored, indent: "  ") }
        guard !row.alreadyThere else { return }
        let size = language.bytes(row.sizeBytes)
        let rate = language.rate(Double(row.averageBytesPerSecond))
        // What another program had here came over no network, and has no speed.
        var line =
            row.fetchedBytes == 0 && row.resumedFromBytes == 0
            ? say(en: "\(size), nothing downloaded", es: "\(size), no se descargó nada")
            : say(
                en: "\(size) in \(language.duration(row.seconds)) (\(rate))",
                es: "\(size) en \(language.duration(row.seconds)) (\(rate))")
        if row.resumedFromBytes > 0 {
            let kept = language.bytes(row.resumedFromBytes)
            line += say(en: ", \(kept) of it from before", es: ", \(kept) de antes")
        }
        page.paragraph("\(line), \(proof(of: row))", indent: "  ")
    }

    private func proof(of row: Row) -> String {
        let digest = row.sha256.flatMap { Digest(hex: $0)?.short } ?? "?"
        return switch row.verified {
        case .sha256: say(en: "SHA-256 \(digest) verified", es: "SHA-256 \(digest) comprobado")
        case .size:
            say(
                en: "only its size could be checked; its SHA-256 is \(digest)",
                es: "solo se pudo comprobar su tamaño; su SHA-256 es \(digest)")
        case .none:
            say(
                en: "nothing to check it against; its SHA-256 is \(digest)",
                es: "no hay con qué compararlo; su SHA-256 es \(digest)")
        }
    }
}

extension Failure.Message {
    /// The same where what is stored stands in for what the origin would have said.
    var besidesTheStored: Text {
        say(
            en: "\("careful:", .careful) it is stored and verified, but its origin does not confirm it: \(message)",
            es: "\("atención:", .careful) está guardado y comprobado, pero su origen no lo confirma: \(message)"
        )
    }
}
