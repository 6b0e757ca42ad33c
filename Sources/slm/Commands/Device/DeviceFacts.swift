import Disk
import Modelteca
import SystemPackage

/// A device as scripts read it, and as a person does.
struct DeviceFacts: Encodable {
    /// The profile's name; null for this machine.
    @OrNull var profile: String?
    @OrNull var name: String?
    @OrNull var ramTotalBytes: Int64?
    @OrNull var ramAvailableBytes: Int64?
    /// What is set aside as huge pages, which nobody else gets.
    @OrNull var ramReservedBytes: Int64?
    /// What programs share among them: all but that.
    @OrNull var ramUsableBytes: Int64?
    @OrNull var memoryLimitBytes: Int64?
    @OrNull var swapTotalBytes: Int64?
    var cpu: CPU
    var gpus: [GPU]
    /// Those that are there but that a model cannot use, and why.
    var unusedGPUs: [UnusedGPU]
    /// Where the store is, or would be.
    @OrNull var storeFreeBytes: Int64?
    @OrNull var deviceClass: DeviceClass?
    @OrNull var os: String?
    @OrNull var architecture: String?
    /// What a model may take with everything that runs now.
    @OrNull var budgetBytes: Int64?
    /// What a model may take once other programs are closed.
    @OrNull var budgetAfterClosingBytes: Int64?

    struct CPU: Encodable {
        @OrNull var model: String?
        @OrNull var logicalCores: Int?
        @OrNull var physicalCores: Int?
        /// The processors' time that a container leaves, in processors; null when it does not bound.
        @OrNull var quota: Double?
        var features: [String]
    }

    struct GPU: Encodable {
        var name: String
        @OrNull var vramBytes: Int64?
        @OrNull var vramFreeBytes: Int64?
        var backend: String
        var unified: Bool
        /// What a model may take of it; null for memory that is the machine's own, and where the size is not known.
        @OrNull var budgetBytes: Int64?
    }

    struct UnusedGPU: Encodable {
        var name: String
        /// `hidden`, `no-driver`, `beside-slice`, `no-slice`.
        var reason: String
        /// The variable that hides it, or the driver that it has instead; null where there is none to name.
        @OrNull var by: String?
        /// For a person only.
        let words: String

        enum CodingKeys: CodingKey { case name, reason, by }

        init(_ gpu: Device.UnusedGPU) {
            name = gpu.name
            switch gpu.reason {
            case .hidden(let variable):
                (reason, by) = ("hidden", variable)
                words = say(en: "hidden by \(variable)", es: "oculta por \(variable)")
            case .noDriver(let driver):
                (reason, by) = ("no-driver", driver)
                let other = driver.map { say(en: " (it has \($0))", es: " (tiene \($0))") } ?? ""
                words =
                    say(en: "no driver that llama.cpp can use", es: "sin un controlador que llama.cpp pueda usar")
                    + other
            case .besideSlice:
                (reason, by) = ("beside-slice", nil)
                words = say(
                    en: "a process gets one slice (MIG), and nothing beside it",
                    es: "un proceso recibe una porción (MIG), y nada más")
            case .noSlice:
                (reason, by) = ("no-slice", nil)
                words = say(
                    en: "divided (MIG), but no slice has been made", es: "dividida (MIG), pero no hay ninguna porción")
            }
        }
    }

    init(_ device: Device, profile: DeviceProfile? = nil, store: FilePath) {
        self.profile = profile?.id
        name = device.name
        ramTotalBytes = device.ramTotal
        ramAvailableBytes = device.ramAvailable
        let isHere = profile == nil
        ramReservedBytes = isHere ? device.ramReserved : nil
        ramUsableBytes = isHere ? device.ramUsable : nil
        memoryLimitBytes = device.memoryLimit
        swapTotalBytes = device.swapTotal
        cpu = CPU(
            model: device.cpu.model, logicalCores: device.cpu.logicalCores, physicalCores: device.cpu.physicalCores,
            quota: device.cpu.quota, features: device.cpu.features)
        gpus = device.gpus.map {
            GPU(
                name: $0.name, vramBytes: $0.vram, vramFreeBytes: $0.vramFree, backend: $0.backend,
                unified: $0.isUnified, budgetBytes: Budget.share(of: $0))
        }
        unusedGPUs = device.unusedGPUs.map(UnusedGPU.init)
        storeFreeBytes = profile == nil ? DiskSpace.free(at: store) : nil
        deviceClass = device.deviceClass
        os = device.os
        architecture = device.architecture
        let budget = Budget(device: device)
        budgetBytes = budget.now
        budgetAfterClosingBytes = budget.afterClosing
    }

    // MARK: For a person

