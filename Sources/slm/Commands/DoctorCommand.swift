import ArgumentParser
import CurlHTTP
import Disk
import Foundation
import Modelteca
import SystemPackage

/// `slm doctor`: checks the store, unfinished downloads and the network, and says how to fix what is wrong.
struct DoctorCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "doctor", en: "Check the store, unfinished downloads and the network, and say how to fix what is wrong.",
            es: "Revisa el almacén, las descargas incompletas y la red, y dice cómo arreglar lo que esté mal.",
            more: say(en: "Exits with 1 when something is wrong.", es: "Termina con 1 si algo está mal."))
    }

    @Flag(
        help: .say(
            en: "Fix what can be fixed: damaged models and records, leftovers, a token that others can read.",
            es: "Arregla lo que se puede: modelos y registros dañados, sobras, un token que otros pueden leer."))
    var fix = false

    @OptionGroup var global: GlobalOptions

    private typealias Check = Checkup.Check

    func run() async throws {
        let shelf = try await global.shelf()
        let fixes = fix ? await DoctorFixes(shelf: shelf, console: console).all() : []
        var checks = fixes + [folder(shelf), space(shelf.settings.store)]
        checks += await index(shelf)
        checks.append(await locks(shelf.store))
        checks += await leftovers(shelf.store)
        checks += strangers(shelf.store)
        let host = shelf.settings.credentials.endpoint.host()
        checks.append(await console.during(asking: .init(host: host)) { await network(shelf.settings) })
        checks += tokenFile(shelf.settings.credentials)
        checks += await account(shelf)
        checks.append(catalog(shelf))
        checks += (ConfigFile.current?.faults ?? []).map { Check(.configuration, Failure($0).message) }
        // What is bad still could not be fixed.
        if fix { for place in checks.indices { checks[place].isFixable = false } }
        try console.show(Checkup(checks: checks, version: Version.current))
        if checks.contains(where: { $0.state == .bad }) { throw CheckFailed() }
    }

    private func catalog(_ shelf: Shelf) -> Check {
        let stored = shelf.settings.storedCatalog
        let isExpired = stored.map { !$0.isOutOfUse && $0.expires <= Date() } ?? false
        let counts = shelf.catalog.counts
        return Check(
            .catalog, isExpired ? .careful : .good,
            say(
                en: "revision \(shelf.catalog.revision): \(counts.families) families, \(counts.sizes) sizes",
                es: "revisión \(shelf.catalog.revision): \(counts.families) familias, \(counts.sizes) tamaños"
            ),
            hint: isExpired
                ? say(
                    en: "it has expired: `slm catalog update`, or `slm catalog reset` for the built-in one",
                    es: "ha caducado: `slm catalog update`, o `slm catalog reset` para usar el incluido") : nil)
    }

    private func folder(_ shelf: Shelf) -> Check {
        let store = shelf.settings.store
        do { try shelf.checkStore() } catch { return Check(.store, Failure(error).message) }
        // Nothing is created by looking: the nearest folder that exists has to let the store be made.
        var place = store
        while FileStatus(of: place) == nil, place != place.removingLastComponent() {
            place = place.removingLastComponent()
        }
        guard access(place.string, F_OK) == 0 else {
            return Check(
                .store, .bad,
                say(
                    en: "\(place) is a link that leads nowhere", es: "\(place) es un enlace que no lleva a ningún sitio"
                ),
                hint: say(
                    en: "connect its disk, or replace the link, or choose another folder with `--store` or SLM_STORE",
                    es: "conecte su disco, sustituya el enlace, o elija otra carpeta con `--store` o SLM_STORE"))
        }
        guard (try? Folder.root(place)) != nil else {
            return Check(
                .store, .bad, say(en: "\(place) is no folder", es: "\(place) no es una carpeta"),
                hint: Labels.anotherFolder)
        }
        let exists = place == store
        guard access(place.string, W_OK | X_OK) == 0 else {
            if errno == EROFS { return Check(.store, Failure(StoreError.readOnly(path: place)).message) }
            return Check(
                .store, .bad, say(en: "\(place) cannot be written", es: "no se puede escribir en \(place)"),
                hint: say(
                    en:
                        "give yourself permission (`chmod u+rwx '\(place)'`), or choose another folder with `--store` or SLM_STORE",
                    es: "dese permiso (`chmod u+rwx '\(place)'`), o elija otra carpeta con `--store` o SLM_STORE"))
        }
        return Check(
            .store, .good,
            exists
                ? say(en: "\(store.shown) can be written", es: "se puede escribir en \(store.shown)")
                : say(
                    en: "\(store.shown) will be created by the first `slm get`",
                    es: "\(store.shown) se creará con el primer `slm get`"))
    }

    private func space(_ store: FilePath) -> Check {
        guard let free = DiskSpace.free(at: store) else {
            return Check(.space, .careful, say(en: "free space is not known", es: "sin datos del espacio libre"))
        }
        let size = Language.current.bytes(free)
        let isLittle = free < 2_000_000_000
        return Check(
            .space, isLittle ? .careful : .good, say(en: "\(size) free", es: "\(size) libres"),
            hint: isLittle
                ? say(
                    en: "few models fit into that: `slm rm MODEL`, or `--store` on another disk",
                    es: "ahí caben pocos modelos: `slm rm MODELO`, o `--store` en otro disco") : nil)
    }

    private func index(_ shelf: Shelf) async -> [Check] {
        guard access(shelf.settings.store.string, F_OK) == 0 else { return [] }
        do {
            let models = try await shelf.store.models()
            let sick = models.filter { $0.state != .ready }
            let count = models.count - sick.count
            let ready = Check(
                .index, .good,
                count == 1
                    ? say(en: "opens, 1 model ready", es: "se abre, 1 modelo listo")
                    : say(en: "opens, \(count) models ready", es: "se abre, \(count) modelos listos"))
            return [ready] + (try await records(shelf.store)) + (try await recordsPutAside(shelf.store))
                + sick.map { model in
                    Check(
                        .model, .bad, "\(model.ref): \(model.state.word.plain)",
                        hint: model.state.help(for: model.ref), isFixable: model.state != .unreadable)
                }
        } catch {
            return [Check(.index, Failure(error).message)]
        }
    }

    /// What nobody misses before the index is lost.
    private func records(_ store: Store) async throws -> [Check] {
        let unreadable = try await store.unreadableRecords()
        guard let first = unreadable.first else { return [] }
        let count = unreadable.count
        return [
            Check(
                .index, .careful,
                count == 1
                    ? say(en: "\(first) cannot be read", es: "no se puede leer \(first)")
                    : say(
                        en: "\(count) records cannot be read, \(first) for one",
                        es: "\(count) registros no se pueden leer, entre ellos \(first)"),
                hint: say(
                    en: "`slm doctor --fix` writes it again from the index",
                    es: "`slm doctor --fix` lo escribe de nuevo a partir del índice"), isFixable: true)
        ]
    }

    /// What was lost of models, and how they have it again.
    private func recordsPutAside(_ store: Store) async throws -> [Check] {
        try await store.recordsPutAside().prefix(5).map { path in
            Check(
                .index, .careful,
                say(
                    en: "a record could not be read and was put aside as \(path); its model has the name of its file",
                    es: "un registro no se pudo leer y quedó aparte en \(path); su modelo lleva el nombre de su archivo"
                ),
                hint: say(
                    en: "`slm get MODEL` by its own name gives it that back, and downloads nothing; then `slm prune`",
                    es: "`slm get MODELO` con su nombre se lo devuelve sin descargar nada; después, `slm prune`"))
        }
    }

    /// What reading a store does not need, and every change does.
    private func locks(_ store: Store) async -> Check {
        do {
            try await store.rehearse()
            return Check(.locks, .good, say(en: "files can be locked", es: "se pueden bloquear archivos"))
        } catch StoreError.readOnly, StoreError.permission {
            return Check(
                .locks, .careful, say(en: "the store can only be read", es: "el almacén es de solo lectura"),
                hint: Labels.anotherFolder)
        } catch {
            return Check(.locks, Failure(error).message)
        }
    }

    private func leftovers(_ store: Store) async -> [Check] {
        let strays = await DoctorFixes.strays(in: store)?.bytes ?? 0
        guard strays > 1 << 20 else { return [await halfDownloads(store)] }
        let size = Language.current.bytes(strays)
        return [
            await halfDownloads(store),
            Check(
                .leftovers, .careful, say(en: "\(size) of leftovers", es: "\(size) de sobras"),
                hint: say(en: "`slm prune` removes them", es: "`slm prune` las borra"), isFixable: true),
        ]
    }

    private func halfDownloads(_ store: Store) async -> Check {
        let partials = store.layout.partials
        let names = (try? FileManager.default.contentsOfDirectory(atPath: partials.string)) ?? []
        // Blocks that the disk really gave: partial files are full length from the start.
        let bytes = names.reduce(0) { $0 + (FileStatus(of: partials.appending($1))?.allocated ?? 0) }
        let refs = ((try? await store.unfinished()) ?? []).map(\.ref)
        guard bytes > 1 << 20 || !refs.isEmpty else {
            return Check(.leftovers, .good, say(en: "no unfinished downloads", es: "no hay descargas incompletas"))
        }
        let size = Language.current.bytes(bytes)
        return Check(
            .leftovers, .careful, say(en: "\(size) of unfinished downloads", es: "\(size) de descargas incompletas"),
            hint: refs.isEmpty
                ? say(
                    en: "the same `slm get` resumes them; `slm prune` removes them",
                    es: "el mismo `slm get` las continúa; `slm prune` las borra")
                : say(
                    en: "`slm get` resumes \(quoted(refs)), `slm prune` removes what has come",
                    es: "`slm get` continúa \(quoted(refs)); `slm prune` borra lo descargado"))
    }

    /// Whose the token is. Nothing is said where there is none, or where the Hub does not answer: that was said before.
    private func account(_ shelf: Shelf) async -> [Check] {
        let credentials = shelf.settings.credentials
        guard credentials.token != nil, !shelf.settings.isOffline else { return [] }
        let place = (credentials.tokenSource ?? "").printable
        do {
            let name = try await shelf.account().name.printable
            return [Check(.token, .good, say(en: "\(place): it is \(name)'s", es: "\(place): es de \(name)"))]
        } catch HubError.tokenRefused {
            return [
                Check(
                    .token, .bad, say(en: "the Hub refuses that of \(place)", es: "el Hub rechaza el de \(place)"),
                    hint: say(en: "give a new one: `slm login`", es: "dé uno nuevo: `slm login`"))
            ]
        } catch {
            return []
        }
    }

    /// Nothing is said of a token file that is well, or not there.
    private func tokenFile(_ credentials: Credentials) -> [Check] {
        guard let file = credentials.tokenFile, FileStatus(of: FilePath(file)) != nil else { return [] }
        if credentials.tokenSource == file {
            guard DoctorFixes.openTokenFile(credentials) != nil else { return [] }
            return [
                Check(
                    .token, .careful,
                    say(
                        en: "other users of this machine can read \(file.printable)",
                        es: "otros usuarios de este equipo pueden leer \(file.printable)"),
                    hint: "`chmod 600 '\(file.printable)'`", isFixable: true)
            ]
        }
        guard credentials.token == nil else { return [] }
        return [
            Check(
                .token, .careful,
                say(
                    en: "\(file.printable) holds no token that can be used",
                    es: "\(file.printable) no contiene un token que se pueda usar"),
                hint: say(
                    en: "`slm login` writes it anew, `slm logout` removes it",
                    es: "`slm login` lo escribe de nuevo, `slm logout` lo borra"))
        ]
    }

    private func strangers(_ store: Store) -> [Check] {
        let names = store.layout.strangers()
        guard !names.isEmpty else { return [] }
        let place = store.layout.bookkeeping
        return [
            Check(
                .leftovers, .careful,
                say(
                    en: "`slm` has not put this into \(place): \(quoted(names.prefix(5)))",
                    es: "`slm` no ha puesto esto en \(place): \(quoted(names.prefix(5)))"),
                hint: say(
                    en: "a newer `slm` may have; what nobody needs can be removed by hand",
                    es: "puede que sea de un `slm` más nuevo; lo que nadie necesite se puede borrar a mano"))
        ]
    }

    private func network(_ settings: Shelf.Settings) async -> Check {
        let endpoint = settings.credentials.endpoint
        let host = endpoint.host() ?? endpoint.absoluteString
        guard !settings.isOffline else {
            return Check(.network, .careful, say(en: "offline, as asked for", es: "sin conexión, como se pidió"))
        }
        var options = HTTPClient.Options(
            userAgent: settings.userAgent, authorization: { _ in nil }, caFile: settings.caFile,
            connectTimeout: 10, stallTimeout: 10)
        options.onExchange = settings.onExchange
        let client = HTTPClient(options: options)
        do {
            let url = endpoint.appending(path: "api/models").appending(queryItems: [
                URLQueryItem(name: "limit", value: "1")
            ])
            let answer = try await client.fetch(HTTPRequest(url), limit: 4 << 20)
            let status = answer.head.status
            if status < 400, answer.head.isWebPage {
                return Check(.network, Failure(HubError.webPage(url: answer.head.url, status: status)).message)
            }
            let isWell = status < 400
            let token =
                settings.credentials.token == nil
                ? say(en: "no token", es: "sin token") : say(en: "with a token", es: "con token")
            return Check(
                .network, isWell ? .good : .bad,
                say(
                    en: "\(host) answers (\(answer.head.status)), \(token)",
                    es: "\(host) responde (\(answer.head.status)), \(token)"),
                hint: isWell
                    ? nil
                    : status < 500
                        ? say(
                            en: "it refuses: check HF_ENDPOINT, the token and the proxy",
                            es: "rechaza la petición: revise HF_ENDPOINT, el token y el proxy")
                        : say(
                            en: "the server has a problem of its own: try again later",
                            es: "el servidor tiene un problema propio: inténtelo más tarde"))
        } catch {
            return Check(.network, Failure(error).message)
        }
    }
}
