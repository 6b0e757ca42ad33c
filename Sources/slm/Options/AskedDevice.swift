import Modelteca

/// A device that somebody asks about.
struct AskedDevice {
    var device: Device
    /// Nil for this machine.
    var profile: DeviceProfile?

    var name: String? { profile?.id }
}

extension DeviceOptions {
    /// Those asked about, this machine when none is named; never empty.
    func devices(here: Device) -> [AskedDevice] {
        let asked = profiles.map { AskedDevice(device: $0.device, profile: $0) }
        return asked.isEmpty ? [AskedDevice(device: here, profile: nil)] : asked
    }
}
