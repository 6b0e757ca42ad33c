import ArgumentParser
import Disk
import Foundation
import Modelteca
import SystemPackage

/// `slm catalog update`: takes a newer catalog that is signed.
struct CatalogUpdateCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "update", en: "Use a newer catalog that is signed.", es: "Usa un catálogo más nuevo que esté firmado.",
            more: say(
                en: "Without an address it asks where the last one came from. Nothing changes until the new catalog "
                    + "is verified. `slm catalog reset` goes back to the built-in one.",
                es: "Sin dirección pregunta donde estaba el último. Nada cambia hasta comprobar el catálogo nuevo. "
                    + "`slm catalog reset` vuelve al incluido."))
    }

    @Argument(
        help: .say(
            en: "An https address or a file.", es: "Una dirección https o un archivo.",
            value: say(en: "address", es: "dirección")), completion: .file())
    var place: String?

    @Option(
        help: .say(
            en: "Trust this public key of Ed25519 instead of the releases' (may be given twice).",
            es: "Confía en esta clave pública de Ed25519 en vez de en la de las versiones (puede repetirse).",
            value: Labels.file), completion: .file())
    var key: [String] = []

    @Flag(
        help: .say(
            en: "Let the address be http of another machine.", es: "Permite una dirección http de otro equipo."))
    var plainHttp = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try await global.shelf()
        let update = try await shelf.settings.updateCatalog(
            from: place.map { $0.holds("://") ? $0 : FilePath($0).absolute.string },
            keys: key.isEmpty ? nil : Set(try key.map(publicKey)), allowsHTTP: plainHttp)
        try console.show(
            CatalogUpdateResult(
                changed: update.changed, fromRevision: update.before.revision, toRevision: update.now.revision,
                sizesBefore: update.before.entries.count, sizesNow: update.now.entries.count,
                stored: update.stored.map { StoredCatalogFacts($0, isInUse: true) },
                models: try await shelf.rowsChanged(by: update).map {
                    CatalogUpdateResult.Row(ref: $0.ref, haveSha256: $0.have.hex, catalogSha256: $0.now?.hex)
                }))
        if let version = update.newerProgram, UpdateNotice.isDue(shelf.settings) {
            console.say(UpdateNotice.words(version))
        }
    }

    private func publicKey(_ path: String) throws -> PublicKey {
        guard let text = readText(at: FilePath(path), limit: 4096) else { throw MissingFile(path: path) }
        guard let key = PublicKey(text: text) else { throw CatalogUpdateError.badKey(path: path) }
        return key
    }
}

/// What an update of the catalog did.
struct CatalogUpdateResult: Answer {
    static var isAllThereIs: Bool { false }

    var changed: Bool
    var fromRevision: Int
    var toRevision: Int
    var sizesBefore: Int
    var sizesNow: Int
    @OrNull var stored: StoredCatalogFacts?
    /// Stored models of which the new catalog says something else.
    var models: [Row]

    struct Row: Encodable {
        var ref: String
        var haveSha256: String
        @OrNull var catalogSha256: String?
    }

    func draw(on page: inout Page) {
        if changed {
            page.line(
                say(
                    en: "\("✓", .good) the catalog is now at revision \(toRevision); models: \(sizesNow), before: "
                        + "\(sizesBefore)",
                    es: "\("✓", .good) el catálogo está ahora en la revisión \(toRevision); modelos: \(sizesNow), "
                        + "antes: \(sizesBefore)"))
        } else {
            page.line(
                say(
                    en: "The catalog is up to date: revision \(toRevision).",
                    es: "El catálogo está al día: revisión \(toRevision)."))
        }
        if let stored { page.paragraph(stored.sentence, indent: "  ") }
        guard !models.isEmpty else { return }
        page.line()
        page.line(
            say(
                en: "Stored models of which the catalog says something else now:",
                es: "Modelos guardados de los que el catálogo dice ahora otra cosa:"))
        for row in models {
            page.line(
                row.catalogSha256 == nil
                    ? say(
                        en: "  \(row.ref): no longer in the catalog; yours stays",
                        es: "  \(row.ref): ya no está en el catálogo; el suyo se queda")
                    : say(
                        en: "  \(row.ref): another file is published; `slm update \(row.ref)` gets it",
                        es: "  \(row.ref): se publica otro archivo; `slm update \(row.ref)` lo descarga"))
        }
    }
}

/// The catalog that an update has stored.
struct StoredCatalogFacts: Encodable {
    var version: Int
    var signedAt: Timestamp
    var expiresAt: Timestamp
    var isExpired: Bool
    var from: String
    /// Somebody's own, in Base64; empty where it was the releases' key.
    var keys: [String]
    /// Whether it is newer than the built-in one, and nothing else is named.
    var isInUse: Bool

    init(_ stored: StoredCatalog, isInUse: Bool) {
        version = stored.version
        signedAt = Timestamp(stored.signedAt)
        expiresAt = Timestamp(stored.expires)
        isExpired = stored.expires <= Date()
        from = stored.origin
        keys = (stored.ownKeys ?? []).map(\.description).sorted()
        self.isInUse = isInUse
    }

    /// Where it is from and whom it is trusted by.
    var sentence: Text {
        var parts: [Text] = [
            say(
                en: "version \(version), signed on \(signedAt.day)",
                es: "versión \(version), firmada el \(signedAt.day)"),
            say(en: "from \(from)", es: "de \(from)"),
        ]
        if !keys.isEmpty {
            let names = keys.map { "\($0.prefix(12))…" }.joined(separator: ", ")
            parts.append(
                Text(
                    say(
                        en: "verified with a key of your own (\(names)), not with the releases'",
                        es: "comprobado con una clave propia (\(names)), no con la de las versiones"), .careful))
        }
        if isExpired {
            parts.append(
                Text(
                    say(
                        en: "expired on \(expiresAt.day): `slm catalog update`",
                        es: "caducó el \(expiresAt.day): `slm catalog update`"), .careful))
        }
        if !isInUse { parts.append(say(en: "not in use", es: "no se usa")) }
        return parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 }
    }
}

/// `slm catalog reset`: goes back to the built-in catalog.
struct CatalogResetCommand: Command {
    static var configuration: CommandConfiguration {
        .say("reset", en: "Go back to the built-in catalog.", es: "Vuelve al catálogo incluido.")
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let removed = try global.settings.resetCatalog()
        try console.show(CatalogReset(changed: removed, revision: try Catalog.builtIn().revision))
    }
}

/// What is used after a reset.
struct CatalogReset: Answer {
    static var isAllThereIs: Bool { false }

    var changed: Bool
    var revision: Int

    func draw(on page: inout Page) {
        page.line(
            changed
                ? say(
                    en: "\("✓", .good) the built-in catalog is used again: revision \(revision)",
                    es: "\("✓", .good) se vuelve a usar el catálogo incluido: revisión \(revision)")
                : say(
                    en: "The built-in catalog is in use: revision \(revision).",
                    es: "Se usa el catálogo incluido: revisión \(revision)."))
    }
}
