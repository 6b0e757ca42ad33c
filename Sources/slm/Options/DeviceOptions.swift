import ArgumentParser
import Modelteca

/// Another device than this one.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: .say(
            en: "Ask for another device: phone-6gb, raspberry-pi-5-8gb, … (`slm device --profiles`).",
            es: "Pregunta por otro equipo: phone-6gb, raspberry-pi-5-8gb, … (`slm device --profiles`).",
            value: say(en: "profile", es: "perfil")), completion: .known(.profiles))
    var device: [String] = []

    @Option(
        help: .say(
            en: "Ask for a device with this much memory: 6GB.", es: "Pregunta por un equipo con esta memoria: 6GB.",
            value: Labels.size))
    var ram: ByteSize?

    @Option(
        help: .say(
            en: "And a GPU with this much memory: 8GB.", es: "Y con una placa de video (GPU) con esta memoria: 8GB.",
            value: Labels.size))
    var vram: ByteSize?

    @Option(
        help: .say(
            en: "Bandwidth of that memory, to estimate the speed: 51GB/s.",
            es: "Ancho de banda de esa memoria, para estimar la velocidad: 51GB/s.", value: Labels.rate))
    var bandwidth: Bandwidth?

    @Option(
        help: .say(
            en: "Bandwidth of the GPU's memory.", es: "Ancho de banda de la memoria de la GPU.", value: Labels.rate))
    var vramBandwidth: Bandwidth?

    func validate() throws {
        if !device.isEmpty, ram != nil || vram != nil {
            throw invalid(en: "`--device` and `--ram` name two devices", es: "`--device` y `--ram` nombran dos equipos")
        }
        if vram != nil, ram == nil {
            throw invalid(en: "`--vram` goes with `--ram`", es: "`--vram` va con `--ram`")
        }
        if bandwidth != nil, ram == nil {
            throw invalid(en: "`--bandwidth` goes with `--ram`", es: "`--bandwidth` va con `--ram`")
        }
        if vramBandwidth != nil, vram == nil {
            throw invalid(en: "`--vram-bandwidth` goes with `--vram`", es: "`--vram-bandwidth` va con `--vram`")
        }
        for (name, size) in [("ram", ram), ("vram", vram)] where (size?.memoryBytes ?? 0) > 1 << 50 {
            throw invalid(en: "no device has so much `--\(name)`", es: "ningún equipo tiene tanta `--\(name)`")
        }
        if let ram, ram.memoryBytes < 64 << 20 {
            throw invalid(en: "`--ram` is too little for a model", es: "`--ram` es poco para un modelo")
        }
        if device.contains(Self.here), device.count > 1 {
            throw invalid(
                en: "`--device this` stands alone", es: "`--device this` va solo",
                hint: say(en: "it means this machine", es: "significa este equipo"))
        }
        if let device = device.first(where: { $0 != Self.here && DeviceProfile(named: $0) == nil }) {
            throw invalid(
                en: "there is no device profile `\(device)`", es: "no hay un perfil de equipo `\(device)`",
                hint: Self.near(device))
        }
    }

    /// What was given of these, as it was typed, for a hint that would answer for another device without it.
    static var typed: String {
        ["--device", "--ram", "--vram", "--bandwidth", "--vram-bandwidth"].compactMap { option in
            givenValue(of: option).map { " \(option) \(shellWord($0))" }
        }.joined()
    }

    /// This machine, where the configuration file names another device.
    private static let here = "this"

    /// What people call a device, by how the names of its profiles begin.
    private static let kinds: [String: Set<String>] = [
        "phone": [
            "android", "pixel", "galaxy", "samsung", "xiaomi", "redmi", "motorola", "moto", "mobile", "celular",
            "movil",
            "telefono",
        ],
        "tablet": ["ipad", "tableta"],
        "laptop": ["notebook", "portatil"],
        "pc": ["desktop", "computer", "computadora", "ordenador"],  // typed, never said
        "raspberry": ["rpi", "pi"],
    ]

    /// The profiles that somebody may have meant.
    static func near(_ device: String) -> String {
        let word = device.lowercased().prefix(while: \.isLetter)
        let start = kinds.first { $0.value.contains(String(word)) }?.key ?? String(word)
        let near = DeviceProfile.all.map(\.id).filter { id in
            !start.isEmpty && (id.hasPrefix(start) || start.hasPrefix(id.prefix(while: \.isLetter)))
        }.prefix(6)
        return near.isEmpty
            ? say(en: "`slm device --profiles` lists them", es: "`slm device --profiles` los muestra")
            : say(en: "near: \(quoted(near))", es: "parecidos: \(quoted(near))")
    }

    /// The profiles asked for, each once; none for this device.
    var profiles: [DeviceProfile] {
        let always = device.isEmpty && ram == nil ? ConfigFile.current?.values[.device] : nil
        var profiles = (device + [always].compactMap(\.self)).compactMap { DeviceProfile(named: $0) }
        if let ram {
            profiles.append(
                DeviceProfile(
                    ram: ram.memoryBytes, vram: vram?.memoryBytes, bandwidth: bandwidth?.bytesPerSecond,
                    vramBandwidth: vramBandwidth?.bytesPerSecond))
        }
        return profiles.reduce(into: []) { known, profile in
            if !known.contains(profile) { known.append(profile) }
        }
    }

    /// The profile asked for; nil for this device.
    ///
    /// - Throws: `UsageFault`: several were named, and the command answers for one.
    var profile: DeviceProfile? {
        get throws {
            let profiles = profiles
            guard profiles.count < 2 else {
                throw invalid(
                    en: "one `--device` at a time", es: "un solo `--device` por vez",
                    hint: say(
                        en: "`list`, `show` and `fit` compare several", es: "`list`, `show` y `fit` comparan varios"))
            }
            return profiles.first
        }
    }
}
