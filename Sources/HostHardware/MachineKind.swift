/// What a machine shows of its kind, and the rules from there to a ``DeviceClass``.
package struct MachineKind: Equatable {
    package var os = "linux"
    /// `/system/build.prop` calls the Android device a tablet.
    package var isTablet = false
    /// The board's name in the device tree.
    package var board: String?
    /// SMBIOS's number for the housing.
    package var chassis: Int?
    /// A battery that runs the machine, not one of a mouse.
    package var hasBattery = false
    /// A core that is made for servers only.
    package var hasServerProcessor = false
    /// A hypervisor's guest.
    package var isVirtual = false
    /// Windows' own Linux guest: the machine round it is somebody's PC.
    package var isWindowsGuest = false
    package var isContainer = false
    package var hasDiscreteGPU = false
    /// In bytes.
    package var ramTotal: Int64?

    package init() {}

    /// The first rule that applies; nil when nothing tells.
    package var deviceClass: DeviceClass? {
        if os == "android" || os == "ios" { return isTablet ? .tablet : .phone }
        // The housing is the surest sign, where the firmware's maker filled it in. Hyper-V writes "desktop".
        if let fromChassis = chassis.flatMap(Self.housing), fromChassis != .desktop || !isVirtual {
            return fromChassis == .desktop && isWorkstation ? .workstation : fromChassis
        }
        if let board, !isVirtual { return Self.housing(ofBoard: board) }
        if hasBattery { return .laptop }
        if isWindowsGuest { return isWorkstation ? .workstation : .desktop }
        // Rented machines and containers have no housing: what runs there is a service.
        if isVirtual || isContainer || hasServerProcessor { return .server }
        if isWorkstation { return .workstation }
        return ramTotal == nil ? nil : .desktop
    }

    /// Whether the firmware's names are those of a hypervisor or of somebody who rents machines out: ARM processors do
    /// not tell as x86 ones do.
    ///
    /// Sources: systemd, `src/basic/virt.c` (`dmi_vendor_table`); cloud-init, `doc/rtd/reference/datasources`.
    package static func isHypervisor(vendor: String?, product: String?, board: String?) -> Bool {
        // QEMU's own board.
        if board == "linux,dummy-virt" { return true }
        let names = [vendor, product].compactMap { $0?.lowercased() }
        return names.contains { name in hypervisors.contains { name.hasPrefix($0) } }
    }

    private static let hypervisors = [
        "alibaba cloud", "amazon ec2", "apple virtualization", "bhyve", "bochs", "digitalocean",
        "google compute engine",
        "hetzner", "huawei cloud", "innotek", "kvm", "nutanix", "openstack", "oraclecloud", "parallels", "qemu",
        "scaleway", "tencent cloud", "virtual machine", "virtualbox", "vmw", "vultr", "xen", "hvm domu",
    ]

    /// Whether an ARM core is made for servers; x86 ones are told by their housing.
    package static func isServerProcessor(_ model: String) -> Bool {
        ["Neoverse", "Ampere", "TaiShan", "A64FX"].contains { model.contains($0) }
    }

    /// 64 GB and a card of its own. What the kernel reports is less than what is plugged in: 60 GiB is the mark.
    private var isWorkstation: Bool {
        hasDiscreteGPU && (ramTotal ?? 0) >= 60 << 30
    }

    /// Source: DMTF DSP0134 (SMBIOS 3.7), 7.4.1, "System Enclosure or Chassis Types".
    private static func housing(_ chassis: Int) -> DeviceClass? {
        switch chassis {
        // Portable, laptop, notebook, sub notebook, convertible, detachable.
        case 8, 9, 10, 14, 31, 32: .laptop
        // Hand held, tablet.
        case 11, 30: .tablet
        // Main server chassis, rack mount, multi-system, blade, blade enclosure.
        case 17, 23, 25, 28, 29: .server
        // Desktop, low profile, pizza box, mini tower, tower, all in one, space-saving, lunch box, sealed, mini, stick.
        case 3, 4, 5, 6, 7, 13, 15, 16, 24, 35, 36: .desktop
        // 1 and 2 are "other" and "unknown": what virtual machines say.
        default: nil
        }
    }

    /// A machine described by a device tree is a board, unless it is one of Apple's under Asahi Linux.
    private static func housing(ofBoard board: String) -> DeviceClass {
        let name = board.lowercased()
        if name.contains("macbook") { return .laptop }
        if name.hasPrefix("apple") { return .desktop }
        return .sbc
    }
}
