/// Names behind the numbers that ARM processors identify themselves with.
///
/// Source: each core's Technical Reference Manual (register MIDR_EL1), as gathered in util-linux,
/// `sys-utils/lscpu-arm.c`.
enum ARMCore {
    /// `Cortex-A76` for (`0x41`, `0xd0b`); the numbers themselves when nobody here knows them.
    static func name(implementer: String, part: String) -> String {
        guard let maker = number(implementer), let core = number(part) else { return "ARM \(part)" }
        let known =
            switch maker {
            case 0x41: arm[core]
            case 0x46: fujitsu[core]
            case 0x48: hiSilicon[core]
            case 0x51: qualcomm[core]
            case 0x61: apple[core]
            case 0xc0: ampere[core]
            default: String?.none
            }
        return known ?? "ARM \(implementer)/\(part)"
    }

    private static func number(_ text: String) -> Int? {
        text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    private static let arm = [
        0xc07: "Cortex-A7", 0xc08: "Cortex-A8", 0xc09: "Cortex-A9", 0xc0e: "Cortex-A17", 0xc0f: "Cortex-A15",
        0xd02: "Cortex-A34", 0xd03: "Cortex-A53", 0xd04: "Cortex-A35", 0xd05: "Cortex-A55", 0xd07: "Cortex-A57",
        0xd08: "Cortex-A72", 0xd09: "Cortex-A73", 0xd0a: "Cortex-A75", 0xd0b: "Cortex-A76", 0xd0c: "Neoverse-N1",
        0xd0d: "Cortex-A77", 0xd0e: "Cortex-A76AE", 0xd40: "Neoverse-V1", 0xd41: "Cortex-A78", 0xd42: "Cortex-A78AE",
        0xd44: "Cortex-X1", 0xd46: "Cortex-A510", 0xd47: "Cortex-A710", 0xd48: "Cortex-X2", 0xd49: "Neoverse-N2",
        0xd4a: "Neoverse-E1", 0xd4b: "Cortex-A78C", 0xd4c: "Cortex-X1C", 0xd4d: "Cortex-A715", 0xd4e: "Cortex-X3",
        0xd4f: "Neoverse-V2", 0xd80: "Cortex-A520", 0xd81: "Cortex-A720", 0xd82: "Cortex-X4", 0xd84: "Neoverse-V3",
        0xd85: "Cortex-X925", 0xd87: "Cortex-A725", 0xd8e: "Neoverse-N3",
    ]
    private static let qualcomm = [
        0x001: "Oryon", 0x800: "Kryo 2xx Gold", 0x801: "Kryo 2xx Silver", 0x802: "Kryo 3xx Gold",
        0x803: "Kryo 3xx Silver", 0x804: "Kryo 4xx Gold", 0x805: "Kryo 4xx Silver",
    ]
    private static let apple = [
        0x022: "Icestorm (M1)", 0x023: "Firestorm (M1)", 0x024: "Icestorm (M1 Pro)", 0x025: "Firestorm (M1 Pro)",
        0x028: "Icestorm (M1 Max)", 0x029: "Firestorm (M1 Max)", 0x032: "Blizzard (M2)", 0x033: "Avalanche (M2)",
        0x034: "Blizzard (M2 Pro)", 0x035: "Avalanche (M2 Pro)", 0x038: "Blizzard (M2 Max)",
        0x039: "Avalanche (M2 Max)",
    ]
    private static let ampere = [0xac3: "Ampere-1", 0xac4: "Ampere-1a"]
    private static let hiSilicon = [0xd01: "TaiShan-v110", 0xd40: "Cortex-A76"]
    private static let fujitsu = [0x001: "A64FX"]
}
