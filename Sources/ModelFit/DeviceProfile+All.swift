import HostHardware
import LlamaMemory

extension DeviceProfile {
    /// Every profile, smallest kind of device first.
    public static let all: [DeviceProfile] =
        androidPhones + iPhones + tablets + raspberryPis + jetsons + laptops + macs + plainPCs + cardPCs

    // MARK: Phones and tablets

    private static let appRule = "half of the memory for one app, a rule of this program (Budget.appShare): "
    private static let androidRule =
        appRule + "Android limits the Java heap but not native memory, and ends apps when memory runs out"
    private static let appleRule =
        appRule + "iOS limits each app by device (Apple, \"Reducing your app's memory use\") without publishing "
        + "the limit; 3/8 to 3/4 reported in developer.apple.com/forums/thread/826325"

    private static let androidPhones = [3, 4, 6, 8, 12, 16].map { android("phone", .phone, size: $0) }

    /// A phone's or tablet's memory: that of cheap processors at the one end, of the best at the other. Those of one size
    /// differ several times.
    ///
    /// Sources: WikiChip, `qualcomm/snapdragon_4` (Snapdragon 4s Gen 2, 4 Gen 2), and a comparison of Qualcomm's data
    /// sheets (https://gist.github.com/EwoutH/754fa40ad9ddc93d55084fc46569c759: Snapdragon 7 Gen 3, 8 Gen 3).
    private static func android(_ name: String, _ kind: DeviceClass, size: Int) -> DeviceProfile {
        let (rate, bits, chip) =
            switch size {
            case ...4: (6400.0, 32, "LPDDR5-6400 on 32 bits (Snapdragon 4 Gen 2)")
            case ...6: (6400.0, 64, "LPDDR5-6400 on 64 bits (arithmetic, JESD209-5)")
            default: (9600.0, 64, "LPDDR5X-9600 on 64 bits (Snapdragon 8 Gen 3)")
            }
        return DeviceProfile(
            id: "\(name)-\(size)gb", kind: kind, ram: gibibytes(size), os: "android", architecture: "arm64",
            bandwidth: transfers(rate, bits: bits), slowestBandwidth: transfers(4266, bits: 32),
            sources: Sources(
                ram: "the class's nominal size", usable: androidRule,
                bandwidth: "from LPDDR4X-4266 on 32 bits (Snapdragon 4s Gen 2) to \(chip)"))
    }

    private static let iPhones = [4, 6, 8, 12].map { size in
        DeviceProfile(
            id: "iphone-\(size)gb", kind: .phone, ram: gibibytes(size), os: "ios", architecture: "arm64",
            features: ["neon", "asimdhp", "asimddp"],
            sources: Sources(
                ram: "the class's nominal size; Apple does not publish an iPhone's memory", usable: appleRule,
                bandwidth: "none: not published by Apple"))
    }

    private static let tablets = [4, 8].map { android("tablet", .tablet, size: $0) }

    // MARK: Boards

    private static let raspberryPis =
        [2, 4, 8].map { raspberryPi(model: 4, size: $0, rate: 3200, memory: "LPDDR4-3200", features: ["neon"]) }
        + [2, 4, 8, 16].map {
            raspberryPi(
                model: 5, size: $0, rate: 4267, memory: "LPDDR4X-4267", features: ["neon", "asimdhp", "asimddp"])
        }

    private static func raspberryPi(
        model: Int, size: Int, rate: Double, memory: String, features: [String]
    ) -> DeviceProfile {
        DeviceProfile(
            id: "raspberry-pi-\(model)-\(size)gb", kind: .sbc, ram: gibibytes(size), os: "linux",
            architecture: "arm64", cores: 4, features: features, bandwidth: transfers(rate, bits: 32),
            sources: Sources(
                ram: "Raspberry Pi \(model) product brief", usable: systemRule,
                bandwidth: "Raspberry Pi \(model) product brief: \(memory), on a 32-bit bus"))
    }

    private static let jetsons = [
        jetson("orin-nano-4gb", size: 4, cores: 6, rate: 4250, bits: 64, stated: "34 GB/s", product: "Orin Nano 4GB"),
        jetson("orin-nano-8gb", size: 8, cores: 6, rate: 4250, stated: "68 GB/s", product: "Orin Nano 8GB"),
        jetson("orin-nx-8gb", size: 8, cores: 6, rate: 6400, stated: "102.4 GB/s", product: "Orin NX 8GB"),
        jetson("orin-nx-16gb", size: 16, cores: 8, rate: 6400, stated: "102.4 GB/s", product: "Orin NX 16GB"),
        jetson(
            "agx-orin-32gb", size: 32, cores: 8, rate: 6400, bits: 256, stated: "204.8 GB/s", product: "AGX Orin 32GB"),
        jetson(
            "agx-orin-64gb", size: 64, cores: 12, rate: 6400, bits: 256, stated: "204.8 GB/s", product: "AGX Orin 64GB"),
    ]

