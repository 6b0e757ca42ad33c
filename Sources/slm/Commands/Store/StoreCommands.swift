import ArgumentParser
import Disk
import Modelteca
import SystemPackage

/// `slm store`: the folder of the models.
struct StoreCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "store",
            abstract: say(
                en: "Where the models are stored and what they take; move them.",
                es: "Dónde se guardan los modelos y qué ocupan; los traslada."),
            subcommands: [StoreShow.self, StoreMoveCommand.self], defaultSubcommand: StoreShow.self)
    }
}

/// `slm store show`: where the store is, why there, and what it takes.
struct StoreShow: Command {
    static var configuration: CommandConfiguration {
        .say(
            "show", en: "Where the models are stored, why there, and what they take.",
            es: "Dónde se guardan los modelos, por qué ahí, y qué ocupan.")
    }

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try global.storeShelf()
        try shelf.checkStore()
        let (models, size) = try await shelf.store.contents()
        let root = shelf.settings.store
        let prunable = FileStatus(of: root) == nil ? Prunable() : try await shelf.store.prunable()
        let place = Setting.all(shelf.settings, global).first { $0.name == .store }
        func bytes(_ kinds: Leftover.Kind...) -> Int64 {
            prunable.leftovers.filter { kinds.contains($0.kind) }.reduce(0) { $0 + $1.bytes }
        }
        try console.show(
            StoreFacts(
                path: root.string, origin: place?.origin ?? .default, from: place?.from,
                exists: FileStatus(following: root)?.kind == .folder, models: models.count,
                files: models.reduce(0) { $0 + $1.files.count }, modelBytes: size,
                keptVersionBytes: bytes(.keptVersion), halfDownloadBytes: bytes(.halfDownload),
                leftoverBytes: bytes(.leftover, .orphan), diskFreeBytes: DiskSpace.free(at: root),
                diskTotalBytes: DiskSpace.total(at: root)))
    }
}

/// The store in figures.
struct StoreFacts: Answer {
    var path: String
    /// Who says that it is there.
    var origin: Setting.Origin
    @OrNull var from: String?
    var exists: Bool
    var models: Int
    var files: Int
    /// A file that has several names counts once.
    var modelBytes: Int64
    var keptVersionBytes: Int64
    var halfDownloadBytes: Int64
    var leftoverBytes: Int64
    @OrNull var diskFreeBytes: Int64?
    @OrNull var diskTotalBytes: Int64?

    var bare: [String]? { [path] }

    func draw(on page: inout Page) {
        let language = Language.current
        func size(_ bytes: Int64) -> Text? { bytes > 0 ? Text(language.bytes(bytes)) : nil }
        let who = from ?? say(en: "default", es: "por defecto")
        let free = diskFreeBytes.map(language.bytes) ?? "?"
        let total = diskTotalBytes.map(language.bytes) ?? "?"
        let count = language.grouped(Int64(models))
        page.pairs(
            [
                (Labels.store, Text(FilePath(path).shown) + Text("  " + who, .faint)),
                (
                    say(en: "models", es: "modelos"),
                    exists
                        ? "\(count), \(language.bytes(modelBytes))"
                        : Text(say(en: "none yet", es: "ninguno todavía"))
                ),
                (say(en: "older versions", es: "versiones anteriores"), size(keptVersionBytes)),
                (say(en: "half downloads", es: "descargas a medias"), size(halfDownloadBytes)),
                (say(en: "leftovers", es: "sobras"), size(leftoverBytes)),
                (
                    say(en: "disk", es: "disco"),
                    say(en: "\(free) free of \(total)", es: "\(free) libres de \(total)")
                ),
            ], indent: "")
        if keptVersionBytes + halfDownloadBytes + leftoverBytes > 0 {
            page.line()
            page.paragraph(
                say(
                    en: "`slm prune` removes what is no model; `slm store move DIR` moves all of it.",
                    es: "`slm prune` borra lo que no es un modelo; `slm store move CARPETA` lo traslada todo."))
        }
    }
}

