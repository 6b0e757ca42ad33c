/// The graphics processors of a Linux machine: NVIDIA through its driver, AMD and Intel through sysfs.
struct LinuxGPUs {
    /// What a model can use, discrete ones first, as llama.cpp would prefer them.
    private(set) var used: [Device.GPU] = []
    private(set) var unused: [Device.UnusedGPU] = []

    /// Whether the machine has a card of its own, be it hidden.
    private(set) var hasDiscrete = false

    private let folder: RootFolder
    /// In bytes.
    private let ramTotal: Int64?

    /// Looks for all of them.
    ///
    /// - Parameter nvidia: Asks NVIDIA's library; nil when there is none.
    init(in folder: RootFolder, ramTotal: Int64?, nvidia: () -> [NVIDIA.Card]?) {
        self.folder = folder
        self.ramTotal = ramTotal
        (used, unused) = NVIDIA.split(nvidiaCards(nvidia), visible: folder.variable(VisibleDevices.cuda))
        addOthers()
        addWithoutDriver()
        used = used.filter { !$0.isUnified } + used.filter(\.isUnified)
        hasDiscrete = used.contains { !$0.isUnified } || !unused.allSatisfy(\.isWithoutDriver)
        if let list = folder.variable(VisibleDevices.vulkan) {
            // The loader numbers discrete ones first, then by bus.
            let visible = VisibleDevices.vulkanIndices(list, count: used.count)
            let hidden = used.indices.filter { used[$0].backend == "vulkan" && !visible.contains($0) }
            unused += hidden.map {
                Device.UnusedGPU(name: used[$0].name, reason: .hidden(by: VisibleDevices.vulkan))
            }
            used = used.indices.filter { !hidden.contains($0) }.map { used[$0] }
        }
    }

    /// AMD's and Intel's, and what of NVIDIA's has another driver.
    private mutating func addOthers() {
        var found: [(gpu: Device.GPU, number: Int?)] = []
        // ROCm's name for a card is `GPU-` and the number that is its own.
        var ids: [String] = []
        for card in folder.names(in: Self.cards) where Self.isCard(card) {
            let device = "\(Self.cards)/\(card)/device"
            let driver = driver(of: device)
            switch folder.line(device + "/vendor") {
            // The old driver has neither ROCm nor Vulkan.
            case "0x1002" where driver == "radeon": addUnused(device, .noDriver(driver))
            case "0x1002":
                found.append((amd(device), ids.count))
                ids.append(folder.line(device + "/unique_id").map { "GPU-\($0)" } ?? "")
            case "0x8086": found.append((intel(device), nil))
            case "0x10de" where driver != nil && driver != "nvidia": addUnused(device, .noDriver(driver))
            default: continue
            }
        }
        let hiders = VisibleDevices.hiders(ids: ids, folder.variable)
        for (gpu, number) in found {
            if let number, gpu.backend == "rocm", let hider = hiders[number] {
                unused.append(Device.UnusedGPU(name: gpu.name, reason: .hidden(by: hider)))
            } else {
                used.append(gpu)
            }
        }
    }

    /// Cards on the bus that no graphics driver has taken, or that were set aside for a virtual machine.
    private mutating func addWithoutDriver() {
        let bus = "/sys/bus/pci/devices"
        for address in folder.names(in: bus) {
            let device = "\(bus)/\(address)"
            // VGA, 3D and other display controllers.
            guard let kind = folder.line(device + "/class"), kind.hasPrefix("0x03"),
                ["0x10de", "0x1002", "0x8086"].contains(folder.line(device + "/vendor")),
                !folder.exists(device + "/drm")
            else { continue }
            let driver = driver(of: device)
            if driver != "nvidia" { addUnused(device, .noDriver(driver)) }
        }
    }

    private mutating func addUnused(_ device: String, _ reason: Device.UnusedGPU.Reason) {
        let names = GPUNames(folder: folder)
        let id = folder.line(device + "/device")
        let name =
            switch folder.line(device + "/vendor") {
            case "0x1002": names.amd(device: id, revision: folder.line(device + "/revision"))
            case "0x10de": names.nvidia(device: id)
            default: names.intel(device: id)
            }
        unused.append(Device.UnusedGPU(name: name, reason: reason))
    }

    private static let cards = "/sys/class/drm"

    /// `card0`; not its connectors, `card0-HDMI-A-1`.
    private static func isCard(_ name: String) -> Bool {
        name.hasPrefix("card") && Int(name.dropFirst(4)) != nil
    }

    /// `i915`; nil where none has taken the device.
    private func driver(of device: String) -> String? { uevent(device)?["DRIVER"] }

    private func uevent(_ device: String) -> [String: String]? {
        folder.text(device + "/uevent", limit: 4096).map(ProcText.uevent)
    }

    // MARK: NVIDIA

    private func nvidiaCards(_ ask: () -> [NVIDIA.Card]?) -> [NVIDIA.Card] {
        if let tegra = tegra() { return [NVIDIA.Card(gpu: tegra)] }
        let files = "/proc/driver/nvidia"
        let marks = ["\(files)/version", "\(files)/gpus", "/dev/nvidiactl", "/dev/dxg"]
        // Loading the library costs milliseconds: only where the driver is.
        guard marks.contains(where: folder.exists) else { return [] }
        if let cards = ask(), !cards.isEmpty { return cards }
        // The driver's files name the card but do not say how much memory it has.
        return folder.names(in: "\(files)/gpus").compactMap { address in
            folder.text("\(files)/gpus/\(address)/information").map(NVIDIA.card(information:))
        }
    }

