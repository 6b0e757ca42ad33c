import HostHardware
import Testing

@Suite struct LinuxProbeTests {
    @Test func `a PC with an NVIDIA card is read whole`() throws {
        let device = LinuxProbe(root: try machine("pc-nvidia")).device()
        #expect(device.ramTotal == kibibytes(16_186_772))
        #expect(device.ramAvailable == kibibytes(11_503_216))
        #expect(device.swapTotal == kibibytes(2_097_148))
        #expect(device.memoryLimit == nil)
        #expect(device.memoryLimitAvailable == nil)
        #expect(device.cpu.model == "12th Gen Intel(R) Core(TM) i3-12100F")
        #expect(device.cpu.logicalCores == 8)
        #expect(device.cpu.physicalCores == 4)
        #expect(device.cpu.features == ["sse3", "ssse3", "avx", "f16c", "fma", "bmi2", "avx2", "avx_vnni"])
        // A wireless mouse's battery makes no laptop.
        #expect(device.deviceClass == .desktop)
        #expect(device.os == "linux")
        #expect(device.architecture == "x86_64")
        #expect(device.name == "Micro-Star International Co., Ltd. MS-7D43")
    }

    @Test func `without NVIDIA's library the driver's files still name the card`() throws {
        let device = LinuxProbe(root: try machine("pc-nvidia")).device()
        #expect(device.gpus == [Device.GPU(name: "NVIDIA GeForce RTX 3060", vram: nil, backend: "cuda")])
    }

    @Test func `NVIDIA's library is believed before the driver's files`() throws {
        let card = Device.GPU(
            name: "NVIDIA GeForce RTX 3060", vram: gibibytes(12), vramFree: gibibytes(11), backend: "cuda")
        let device = LinuxProbe(root: try machine("pc-nvidia"), nvidia: { [NVIDIA.Card(gpu: card)] }).device()
        #expect(device.gpus == [card])
    }

    @Test func `NVIDIA's library is not loaded on a machine without the driver`() throws {
        let device = LinuxProbe(
            root: try machine("two-gpus"),
            nvidia: {
                Issue.record("asked for cards that cannot be there")
                return nil
            }
        ).device()
        #expect(device.gpus.count == 2)
    }

    @Test func `a Raspberry Pi 5 is a single-board computer with four Cortex-A76`() throws {
        let device = LinuxProbe(root: try machine("raspberry-pi-5")).device()
        #expect(device.name == "Raspberry Pi 5 Model B Rev 1.0")
        #expect(device.cpu.model == "Cortex-A76")
        #expect(device.cpu.logicalCores == 4)
        #expect(device.cpu.physicalCores == 4)
        #expect(device.cpu.features == ["neon", "asimdhp", "asimddp"])
        #expect(device.deviceClass == .sbc)
        #expect(device.architecture == "arm64")
        #expect(device.gpus.isEmpty)
        #expect(device.memoryLimit == nil)
        #expect(device.ramTotal == kibibytes(8_244_272))
    }

