import CHost

/// How fast this machine reads its memory.
///
/// Writing a token reads every weight once, so this bounds its speed: bytes a token touches, divided by this.
public enum MemoryBandwidth {
    /// What all cores read together, in bytes per second; nil when it could not be measured.
    ///
    /// Takes `seconds` (at most one) and a little to have its memory, on as many threads as there are cores.
    /// Blocks its thread. Each thread's own processor time counts, so other programs disturb little.
    public static func measure(seconds: Double = 0.3) -> Double? {
        let device = Device.probe()
        let cores = device.cpu.physicalCores ?? device.cpu.logicalCores ?? 1
        let available = [device.ramAvailable, device.memoryLimitAvailable].compactMap(\.self).min()
        return measure(seconds: seconds, threads: cores, available: available)
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
