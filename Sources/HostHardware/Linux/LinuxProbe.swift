/// What Linux and Android tell about the machine in `/proc` and `/sys`.
public struct LinuxProbe {
    private let folder: RootFolder
    private let process: String
    private let nvidia: () -> [Device.GPU]?

    /// - Parameters:
    ///   - root: Where `/proc` and `/sys` are; another folder than `/` holds another machine's texts.
    ///   - process: Whose control groups count: a process's number, or `self`.
    public init(root: String = "/", process: String = "self") {
        let folder = RootFolder(root)
        self.folder = folder
        self.process = process
        // A fixture's machine must not get this machine's cards.
        nvidia = { folder.isMachine ? NVIDIA.gpus() : nil }
    }

    /// Reads a tree and asks `nvidia` instead of the driver's library.
    package init(root: String, nvidia: @escaping () -> [Device.GPU]?) {
        folder = RootFolder(root)
        process = "self"
        self.nvidia = nvidia
    }

    /// Everything that can be learned. Starts no process and takes a few milliseconds.
    public func device() -> Device {
        let memory = folder.text("/proc/meminfo").map(ProcText.memory)
        let limits = CgroupMemory(of: process, in: folder)
        let processor = folder.text("/proc/cpuinfo").map(ProcessorText.init(parsing:))
        let gpus = LinuxGPUs(folder: folder, ramTotal: memory?.total, nvidia: nvidia).all()
        let os = folder.exists("/system/build.prop") ? "android" : "linux"

        var kind = MachineKind()
        kind.os = os
        kind.isTablet = isTablet()
        kind.board = folder.line("/proc/device-tree/model")
        kind.chassis = folder.integer("/sys/class/dmi/id/chassis_type").flatMap { Int(exactly: $0) }
        kind.hasBattery = hasBattery()
        kind.isWindowsGuest = folder.line("/proc/sys/kernel/osrelease")?.lowercased().contains("microsoft") ?? false
        kind.isVirtual = processor?.isVirtual ?? false
        kind.isContainer = limits.limit != nil || folder.exists("/.dockerenv") || folder.exists("/run/.containerenv")
        kind.hasDiscreteGPU = gpus.contains { !$0.isUnified }
        kind.ramTotal = memory?.total

        return Device(
            name: name(board: kind.board ?? processor?.board), ramTotal: memory?.total,
            ramAvailable: memory?.available, memoryLimit: limits.limit, memoryLimitAvailable: limits.available,
            swapTotal: memory?.swapTotal, swapFree: memory?.swapFree, cpu: cpu(processor), gpus: gpus,
            deviceClass: kind.deviceClass, os: os,
            architecture: processor?.architecture ?? (folder.isMachine ? Device.builtFor : nil))
    }

    private func cpu(_ text: ProcessorText?) -> Device.CPU {
        // What the process may run on: `taskset` and a container's cpuset take some away.
        let allowed =
            folder.text("/proc/\(process)/status", limit: 64 << 10)
            .flatMap { ProcText.fields($0, separator: ":")["Cpus_allowed_list"] }.map(ProcText.processorList) ?? []
        var threads = text?.threads ?? []
        if threads.isEmpty, let online = folder.line("/sys/devices/system/cpu/online") {
            threads = ProcText.processorList(online)
        }
        if !threads.isDisjoint(with: allowed) { threads.formIntersection(allowed) }
        return Device.CPU(
            model: text?.model, logicalCores: threads.isEmpty ? nil : threads.count,
            physicalCores: cores(of: threads, text),
            features: text?.features ?? [])
    }

    /// Threads of one core name each other; the different lists are the cores.
    ///
    /// Source: kernel, `Documentation/admin-guide/cputopology.rst`. `core_id` would not do: on ARM it starts again
    /// in every cluster.
    private func cores(of threads: Set<Int>, _ text: ProcessorText?) -> Int? {
        var cores: Set<String> = []
        for thread in threads {
            let topology = "/sys/devices/system/cpu/cpu\(thread)/topology/"
            guard
                let core = folder.line(topology + "core_cpus_list") ?? folder.line(topology + "thread_siblings_list")
                    ?? text?.cores[thread]
            else { return nil }
            cores.insert(core)
        }
        return cores.isEmpty ? nil : cores.count
    }

    private func hasBattery() -> Bool {
        let supplies = "/sys/class/power_supply"
        return folder.names(in: supplies).contains { name in
            // A mouse's battery has the scope "Device".
            folder.line("\(supplies)/\(name)/type") == "Battery"
                && folder.line("\(supplies)/\(name)/scope") != "Device"
        }
    }

    private func isTablet() -> Bool {
        guard let text = folder.text("/system/build.prop") else { return false }
        return ProcText.fields(text, separator: "=")["ro.build.characteristics"]?
            .split(separator: ",").contains("tablet") ?? false
    }

    /// The machine's name as its maker wrote it into the firmware; nil where that is a dummy.
    private func name(board: String?) -> String? {
        if let board { return board }
        let dmi = "/sys/class/dmi/id/"
        guard let product = folder.line(dmi + "product_name"), !Self.isDummy(product) else { return nil }
        guard let vendor = folder.line(dmi + "sys_vendor"), !Self.isDummy(vendor), !product.hasPrefix(vendor) else {
            return product
        }
        return "\(vendor) \(product)"
    }

    private static func isDummy(_ text: String) -> Bool {
        let dummies = ["to be filled", "system product name", "system manufacturer", "default string", "o.e.m."]
        let lower = text.lowercased()
        return dummies.contains { lower.contains($0) } || lower == "none" || lower == "unknown"
    }
}
