import Foundation
import HostHardware
import ModelCatalog
import Modelteca
import TestSupport
import Testing

/// Whoever asks for the first few gets those that stand first among all.
@Suite struct ShortlistTests {
    /// Many made-up models of all kinds, the same for each seed.
    private func catalog(seed: UInt64) throws -> Catalog {
        var state = seed
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        var places = Array(1...60).shuffledBy { random($0) }
        func standing(_ name: String) -> String {
            let place = places.removeLast()
            let evidence = ["strong", "fair", "publisher"][random(3)]
            return #"""
                "\#(name)": {"place": \#(place), "level_to": \#(place + random(6)), "evidence": "\#(evidence)", "values": []}
                """#
        }
        let families = (0..<32).map { index in
            let parameters = [400, 1000, 2000, 4000, 8000, 14000, 32000][random(7)] * 1_000_000 + random(90)
            let forms = [("Q4_K_M", 5), ("Q8_0", 9), ("Q2_K", 3)].filter { _ in random(2) > 0 }
            let files = forms.map { quant, share in
                let bytes = random(8) == 0 ? "null" : String(parameters * share / 8)
                return #"""
                    {"repo": "o/m\#(index)", "file": "m\#(index)-\#(quant).gguf", "quant": "\#(quant)", "bytes": \#(bytes),
                     "sources": []}
                    """#
            }
            let ways = ["quick", "thinking"].filter { _ in random(3) == 0 }.map(standing)
            let quality = ways.isEmpty ? "" : #""quality": {"chat": {\#(ways.joined(separator: ","))}},"#
            let type = ["chat", "chat", "chat", "reasoning", "code", "base"][random(6)]
            let released = random(3) == 0 ? "" : #""released": "202\#(random(7))-0\#(1 + random(9))","#
            return #"""
                {"id": "m\#(index)", "name": "M", "license": "X", "type": "\#(type)", "sizes": [{
                    "id": "1b", "label": "1B", "upstream": {"instruct": "o/m"}, "parameters": \#(parameters),
                    "device_class": "phone", "default_quant": "Q4_K_M", \#(quality) \#(released)
                    "files": [\#(files.joined(separator: ","))]}]}
                """#
        }
        return try Catalog(
            json: Data(
                #"""
                {"schema_version": 1, "revision": 1, "licenses": {"X": {"name": "X", "commercial_use": "yes"}},
                 "families": [\#(families.joined(separator: ","))]}
                """#.utf8))
    }

    private static let devices: [Device] =
        [(2, nil), (12, 60e9), (40, 30e9)].map {
            gigabytes, bandwidth in
            let bytes = Int64(gigabytes) * 1_000_000_000
            return Device(ramTotal: bytes, ramAvailable: bytes, deviceClass: .laptop, memoryBandwidth: bandwidth)
        } + ["laptop-16gb-rtx4060-8gb"].compactMap { DeviceProfile(named: $0)?.device }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the first are the first of all`(seed: UInt64) async throws {
        let catalog = try catalog(seed: seed)
        try await withPlace { place in
            let shelf = try place.shelf(catalog)
            let workload = Workload(contextLength: 4096)
            for device in Self.devices {
                let all = await shelf.listing(for: device, workload: workload)
                for count in [2, 9] {
                    let first = try await shelf.listing(
                        for: device, workload: workload, matching: CatalogFilter(), first: count)
                    #expect(first.map(\.ref) == all.prefix(count).map(\.ref), "\(device.ramTotal ?? 0)")
                    #expect(first.map(\.fit.reasons) == all.prefix(count).map(\.fit.reasons))
                }
            }
        }
    }
}

extension Array {
    fileprivate func shuffledBy(_ random: (Int) -> Int) -> [Element] {
        var rest = self
        return indices.map { _ in rest.remove(at: random(rest.count)) }
    }
}
