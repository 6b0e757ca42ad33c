import CHost

/// The two rates that bound how fast a model runs on a processor: reading memory, and multiplying.
///
/// Writing a token reads every active weight once and multiplies with it once; reading a prompt reads weights once for
/// many tokens, but multiplies for each.
package struct MachineSpeed: Hashable, Sendable, Codable {
    /// What all cores read together, in bytes per second.
    package var memoryBandwidth: Double
    /// Where a whole class of machines is meant, that of the slowest; the other is then the fastest's.
    package var slowestBandwidth: Double?
    /// Multiplications of 8-bit numbers, each with an addition, by all cores in a second; nil when unknown.
    package var multiplyAdds: Double?
    /// Whether it was measured on the machine; otherwise it is what a specification promises.
    package var isMeasured: Bool

    /// Rates from elsewhere, in bytes and operations per second.
    package init(
        memoryBandwidth: Double, slowestBandwidth: Double? = nil, multiplyAdds: Double? = nil, isMeasured: Bool = false
    ) {
        self.memoryBandwidth = memoryBandwidth
        self.slowestBandwidth = slowestBandwidth
        self.multiplyAdds = multiplyAdds
        self.isMeasured = isMeasured
    }

    /// Measures this machine, in about `seconds` (at most one) and a little to have the memory; nil when it could not.
    ///
    /// Processor time is what counts, so other programs disturb little, and the answer may be kept. Blocks its thread.
    package static func measure(seconds: Double = 0.3) -> MachineSpeed? {
        guard seconds > 0, let bandwidth = MemoryBandwidth.measure(seconds: min(seconds, 1) * 2 / 3) else { return nil }
        let cpu = Device.probe().cpu
        let threads = min(max(1, cpu.physicalCores ?? cpu.logicalCores ?? 1), 64)
        let operations = chost_multiply_adds(min(seconds, 1) / 3, Int32(threads)) * cpu.share(of: threads)
        return MachineSpeed(
            memoryBandwidth: bandwidth, multiplyAdds: operations > 0 ? operations : nil, isMeasured: true)
    }

    /// Whether both numbers are of the kind that machines have: from a microcontroller's to a hundred servers'.
    package var isPlausible: Bool {
        (1e7...1e15).contains(memoryBandwidth) && slowestBandwidth.map { (1e7...memoryBandwidth).contains($0) } ?? true
            && multiplyAdds.map { (1e7...1e17).contains($0) } ?? true
    }
}

/// How fast this machine reads its memory.
///
/// Writing a token reads every weight once, so this bounds its speed: bytes a token touches, divided by this.
package enum MemoryBandwidth {
    /// What all cores read together, in bytes per second; nil when it could not be measured.
    ///
    /// Takes `seconds` (at most one) and a little to have its memory, on as many threads as there are cores.
    /// Blocks its thread. Each thread's own processor time counts, so other programs disturb little.
    package static func measure(seconds: Double = 0.3) -> Double? {
        let device = Device.probe()
        let cores = device.cpu.physicalCores ?? device.cpu.logicalCores ?? 1
        let available = [device.ramAvailable, device.memoryLimitAvailable].compactMap(\.self).min()
        return measure(seconds: seconds, threads: cores, available: available).map {
            $0 * device.cpu.share(of: cores)
        }
    }

    /// - Parameter available: Memory that can be had, in bytes; at most an eighth of it is taken, and 1 GiB.
    package static func measure(seconds: Double, threads: Int, available: Int64?) -> Double? {
        let threads = min(max(1, threads), 32)
        let budget = min(1 << 30, (available ?? 1 << 30) / 8)
        // Larger than what a core's share of the caches holds: 12 MiB on the processors with the largest ones.
        let size = min(64 << 20, Int(budget) / threads)
        guard size >= 4 << 20, seconds > 0 else { return nil }
        let speed = chost_read_bandwidth(min(seconds, 1), Int32(threads), size)
        return speed > 0 ? speed : nil
    }
}

extension Device.CPU {
    /// The part of what so many threads do with a core each that the quota leaves: they run only so much of the time.
    fileprivate func share(of threads: Int) -> Double {
        quota.map { min(1, $0 / Double(max(1, threads))) } ?? 1
    }
}
