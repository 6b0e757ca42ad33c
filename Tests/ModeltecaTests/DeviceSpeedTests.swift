import Foundation
import HostHardware
import Modelteca
import Testing

@Suite struct DeviceSpeedTests {
    @Test func `this machine is measured once, and only when asked to`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let file = place.folder.appending(".cache/modelteca/device.json").string
            #expect(shelf.settings.caches == place.folder.appending(".cache"))
            #expect(await shelf.speed(of: shelf.device, measuring: false) == nil)
            _ = await shelf.listing(for: shelf.device, workload: Workload(contextLength: 4096))
            #expect(!FileManager.default.fileExists(atPath: file))

            let measured = try #require(await shelf.speed(of: shelf.device, measuring: true))
            #expect(measured.isMeasured && measured.isPlausible)
            #expect(await shelf.speed(of: shelf.device, measuring: true) == measured)
            let again = try place.shelf()
            #expect(await again.speed(of: again.device, measuring: false) == measured)
            let rows = await again.listing(for: again.device, workload: Workload(contextLength: 4096))
            #expect(rows.contains { $0.speed != nil })

            // Another machine with the same home folder, and a file that somebody has written to.
            let other = try place.shelf(memory: 9_000_000_000)
            #expect(await other.speed(of: other.device, measuring: false) == nil)
            try Data("{\"version\": 1}".utf8).write(to: URL(filePath: file))
            #expect(await again.speed(of: again.device, measuring: false) == nil)
        }
    }

    @Test func `a profile's specification is taken as it is`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let board = try #require(DeviceProfile(named: "raspberry-pi-5-8gb"))
            let speed = try #require(await shelf.speed(of: board.device, measuring: true))
            #expect(!speed.isMeasured && speed.memoryBandwidth == board.bandwidth)
            let phone = try #require(DeviceProfile(named: "phone-4gb"))
            let pace = try #require(await shelf.speed(of: phone.device, measuring: true))
            #expect(pace.slowestBandwidth == phone.slowestBandwidth && pace.memoryBandwidth == phone.bandwidth)
            let unknown = DeviceProfile(ram: 4 << 30).device
            #expect(await shelf.speed(of: unknown, measuring: true) == nil)
        }
    }

    @Test func `nothing slower than three tokens a second is recommended`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let slow = DeviceProfile(ram: 64 << 30, bandwidth: 12e9).device
            let advice = await shelf.recommend(for: slow, workload: Workload(contextLength: 4096))
            #expect(!advice.isEmpty && advice.count <= Use.usual.count)
            // What searches does not write.
            for row in advice.map(\.choice.listing) where row.entry.type != .embedding {
                #expect(row.speed.map { $0.lowerBound + $0.upperBound >= 8 } == true, "\(row.ref)")
            }
        }
    }
}
