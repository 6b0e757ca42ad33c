#if canImport(Darwin)
    import Darwin
    #if canImport(Metal)
        import Metal
    #endif
    #if os(iOS)
        import os
    #endif

    /// What macOS and iOS tell about the machine.
    struct DarwinProbe {
        /// Everything that can be learned.
        func device() -> Device {
            let ramTotal = Self.integer("hw.memsize")
            let model = Self.text("hw.model")
            var device = Device(
                name: model, ramTotal: ramTotal, ramAvailable: Self.available(), cpu: cpu(), gpus: gpus(ramTotal),
                architecture: Device.builtFor)
            if let swap = Self.swap() { (device.swapTotal, device.swapFree) = swap }
            #if os(iOS)
                // `hw.model` is the board there; `hw.machine` is the model.
                device.name = Self.text("hw.machine")
                device.os = "ios"
                device.deviceClass = device.name.flatMap(AppleRules.deviceClass(model:)) ?? .phone
                // What this app may still take before it is ended.
                device.memoryLimitAvailable = Int64(clamping: os_proc_available_memory())
            #else
                device.os = "macos"
                device.deviceClass = model.flatMap(AppleRules.deviceClass(model:))
            #endif
            return device
        }

        private func cpu() -> Device.CPU {
            let logical = Self.integer("hw.logicalcpu").flatMap { Int(exactly: $0) }
            let physical = Self.integer("hw.physicalcpu").flatMap { Int(exactly: $0) }
            // Level 0 are the performance cores; Intel's Macs have one level.
            var model = Self.text("machdep.cpu.brand_string")
            if let fast = Self.integer("hw.perflevel0.physicalcpu"),
                let slow = Self.integer("hw.perflevel1.physicalcpu")
            {
                let cores = "\(fast) performance, \(slow) efficiency cores"
                model = model.map { "\($0) (\(cores))" } ?? cores
            }
            return Device.CPU(
                model: model, logicalCores: logical, physicalCores: physical,
                features: AppleRules.features.filter { Self.integer($0.setting) == 1 }.map(\.name))
        }

        /// Apple's own chips hold the one graphics processor that llama.cpp supports on these systems.
        private func gpus(_ ramTotal: Int64?) -> [Device.GPU] {
            #if arch(arm64)
                let limit = Self.integer("iogpu.wired_limit_mb") ?? Self.integer("debug.iogpu.wired_limit")
                let name = Self.text("machdep.cpu.brand_string") ?? "Apple GPU"
                let share = Self.workingSet ?? ramTotal.map { AppleRules.workingSet(ramTotal: $0, wiredLimit: limit) }
                return [Device.GPU(name: name, vram: share, backend: "metal", isUnified: true)]
            #else
                return []
            #endif
        }

        /// What Metal itself recommends, in bytes; nil where it cannot be asked.
        private static var workingSet: Int64? {
            #if canImport(Metal)
                let size = MTLCreateSystemDefaultDevice()?.recommendedMaxWorkingSetSize
                return size.flatMap { $0 > 0 ? Int64(exactly: $0) : nil }
            #else
                return nil
            #endif
        }

        /// Free pages and those not used lately, in bytes. Anonymous ones among the latter are compressed when somebody
        /// needs their place, so this is, like every such figure here, an upper estimate.
        private static func available() -> Int64? {
            var statistics = vm_statistics64()
            var count = mach_msg_type_number_t(
                MemoryLayout<vm_statistics64_data_t>.size / MemoryLayout<integer_t>.size)
            let result = withUnsafeMutablePointer(to: &statistics) { pointer in
                pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
                    host_statistics64(mach_host_self(), HOST_VM_INFO64, $0, &count)
                }
            }
            guard result == KERN_SUCCESS, let pageSize = integer("hw.pagesize") else { return nil }
            let pages = Int64(statistics.free_count) + Int64(statistics.inactive_count)
            let (bytes, overflow) = pages.multipliedReportingOverflow(by: pageSize)
            return overflow ? nil : bytes
        }

        private static func swap() -> (total: Int64, free: Int64)? {
            var usage = xsw_usage()
            var size = MemoryLayout<xsw_usage>.size
            guard sysctlbyname("vm.swapusage", &usage, &size, nil, 0) == 0 else { return nil }
            return (Int64(clamping: usage.xsu_total), Int64(clamping: usage.xsu_avail))
        }

        /// A number of the kernel's, 32 or 64 bits wide.
        private static func integer(_ name: String) -> Int64? {
            var value: Int64 = 0
            var size = MemoryLayout<Int64>.size
            guard sysctlbyname(name, &value, &size, nil, 0) == 0 else { return nil }
            return size == MemoryLayout<Int32>.size ? Int64(Int32(truncatingIfNeeded: value)) : value
        }

        private static func text(_ name: String) -> String? {
            var size = 0
            guard sysctlbyname(name, nil, &size, nil, 0) == 0, 1..<4096 ~= size else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return nil }
            let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            return text.isEmpty ? nil : text
        }
    }
#endif