    /// A line of context above an answer, broken between its parts where it is too long.
    func headline(contextLength: Int, width: Int) -> [Text] {
        let language = Language.current
        let context = Labels.context + " " + language.grouped(Int64(contextLength))
        guard profile != nil else {
            let this = say(en: "This device: \(parts)", es: "Este equipo: \(parts)")
            return Self.lines([Text(this), deviceClass.map { Text($0.word) }, Text(context)], width: width)
        }
        let share = budgetAfterClosingBytes.map { sharePart(of: $0) } ?? "?"
        let isApp = deviceClass == .phone || deviceClass == .tablet
        let room =
            isApp
            ? say(en: "an app can use about \(share)", es: "una app puede usar unos \(share)")
            : say(en: "a model can use about \(share)", es: "un modelo puede usar unos \(share)")
        return Self.lines(
            [Text(say(en: "Device: ", es: "Equipo: ") + "\(kind) (\(room))"), Text(context)], width: width)
    }

    /// What matters least, the second of three, goes before a second line is begun.
    private static func lines(_ parts: [Text?], width: Int) -> [Text] {
        let known = parts.compactMap(\.self)
        func joined(_ parts: some Sequence<Text>) -> Text {
            parts.reduce(into: "") { line, part in line += line.width > 0 ? " · " + part : part }
        }
        for parts in [known, known.count > 2 ? [known[0], known[2]] : known] where joined(parts).width <= width {
            return [joined(parts)]
        }
        return [joined(known.dropLast())].flatMap { $0.wrapped(to: width) } + known.suffix(1)
    }

    /// What a profile is: `laptop with 16 GB, NVIDIA GeForce RTX 4060 8 GB`.
    var kind: String {
        let size = ramTotalBytes.map(Language.current.sold) ?? "?"
        let noun = deviceClass?.word ?? say(en: "device", es: "equipo")
        let what = profile == "custom" ? size : say(en: "\(noun) with \(size)", es: "\(noun) con \(size)")
        return gpus.isEmpty ? what : "\(what), \(graphics ?? "")"
    }

    /// What this machine has, in a few words.
    var parts: String { [memory, cores, graphics].compactMap(\.self).joined(separator: ", ") }

    /// What of a profile's memory a model can have. Where that is nearly the number which the memory is sold under, the
    /// bytes behind that name are told too: 16 GB in a shop are 17.2 of the GB in which files are counted.
    private func sharePart(of bytes: Int64) -> String {
        let language = Language.current
        guard let total = ramTotalBytes, Double(bytes) / 1e9 > 0.95 * Double(total) / Double(1 << 30) else {
            return language.bytes(bytes)
        }
        let (part, whole) = (language.decimal(Double(bytes) / 1e9, digits: 1), language.memory(total))
        return say(en: "\(part) of \(whole) of 10^9 bytes", es: "\(part) de \(whole) de 10^9 bytes")
    }

    private var memory: String? {
        let language = Language.current
        guard let total = ramTotalBytes else { return nil }
        let whole = language.memory(total)
        let limit = memoryLimitBytes.map { language.memory($0) }
        let free = ramAvailableBytes.map { language.memory($0) }
        if let limit {
            return say(
                en: "\(limit) of memory (the container's limit)", es: "\(limit) de memoria (límite del contenedor)")
        }
        guard let free else { return say(en: "\(whole) of memory", es: "\(whole) de memoria") }
        return say(en: "\(whole) of memory (\(free) free)", es: "\(whole) de memoria (\(free) libres)")
    }

    private var cores: String? {
        guard let count = cpu.physicalCores ?? cpu.logicalCores else { return nil }
        return count == 1
            ? say(en: "1 core", es: "1 núcleo") : say(en: "\(count) cores", es: "\(count) núcleos")
    }

    private var graphics: String? {
        guard let first = gpus.first else {
            return unusedGPUs.isEmpty
                ? say(en: "no GPU", es: "sin GPU") : say(en: "no usable GPU", es: "sin GPU utilizable")
        }
        let language = Language.current
        let more = gpus.count > 1 ? " + \(gpus.count - 1)" : ""
        // What a Mac lends its graphics is no size of its own, and said as what a model can use.
        if first.unified, profile != nil { return first.name + more }
        let size =
            first.vramBytes.map { " " + (profile == nil ? language.memory($0) : language.sold($0)) }
            ?? say(en: " (size not known, not counted)", es: " (tamaño sin datos, no se cuenta)")
        return first.name + size + more
    }
}

extension DeviceClass {
    /// In the user's language.
    var word: String {
        switch self {
        case .phone: say(en: "phone", es: "teléfono")
        case .tablet: say(en: "tablet", es: "tableta")
        case .sbc: say(en: "board", es: "placa Raspberry/Jetson")
        case .laptop: say(en: "laptop", es: "notebook")
        case .desktop: say(en: "desktop", es: "PC de escritorio")
        case .workstation: say(en: "workstation", es: "estación de trabajo")
        case .server: say(en: "server", es: "servidor")
        }
    }
}
