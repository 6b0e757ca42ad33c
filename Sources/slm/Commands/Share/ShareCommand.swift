import ArgumentParser
import Foundation
import ModelShare
import Modelteca
import SystemPackage

/// `slm share`: stored models for the phones, or for all programs, in the room.
struct ShareCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "share", en: "Give stored models to a phone in the same network, with a QR code.",
            es: "Pasa modelos guardados a un teléfono de la misma red, con un código QR.",
            more: """
                  slm share qwen2.5:1.5b
                  slm share --hub
                """)
    }

    @OptionGroup var names: StoredNames

    @Flag(
        help: .say(
            en: "Serve the whole store as a Hub mirror, read only, for HF_ENDPOINT.",
            es: "Sirve todo el almacén como réplica del Hub, de solo lectura, para HF_ENDPOINT."))
    var hub = false

    @Option(
        help: .say(
            en: "The private address of this machine to listen on.",
            es: "La dirección privada de este equipo en la que se escucha.", value: "ip"))
    var address: String?

    @Option(
        help: .say(
            en: "The port (0: any free one); by default \(usualPort), or another if that is taken.",
            es: "El puerto (0: cualquiera libre); por defecto \(usualPort), u otro si está ocupado.", value: "n"))
    var port: Int?

    @Option(
        help: .say(
            en: "Also write the QR code to this PNG file.", es: "Escribe además el código QR en este archivo PNG.",
            value: Labels.file), completion: .file())
    var png: String?

    @Flag(
        help: .say(
            en: "Go on until Ctrl-C, not only to the first download or for 10 minutes.",
            es: "Sigue hasta Ctrl-C, no solo hasta la primera descarga o durante 10 minutos."))
    var keep = false

    @OptionGroup var global: GlobalOptions

    static let usualPort = 8765
    /// Without a byte on its way.
    static let patience = Duration.seconds(600)

    func validate() throws {
        if hub, !names.refs.isEmpty {
            throw invalid(en: "`--hub` serves all models", es: "`--hub` sirve todos los modelos")
        }
        if !hub, names.refs.isEmpty {
            throw invalid(
                en: "missing: `\(Labels.model)`", es: "falta: `\(Labels.model)`",
                hint: say(en: "`slm ls` shows what is stored", es: "`slm ls` muestra lo que hay guardado"))
        }
        if let port, !(0...65535).contains(port) {
            throw invalid(en: "no port has the number \(port)", es: "ningún puerto tiene el número \(port)")
        }
    }

    func run() async throws {
        let shelf = try await global.shelf()
        let address = try chosenAddress()
        if hub {
            let models = try await shelf.store.models()
            let mirror = HubMirror(HubMirror.repositories(of: models))
            let count = models.count { $0.state == .ready }
            return try await serve(mirror, address, all: nil) { port in
                SharedStore(url: "http://\(address.text):\(port)", models: count)
            }
        }
        var models: [SharedModel] = []
        for ref in names.refs {
            let model = try await shelf.requireStored(ref)
            guard model.state == .ready else { throw StoreError.changed(path: model.path) }
            models.append(SharedModel(model, fit: await PhoneFit(model, on: shelf)))
        }
        models = SharedModel.distinct(models)
        let site = PageSite(files: models.flatMap(\.shared)) { [models] accepted, base in
            Language.$current.withValue(Language(accepted: accepted)) { SharePage.html(models, below: base) }
        }
        try await serve(site, address, all: Set(models.flatMap(\.shared))) { [models] port in
            // In capitals it is a smaller code; neither the scheme nor an address in numbers minds.
            let url = "HTTP://\(address.text):\(port)/\(site.secret)"
            if let png { try write(QRCode(url), to: png) }
            return SharedModels(
                url: "http://\(address.text):\(port)/\(site.secret)", code: QRCode(url), port: port, models: models,
                others: LocalAddress.all().filter { $0 != address }.map(\.text), keeps: keep)
        }
    }

    private func chosenAddress() throws -> LocalAddress {
        let all = LocalAddress.all()
        guard let address else {
            guard let first = all.first else { throw ShareError.noNetwork }
            return first
        }
        guard LocalAddress.isPrivate(address) else { throw ShareError.publicAddress(address) }
        return all.first { $0.text == address } ?? LocalAddress(interface: "", text: address)
    }

    private func write(_ code: QRCode?, to path: String) throws {
        guard let picture = code?.png() else { return }
        do {
            try picture.write(to: URL(filePath: path))
        } catch {
            throw PictureNotWritten(path: path)
        }
    }

    /// Serves until somebody has all of the files, or nobody comes; where nothing is all, until it is stopped.
    private func serve(
        _ site: any SharedSite, _ address: LocalAddress, all: Set<SharedFile>?,
        answer: @escaping (Int) throws -> any Answer
    ) async throws {
        let (events, feed) = AsyncStream.makeStream(of: ShareServer.Event.self, bufferingPolicy: .bufferingNewest(256))
        let (ports, portFeed) = AsyncStream.makeStream(of: Int.self)
        let messages = ShareMessages(console, all: all)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { portFeed.finish() }
                func run(port: Int) async throws {
                    let server = ShareServer(address: address.text, port: port, site: site) { event in
                        messages.note(event)
                        feed.yield(event)
                    }
                    try await server.run { portFeed.yield($0) }
                }
                do {
                    try await run(port: port ?? Self.usualPort)
                } catch ShareError.portTaken where port == nil {
                    try await run(port: 0)
                }
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await group.next()
                return
            }
            try show(answer(port))
            if !keep, all != nil {
                group.addTask { for await _ in events where messages.isComplete { return } }
                group.addTask { try await messages.waitForSilence(Self.patience) }
            }
            defer { group.cancelAll() }
            try await group.next()
            // Who was told to stop ends as every command does, whichever of the two heard it first.
            try Task.checkCancellation()
        }
        messages.finish()
    }

    private func show(_ answer: some Answer) throws { try console.show(answer) }
}

/// The code was to be written where no file can be.
struct PictureNotWritten: Explained {
    var path: String

    var code: String { "cannot-write" }

    var words: Words { Words(en: "`\(path)` cannot be written", es: "no se puede escribir `\(path)`") }
}
