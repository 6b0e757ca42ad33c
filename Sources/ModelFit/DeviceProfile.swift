public import HostHardware
package import LlamaMemory

/// A device that somebody asks about without sitting at it: a class of phones, a board, a Mac, a PC with a card.
///
/// Names for people are elsewhere, made from ``id``, ``kind`` and `ram`.
public struct DeviceProfile: Hashable, Sendable, Identifiable {
    /// `phone-4gb`, `raspberry-pi-5-8gb`; `custom` for one made of numbers.
    public var id: String
    /// What kind of machine it is; nil for one made of numbers, which is treated like a PC.
    public var kind: DeviceClass?
    /// The size it is sold with, in bytes: its gigabytes are of 2^30.
    package var ram: Int64
    /// `android`, `ios`, `macos`, `linux`; nil where it makes no difference.
    package var os: String?
    /// `arm64`, `x86_64`; nil when open.
    package var architecture: String?
    /// Cores that such a device has, where the profile is of one product.
    package var cores: Int?
    /// As in ``HostHardware/Device/CPU/features``; empty where they differ within the class.
    package var features: [String]
    /// The graphics processor, where llama.cpp would use it.
    package var graphics: Graphics?
    /// What its memory can deliver by specification, in bytes per second; nil where the class has no one figure.
    /// Measured rates are lower.
    package var bandwidth: Double?
    /// Where the devices of the class differ, that of the slowest; ``bandwidth`` is then the fastest's.
    package var slowestBandwidth: Double?
    /// Where the numbers are from.
    package var sources: Sources

    /// A profile's graphics processor.
    package struct Graphics: Hashable, Sendable {
        /// `NVIDIA GeForce RTX 3060`.
        package var name: String
        /// Its own memory, or on unified memory the share that a model may take, in bytes.
        package var memory: Int64
        /// `cuda`, `rocm`, `vulkan`, `metal`.
        package var backend: String
        /// Whether its memory is the machine's own.
        package var isUnified: Bool
        /// By specification, in bytes per second; nil when unknown.
        package var bandwidth: Double?

        /// A graphics processor; memory in bytes, bandwidth in bytes per second.
        package init(name: String, memory: Int64, backend: String, isUnified: Bool = false, bandwidth: Double? = nil) {
            self.name = name
            self.memory = memory
            self.backend = backend
            self.isUnified = isUnified
            self.bandwidth = bandwidth
        }
    }

    /// Where each number of a profile is from: a public specification, or the rule that it follows from.
    package struct Sources: Hashable, Sendable {
        /// Of ``DeviceProfile/ram``.
        package var ram: String
        /// Of ``DeviceProfile/usable``.
        package var usable: String
        /// Of ``DeviceProfile/bandwidth``, or why there is none.
        package var bandwidth: String
        /// Of ``DeviceProfile/graphics``; nil when there is none.
        package var graphics: String?

        /// Sources, in English.
        public init(ram: String, usable: String, bandwidth: String, graphics: String? = nil) {
            self.ram = ram
            self.usable = usable
            self.bandwidth = bandwidth
            self.graphics = graphics
        }
    }

    /// A profile with all its parts; ram in bytes, bandwidth in bytes per second.
    package init(
        id: String, kind: DeviceClass?, ram: Int64, os: String? = nil, architecture: String? = nil, cores: Int? = nil,
        features: [String] = [], graphics: Graphics? = nil, bandwidth: Double? = nil, slowestBandwidth: Double? = nil,
        sources: Sources
    ) {
        self.id = id
        self.kind = kind
        self.ram = ram
        self.os = os
        self.architecture = architecture
        self.cores = cores
        self.features = features
        self.graphics = graphics
        self.bandwidth = bandwidth
        self.slowestBandwidth = slowestBandwidth
        self.sources = sources
    }

    /// The profile of that name, whatever its case; nil when there is none.
    public init?(named name: String) {
        let wanted = name.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
        guard let found = Self.all.first(where: { $0.id == String(wanted) }) else { return nil }
        self = found
    }

    /// A device of which only sizes are known: `--ram 6GB --vram 8GB`.
    ///
    /// - Parameters:
    ///   - ram: In bytes; less than nothing counts as nothing.
    ///   - vram: Memory of a graphics card, in bytes; nil or 0 for none.
    ///   - bandwidth: Of the memory, in bytes per second.
    ///   - vramBandwidth: Of the card's memory, in bytes per second.
    public init(ram: Int64, vram: Int64? = nil, bandwidth: Double? = nil, vramBandwidth: Double? = nil) {
        func sensible(_ rate: Double?) -> Double? { rate.flatMap { $0.isFinite && $0 > 0 ? $0 : nil } }
        let graphics = vram.flatMap {
            $0 > 0
                ? Graphics(name: "GPU", memory: $0, backend: "vulkan", bandwidth: sensible(vramBandwidth)) : nil
        }
        self.init(
            id: "custom", kind: nil, ram: max(0, ram), graphics: graphics, bandwidth: sensible(bandwidth),
            sources: Sources(
                ram: "as given", usable: Self.systemRule, bandwidth: bandwidth == nil ? "not given" : "as given",
                graphics: graphics == nil ? nil : "as given"))
    }

    /// What a model can have of the memory, in bytes, by the rules of ``Budget``.
    package var usable: Int64 { budget.afterClosing ?? 0 }

    /// What such a device can give.
    package var budget: Budget { Budget(device: device) }

    /// The profile as a probe would have found it; available memory is not known, because nothing runs.
    public var device: Device {
        var device = Device(
            name: id, ramTotal: ram,
            cpu: Device.CPU(logicalCores: cores, physicalCores: cores, features: features),
            gpus: graphics.map {
                [
                    Device.GPU(
                        name: $0.name, vram: $0.memory, backend: $0.backend, isUnified: $0.isUnified,
                        bandwidth: $0.bandwidth)
                ]
            } ?? [],
            deviceClass: kind, os: os, architecture: architecture, memoryBandwidth: bandwidth, ramReserved: systemShare)
        device.slowestMemoryBandwidth = slowestBandwidth
        return device
    }

    /// What firmware and system hold of the memory when no program is open, beyond ``Budget/reserve(of:for:)``, in bytes;
    /// nil where that rule, or another, leaves enough.
    ///
    /// Of 8 GiB a PC's system sees 7.5 to 7.8 (firmware and built-in graphics keep the rest), and a desktop takes 1.5 to
    /// 3. A Jetson's sees some 15/16 of what it is sold with. What an app gets on a phone is half, and of a Mac's memory
    /// Metal leaves more than that.
    private var systemShare: Int64? {
        switch kind {
        case .laptop, .desktop, .workstation: os == "macos" ? nil : 1 << 30
        case .sbc: graphics?.isUnified == true ? ram / 16 : nil
        case .phone, .tablet, .server, nil: nil
        }
    }

    static let systemRule = "the memory less what the system keeps, a rule of this program (Budget.reserve)"
}
