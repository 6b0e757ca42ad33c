import HostHardware
import Testing

/// Cards that a program does not get though the machine has them.
@Suite struct HiddenCardTests {
    private static func card(_ number: Int, _ size: Int64? = 24) -> NVIDIA.Card {
        NVIDIA.Card(
            gpu: Device.GPU(name: "Card \(number)", vram: size.map(gibibytes), backend: "cuda"),
            uuid: "GPU-0000000\(number)-aaaa")
    }

    /// A card that is divided into so many slices of 10 GiB.
    private static func divided(_ number: Int, slices: Int) -> NVIDIA.Card {
        var whole = card(number, nil)
        whole.isDivided = true
        whole.slices = (0..<slices).map { slice in
            NVIDIA.Card(
                gpu: Device.GPU(name: "Slice \(number).\(slice)", vram: gibibytes(10), backend: "cuda"),
                uuid: "MIG-\(number)\(slice)-bbbb")
        }
        return whole
    }

    private func probe(_ cards: [NVIDIA.Card], visible: String?) throws -> Device {
        try HostHardwareTests.probe(
            ["proc/driver/nvidia/version": "x\n"], environment: visible.map { ["CUDA_VISIBLE_DEVICES": $0] } ?? [:]
        ) { cards }
    }

    private static let lists: [(visible: String?, names: [String])] = [
        (nil, ["Card 0", "Card 1", "Card 2"]), ("0", ["Card 0"]), ("2,0", ["Card 2", "Card 0"]), ("", []), ("-1", []),
        // Nothing behind the first that is none.
        ("1,-1,0", ["Card 1"]), ("1,7,0", ["Card 1"]), ("none", []), ("NoDevFiles", []),
        (" 1 , 2", ["Card 1", "Card 2"]),
        ("GPU-00000001", ["Card 1"]), ("gpu-00000002-AAAA,0", ["Card 2", "Card 0"]), ("GPU-9", []), ("1,1", ["Card 1"]),
    ]

    @Test(arguments: lists)
    func `CUDA's variable hides cards`(visible: String?, names: [String]) throws {
        let device = try probe((0..<3).map { Self.card($0) }, visible: visible)
        #expect(device.gpus.map(\.name) == names)
        #expect(Set(device.unusedGPUs.map(\.name)) == Set(["Card 0", "Card 1", "Card 2"]).subtracting(names))
        #expect(device.unusedGPUs.allSatisfy { $0.reason == .hidden(by: "CUDA_VISIBLE_DEVICES") })
    }

    private static let slices: [(visible: String?, names: [String])] = [
        (nil, ["Slice 0.0"]), ("0", ["Slice 0.0"]), ("1", ["Card 1"]), ("MIG-01", ["Slice 0.1"]),
        ("MIG-01,MIG-00", ["Slice 0.1"]), ("1,MIG-00", ["Slice 0.0"]), ("", []),
    ]