    @Test func `an Android phone under Termux is read although it shows no topology`() throws {
        let device = LinuxProbe(root: try machine("android-termux")).device()
        #expect(device.os == "android")
        #expect(device.deviceClass == .phone)
        #expect(
            device.cpu.model
                == "Qualcomm Technologies, Inc SM8550 (1 Cortex-X3, 2 Cortex-A710, 2 Cortex-A715, 3 Cortex-A510)")
        #expect(device.cpu.logicalCores == 8)
        #expect(device.cpu.physicalCores == nil)
        #expect(device.cpu.features == ["neon", "asimdhp", "asimddp", "i8mm", "bf16"])
        #expect(device.ramAvailable == kibibytes(3_118_404))
        #expect(device.swapTotal == kibibytes(6_291_452))
    }

    @Test func `two graphics processors are told apart and the discrete one comes first`() throws {
        let device = LinuxProbe(root: try machine("two-gpus")).device()
        let ram = kibibytes(65_637_408)
        #expect(
            device.gpus == [
                Device.GPU(
                    name: "AMD Radeon RX 7900 XTX", vram: 25_753_026_560, vramFree: 25_753_026_560 - 1_610_612_736,
                    backend: "rocm"),
                Device.GPU(name: "Intel UHD Graphics 770", vram: ram / 4 * 3, backend: "vulkan", isUnified: true),
            ])
        #expect(device.deviceClass == .workstation)
        // The firmware's placeholders are no name.
        #expect(device.name == nil)
    }

    @Test func `a Jetson's graphics processor shares the board's memory`() throws {
        let device = LinuxProbe(root: try machine("jetson-orin-nano")).device()
        #expect(device.deviceClass == .sbc)
        #expect(device.cpu.model == "Cortex-A78AE")
        #expect(
            device.gpus == [
                Device.GPU(
                    name: "NVIDIA tegra234 (integrated)", vram: kibibytes(7_802_828), backend: "cuda", isUnified: true)
            ])
    }

    @Test func `an empty tree gives a device of which nothing is known`() throws {
        #expect(try probe([:]) == Device(os: "linux"))
    }

    @Test(arguments: [
        "", "\0\0\0", "MemTotal:", "MemTotal: x kB\nMemAvailable: -1 kB", "MemTotal: 9223372036854775807 kB",
        String(repeating: ":", count: 100_000), "processor\t: 999999999999999999999\nflags\t\t:\nCPU part : 0x",
    ])
    func `nonsense in every file is survived`(text: String) throws {
        let paths = [
            "proc/meminfo", "proc/cpuinfo", "proc/self/cgroup", "proc/self/mountinfo", "proc/self/status",
            "sys/class/dmi/id/chassis_type", "proc/device-tree/compatible", "sys/class/drm/card0/device/uevent",
            "sys/class/drm/card1/device/mem_info_vram_total", "system/build.prop",
        ]
        var files = Dictionary(uniqueKeysWithValues: paths.map { ($0, text) })
        files["sys/class/drm/card0/device/vendor"] = "0x8086"
        files["sys/class/drm/card1/device/vendor"] = "0x1002"
        let device = try probe(files)
        #expect(device.ramTotal == nil)
        #expect(device.memoryLimit == nil)
    }

    @Test func `an integrated AMD chip with a small carve-out counts what the system lends it`() throws {
        let device = try probe([
            "proc/meminfo": "MemTotal: 15728640 kB\n",
            "sys/class/dmi/id/chassis_type": "10\n",
            "sys/class/drm/card0/device/vendor": "0x1002\n",
            "sys/class/drm/card0/device/device": "0x15bf\n",
            "sys/class/drm/card0/device/mem_info_vram_total": "536870912\n",
            "sys/class/drm/card0/device/mem_info_gtt_total": "8053063680\n",
        ])
        #expect(
            device.gpus == [
                Device.GPU(name: "AMD GPU 15bf", vram: 8_053_063_680 + 536_870_912, backend: "vulkan", isUnified: true)
            ])
        #expect(device.deviceClass == .laptop)
    }

    @Test func `an integrated AMD chip to which the firmware gave most memory has memory of its own`() throws {
        let device = try probe([
            "sys/class/drm/card0/device/vendor": "0x1002\n",
            "sys/class/drm/card0/device/device": "0x1586\n",
            "sys/class/drm/card0/device/mem_info_vram_total": "\(gibibytes(96))\n",
            "sys/class/drm/card0/device/mem_info_vram_used": "\(gibibytes(1))\n",
            "sys/class/drm/card0/device/mem_info_gtt_total": "\(gibibytes(16))\n",
        ])
        #expect(
            device.gpus == [
                Device.GPU(name: "AMD GPU 1586", vram: gibibytes(96), vramFree: gibibytes(95), backend: "vulkan")
            ])
    }

    @Test func `an Intel card's memory is the sum over its tiles`() throws {
        let device = try probe([
            "sys/class/drm/card0/device/vendor": "0x8086\n",
            "sys/class/drm/card0/device/device": "0x56a0\n",
            "sys/class/drm/card0/device/uevent": "DRIVER=xe\nPCI_SLOT_NAME=0000:03:00.0\n",
            "sys/class/drm/card0/device/tile0/physical_vram_size_bytes": "\(gibibytes(16))\n",
            "usr/share/misc/pci.ids": "8086  Intel Corporation\n\t56a0  DG2 [Arc A770]\n",
        ])
        #expect(device.gpus == [Device.GPU(name: "Intel Arc A770", vram: gibibytes(16), backend: "vulkan")])
    }

    /// A list as `pci.ids` writes it, its lines joined.
    private static let ids = [
        "# List of PCI ID's", "1001  Somebody", "\t56a0  Not this one", "8086  Intel Corporation",
        "\t0bd5  Ponte Vecchio XT (2 Tile)", "# a comment", "\t56a0  DG2 [Arc A770]", "\t\t1849 6001  A card",
        "\t56a1  DG2 [Arc A750]", "ffff  Illegal Vendor ID",
    ].joined(separator: "\n")

    @Test(arguments: [
        ("0x56a0", ids, "Intel Arc A770"), ("0x56A1", ids, "Intel Arc A750"),
        ("0x0bd5", ids, "Intel Ponte Vecchio XT (2 Tile)"), ("0x1849", ids, "Intel GPU 1849"), ("", ids, "Intel GPU"),
        ("0x56a0", "8086  Intel\n\t56a0  DG2 [Arc A770]", "Intel Arc A770"), ("0x56a0", "", "Intel GPU 56a0"),
        ("0x56a0", "8086  Intel", "Intel GPU 56a0"),
    ])
    func `a PCI number is named from the system's list`(device: String, list: String, name: String) throws {
        let device = try probe([
            "sys/class/drm/card0/device/vendor": "0x8086\n", "sys/class/drm/card0/device/device": device + "\n",
            "usr/share/hwdata/pci.ids": list,
        ])
        #expect(device.gpus.map(\.name) == [name])
    }
}
