import HostHardware
import ModelCatalog
import Modelteca
import TestSupport
import Testing

/// What is worked out together for many devices is what `fit` says of each alone.
@Suite struct FitGridTests {
    private static let devices = [
        "phone-4gb", "raspberry-pi-5-8gb", "laptop-8gb", "mac-16gb", "laptop-16gb-rtx4060-8gb", "pc-32gb-rx7800xt-16gb",
    ].compactMap { DeviceProfile(named: $0)?.device }
    private static let contexts = [2048, 32_768]

    private static func workload(_ context: Int, on device: Device) -> Workload {
        var workload = device.deviceClass == .phone ? Workload.phoneApp : Workload()
        workload.contextLength = context
        return workload
    }

    @Test func `twenty models, devices and contexts by chance have the verdict of fit`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            var random = PseudoRandom(seed: 15)
            let known = shelf.catalog.entries.filter { $0.shape != nil }
            let entries = Array(known.shuffled(using: &random).prefix(8))
            let grid = await shelf.grid(
                of: entries, on: Self.devices, contexts: Self.contexts, workload: Self.workload)
            #expect(grid.devices.count == Self.devices.count)
            for _ in 0..<20 {
                let model = Int.random(in: entries.indices, using: &random)
                let device = Int.random(in: Self.devices.indices, using: &random)
                let context = Int.random(in: Self.contexts.indices, using: &random)
                let row = grid.devices[device][context].rows[model]
                let workload = Self.workload(Self.contexts[context], on: Self.devices[device])
                let place: Comment = "\(entries[model].ref) on \(Self.devices[device].name ?? "") at \(context)"
                do {
                    let answer = try await shelf.fit(
                        .catalog(family: entries[model].familyID, size: entries[model].size, quantization: nil),
                        device: Self.devices[device], workload: workload)
                    #expect(row.verdict == answer.report.verdict, place)
                    #expect(row.required == answer.report.required, place)
                    #expect(grid.models[model].forms[row.form].ref == answer.ref, place)
                    // Weights of several types are added up in no order.
                    let (speed, alone) = (row.speed?.upperBound, answer.speed?.tokensPerSecond.upperBound)
                    #expect(speed.map { ($0 * 1e6).rounded() } == alone.map { ($0 * 1e6).rounded() }, place)
                    #expect(row.room == answer.report.room, place)
                } catch is MemoryEstimateError {
                    #expect(row.verdict == .cannotRun, place)
                }
            }
        }
    }

    @Test func `each column is in the order of the list`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let entries = Array(shelf.catalog.entries.filter { $0.shape?.contextLength ?? 0 >= 2048 }.prefix(15))
            let device = try #require(DeviceProfile(named: "laptop-8gb")?.device)
            let grid = await shelf.grid(of: entries, on: [device], contexts: [2048], workload: Self.workload)
            let listed = await shelf.listing(
                for: device, workload: Self.workload(2048, on: device), among: entries)
            #expect(grid.devices[0][0].order.map { entries[$0].ref } == listed.map(\.entry.ref))
        }
    }
}
