import ArgumentParser
import Modelteca
import SystemPackage

/// `slm device`: what the hardware probe found.
struct DeviceCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "device", en: "What this device has: memory, processor, GPU.",
            es: "Lo que tiene este equipo: memoria, procesador, GPU.")
    }

    @Flag(help: .say(en: "List the devices that --device knows.", es: "Muestra los equipos que conoce --device."))
    var profiles = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        if profiles {
            return try console.show(ProfileList(profiles: DeviceProfile.all.map(ProfileList.Row.init)))
        }
        let store = global.settings.store
        let device = DeviceFacts(Device.probe(), store: store)
        try console.show(ThisDevice(device: device, store: store.string))
    }
}

/// This machine, in full.
struct ThisDevice: Answer {
    var device: DeviceFacts
    var store: String

    func encode(to encoder: any Encoder) throws { try device.encode(to: encoder) }

    func draw(on page: inout Page) {
        let language = Language.current
        func size(_ bytes: Int64?) -> Text? { bytes.map { Text(language.bytes($0)) } }
        page.line(Text(device.name ?? say(en: "This device", es: "Este equipo"), .strong))
        page.line()
        func free(_ bytes: Int64?) -> String {
            bytes.map { say(en: ", \(language.bytes($0)) free", es: ", \(language.bytes($0)) libres") } ?? ""
        }
        let cores = [
            device.cpu.physicalCores.map { say(en: "\($0) cores", es: "\($0) núcleos") },
            device.cpu.logicalCores.map { say(en: "\($0) threads", es: "\($0) hilos") },
        ].compactMap(\.self).joined(separator: ", ")
        let graphics = device.gpus.map { gpu in
            let memory =
                gpu.vramBytes.map(language.memory)
                ?? say(en: "size not known, so not counted", es: "tamaño sin datos, así que no se cuenta")
            let share = gpu.budgetBytes.map(language.memory).map {
                say(en: " (\($0) for a model)", es: " (\($0) para un modelo)")
            }
            return "\(gpu.name) · \(memory)\(share ?? "") · \(gpu.backend)"
        }
        var pairs: [(String, Text?)] = [
            (Labels.memory, device.ramTotalBytes.map { Text(language.bytes($0) + free(device.ramAvailableBytes)) }),
            (
                say(en: "set aside", es: "reservada"),
                device.ramReservedBytes.map {
                    Text(
                        say(
                            en: "\(language.bytes($0)) as huge pages, which a model cannot have",
                            es: "\(language.bytes($0)) en páginas grandes, que un modelo no puede usar"))
                }
            ),
            (say(en: "container limit", es: "límite del contenedor"), size(device.memoryLimitBytes)),
            (say(en: "swap", es: "intercambio"), size(device.swapTotalBytes.flatMap { $0 > 0 ? $0 : nil })),
            (say(en: "processor", es: "procesador"), device.cpu.model.map { Text($0) }),
            (say(en: "cores", es: "núcleos"), cores.isEmpty ? nil : Text(cores)),
            (
                say(en: "processor limit", es: "límite de procesador"),
                device.cpu.quota.map {
                    let time = language.decimal($0, digits: $0 == $0.rounded() ? 0 : 2)
                    return Text(
                        say(
                            en: "the time of \(time) processors (container)",
                            es: "el tiempo de \(time) procesadores (contenedor)")
                    )
                }
            ),
            (
                say(en: "features", es: "instrucciones"),
                device.cpu.features.isEmpty ? nil : Text(device.cpu.features.joined(separator: " "))
            ),
        ]
        let name = say(en: "graphics (GPU)", es: "placa de video (GPU)")
        pairs += graphics.isEmpty ? [(name, say(en: "none", es: "ninguna"))] : graphics.map { (name, Text($0)) }
        pairs += device.unusedGPUs.map {
            (say(en: "not used", es: "sin usar"), Text("\($0.name) · \($0.words)"))
        }
        pairs += [
            (say(en: "class", es: "clase"), device.deviceClass.map { Text($0.word) }),
            (
                say(en: "system", es: "sistema"),
                Text([device.os, device.architecture].compactMap(\.self).joined(separator: ", "))
            ),
            (
                Labels.store,
                Text(FilePath(store).shown + free(device.storeFreeBytes))
            ),
        ]
        page.pairs(pairs)
        page.line()
        if let now = device.budgetBytes {
            let room = language.bytes(now)
            var line = say(en: "A model may take \(room) now", es: "Un modelo puede ocupar \(room) ahora")
            if let later = device.budgetAfterClosingBytes, later > now {
                let most = language.bytes(later)
                line += say(en: ", \(most) after closing programs", es: ", \(most) tras cerrar programas")
            }
            page.paragraph(Text(line + "."))
        }
        page.line(say(en: "`slm list` shows which fit.", es: "`slm list` muestra cuáles caben."))
    }
}

/// The devices that one can ask about without sitting at them.
struct ProfileList: Answer {
    var profiles: [Row]

    struct Row: Encodable {
        var profile: String
        @OrNull var deviceClass: DeviceClass?
        var ramTotalBytes: Int64
        var budgetBytes: Int64
        @OrNull var gpu: String?
        @OrNull var vramBytes: Int64?
        /// By specification; null where the class has no one figure.
        @OrNull var bandwidthBytesPerSecond: Int64?
        @OrNull var vramBandwidthBytesPerSecond: Int64?
        var sources: [String]

        /// As it is sold; a number below what a model can have would mislead, so there it is that of its bytes.
        func size(in language: Language) -> String {
            let sold = ramTotalBytes >> 30
            return budgetBytes > sold * 1_000_000_000 ? language.memory(ramTotalBytes) : language.sold(ramTotalBytes)
        }

        init(_ profile: DeviceProfile) {
            self.profile = profile.id
            deviceClass = profile.kind
            ramTotalBytes = profile.ram
            budgetBytes = profile.usable
            gpu = profile.graphics?.name
            vramBytes = profile.graphics?.memory
            bandwidthBytesPerSecond = profile.bandwidth.map { Int64($0) }
            vramBandwidthBytesPerSecond = profile.graphics?.bandwidth.map { Int64($0) }
            let all = [
                profile.sources.ram, profile.sources.usable, profile.sources.bandwidth, profile.sources.graphics,
            ]
            sources = all.compactMap(\.self)
        }
    }

    func draw(on page: inout Page) {
        let language = Language.current
        var table = Table(columns: [
            .init(title: say(en: "PROFILE", es: "PERFIL")),
            .init(title: say(en: "KIND", es: "CLASE"), sacrifice: 2),
            .init(title: Labels.memory.uppercased(), alignment: .right),
            .init(title: say(en: "FOR A MODEL", es: "PARA UN MODELO"), alignment: .right),
            .init(title: "GPU", sacrifice: 1, least: 12),
        ])
        table.rows = profiles.map { row in
            [
                Text(row.profile), Text(row.deviceClass?.word ?? "–"), Text(row.size(in: language)),
                Text(language.memory(row.budgetBytes)), Text(row.gpu ?? "–"),
            ]
        }
        page.table(table)
        page.line()
        page.paragraph(
            say(
                en:
                    "Memory as it is sold (1 GB is 2^30 bytes); what a model can have in GB of 10^9 bytes, as files are.",
                es:
                    "La memoria, como se vende (1 GB son 2^30 bytes); lo que puede usar un modelo, en GB de 10^9 bytes, como los archivos."
            ))
        page.line(Text("`slm list --device phone-6gb`"))
    }
}
