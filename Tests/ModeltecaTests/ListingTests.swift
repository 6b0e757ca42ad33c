import ModelCatalog
import Modelteca
import TestSupport
import Testing

@Suite struct ListingTests {
    private static let devices: [Device] = [
        Device(ramTotal: 3_000_000_000, deviceClass: .phone), Device(ramTotal: 8_000_000_000, deviceClass: .laptop),
        Device(ramTotal: 64_000_000_000, deviceClass: .workstation), Device(),
    ]

    @Test(arguments: devices)
    func `every family of the guide has its rows, best fit first, without a network`(device: Device) async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let rows = await shelf.listing(for: device, workload: Workload(contextLength: 4096))
            #expect(rows.count == shelf.catalog.entries.count)
            let guide = Set(shelf.catalog.families.filter { $0.guide != nil }.map(\.id))
            #expect(guide.count == 15)
            #expect(guide.isSubset(of: Set(rows.map(\.entry.familyID))))
            #expect(Set(rows.map(\.ref)).count == rows.count)
            for group in ModelType.groups {
                let verdicts = rows.filter { $0.entry.type.group == group }.map(\.fit.verdict)
                let misses = verdicts.drop { $0 != .tooLarge }
                #expect(misses.allSatisfy { $0 == .tooLarge }, "\(group)")
            }
            let groups = rows.compactMap { ModelType.groups.firstIndex(of: $0.entry.type.group) }
            #expect(groups == groups.sorted())
            #expect(rows.allSatisfy { ($0.size ?? 1) > 0 })
            #expect(place.hub.requests.isEmpty)
            #expect(place.stored.isEmpty)
        }
    }

    @Test func `size alone is no merit, and of what does not fit the nearest miss comes first`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let rows = await shelf.listing(for: Self.devices[1], workload: Workload(contextLength: 4096))
            let talking = rows.filter { $0.entry.type.group == .chat }
            let fitting = talking.filter { $0.fit.verdict == .fits }
            let tooLarge = talking.filter { $0.fit.verdict == .tooLarge }.compactMap(\.fit.required)
            #expect(fitting.count > 3)
            #expect(fitting[0].entry.quality[.chat] != nil)
            #expect(fitting.map(\.entry.apparentParameters) != fitting.map(\.entry.apparentParameters).sorted(by: >))
            #expect(tooLarge == tooLarge.sorted())
        }
    }

    @Test func `a speed is said where the memory's is known`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let workload = Workload(contextLength: 4096)
            let silent = await shelf.listing(for: Self.devices[1], workload: workload)
            #expect(silent.allSatisfy { $0.speed == nil })
            var known = Self.devices[1]
            known.memoryBandwidth = 40e9
            let rows = await shelf.listing(for: known, workload: workload)
            #expect(rows.contains { !$0.entry.type.writes && $0.fit.verdict == .fits })
            #expect(rows.allSatisfy { $0.entry.type.writes || $0.speed == nil })
            for row in rows
            where [.fits, .tight].contains(row.fit.verdict) && row.fit.memory != nil && row.entry.type.writes {
                #expect(row.speed != nil)
                #expect((row.speed?.lowerBound ?? 1) > 0.5)
            }
        }
    }

    @Test func `what is stored is marked, also under another name`() async throws {
        try await withPlace { place in
            place.hub.add(repo: "o/tiny-GGUF", files: ["tiny-Q8_0.gguf": model()])
            for (catalog, text) in [
                (try SmallCatalog.tiny(), "tiny"),
                (try SmallCatalog.tiny(digest: sha256(of: model())), "hf:o/tiny-GGUF"),
            ] {
                let shelf = try place.shelf(catalog)
                let before = await shelf.listing(for: shelf.device, workload: Workload())
                #expect(before.map(\.isInstalled) == [false])
                try await shelf.get(text)
                let after = await shelf.listing(for: shelf.device, workload: Workload())
                #expect(after.map(\.isInstalled) == [true])
                _ = try await shelf.remove(text)
            }
        }
    }

    @Test(arguments: devices)
    func `a recommendation fits, and no use is told twice`(device: Device) async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let advice = await shelf.recommend(for: device, workload: Workload(contextLength: 4096))
            #expect(advice.count <= Use.usual.count)
            #expect(
                advice.allSatisfy { $0.choice.listing.fit.verdict == .fits && $0.choice.listing.variant != nil })
            #expect(Set(advice.map(\.use)).count == advice.count)
            #expect(advice.isEmpty == (device.ramTotal == nil))
            #expect(place.hub.requests.isEmpty)
        }
    }
}
