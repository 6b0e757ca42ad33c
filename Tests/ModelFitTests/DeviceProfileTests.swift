import HostHardware
import LlamaMemory
import ModelFit
import Testing

@Suite struct DeviceProfileTests {
    @Test func `names are unique and in the form that the command line takes`() {
        let ids = DeviceProfile.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        for id in ids {
            #expect(id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(id)")
            #expect(id.contains("gb"), "\(id)")
        }
    }

    @Test(arguments: DeviceProfile.all)
    func `a profile is found by its name, gives less than it has, and says where its numbers are from`(
        profile: DeviceProfile
    ) throws {
        #expect(DeviceProfile(named: profile.id) == profile)
        #expect(profile.usable > profile.ram * 2 / 5)
        #expect(profile.usable < profile.ram)
        #expect(profile.budget.now == profile.budget.afterClosing)
        #expect(profile.budget.reserve == profile.ram - profile.usable)
        #expect(!profile.sources.ram.isEmpty && !profile.sources.usable.isEmpty)
        #expect(!profile.sources.bandwidth.isEmpty)
        #expect((profile.sources.graphics == nil) == (profile.graphics == nil))
        if let bandwidth = profile.bandwidth { #expect(1e9..<2e12 ~= bandwidth) }
        if let slowest = profile.slowestBandwidth { #expect(1e9..<(profile.bandwidth ?? 0) ~= slowest) }
        if let bandwidth = profile.graphics?.bandwidth { #expect(1e9..<2e12 ~= bandwidth) }
    }

    @Test(arguments: ["PHONE-4GB", "phone_4gb", "Phone 4gb"])
    func `a name may be written in several ways`(name: String) {
        #expect(DeviceProfile(named: name)?.id == "phone-4gb")
    }

    @Test(arguments: ["", "phone", "phone-5gb", "phone-4gb ", "custom"])
    func `another name is none`(name: String) {
        #expect(DeviceProfile(named: name) == nil)
    }

    private static let figures: [(name: String, usable: Int64, bandwidth: Double?)] = [
        ("phone-4gb", 2_147_483_648, 25.6e9), ("phone-6gb", 3_221_225_472, 51.2e9), ("iphone-8gb", 4_294_967_296, nil),
        ("raspberry-pi-4-4gb", 3_758_096_384, 12.8e9), ("raspberry-pi-5-8gb", 7_516_192_768, 17.068e9),
        ("jetson-orin-nano-8gb", 6_979_321_856, 68e9), ("laptop-16gb", 13_958_643_712, 51.2e9),
        ("mac-16gb", 12_713_103_134, 120e9), ("mac-64gb", 57_724_360_428, 273e9),
        ("mac-36gb", 32_469_952_704, 410e9), ("jetson-orin-nano-4gb", 3_489_660_928, 34e9),
        ("jetson-agx-orin-64gb", 63_350_767_616, 204.8e9), ("laptop-16gb-rtx4060-8gb", 13_958_643_712, 51.2e9),
        ("pc-16gb-rtx3060-12gb", 13_958_643_712, 51.2e9),
    ]

    @Test(arguments: figures)
    func `the figures of well-known devices`(name: String, usable: Int64, bandwidth: Double?) throws {
        let profile = try #require(DeviceProfile(named: name))
        #expect(profile.usable == usable)
        #expect(profile.bandwidth == bandwidth)
    }

    @Test func `a profile gives no more than such a machine has when its system runs`() throws {
        // What the same machine, probed without an open program, gives: its memory as the system sees it, and free.
        let probed: [(name: String, total: Int64, available: Int64)] = [
            ("laptop-8gb", 8_161_280_000, 6_500_000_000), ("laptop-16gb", 16_500_000_000, 14_600_000_000),
            ("jetson-agx-orin-64gb", 65_900_000_000, 64_000_000_000),
            ("raspberry-pi-5-16gb", 17_000_000_000, 16_500_000_000),
        ]
        for machine in probed {
            let budget = try #require(DeviceProfile(named: machine.name)).budget
            for given in [budget.now, budget.afterClosing] {
                #expect(given ?? .max <= machine.available, "\(machine.name)")
            }
        }
    }

    private static let cards: [(name: String, bandwidth: Double, gpu: Int64)] = [
        ("pc-16gb-rtx3060-12gb", 360e9, 11 << 30), ("pc-64gb-rtx4090-24gb", 1008e9, 23 << 30),
        ("pc-64gb-rx7900xtx-24gb", 960e9, 23 << 30), ("pc-32gb-arc-a770-16gb", 560e9, 15 << 30),
        ("pc-16gb-gtx1650-4gb", 128e9, 3 << 30), ("pc-32gb-rtx3080-10gb", 760e9, 9 << 30),
        ("pc-32gb-rtx4080-16gb", 716.8e9, 15 << 30), ("pc-32gb-rtx5060ti-16gb", 448e9, 15 << 30),
        ("pc-32gb-rtx5080-16gb", 960e9, 15 << 30), ("pc-32gb-rx7800xt-16gb", 624e9, 15 << 30),
        ("pc-32gb-rx9070xt-16gb", 640e9, 15 << 30),
    ]

    @Test(arguments: cards)
    func `the figures of well-known cards`(name: String, bandwidth: Double, gpu: Int64) throws {
        let profile = try #require(DeviceProfile(named: name))
        #expect(profile.graphics?.bandwidth == bandwidth)
        #expect(profile.budget.gpu == gpu)
    }

    @Test func `a Mac's share is the device's only graphics memory`() throws {
        let device = try #require(DeviceProfile(named: "mac-16gb")).device
        #expect(device.gpus.map(\.isUnified) == [true])
        #expect(Budget(device: device).gpu == nil)
        #expect(device.ramAvailable == nil)
        #expect(device.deviceClass == .laptop)
    }

    @Test func `a device made of numbers has what was given`() {
        let profile = DeviceProfile(ram: 6 << 30, vram: 8 << 30, bandwidth: 40e9, vramBandwidth: 300e9)
        #expect(profile.id == "custom")
        #expect(profile.usable == 5 << 30)
        #expect(profile.budget.gpu == 7 << 30)
        #expect(profile.bandwidth == 40e9)
        #expect(profile.graphics?.bandwidth == 300e9)
        #expect(profile.device.ramTotal == 6 << 30)
    }

    @Test(arguments: [Double.nan, .infinity, 0, -1])
    func `numbers that mean nothing are left out`(bandwidth: Double) {
        #expect(DeviceProfile(ram: 1 << 30, vram: 1 << 30, vramBandwidth: bandwidth).graphics?.bandwidth == nil)
        let profile = DeviceProfile(ram: -1, vram: 0, bandwidth: bandwidth)
        #expect(profile.ram == 0)
        #expect(profile.usable == 0)
        #expect(profile.graphics == nil)
        #expect(profile.bandwidth == nil)
    }
}
