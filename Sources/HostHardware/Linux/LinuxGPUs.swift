/// The graphics processors of a Linux machine: NVIDIA through its driver, AMD and Intel through sysfs.
struct LinuxGPUs {
    let folder: RootFolder
    /// In bytes.
    let ramTotal: Int64?
    /// Asks NVIDIA's library; nil when there is none.
    let nvidia: () -> [Device.GPU]?

    /// Discrete ones first, as llama.cpp would prefer them.
    func all() -> [Device.GPU] {
        var gpus = nvidiaGPUs()
        for card in folder.names(in: "/sys/class/drm") where Self.isCard(card) {
            let device = "/sys/class/drm/\(card)/device"
            switch folder.line(device + "/vendor") {
            case "0x1002": gpus.append(amd(device))
            case "0x8086": gpus.append(intel(device))
            default: continue
            }
        }
        return gpus.filter { !$0.isUnified } + gpus.filter(\.isUnified)
    }

    /// `card0`; not its connectors, `card0-HDMI-A-1`.
    private static func isCard(_ name: String) -> Bool {
        name.hasPrefix("card") && Int(name.dropFirst(4)) != nil
    }

    // MARK: NVIDIA

    private func nvidiaGPUs() -> [Device.GPU] {
        if let tegra = tegra() { return [tegra] }
        let marks = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"]
        // Loading the library costs milliseconds: only where the driver is.
        guard marks.contains(where: folder.exists) || folder.exists("/proc/driver/nvidia/gpus") else { return [] }
        if let gpus = nvidia(), !gpus.isEmpty { return gpus }
        // The driver's files name the card but do not say how much memory it has.
        return folder.names(in: "/proc/driver/nvidia/gpus").compactMap { address in
            guard let text = folder.text("/proc/driver/nvidia/gpus/\(address)/information") else { return nil }
            return Device.GPU(name: NVIDIA.model(information: text) ?? "NVIDIA GPU", vram: nil, backend: "cuda")
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
        let uevent = folder.text(device + "/uevent", limit: 4096).map(ProcText.uevent)
        // Since 2010 the integrated one is device 2 of the first bus.
        guard let address = uevent?["PCI_SLOT_NAME"], !address.hasSuffix(":00:02.0") else {
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
        return total > 0 ? total : folder.integer(device + "/lmem_total_bytes")
    }

    /// How much of the system's memory Intel's Vulkan driver offers: half up to 4 GiB, else three quarters.
    ///
    /// Source: Mesa, `src/intel/vulkan/anv_device.c`, `anv_compute_sys_heap_size`.
    private static func sharedWithIntel(ramTotal: Int64) -> Int64 {
        ramTotal <= 4 << 30 ? ramTotal / 2 : ramTotal / 4 * 3
    }
}