/// `slm store move`: moves the store.
struct StoreMoveCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "move", en: "Move the store into a new folder, on another disk too.",
            es: "Traslada el almacén a una carpeta nueva, también en otro disco.",
            more: say(
                en: """
                    Every file is read again in the new place before the old one goes. The same command goes on where it was
                    interrupted.
                    """,
                es: """
                    Cada archivo se vuelve a leer en el sitio nuevo antes de quitar el anterior. El mismo comando continúa
                    donde se interrumpió.
                    """))
    }

    @Argument(
        help: .say(
            en: "The new folder, empty or not there yet.", es: "La carpeta nueva, vacía o que aún no existe.",
            value: say(en: "dir", es: "carpeta")), completion: .directory)
    var folder: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let shelf = try global.storeShelf()
        let target = FilePath(userPath: folder, home: shelf.settings.home)
        let reading = ReadingLine(console)
        defer { reading.finish() }
        let place = Setting.all(shelf.settings, global).first { $0.name == .store }
        let moved: MovedStore
        do {
            moved = try await shelf.moveStore(to: target, onProgress: reading.note)
        } catch {
            throw NoRoom.saying(
                say(
                    en:
                        "all models are still in the old folder, and what has arrived is kept. Make room there, and the "
                        + "same command goes on; or name another folder",
                    es:
                        "todos los modelos siguen en la carpeta anterior, y lo que ha llegado se conserva. Libere sitio "
                        + "allí y el mismo comando continúa; o indique otra carpeta"), of: error)
        }
        reading.finish()
        try console.show(
            StoreMoved(
                from: shelf.settings.store.string, path: moved.root.string, models: moved.models,
                sizeBytes: moved.size, left: moved.left.map(\.string), wasThere: moved.wasThere,
                isNamed: shelf.settings.store == moved.root, setBy: place?.origin ?? .default))
    }
}

/// Where the store is now.
struct StoreMoved: Answer {
    static var isAllThereIs: Bool { false }

    var from: String
    var path: String
    var models: Int
    var sizeBytes: Int64
    /// What is still where it was, because it is no file.
    var left: [String]
    /// Whether it was moved there before, and nothing was done now.
    var wasThere: Bool
    /// Whether slm looks for it there already.
    var isNamed: Bool
    /// Who says that the store is where it was: that has to be changed.
    var setBy: Setting.Origin

    private enum CodingKeys: CodingKey { case from, path, models, sizeBytes, left, wasThere, setBy }

    var bare: [String]? { [path] }

    func draw(on page: inout Page) {
        let place = FilePath(path).shown
        let (count, size) = (Language.current.grouped(Int64(models)), Language.current.bytes(sizeBytes))
        page.line(
            wasThere
                ? say(
                    en: "\("✓", .good) \(count) models (\(size)) were in \(place) already",
                    es: "\("✓", .good) \(count) modelos (\(size)) ya estaban en \(place)")
                : say(
                    en: "\("✓", .good) \(count) models (\(size)) are in \(place)",
                    es: "\("✓", .good) \(count) modelos (\(size)) están en \(place)"))
        if isNamed { return }
        for path in left.prefix(5) {
            page.line(
                say(
                    en: "\("!", .careful) not moved, because it is no file: \(FilePath(path).shown)",
                    es: "\("!", .careful) no se trasladó porque no es un archivo: \(FilePath(path).shown)"))
        }
        page.line()
        page.line(
            say(en: "slm looks for them there when it is told to:", es: "slm los busca allí si se le dice:"))
        page.whole("  export SLM_STORE='\(path)'")
        page.line(
            say(
                en: "or, for always, with this line in \(ConfigFile.shownPlace):",
                es: "o, para siempre, con esta línea en \(ConfigFile.shownPlace):"))
        page.whole("  store: \(path)")
        if setBy == .variable {
            page.line(say(en: "SLM_STORE still names the old folder.", es: "SLM_STORE aún nombra la carpeta anterior."))
        }
    }
}