    private static func jetson(
        _ id: String, size: Int, cores: Int, rate: Double, bits: Int = 128, stated: String, product: String
    ) -> DeviceProfile {
        let bandwidth = transfers(rate, bits: bits)
        let source = "NVIDIA's data sheet of the Jetson \(product): \(bits)-bit LPDDR5, \(stated)"
        return DeviceProfile(
            id: "jetson-\(id)", kind: .sbc, ram: gibibytes(size), os: "linux", architecture: "arm64", cores: cores,
            features: ["neon", "asimdhp", "asimddp"],
            graphics: Graphics(
                name: "NVIDIA Jetson \(product)", memory: gibibytes(size), backend: "cuda", isUnified: true,
                bandwidth: bandwidth),
            bandwidth: bandwidth,
            sources: Sources(
                ram: source, usable: systemRule, bandwidth: source,
                graphics: "shares all memory (NVIDIA, \"CUDA for Tegra\")"))
    }

    // MARK: Laptops and PCs without a card

    /// What every PC of the last ten years has: the x86-64-v3 level.
    private static let commonX86 = ["sse3", "ssse3", "avx", "f16c", "fma", "bmi2", "avx2"]
    private static let ddr4 = "arithmetic: two channels of 64 bits of DDR4-3200 (JESD79-4), a common fitting"
    private static let ddr5 = "arithmetic: two channels of 64 bits of DDR5-5600 (JESD79-5), a common fitting"

    private static let laptops =
        [8, 16, 32].map { pc(id: "laptop-\($0)gb", kind: .laptop, size: $0) }
        + [("RTX 4050", 6), ("RTX 4060", 8)].map { card, vram in
            let name = "NVIDIA GeForce \(card) Laptop GPU"
            return pc(
                id: "laptop-16gb-\(card.lowercased().replacing(" ", with: ""))-\(vram)gb", kind: .laptop, size: 16,
                graphics: Graphics(name: name, memory: gibibytes(vram), backend: "cuda"),
                source: "NVIDIA's comparison of laptop GPUs: \(card), \(vram) GB; it gives no speed of their memory")
        }
    private static let plainPCs = [8, 16, 32, 64].map { pc(id: "pc-\($0)gb", kind: .desktop, size: $0) }

    private static func pc(id: String, kind: DeviceClass, size: Int, graphics: Graphics? = nil, source: String? = nil)
        -> DeviceProfile
    {
        DeviceProfile(
            id: id, kind: kind, ram: gibibytes(size), architecture: "x86_64", features: commonX86, graphics: graphics,
            bandwidth: transfers(size < 64 ? 3200 : 5600, bits: 128),
            sources: Sources(
                ram: "the class's nominal size", usable: systemRule, bandwidth: size < 64 ? ddr4 : ddr5,
                graphics: source))
    }

    // MARK: Macs

    private static let macs = [
        mac(size: 8, chip: "M2", gigabytesPerSecond: 100), mac(size: 16, chip: "M4", gigabytesPerSecond: 120),
        mac(size: 24, chip: "M4", gigabytesPerSecond: 120), mac(size: 32, chip: "M4", gigabytesPerSecond: 120),
        mac(size: 36, chip: "M4 Max", gigabytesPerSecond: 410),
        mac(size: 48, chip: "M4 Pro", gigabytesPerSecond: 273), mac(size: 64, chip: "M4 Pro", gigabytesPerSecond: 273),
        mac(size: 96, chip: "M3 Ultra", gigabytesPerSecond: 819),
        mac(size: 128, chip: "M4 Max", gigabytesPerSecond: 546),
        mac(size: 256, chip: "M3 Ultra", gigabytesPerSecond: 819),
        mac(size: 512, chip: "M3 Ultra", gigabytesPerSecond: 819),
    ]

    private static func mac(size: Int, chip: String, gigabytesPerSecond: Double) -> DeviceProfile {
        let ram = gibibytes(size)
        let bandwidth = gigabytesPerSecond * 1e9
        return DeviceProfile(
            id: "mac-\(size)gb", kind: size < 48 ? .laptop : .workstation, ram: ram, os: "macos",
            architecture: "arm64",
            features: ["neon", "asimdhp", "asimddp", "i8mm", "bf16"],
            graphics: Graphics(
                name: "Apple \(chip)", memory: AppleRules.workingSet(ramTotal: ram), backend: "metal",
                isUnified: true, bandwidth: bandwidth),
            bandwidth: bandwidth,
            sources: Sources(
                ram: "Apple's specifications of Macs with \(chip)",
                usable: "the graphics share, or less where the system keeps more (Budget.reserve)",
                bandwidth: "Apple Newsroom, announcement of \(chip)",
                graphics:
                    "Metal's recommended working set, as users report it: 74 % of 16 GiB, 84 % of 128; where it changes is inferred"
            ))
    }

