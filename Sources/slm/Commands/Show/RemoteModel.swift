import Modelteca
import SystemPackage

/// What an origin has for a reference that is not the catalog's: its forms in order of size.
struct RemoteModel: Answer {
    var ref: String
    @OrNull var license: LicenseTerms?
    var variants: [ModelVariant]
    /// Why one of them is taken by default; null where there is only one.
    @OrNull var choice: ChosenForm?
    /// Each device that was asked about; absent when it is one.
    var devices: [ModelDetails.OnDevice]?

    init(_ offer: Offer, devices: [AskedDevice], stored: [StoredModel]) {
        ref = offer.reference.description
        license = offer.variants.lazy.compactMap(\.license).first.map(LicenseTerms.init)
        let forms = offer.variants.enumerated()
            .sorted { ($0.element.size ?? .max, $0.offset) < ($1.element.size ?? .max, $1.offset) }.map(\.element)
        let asked = devices.map { asked in
            let budget = Budget(device: asked.device)
            let usual = ContextOption.workload(on: asked.device)
            let reports = forms.map { FitReport($0, budget: budget, workload: usual) }
            return (reports: reports, taken: offer.best(within: budget, for: usual), name: asked.name)
        }
        choice = asked[0].taken.choice.map(ChosenForm.init)
        variants = zip(forms, asked[0].reports).map {
            ModelVariant($0, $1, isDefault: $0.ref == asked[0].taken.variant.ref, stored: stored)
        }
        if asked.count > 1 {
            self.devices = asked.map {
                ModelDetails.OnDevice(device: $0.name, fits: $0.reports.map { FitVerdict($0) }, memory: [])
            }
        }
    }

    func draw(on page: inout Page) {
        page.line(Text(ref, .strong))
        if let license { page.line("  \(license.name)   \(license.answer)") }
        page.line()
        page.table(ModelVariant.table(variants, on: devices?.map { (name: $0.device ?? "", fits: $0.fits) }))
        if variants.count > 1 { page.line(ModelVariant.defaultMark) }
        if let choice { page.paragraph("  \(choice.sentence)") }
        for variant in variants where variant.installed {
            page.whole("  \("●", .good) \(FilePath(variant.path ?? "").shown)")
        }
        guard let first = variants.first(where: \.isDefault) ?? variants.first else { return }
        page.line()
        page.line(Text("`slm get \(first.ref)`"))
        page.paragraph(
            say(
                en: "`slm fit \(first.ref)` reads its header and says exactly what it needs.",
                es: "`slm fit \(first.ref)` lee su cabecera y dice exactamente lo que necesita."))
    }

    /// The form taken by default, and all of them from the smallest to the largest: `Q2_K 1.0 · [Q4_K_M 1.6] · Q8_0 2.8`.
    var brief: (row: [Text], ladder: Text)? {
        guard let taken = variants.first(where: \.isDefault) ?? variants.first else { return nil }
        let language = Language.current
        let row = [
            Text(taken.quant ?? "–"), Text(taken.sizeBytes.map(language.bytes) ?? "–"),
            Text(taken.fit.requiredBytes.map { taken.fit.guessMark + language.memory($0) } ?? "–"),
            taken.fit.verdict.word,
        ]
        let steps = variants.map { variant in
            let name = [variant.quant ?? "?", variant.sizeBytes.map(language.bytes)].compactMap(\.self)
                .joined(separator: " ")
            return (variant.isDefault ? "*" : "") + name + (variant.quality.map { " (\($0.word))" } ?? "")
        }
        return (row, Text(steps.joined(separator: " · ")))
    }
}
