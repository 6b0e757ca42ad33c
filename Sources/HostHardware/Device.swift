/// A machine as the probe found it, or as a profile describes it. What could not be learned is nil.
public struct Device: Hashable, Sendable {
    /// The maker's name for the machine (`Raspberry Pi 5 Model B Rev 1.0`), or a profile's.
    public var name: String?
    /// Physical memory, in bytes.
    public var ramTotal: Int64?
    /// The part of ``ramTotal`` that is set aside (as huge pages) for programs that ask for just that, in bytes; nil
    /// when there is none.
    package var ramReserved: Int64?
    /// What the kernel says could be had now without swapping (Linux: `MemAvailable`, and what ZFS's cache would give
    /// back), in bytes.
    public var ramAvailable: Int64?
    /// The container's limit (cgroup v1 or v2, the smallest up the tree), in bytes; nil when there is none, or none
    /// below ``ramTotal``.
    package var memoryLimit: Int64?
    /// What is left below that limit, reclaimable page cache counted as free, in bytes.
    package var memoryLimitAvailable: Int64?
    /// Swap space, in bytes. Never counted as room for a model, which would crawl there.
    package var swapTotal: Int64?
    /// In bytes.
    package var swapFree: Int64?
    /// What the memory delivers by specification, in bytes per second; a profile knows it, the probe does not. See
    /// `MachineSpeed` for what is measured.
    public var memoryBandwidth: Double?
    /// Where it stands for a whole class, that of the slowest of them; ``memoryBandwidth`` is then the fastest's.
    package var slowestMemoryBandwidth: Double?
    /// The processor, as far as it is known.
    public var cpu: CPU
    /// Graphics processors that llama.cpp could use, discrete ones first.
    public var gpus: [GPU]
    /// Graphics processors that are there, but that a model cannot use.
    package var unusedGPUs: [UnusedGPU]
    /// What kind of machine it is; nil when nothing tells.
    public var deviceClass: DeviceClass?
    /// `linux`, `macos`, `android`, `ios`.
    package var os: String?
    /// `x86_64`, `arm64`.
    package var architecture: String?

    /// A device with what is known of it.
    package init(
        name: String? = nil, ramTotal: Int64? = nil, ramAvailable: Int64? = nil, memoryLimit: Int64? = nil,
        memoryLimitAvailable: Int64? = nil, swapTotal: Int64? = nil, swapFree: Int64? = nil, cpu: CPU = CPU(),
        gpus: [GPU] = [], deviceClass: DeviceClass? = nil, os: String? = nil, architecture: String? = nil,
        memoryBandwidth: Double? = nil, ramReserved: Int64? = nil, unusedGPUs: [UnusedGPU] = []
    ) {
        self.name = name
        self.ramTotal = ramTotal
        self.ramAvailable = ramAvailable
        self.memoryLimit = memoryLimit
        self.memoryLimitAvailable = memoryLimitAvailable
        self.swapTotal = swapTotal
        self.swapFree = swapFree
        self.cpu = cpu
        self.gpus = gpus
        self.deviceClass = deviceClass
        self.os = os
        self.architecture = architecture
        self.memoryBandwidth = memoryBandwidth
        self.ramReserved = ramReserved
        self.unusedGPUs = unusedGPUs
    }

    /// The memory that programs can share among them, in bytes: ``ramTotal`` without what is set aside.
    package var ramUsable: Int64? { ramTotal.map { max(0, $0 - max(0, ramReserved ?? 0)) } }

    /// The processor.
    public struct CPU: Hashable, Sendable {
        /// As the system names it; on ARM the kinds of core.
        public var model: String?
        /// As the scheduler sees them (hardware threads), no more than the process may use.
        public var logicalCores: Int?
        /// Without the second threads of each core, no more than the process may use.
        package var physicalCores: Int?
        /// The processors' time that a container leaves (cgroup `cpu.max` and its like), in processors: 1.5; nil when
        /// it does not bound.
        package var quota: Double?
        /// SIMD features that matter to llama.cpp, in lower case: `avx2`, `avx512f`, `amx_int8`, `neon`, `asimddp`.
        package var features: [String]

        /// A processor with what is known of it.
        package init(
            model: String? = nil, logicalCores: Int? = nil, physicalCores: Int? = nil, features: [String] = [],
            quota: Double? = nil
        ) {
            self.model = model
            self.logicalCores = logicalCores
            self.physicalCores = physicalCores
            self.features = features
            self.quota = quota
        }
    }

    /// A graphics processor that llama.cpp could use.
    public struct GPU: Hashable, Sendable {
        /// As its driver or a list of PCI numbers names it.
        public var name: String
        /// Its own memory, in bytes; nil when unknown: then no model is put there. On unified memory: the share a model may take.
        public var vram: Int64?
        /// Free now, in bytes.
        public var vramFree: Int64?
        /// `cuda`, `rocm`, `vulkan`, `metal`.
        public var backend: String
        /// Whether its memory is the machine's own.
        package var isUnified: Bool
        /// What its memory delivers by specification, in bytes per second; nil when unknown.
        package var bandwidth: Double?

        /// A graphics processor; sizes in bytes, bandwidth in bytes per second.
        package init(
            name: String, vram: Int64?, vramFree: Int64? = nil, backend: String, isUnified: Bool = false,
            bandwidth: Double? = nil
        ) {
            self.name = name
            self.vram = vram
            self.vramFree = vramFree
            self.backend = backend
            self.isUnified = isUnified
            self.bandwidth = bandwidth
        }
    }

    /// A graphics processor that a model cannot use.
    package struct UnusedGPU: Hashable, Sendable {
        /// As its driver or a list of PCI numbers names it.
        public var name: String
        /// Why not.
        package var reason: Reason

        /// A graphics processor and the reason.
        package init(name: String, reason: Reason) {
            self.name = name
            self.reason = reason
        }

        /// Why a graphics processor is not used.
        package enum Reason: Hashable, Sendable {
            /// A variable of the environment leaves it out: `CUDA_VISIBLE_DEVICES`.
            case hidden(by: String)
            /// It has no driver that llama.cpp could use it through; the one it has instead (`nouveau`, `vfio-pci`).
            case noDriver(String?)
            /// A process gets one slice of a divided card (MIG), and nothing beside it.
            case besideSlice
            /// The card is divided (MIG), but no slice has been made.
            case noSlice
        }

        /// Whether the machine itself lacks something; else it is only left out.
        var isWithoutDriver: Bool { if case .noDriver = reason { true } else { false } }
    }
}

extension Device {
    /// This machine, as far as it lets itself be known.
    ///
    /// Never fails: what cannot be learned is nil. Starts no process and takes a few milliseconds
    /// (more on the first call where an NVIDIA driver has to wake its card).
    public static func probe() -> Device {
        #if canImport(Darwin)
            DarwinProbe().device()
        #else
            LinuxProbe().device()
        #endif
    }

    /// The architecture that this program was built for.
    static var builtFor: String? {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(i386)
            "i686"
        #elseif arch(arm)
            "arm"
        #else
            nil
        #endif
    }
}

/// What kind of machine it is, smallest first.
public enum DeviceClass: String, Hashable, Sendable, Codable, CaseIterable {
    case phone, tablet, sbc, laptop, desktop, workstation, server
}