    @Test(arguments: slices)
    func `of a divided card a program gets one slice and no card beside it`(visible: String?, names: [String]) throws {
        let device = try probe([Self.divided(0, slices: 2), Self.card(1)], visible: visible)
        #expect(device.gpus.map(\.name) == names)
        #expect(
            Set(device.unusedGPUs.map(\.name)) == Set(["Slice 0.0", "Slice 0.1", "Card 1"]).subtracting(names))
    }

    @Test func `a divided card without slices is told`() throws {
        let device = try probe([Self.divided(0, slices: 0), Self.card(1)], visible: nil)
        #expect(device.gpus.map(\.name) == ["Card 1"])
        #expect(device.unusedGPUs == [.init(name: "Card 0", reason: .noSlice)])
    }

    @Test func `without NVIDIA's library a hidden card is hidden too`() throws {
        let device = LinuxProbe(
            root: try machine("pc-nvidia"), environment: ["CUDA_VISIBLE_DEVICES": "-1"]
        ).device()
        #expect(device.gpus.isEmpty)
        #expect(device.unusedGPUs.map(\.name) == ["NVIDIA GeForce RTX 3060"])
        // It is no lesser machine for that.
        #expect(device.deviceClass == .desktop)
    }

    /// Two Radeon cards with ROCm, and an Intel chip beside them.
    private static var radeons: [String: String] {
        var files = [
            "sys/class/kfd/kfd/x": "",
            "sys/class/drm/card2/device/vendor": "0x8086\n", "sys/class/drm/card2/device/device": "0x56a5\n",
            "sys/class/drm/card2/device/uevent": "DRIVER=i915\nPCI_SLOT_NAME=0000:05:00.0\n",
        ]
        for card in 0...1 {
            let device = "sys/class/drm/card\(card)/device/"
            files[device + "vendor"] = "0x1002\n"
            files[device + "device"] = "0x744\(card)\n"
            files[device + "unique_id"] = "abc\(card)\n"
            files[device + "mem_busy_percent"] = "0\n"
            files[device + "mem_info_vram_total"] = "\(gibibytes(16))\n"
        }
        return files
    }

    private static let both = ["AMD GPU 7440", "AMD GPU 7441", "Intel GPU 56a5"]

    private static let environments: [(environment: [String: String], names: [String], by: String?)] = [
        ([:], both, nil), (["HIP_VISIBLE_DEVICES": "1"], ["AMD GPU 7441", both[2]], "HIP_VISIBLE_DEVICES"),
        (["HIP_VISIBLE_DEVICES": "-1"], [both[2]], "HIP_VISIBLE_DEVICES"),
        // An empty one is as if it were not there; ROCR's own is not.
        (["HIP_VISIBLE_DEVICES": ""], both, nil), (["ROCR_VISIBLE_DEVICES": ""], [both[2]], "ROCR_VISIBLE_DEVICES"),
        (["ROCR_VISIBLE_DEVICES": "GPU-ABC1"], ["AMD GPU 7441", both[2]], "ROCR_VISIBLE_DEVICES"),
        (["CUDA_VISIBLE_DEVICES": "0"], ["AMD GPU 7440", both[2]], "CUDA_VISIBLE_DEVICES"),
        (["GGML_VK_VISIBLE_DEVICES": "2"], both, nil),
        (["GGML_VK_VISIBLE_DEVICES": "0"], Array(both.prefix(2)), "GGML_VK_VISIBLE_DEVICES"),
        (["GGML_VK_VISIBLE_DEVICES": "-1"], Array(both.prefix(2)), "GGML_VK_VISIBLE_DEVICES"),
        (["GGML_VK_VISIBLE_DEVICES": ""], Array(both.prefix(2)), "GGML_VK_VISIBLE_DEVICES"),
    ]

    @Test(arguments: environments)
    func `ROCm's and Vulkan's variables hide cards`(environment: [String: String], names: [String], by: String?) throws
    {
        let device = try HostHardwareTests.probe(Self.radeons, environment: environment)
        #expect(device.gpus.map(\.name) == names)
        #expect(Set(device.unusedGPUs.map(\.reason)) == Set([by].compactMap(\.self).map { .hidden(by: $0) }))
    }

    @Test func `HIP numbers what ROCR has left`() throws {
        let device = try HostHardwareTests.probe(
            Self.radeons, environment: ["ROCR_VISIBLE_DEVICES": "1", "HIP_VISIBLE_DEVICES": "0"])
        #expect(device.gpus.map(\.name) == ["AMD GPU 7441", "Intel GPU 56a5"])
    }

    @Test func `cards without a driver that can be used are told`() throws {
        let device = try HostHardwareTests.probe([
            "sys/class/drm/card0/device/vendor": "0x10de\n", "sys/class/drm/card0/device/device": "0x2504\n",
            "sys/class/drm/card0/device/uevent": "DRIVER=nouveau\n",
            "sys/class/drm/card1/device/vendor": "0x1002\n",
            "sys/class/drm/card1/device/uevent": "DRIVER=radeon\n",
            "sys/bus/pci/devices/0000:03:00.0/class": "0x030000\n",
            "sys/bus/pci/devices/0000:03:00.0/vendor": "0x1002\n",
            "sys/bus/pci/devices/0000:03:00.0/device": "0x744c\n",
            "sys/bus/pci/devices/0000:03:00.0/uevent": "DRIVER=vfio-pci\n",
            "sys/bus/pci/devices/0000:04:00.0/class": "0x030200\n",
            "sys/bus/pci/devices/0000:04:00.0/vendor": "0x10de\n",
            // A server's remote console, a network card.
            "sys/bus/pci/devices/0000:05:00.0/class": "0x030000\n",
            "sys/bus/pci/devices/0000:05:00.0/vendor": "0x1a03\n",
            "sys/bus/pci/devices/0000:06:00.0/class": "0x020000\n",
            "sys/bus/pci/devices/0000:06:00.0/vendor": "0x8086\n",
        ])
        #expect(device.gpus.isEmpty)
        #expect(
            device.unusedGPUs == [
                .init(name: "NVIDIA GPU 2504", reason: .noDriver("nouveau")),
                .init(name: "AMD GPU", reason: .noDriver("radeon")),
                .init(name: "AMD GPU 744c", reason: .noDriver("vfio-pci")),
                .init(name: "NVIDIA GPU", reason: .noDriver(nil)),
            ])
    }

    private static let arcs: [(id: String, size: Int64?)] = [
        ("0xe20b", gibibytes(12)), ("0x56a1", gibibytes(8)), ("0x56a0", nil), ("0xffff", nil),
    ]

    @Test(arguments: arcs)
    func `an Arc card whose driver tells no size is known by its number, or not at all`(id: String, size: Int64?) throws
    {
        let device = try HostHardwareTests.probe([
            "sys/class/drm/card0/device/vendor": "0x8086\n", "sys/class/drm/card0/device/device": id + "\n",
            "sys/class/drm/card0/device/uevent": "PCI_SLOT_NAME=0000:03:00.0\n",
        ])
        #expect(device.gpus.map(\.vram) == [size])
        #expect(device.gpus.map(\.isUnified) == [false])
    }
}
