import ArgumentParser
import Modelteca

/// What a command has beside its work.
protocol Command: AsyncParsableCommand {
    var global: GlobalOptions { get }
}

extension Command {
    var console: Console { Console(global) }
}

/// A size that a person writes: `2GB`, `500 MB`, `1,5GB`, `4GiB`.
struct ByteSize: ExpressibleByArgument {
    /// In bytes; GB are 10^9, GiB 2^30.
    let bytes: Int64
    /// In bytes, where GB are the 2^30 that memory is sold in.
    let memoryBytes: Int64

    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "," }
        let steps = ["": 0, "b": 0, "k": 1, "kb": 1, "m": 2, "mb": 2, "g": 3, "gb": 3, "t": 4, "tb": 4]
        let unit = text.dropFirst(digits.count)
        let isBinary = unit.hasSuffix("ib")
        guard let number = Double(digits.replacing(",", with: ".")), number.isFinite, number >= 0,
            let step = steps[isBinary ? unit.dropLast(2) + "b" : String(unit)]
        else { return nil }
        func scaled(by base: Double) -> Int64? {
            let size = (0..<step).reduce(number) { size, _ in size * base }
            return size < 9e18 ? Int64(size) : nil
        }
        guard let decimal = scaled(by: isBinary ? 1024 : 1000), let binary = scaled(by: 1024) else { return nil }
        bytes = decimal
        memoryBytes = binary
    }
}

/// How fast memory is read: `51GB/s`, `51,2 GB`.
struct Bandwidth: ExpressibleByArgument {
    /// In bytes per second; GB are 10^9, as data sheets count them.
    let bytesPerSecond: Double

    /// What memory of the last thirty years has, and what the next will: anything else is a slip.
    private static let plausible: ClosedRange<Int64> = 100_000_000...100_000_000_000_000

    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        guard let size = ByteSize(argument: text.hasSuffix("/s") ? String(text.dropLast(2)) : text),
            Self.plausible.contains(size.bytes)
        else { return nil }
        bytesPerSecond = Double(size.bytes)
    }
}

/// Another device than this one.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: .say(
            en: "Ask for another device: phone-6gb, raspberry-pi-5-8gb, … (`slm device --profiles`).",
            es: "Pregunta por otro equipo: phone-6gb, raspberry-pi-5-8gb, … (`slm device --profiles`).",
            value: say(en: "profile", es: "perfil")))
    var device: String?

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
        if device != nil, ram != nil || vram != nil {
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
        if let ram, ram.memoryBytes < 64 << 20 {
            throw invalid(en: "`--ram` is too little for a model", es: "`--ram` es poco para un modelo")
        }
        if let device, DeviceProfile(named: device) == nil {
            let start = device.lowercased().prefix { $0 != "-" }
            let near = DeviceProfile.all.map(\.id).filter { $0.hasPrefix(start) }.prefix(6)
            let names = near.map { "`\($0)`" }.joined(separator: ", ")
            throw invalid(
                en: "there is no device profile `\(device)`", es: "no hay un perfil de equipo `\(device)`",
                hint: near.isEmpty
                    ? say(en: "`slm device --profiles` lists them", es: "`slm device --profiles` los muestra")
                    : say(en: "near: \(names)", es: "parecidos: \(names)"))
        }
    }

    /// The profile asked for; nil for this device.
    var profile: DeviceProfile? {
        if let device { return DeviceProfile(named: device) }
        return ram.map {
            DeviceProfile(
                ram: $0.memoryBytes, vram: vram?.memoryBytes, bandwidth: bandwidth?.bytesPerSecond,
                vramBandwidth: vramBandwidth?.bytesPerSecond)
        }
    }
}

/// Names of stored models, for commands that otherwise take all.
struct StoredNames: ParsableArguments {
    @Argument(
        help: .say(
            en: "Stored models; without names, all.", es: "Modelos guardados; sin nombre, todos.", value: Labels.model))
    var refs: [String] = []
}

/// How long a text the model is to keep in mind.
struct ContextOption: ParsableArguments {
    @Option(help: .say(en: "Context length in tokens.", es: "Longitud del contexto en tokens.", value: "tokens"))
    var context: Int?

    func validate() throws {
        if let context, context < 1 || context > 100_000_000 {
            throw invalid(en: "no context has \(context) tokens", es: "ningún contexto tiene \(context) tokens")
        }
    }

    /// The context asked for, else the usual one.
    var length: Int { context ?? Self.usual }

    /// The context that a person has in mind who says nothing: enough for a conversation of some pages.
    static let usual = 4096
}
