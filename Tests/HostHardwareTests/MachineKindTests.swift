import HostHardware
import Testing

@Suite struct MachineKindTests {
    /// What is set beside the defaults, and the class that follows.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout MachineKind) -> Void
        var expected: DeviceClass?

        init(
            _ testDescription: String, _ expected: DeviceClass?,
            _ change: @escaping @Sendable (inout MachineKind) -> Void
        ) {
            self.testDescription = testDescription
            self.change = change
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case("nothing known", nil) { _ in },
        Case("Android", .phone) { $0.os = "android" },
        Case("Android tablet", .tablet) { ($0.os, $0.isTablet) = ("android", true) },
        Case("notebook housing", .laptop) { $0.chassis = 10 },
        Case("convertible", .laptop) { $0.chassis = 31 },
        Case("tablet housing", .tablet) { $0.chassis = 30 },
        Case("tower", .desktop) { $0.chassis = 7 },
        Case("tower with a card and little memory", .desktop) {
            ($0.chassis, $0.hasDiscreteGPU, $0.ramTotal) = (7, true, 32 << 30)
        },
        Case("tower with a card and 64 GB", .workstation) {
            ($0.chassis, $0.hasDiscreteGPU, $0.ramTotal) = (7, true, 62 << 30)
        },
        Case("rack", .server) { $0.chassis = 23 },
        Case("a virtual machine's housing", .server) { ($0.chassis, $0.isVirtual) = (1, true) },
        Case("virtual machine", .server) { $0.isVirtual = true },
        Case("a container on a notebook", .laptop) { ($0.chassis, $0.isContainer) = (10, true) },
        Case("a container on who knows what", .server) { $0.isContainer = true },
        Case("Windows' Linux", .desktop) { ($0.isVirtual, $0.isWindowsGuest, $0.ramTotal) = (true, true, 8 << 30) },
        Case("Windows' Linux on battery", .laptop) {
            ($0.isVirtual, $0.isWindowsGuest, $0.hasBattery) = (true, true, true)
        },
        Case("board", .sbc) { $0.board = "Orange Pi 5" },
        Case("Asahi on a notebook", .laptop) { $0.board = "Apple MacBook Air (M1, 2020)" },
        Case("Asahi on a Mac mini", .desktop) { $0.board = "Apple Mac mini (M1, 2020)" },
        Case("memory and nothing else", .desktop) { $0.ramTotal = 8 << 30 },
        Case("Hyper-V's housing", .server) { ($0.chassis, $0.isVirtual) = (3, true) },
        Case("QEMU's board", .server) { ($0.board, $0.isVirtual) = ("linux,dummy-virt", true) },
        Case("an ARM server's core and no housing", .server) {
            ($0.chassis, $0.hasServerProcessor, $0.ramTotal) = (1, true, 32 << 30)
        },
    ])
    func `the class of a machine`(example: Case) {
        var kind = MachineKind()
        example.change(&kind)
        #expect(kind.deviceClass == example.expected)
    }

    @Test(arguments: [
        ("Amazon EC2", "c7g.4xlarge", true), ("Google", "Google Compute Engine", true), ("Google", "Eve", false),
        ("Microsoft Corporation", "Virtual Machine", true), ("Microsoft Corporation", "Surface Pro 9", false),
        ("QEMU", "QEMU Virtual Machine", true), ("LENOVO", "20XW", false), ("VMW", "VMW71", true),
        ("Apple Inc.", "MacBookPro18,3", false),
    ])
    func `the maker's name tells a rented machine`(vendor: String, product: String, isVirtual: Bool) {
        #expect(MachineKind.isHypervisor(vendor: vendor, product: product, board: nil) == isVirtual)
    }

    @Test func `a rented ARM machine is a server`() throws {
        let cores = (0..<8).map { "processor : \($0)\nFeatures : asimd\nCPU implementer : 0x41\nCPU part : 0xd40\n" }
        let device = try probe([
            "proc/meminfo": "MemTotal: 33554432 kB\n", "proc/cpuinfo": cores.joined(separator: "\n"),
            "sys/class/dmi/id/chassis_type": "1\n", "sys/class/dmi/id/sys_vendor": "Amazon EC2\n",
            "sys/class/dmi/id/product_name": "c7g.4xlarge\n",
        ])
        #expect(device.deviceClass == .server)
    }

    private static let models: [(model: String, expected: DeviceClass?)] = [
        ("MacBookPro18,3", .laptop), ("Mac14,2", .laptop), ("Mac16,10", .desktop), ("Mac13,1", .workstation),
        ("iPhone15,2", .phone), ("iPad13,4", .tablet), ("Macmini9,1", .desktop), ("VirtualMac2,1", nil),
    ]

    @Test(arguments: models)
    func `Apple's identifiers`(model: String, expected: DeviceClass?) {
        #expect(AppleRules.deviceClass(model: model) == expected)
    }

    /// In GiB, the MiB that the owner set, and the bytes that follow.
    private static let shares: [(ram: Int64, limit: Int64?, share: Int64)] = [
        (16, nil, 12_713_103_134), (128, nil, 115_448_720_856), (64, 0, 57_724_360_428), (32, 26_000, 27_262_976_000),
        (8, 1_000_000, 8_589_934_592), (8, Int64.max, 8_589_934_592),
    ]

    @Test(arguments: shares)
    func `Metal's share of unified memory`(ram: Int64, limit: Int64?, share: Int64) {
        #expect(AppleRules.workingSet(ramTotal: gibibytes(ram), wiredLimit: limit) == share)
    }
}
