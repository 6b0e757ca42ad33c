import Foundation
import HostHardware
import Testing

@Suite struct ThisMachineTests {
    @Test func `the probe knows this machine's memory and processor`() throws {
        let device = Device.probe()
        let total = try #require(device.ramTotal)
        #expect(total > 0)
        #expect(try #require(device.ramAvailable) <= total)
        #expect(try #require(device.cpu.logicalCores) >= 1)
        #expect(device.os != nil)
        #expect(device.architecture != nil)
    }

    @Test func `the arguments are those that the system has kept`() {
        #expect(ThisProcess.arguments == CommandLine.arguments)
    }

    @Test func `memory bandwidth is a plausible number`() throws {
        let speed = try #require(MemoryBandwidth.measure(seconds: 0.05))
        // From a microcontroller's to twenty times a server's.
        #expect(1e8..<1e13 ~= speed)
    }

    @Test func `both rates of this machine are plausible`() throws {
        let speed = try #require(MachineSpeed.measure(seconds: 0.06))
        #expect(speed.isMeasured && speed.isPlausible)
        #expect(MachineSpeed.measure(seconds: 0) == nil)
        #expect(!MachineSpeed(memoryBandwidth: .nan).isPlausible)
        #expect(!MachineSpeed(memoryBandwidth: 1e10, multiplyAdds: 0).isPlausible)
    }

    @Test(arguments: [0, -1, Double.nan])
    func `no time means no measurement`(seconds: Double) {
        #expect(MemoryBandwidth.measure(seconds: seconds) == nil)
    }
}
