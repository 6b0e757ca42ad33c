import CHost

/// The two rates that bound how fast a model runs on a processor: reading memory, and multiplying.
///
/// Writing a token reads every active weight once and multiplies with it once; reading a prompt reads weights once for
/// many tokens, but multiplies for each.
public struct MachineSpeed: Hashable, Sendable, Codable {
    /// What all cores read together, in bytes per second.
    public var memoryBandwidth: Double
    /// Multiplications of 8-bit numbers, each with an addition, by all cores in a second; nil when unknown.
    public var multiplyAdds: Double?
    /// Whether it was measured on the machine; otherwise it is what a specification promises.
    public var isMeasured: Bool

    /// Rates from elsewhere, in bytes and operations per second.
    public init(memoryBandwidth: Double, multiplyAdds: Double? = nil, isMeasured: Bool = false) {
        self.memoryBandwidth = memoryBandwidth
        self.multiplyAdds = multiplyAdds
        self.isMeasured = isMeasured
    }

    /// Measures this machine, in about `seconds` (at most one) and a little to have the memory; nil when it could not.
    ///
    /// Processor time is what counts, so other programs disturb little, and the answer may be kept. Blocks its thread.
    public static func measure(seconds: Double = 0.3) -> MachineSpeed? {
        guard seconds > 0, let bandwidth = MemoryBandwidth.measure(seconds: min(seconds, 1) * 2 / 3) else { return nil }
        let cpu = Device.probe().cpu
        let threads = min(max(1, cpu.physicalCores ?? cpu.logicalCores ?? 1), 64)
        let operations = chost_multiply_adds(min(seconds, 1) / 3, Int32(threads))
        return MachineSpeed(
            memoryBandwidth: bandwidth, multiplyAdds: operations > 0 ? operations : nil, isMeasured: true)
    }

    /// Whether both numbers are of the kind that machines have: from a microcontroller's to a hundred servers'.
    public var isPlausible: Bool {
        (1e7...1e15).contains(memoryBandwidth) && multiplyAdds.map { (1e7...1e17).contains($0) } ?? true
    }
}
