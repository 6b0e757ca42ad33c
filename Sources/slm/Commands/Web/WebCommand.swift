import ArgumentParser
import Foundation
import ModelShare
import Modelteca
import SystemPackage

/// `slm web`: the catalog as a page to look at.
struct WebCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "web", en: "A page to look at: which models fit which device, for each context.",
            es: "Una página para mirar: qué modelos caben en qué equipo, con cada contexto.",
            more: say(
                en: """
                      slm web
                      slm web --output site
                      slm web --device phone-4gb --device laptop-8gb

                    The page is one file that loads nothing else. With `--output` it is written as index.html, without
                    this machine; else it is shown here until Ctrl-C.
                    """,
                es: """
                      slm web
                      slm web --output sitio
                      slm web --device phone-4gb --device laptop-8gb

                    La página es un solo archivo que no carga nada más. Con `--output` se escribe como index.html, sin
                    este equipo; si no, se muestra aquí hasta Ctrl-C.
                    """))
    }

    @Option(
        help: .say(
            en: "Write the page into this folder, for a web site.",
            es: "Escribe la página en esta carpeta, para un sitio.",
            value: say(en: "dir", es: "carpeta")), completion: .directory)
    var output: String?

    @Option(
        help: .say(
            en: "The port (0: any free one); by default \(usualPort), or another if that is taken.",
            es: "El puerto (0: cualquiera libre); por defecto \(usualPort), u otro si está ocupado.", value: "n"))
    var port: Int?

    @Flag(help: .say(en: "Do not open a browser.", es: "No abre el navegador."))
    var noOpen = false

    @OptionGroup var target: DeviceOptions
    @OptionGroup var global: GlobalOptions

    static let usualPort = 8766
    /// Only programs of this machine reach it.
    private static let address = "127.0.0.1"

    func validate() throws {
        if let port, !(0...65535).contains(port) {
            throw invalid(en: "no port has the number \(port)", es: "ningún puerto tiene el número \(port)")
        }
        if output?.isEmpty == true {
            throw invalid(en: "`--output` needs a folder", es: "`--output` necesita una carpeta")
        }
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let count = try shelf.catalog.count(matching: CatalogFilter())
        guard count <= PageData.mostModels else { throw PageFault.tooManyModels(count) }
        var devices = target.profiles.map { AskedDevice(device: $0.device, profile: $0) }
        if target.device.isEmpty, target.ram == nil {
            // The one that a user always asks for stands first, before all others.
            let known = Set(devices.compactMap(\.name))
            devices += DeviceProfile.all.filter { !known.contains($0.id) }
                .map { AskedDevice(device: $0.device, profile: $0) }
            if output == nil {
                await shelf.measure(shelf.device, console)
                devices.insert(AskedDevice(device: shelf.device, profile: nil), at: 0)
            }
        }
        if console.format == .page, Terminal.errorIsTerminal {
            let answers = Language.current.grouped(Int64(count * devices.count * ContextRow.usualSteps.count))
            console.say(
                Text(
                    say(
                        en: "Working out \(answers) answers takes some seconds…",
                        es: "Calcular \(answers) respuestas tarda unos segundos…"), .faint))
        }
        let grid = await shelf.grid(on: devices.map(\.device), contexts: ContextRow.usualSteps) { context, device in
            ContextOption.workload(context, on: device)
        }
        // A site is read by people of both languages; here it is known who looks.
        let data = PageData(grid, devices, shelf.catalog, language: output == nil ? .current : nil)
        let page = try CatalogPage.html(data)
        if let output {
            let file = FilePath(output).absolute.appending("index.html")
            try write(page, to: file)
            return try console.show(WrittenPage(path: file.string, sizeBytes: Int64(page.utf8.count)))
        }
        try await serve(page)
    }

    /// - Throws: `PageFault`.
    private func write(_ page: String, to file: FilePath) throws {
        let folder = file.removingLastComponent()
        if let before = try? Data(contentsOf: URL(filePath: file.string)), !CatalogPage.isOne(before) {
            throw PageFault.anotherPage(file.string)
        }
        do {
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
            try Data(page.utf8).write(to: URL(filePath: file.string), options: .atomic)
        } catch {
            throw PageFault.cannotWrite(file.string)
        }
    }

    private func serve(_ page: String) async throws {
        func serve(at port: Int) async throws {
            let server = ShareServer(address: Self.address, port: port, site: CatalogSite(page: page))
            try await server.run { port in
                let url = "http://\(Self.address):\(port)/"
                // Whoever closed standard output has not asked for the address.
                try? console.show(ShownPage(url: url, sizeBytes: Int64(page.utf8.count)))
                if !noOpen, console.format == .page, Terminal.outputIsTerminal { Browser.open(url) }
            }
        }
        do {
            try await serve(at: port ?? Self.usualPort)
        } catch ShareError.portTaken where port == nil {
            try await serve(at: 0)
        }
    }
}

