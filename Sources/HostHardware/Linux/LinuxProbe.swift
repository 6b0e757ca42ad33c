/// What Linux and Android tell about the machine in `/proc` and `/sys`.
package struct LinuxProbe {
    private let folder: RootFolder
    private let process: String
    private let nvidia: () -> [NVIDIA.Card]?

    /// - Parameters:
    ///   - root: Where `/proc` and `/sys` are; another folder than `/` holds another machine's texts.
    ///   - process: Whose control groups count: a process's number, or `self`.
    ///   - environment: Variables that hide cards; nil for the process's own.
    ///   - nvidia: Asked instead of the driver's library.
    package init(
        root: String = "/", process: String = "self", environment: [String: String]? = nil,
        nvidia: (() -> [NVIDIA.Card]?)? = nil
    ) {
        let folder = RootFolder(root, environment: environment)
        self.folder = folder
        self.process = process
        // A fixture's machine must not get this machine's cards.
        self.nvidia = nvidia ?? { folder.isMachine ? NVIDIA.cards() : nil }
    }

    /// Everything that can be learned. Starts no process and takes a few milliseconds.
    package func device() -> Device {
        let memory = memory()
        let limits = CgroupLimits(of: process, in: folder, ramTotal: memory.total)
        let processor = folder.text("/proc/cpuinfo").map(ProcessorText.init(parsing:))
        let gpus = LinuxGPUs(in: folder, ramTotal: memory.total, nvidia: nvidia)
        let os = folder.exists("/system/build.prop") ? "android" : "linux"

        var kind = MachineKind()
        kind.os = os
        kind.isTablet = isTablet()
        kind.board = folder.line("/proc/device-tree/model")
        kind.chassis = folder.integer("/sys/class/dmi/id/chassis_type").flatMap { Int(exactly: $0) }
        kind.hasBattery = hasBattery()
        kind.isWindowsGuest = folder.line("/proc/sys/kernel/osrelease")?.lowercased().contains("microsoft") ?? false
        kind.isVirtual =
            processor?.isVirtual == true
            || MachineKind.isHypervisor(
                vendor: folder.line("/sys/class/dmi/id/sys_vendor"),
                product: folder.line("/sys/class/dmi/id/product_name"), board: kind.board)
        kind.hasServerProcessor = processor?.model.map(MachineKind.isServerProcessor) ?? false
        kind.isContainer =
            limits.memory != nil || folder.exists("/.dockerenv") || folder.exists("/run/.containerenv")
        kind.hasDiscreteGPU = gpus.hasDiscrete
        kind.ramTotal = memory.total

        return Device(
            name: name(board: kind.board ?? processor?.board), ramTotal: memory.total,
            ramAvailable: memory.available, memoryLimit: limits.memory, memoryLimitAvailable: limits.memoryAvailable,
            swapTotal: memory.swapTotal, swapFree: memory.swapFree, cpu: cpu(processor, quota: limits.processors),
            gpus: gpus.used, deviceClass: kind.deviceClass, os: os,
            architecture: processor?.architecture ?? (folder.isMachine ? Device.builtFor : nil),
            ramReserved: memory.hugePages, unusedGPUs: gpus.unused)
    }

    private func memory() -> ProcText.Memory {
        var memory = folder.text("/proc/meminfo").map(ProcText.memory) ?? ProcText.Memory()
        if memory.total == nil, let known = folder.memory() {
            (memory.total, memory.available) = (known.total, known.available)
        }
        if let available = memory.available, let total = memory.total,
            let cache = folder.text("/proc/spl/kstat/zfs/arcstats").flatMap(ProcText.zfsCache)
        {
            let (sum, overflow) = available.addingReportingOverflow(cache)
            memory.available = max(available, min(overflow ? total : sum, total - (memory.hugePages ?? 0)))
        }
        return memory
    }

    private func cpu(_ text: ProcessorText?, quota: Double?) -> Device.CPU {
        // What the process may run on: `taskset` and a container's cpuset take some away.
        let allowed =
            folder.text("/proc/\(process)/status", limit: 64 << 10)
            .flatMap { ProcText.fields($0, separator: ":")["Cpus_allowed_list"] }.map(ProcText.processorList) ?? []
        var threads = text?.threads ?? []
        if threads.isEmpty, let online = folder.line("/sys/devices/system/cpu/online") {
            threads = ProcText.processorList(online)
        }
        if !threads.isDisjoint(with: allowed) { threads.formIntersection(allowed) }
        let quota = quota.flatMap { threads.isEmpty || $0 < Double(threads.count) ? $0 : nil }
        // More threads than processors' time there is would only wait for each other.
        func bounded(_ count: Int?) -> Int? {
            count.map { min($0, quota.map { max(1, Int($0.rounded(.up))) } ?? $0) }
        }
        return Device.CPU(
            model: text?.model, logicalCores: bounded(threads.isEmpty ? nil : threads.count),
            physicalCores: bounded(cores(of: threads, text)), features: text?.features ?? [], quota: quota)
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
