internal import Disk
internal import Foundation
package import HostHardware
internal import SystemPackage
internal import Threads

/// What was measured of this machine, kept between runs so that it is measured once.
struct DeviceSpeed: Sendable {
    /// `device.json` in the user's cache folder.
    let file: FilePath

    init(caches: FilePath) {
        file = caches.appending("modelteca").appending("device.json")
    }

    /// No honest file of these few numbers is longer, in bytes.
    private static let mostBytes = 4096

    private struct Kept: Codable {
        var version: Int
        var machine: Machine
        var speed: MachineSpeed
    }

    /// What has to be the same for a measurement to still hold.
    struct Machine: Codable, Equatable {
        var processor: String?
        var cores: Int?
        /// Of the processors' time, where a container bounds it.
        var quota: Double?
        var memoryBytes: Int64?

        init(_ device: Device) {
            processor = device.cpu.model
            cores = device.cpu.physicalCores ?? device.cpu.logicalCores
            quota = device.cpu.quota
            memoryBytes = device.ramTotal
        }
    }

    /// Counted up when the way of measuring changes.
    private static let version = 1

    /// What was measured before on just such a machine; nil when nothing was, or the file makes no sense.
    func kept(for device: Device) -> MachineSpeed? {
        guard let text = readText(at: file, limit: Self.mostBytes),
            let kept = try? JSONDecoder().decode(Kept.self, from: Data(text.utf8)), kept.version == Self.version,
            kept.machine == Machine(device), kept.speed.isPlausible
        else { return nil }
        return kept.speed
    }

    /// Keeps it for the next run. That it could not be kept is no reason to fail: the next run measures again.
    func keep(_ speed: MachineSpeed, for device: Device) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let kept = Kept(version: Self.version, machine: Machine(device), speed: speed)
        guard let data = try? encoder.encode(kept) else { return }
        let folder = URL(filePath: file.removingLastComponent().string)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try? data.write(to: URL(filePath: file.string), options: .atomic)
    }
}

extension Shelf {
    /// How fast a device reads memory and multiplies: a profile's specification, or for this machine what was measured
    /// once and is kept in the user's cache folder.
    ///
    /// - Parameter measuring: Whether to measure this machine when that was never done, which takes a third of a second.
    /// - Returns: Nil when it is not known.
    package func speed(of device: Device, measuring: Bool) async -> MachineSpeed? {
        if let bandwidth = device.memoryBandwidth {
            return MachineSpeed(memoryBandwidth: bandwidth, slowestBandwidth: device.slowestMemoryBandwidth)
        }
        let known = DeviceSpeed(caches: settings.caches)
        // Of a machine that is not this one only a profile could tell.
        guard DeviceSpeed.Machine(device) == DeviceSpeed.Machine(self.device) else { return nil }
        if let kept = known.kept(for: device) { return kept }
        guard measuring else { return nil }
        // On a thread of its own: those of the cooperative pool may not be blocked.
        let measured = await withCheckedContinuation { done in
            do {
                try SystemThread.start("measure") { done.resume(returning: MachineSpeed.measure()) }
            } catch {
                done.resume(returning: nil)
            }
        }
        if let measured { known.keep(measured, for: device) }
        return measured
    }
}
