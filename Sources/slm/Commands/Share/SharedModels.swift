import Foundation
import ModelShare
import Modelteca
import SystemPackage

/// A model that is given away.
struct SharedModel: Encodable, Sendable {
    var ref: String
    var sizeBytes: Int64
    var files: [File]
    @OrNull var phone: PhoneFit?

    struct File: Encodable {
        var name: String
        var sizeBytes: Int64
        @OrNull var sha256: String?
        fileprivate var path: FilePath

        private enum CodingKeys: CodingKey { case name, sizeBytes, sha256 }
    }

    init(_ model: StoredModel, fit: PhoneFit?) {
        ref = model.ref
        sizeBytes = model.size
        files = model.files.map { File(name: $0.name, sizeBytes: $0.size, sha256: $0.digest?.hex, path: $0.path) }
        phone = fit
    }

    var shared: [SharedFile] {
        files.map {
            SharedFile(
                name: $0.name, path: $0.path, size: $0.sizeBytes, digest: $0.sha256.flatMap { Digest(hex: $0) })
        }
    }

    /// The same with a name of its own for every file: projectors of many models are all called `mmproj-F16.gguf`.
    static func distinct(_ models: [SharedModel]) -> [SharedModel] {
        var taken: [String: FilePath] = [:]
        return models.map { model in
            var model = model
            for place in model.files.indices {
                let file = model.files[place]
                let folder = file.path.removingLastComponent().lastComponent?.string ?? ""
                let names = [file.name, "\(folder)-\(file.name)"] + (2...99).map { "\(folder)-\($0)-\(file.name)" }
                guard let name = names.first(where: { taken[$0, default: file.path] == file.path }) else { continue }
                taken[name] = file.path
                model.files[place].name = name
            }
            return model
        }
    }

    /// What a guest calls it: where a file lies on this disk is nobody else's business.
    var title: String { ref.hasPrefix("/") ? files.first?.name ?? ref : ref }

    /// Parts of one model, as llama.cpp divides it: apps take one file.
    var parts: Int { files.count { FileName($0.name)?.kind == .model } }
}

/// Models at an address of the local network.
struct SharedModels: Answer {
    static var isAllThereIs: Bool { false }

    var url: String
    var models: [SharedModel]
    /// Other private addresses that this machine has.
    var otherAddresses: [String]
    var keeps: Bool
    private var port: Int
    private var code: QRCode?

    private enum CodingKeys: CodingKey { case url, models, otherAddresses }

    init(url: String, code: QRCode?, port: Int, models: [SharedModel], others: [String], keeps: Bool) {
        (self.url, self.code, self.port, self.models) = (url, code, port, models)
        otherAddresses = others
        self.keeps = keeps
    }

    func draw(on page: inout Page) {
        let language = Language.current
        let inkIsDark = page.paint.isOn
        for row in code?.halfBlocks(inkIsDark: inkIsDark) ?? [] where displayWidth(of: row) <= page.width {
            page.whole(Text(row, .code))
        }
        page.whole(Text(url, .strong))
        for model in models {
            page.clipped("\(model.ref) · \(language.bytes(model.sizeBytes))\(PhoneWords.fit(model.phone))")
        }
        page.paragraph(
            say(
                en: "Point the phone's camera at the code. Both must be in the same Wi-Fi; guest networks keep "
                    + "devices apart, and a firewall here must let port \(port) in\(Self.firewallCommand(port)).",
                es: "Apunte la cámara del teléfono al código. Los dos deben estar en la misma red Wi-Fi; las redes de "
                    + "invitados separan los equipos, y un cortafuegos debe dejar pasar el puerto "
                    + "\(port)\(Self.firewallCommand(port))."))
        if let other = otherAddresses.first {
            page.line(
                Text(
                    say(
                        en: "If the phone is in another network of this machine: --address \(other)",
                        es: "Si el teléfono está en otra red de este equipo: --address \(other)"), .faint))
        }
        for model in models { for line in PhoneWords.warnings(model) { page.paragraph(line) } }
        page.line(
            Text(
                keeps
                    ? say(en: "Ctrl-C stops it.", es: "Ctrl-C lo detiene.")
                    : say(
                        en: "Stops after the download, or after 10 minutes without one; Ctrl-C stops it now.",
                        es: "Termina con la descarga o tras 10 minutos sin ninguna; Ctrl-C lo detiene ya."), .faint))
    }

    /// How the firewall that is installed is told; nothing where there is none.
    static func firewallCommand(_ port: Int) -> String {
        if program("ufw") != nil { return " (`sudo ufw allow \(port)/tcp`)" }
        if program("firewall-cmd") != nil { return " (`sudo firewall-cmd --add-port=\(port)/tcp`)" }
        return ""
    }
}

/// The store as a Hub for the room.
struct SharedStore: Answer {
    static var isAllThereIs: Bool { false }

    var url: String
    var models: Int

    func draw(on page: inout Page) {
        page.whole(Text(url, .strong))
        page.line(
            say(
                en: "\(models) stored models, for programs in this network, read only:",
                es: "\(models) modelos guardados, para programas de esta red, solo de lectura:"))
        for command in [
            "slm get hf:OWNER/REPO", "hf download OWNER/REPO FILE.gguf", "llama-cli -hf OWNER/REPO:Q4_K_M",
        ] {
            let command = say(
                en: command,
                es: command.replacing("OWNER", with: "AUTOR").replacing("FILE", with: "ARCHIVO"))
            page.whole(Text("  HF_ENDPOINT=\(url) \(command)"))
        }
        page.line(
            Text(
                say(
                    en: "Anybody in this network can fetch them while this runs; Ctrl-C stops it.",
                    es: "Mientras siga en marcha, cualquiera de esta red puede descargarlos; Ctrl-C lo para."), .faint))
    }
}

extension HubMirror {
    /// What a store has, by the repositories that it came from; what came from elsewhere by its folders.
    static func repositories(of models: [StoredModel]) -> [Repository] {
        var files: [String: [String: SharedFile]] = [:]
        var commits: [String: Set<String>] = [:]
        for model in models where model.state == .ready {
            for file in model.files where file.digest != nil {
                let hub = file.origin?.hubFile.flatMap { $0.reference.owner == nil ? nil : $0 }
                let id = hub?.reference.id ?? "\(model.identity.publisher)/\(model.identity.repository)"
                let path = hub?.path ?? file.name
                commits[id, default: []].insert(hub?.revision.lowercased() ?? "")
                files[id, default: [:]][path] =
                    SharedFile(name: file.name, path: file.path, size: file.size, digest: file.digest)
            }
        }
        return files.map { id, files in
            let known = commits[id] ?? []
            let isCommit = known.count == 1 && known.allSatisfy { $0.count == 40 && $0.allSatisfy(\.isHexDigit) }
            return Repository(
                id: id, commit: isCommit ? known.first ?? "" : standIn(files.values.compactMap(\.digest)), files: files)
        }
    }

    /// Another one whenever a file is another.
    private static func standIn(_ digests: [Digest]) -> String {
        var mixed = [UInt8](repeating: 0, count: 40)
        for digest in digests {
            for (index, digit) in digest.hex.prefix(40).enumerated() { mixed[index] ^= UInt8(digit.hexDigitValue ?? 0) }
        }
        return mixed.map { String($0, radix: 16) }.joined()
    }
}