    /// A Jetson's graphics processor shares all of the board's memory.
    ///
    /// Source: NVIDIA, "CUDA for Tegra", memory management.
    private func tegra() -> Device.GPU? {
        guard let compatible = folder.text("/proc/device-tree/compatible", limit: 4096),
            let chip = compatible.split(separator: "\0").first(where: { $0.hasPrefix("nvidia,tegra") })
        else { return nil }
        return Device.GPU(
            name: "NVIDIA \(chip.dropFirst("nvidia,".count)) (integrated)", vram: ramTotal, backend: "cuda",
            isUnified: true)
    }

    // MARK: AMD

    /// Source: kernel, `Documentation/gpu/amdgpu/driver-misc.rst` (the `mem_info_*` files, in bytes).
    private func amd(_ device: String) -> Device.GPU {
        let vram = folder.integer(device + "/mem_info_vram_total")
        let used = folder.integer(device + "/mem_info_vram_used")
        let shared = folder.integer(device + "/mem_info_gtt_total")
        let id = folder.line(device + "/device")
        let name = GPUNames(folder: folder).amd(device: id, revision: folder.line(device + "/revision"))
        let free = vram.flatMap { vram in used.map { max(0, vram - max(0, $0)) } }
        guard isIntegratedAMD(device, id: id) else {
            let backend = folder.exists("/sys/class/kfd/kfd") ? "rocm" : "vulkan"
            return Device.GPU(name: name, vram: vram, vramFree: free, backend: backend)
        }
        // What the firmware carves out for the processor is no part of the system's memory, and small on most
        // machines: what counts is then the part of the system's memory that the driver lends (GTT). Where the
        // carve-out is the larger one (set so in the firmware), it is memory of its own.
        if let vram, vram > shared ?? 0 {
            return Device.GPU(name: name, vram: vram, vramFree: free, backend: "vulkan")
        }
        let (sum, overflow) = (shared ?? 0).addingReportingOverflow(vram ?? 0)
        return Device.GPU(
            name: name, vram: shared == nil || overflow ? nil : sum, backend: "vulkan", isUnified: true)
    }

    /// Whether the graphics processor is part of the CPU.
    ///
    /// The driver leaves `mem_busy_percent` out for these, and else only for the Vega 10 cards
    /// (device 0x6860 to 0x687f). Source: kernel, `drivers/gpu/drm/amd/pm/amdgpu_pm.c`.
    private func isIntegratedAMD(_ device: String, id: String?) -> Bool {
        let number = id.flatMap { Int($0.dropFirst(2), radix: 16) }
        return !folder.exists(device + "/mem_busy_percent") && !(0x6860...0x687f).contains(number ?? 0)
    }

    // MARK: Intel

    private func intel(_ device: String) -> Device.GPU {
        let name = GPUNames(folder: folder).intel(device: folder.line(device + "/device"))
        // Since 2010 the integrated one is device 2 of the first bus.
        guard let address = uevent(device)?["PCI_SLOT_NAME"], !address.hasSuffix(":00:02.0") else {
            return Device.GPU(name: name, vram: ramTotal.map(Self.sharedWithIntel), backend: "vulkan", isUnified: true)
        }
        return Device.GPU(name: name, vram: intelMemory(device), backend: "vulkan")
    }

    /// The card's own memory: the sum over its tiles with the `xe` driver, one number with some versions of `i915`.
    ///
    /// Sources: kernel, `drivers/gpu/drm/xe/xe_tile_sysfs.c`; Intel's out-of-tree `i915` (`lmem_total_bytes`).
    private func intelMemory(_ device: String) -> Int64? {
        var total: Int64 = 0
        for tile in folder.names(in: device) where tile.hasPrefix("tile") {
            let size = folder.integer("\(device)/\(tile)/physical_vram_size_bytes") ?? 0
            let (sum, overflow) = total.addingReportingOverflow(max(0, size))
            if overflow { return nil }
            total = sum
        }
        if total > 0 { return total }
        return folder.integer(device + "/lmem_total_bytes")
            ?? folder.line(device + "/device").flatMap { Int($0.dropFirst(2), radix: 16) }.flatMap {
                Self.arcMemory[$0]
            }
    }

    /// Memory of Intel's cards by their PCI numbers, for drivers that do not tell it: the `i915` of the kernel itself.
    /// The A770 (0x56a0) is sold with 8 and with 16 GiB, which its number does not tell.
    ///
    /// Sources: kernel, `include/drm/intel/pciids.h`; Intel's product pages (ark.intel.com).
    private static let arcMemory: [Int: Int64] = [
        0x5690: 16 << 30, 0x5691: 12 << 30, 0x5692: 8 << 30, 0x5693: 4 << 30, 0x5694: 4 << 30, 0x56a1: 8 << 30,
        0x56a2: 8 << 30, 0x56a5: 6 << 30, 0x56a6: 4 << 30, 0xe20b: 12 << 30, 0xe20c: 10 << 30,
    ]

    /// How much of the system's memory Intel's Vulkan driver offers: half up to 4 GiB, else three quarters.
    ///
    /// Source: Mesa, `src/intel/vulkan/anv_device.c`, `anv_compute_sys_heap_size`.
    private static func sharedWithIntel(ramTotal: Int64) -> Int64 {
        ramTotal <= 4 << 30 ? ramTotal / 2 : ramTotal / 4 * 3
    }
}