/// One page, for programs of this machine alone.
struct CatalogSite: SharedSite {
    let page: String

    func answer(_ request: SharedRequest) -> SharedAnswer {
        // A site whose name somebody turned to this machine must not read what it has.
        let host = request.headers["host"]?.split(separator: ":").first
        guard request.path.isEmpty, host == "127.0.0.1" || host == "localhost" else { return .missing }
        return .document(
            SharedDocument(
                page, type: "text/html; charset=utf-8",
                headers: ["Content-Security-Policy": "frame-ancestors 'none'", "X-Frame-Options": "DENY"]))
    }
}

/// A page that can be looked at.
struct ShownPage: Answer {
    static var isAllThereIs: Bool { false }

    var url: String
    var sizeBytes: Int64

    func draw(on page: inout Page) {
        page.whole(Text(url, .strong))
        page.line(
            Text(
                say(
                    en: "Only this machine can open it, while this runs; Ctrl-C stops it.",
                    es: "Solo se abre en este equipo, mientras slm siga en marcha; Ctrl-C la cierra."), .faint))
    }
}

/// A page that was written.
struct WrittenPage: Answer {
    static var isAllThereIs: Bool { false }

    var path: String
    var sizeBytes: Int64

    func draw(on page: inout Page) {
        let (place, size) = (FilePath(path).shown, Language.current.bytes(sizeBytes))
        page.paragraph(
            say(
                en: "\(place) · \(size), one file for any web site",
                es: "\(place) · \(size), un solo archivo para cualquier sitio"))
    }
}

/// Why there is no page.
enum PageFault: Explained {
    case tooManyModels(Int)
    /// The site's own is there.
    case anotherPage(String)
    case cannotWrite(String)

    var code: String {
        switch self {
        case .tooManyModels: "too-many-models"
        case .anotherPage: "occupied"
        case .cannotWrite: "cannot-write"
        }
    }

    var words: Words {
        let language = Language.current
        return switch self {
        case .tooManyModels(let count):
            Words(
                en: "a page has room for \(language.grouped(Int64(PageData.mostModels))) models; this catalog has "
                    + language.grouped(Int64(count)),
                es:
                    "en una página hay lugar para \(language.grouped(Int64(PageData.mostModels))) modelos; este catálogo "
                    + "tiene \(language.grouped(Int64(count)))",
                hint: say(
                    en: "`slm list` and `slm search` have no limit", es: "`slm list` y `slm search` no tienen límite"))
        case .anotherPage(let path):
            Words(
                en: "`\(path)` is there, and not a page of slm: it stays as it is",
                es: "`\(path)` ya existe y no es una página de slm: queda como está",
                hint: say(en: "choose another folder", es: "elija otra carpeta"))
        case .cannotWrite(let path): Words(en: "`\(path)` cannot be written", es: "no se puede escribir `\(path)`")
        }
    }
}
