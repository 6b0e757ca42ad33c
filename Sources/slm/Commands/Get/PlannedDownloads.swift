import Modelteca
import SystemPackage

/// What `get --dry-run` answers.
struct PlannedDownloads: Answer {
    var planned: [Row]
    /// On the disk of the store.
    @OrNull var storeFreeBytes: Int64?

    struct Row: Encodable {
        var ref: String
        /// Where the model's first file is, or would be.
        var path: String
        @OrNull var sizeBytes: Int64?
        /// At most: what a file of another version or another program holds is not counted off.
        @OrNull var fetchBytes: Int64?
        var alreadyThere: Bool
        var fit: FitVerdict
        var files: [File]
        /// Why the origin could not be asked; null when it was.
        @OrNull var originError: Failure.Message?

        init(_ preview: GetPreview) {
            ref = preview.variant.ref
            path = preview.files.first?.path.string ?? ""
            sizeBytes = preview.variant.size
            fetchBytes = preview.fetch
            alreadyThere = preview.isStored
            fit = FitVerdict(preview.fit)
            originError = preview.originFailure.map { Failure($0).message }
            files = preview.files.map { file in
                File(
                    path: file.path.string, url: file.remote.url.withoutSecrets.absoluteString,
                    sizeBytes: file.remote.size, sha256: file.remote.digest?.hex, fetchBytes: file.fetch,
                    foundIn: file.program?.rawValue)
            }
        }
    }

    struct File: Encodable {
        var path: String
        var url: String
        @OrNull var sizeBytes: Int64?
        @OrNull var sha256: String?
        @OrNull var fetchBytes: Int64?
        /// Another program on this disk that seems to have it.
        @OrNull var foundIn: String?
    }

    var bare: [String]? { planned.map(\.path) }

    func draw(on page: inout Page) {
        let language = Language.current
        for row in planned {
            if row.alreadyThere {
                page.paragraph(
                    say(
                        en: "\("✓", .good) \(row.ref): stored already", es: "\("✓", .good) \(row.ref): ya está guardado"
                    ))
                if let error = row.originError { page.paragraph(error.besidesTheStored, indent: "  ") }
            } else {
                let size = row.fetchBytes.map { language.bytes($0) } ?? "?"
                var line: Text = say(
                    en: "\(row.ref, .strong): \(size) to download", es: "\(row.ref, .strong): \(size) por descargar")
                line += ", \(row.fit.verdict.word.plain)"
                page.paragraph(line)
            }
            if let choice = row.fit.choice { page.paragraph(Text(choice.sentence, .faint), indent: "  ") }
            for file in row.files {
                page.whole("  \(FilePath(file.path).shown)")
                guard !row.alreadyThere else { continue }
                page.whole("    " + Text(file.url, .faint))
                if let program = file.foundIn.flatMap(OtherProgram.init) {
                    page.line(
                        say(
                            en: "    \(program.name) seems to have it on this disk: then it is not downloaded",
                            es: "    \(program.name) parece tenerlo en este disco: entonces no se descarga"))
                }
            }
        }
        let needed: Int64 = planned.reduce(0) { $0.addingReportingOverflow($1.fetchBytes ?? 0).partialValue }
        if planned.count > 1 {
            let all = language.bytes(needed)
            page.line(say(en: "\(all) in all", es: "\(all) en total"))
        }
        if let storeFreeBytes, storeFreeBytes < needed {
            let free = language.bytes(storeFreeBytes)
            page.line(
                say(
                    en: "\("careful:", .careful) only \(free) are free on that disk",
                    es: "\("atención:", .careful) en ese disco solo hay \(free) libres"))
        }
        page.line(Text(say(en: "Nothing was downloaded.", es: "No se descargó nada."), .faint))
    }
}