    // MARK: PCs with a card

    private static let cardPCs = [
        card("gtx1650", "NVIDIA GeForce GTX 1650", vram: 4, bits: 128, rate: 8, ram: 16),
        card("gtx1660", "NVIDIA GeForce GTX 1660", vram: 6, bits: 192, rate: 8, ram: 16),
        card("rtx3050", "NVIDIA GeForce RTX 3050", vram: 8, bits: 128, rate: 14, ram: 16),
        card("rtx3060", "NVIDIA GeForce RTX 3060", vram: 12, bits: 192, rate: 15, ram: 16),
        card("rtx3070", "NVIDIA GeForce RTX 3070", vram: 8, bits: 256, rate: 14, ram: 16),
        card("rtx3080", "NVIDIA GeForce RTX 3080", vram: 10, bits: 320, rate: 19, ram: 32),
        card("rtx4060", "NVIDIA GeForce RTX 4060", vram: 8, bits: 128, rate: 17, ram: 16),
        card("rtx4060ti", "NVIDIA GeForce RTX 4060 Ti", vram: 16, bits: 128, rate: 18, ram: 32),
        card("rtx4070", "NVIDIA GeForce RTX 4070", vram: 12, bits: 192, rate: 21, ram: 32),
        card("rtx4080", "NVIDIA GeForce RTX 4080", vram: 16, bits: 256, rate: 22.4, ram: 32),
        card("rtx5060", "NVIDIA GeForce RTX 5060", vram: 8, bits: 128, rate: 28, ram: 16),
        card("rtx5060ti", "NVIDIA GeForce RTX 5060 Ti", vram: 16, bits: 128, rate: 28, ram: 32),
        card("rtx5070", "NVIDIA GeForce RTX 5070", vram: 12, bits: 192, rate: 28, ram: 32),
        card("rtx5070ti", "NVIDIA GeForce RTX 5070 Ti", vram: 16, bits: 256, rate: 28, ram: 32),
        card("rtx5080", "NVIDIA GeForce RTX 5080", vram: 16, bits: 256, rate: 30, ram: 32),
        card("rtx3090", "NVIDIA GeForce RTX 3090", vram: 24, bits: 384, rate: 19.5, ram: 64),
        card("rtx4090", "NVIDIA GeForce RTX 4090", vram: 24, bits: 384, rate: 21, ram: 64),
        card("rtx5090", "NVIDIA GeForce RTX 5090", vram: 32, bits: 512, rate: 28, ram: 64),
        card("rx6700xt", "AMD Radeon RX 6700 XT", vram: 12, bits: 192, rate: 16, ram: 16),
        card("rx7600", "AMD Radeon RX 7600", vram: 8, bits: 128, rate: 18, ram: 16),
        card("rx7800xt", "AMD Radeon RX 7800 XT", vram: 16, bits: 256, rate: 19.5, ram: 32),
        card("rx9060xt", "AMD Radeon RX 9060 XT", vram: 16, bits: 128, rate: 20, ram: 32),
        card("rx9070xt", "AMD Radeon RX 9070 XT", vram: 16, bits: 256, rate: 20, ram: 32),
        card("rx7900xtx", "AMD Radeon RX 7900 XTX", vram: 24, bits: 384, rate: 20, ram: 64),
        card("arc-b580", "Intel Arc B580", vram: 12, bits: 192, rate: 19, ram: 32),
        card("arc-a770", "Intel Arc A770", vram: 16, bits: 256, rate: 17.5, ram: 32),
    ]

    /// - Parameters:
    ///   - vram: In GiB.
    ///   - bits: Width of the card's memory bus.
    ///   - rate: Of one line of it, in Gbit/s.
    ///   - ram: The PC's, in GiB.
    private static func card(_ id: String, _ name: String, vram: Int, bits: Int, rate: Double, ram: Int)
        -> DeviceProfile
    {
        let maker = name.prefix { $0 != " " }
        let backend = maker == "NVIDIA" ? "cuda" : maker == "AMD" ? "rocm" : "vulkan"
        return pc(
            id: "pc-\(ram)gb-\(id)-\(vram)gb", kind: ram < 64 ? .desktop : .workstation, size: ram,
            graphics: Graphics(
                name: name, memory: gibibytes(vram), backend: backend, bandwidth: transfers(rate * 1000, bits: bits)),
            source: "\(maker)'s specification of the \(name): \(vram) GB, \(bits)-bit bus, \(rate) Gbit/s a line")
    }

    // MARK: Arithmetic

    /// In bytes.
    private static func gibibytes(_ count: Int) -> Int64 { Int64(count) << 30 }

    /// Million transfers a second over so many bits, in bytes per second.
    private static func transfers(_ million: Double, bits: Int) -> Double { million * 1e6 * Double(bits) / 8 }
}
