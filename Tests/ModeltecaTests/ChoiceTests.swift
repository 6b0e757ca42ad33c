import Foundation
import HostHardware
import ModelCatalog
import Modelteca
import TestSupport
import Testing

/// The rule by which models are put into order, on catalogs of a few made-up models.
@Suite struct ChoiceTests {
    /// A made-up model: of so many bytes, so many tokens a second on a memory of 10 GB/s are 7 / gigabytes.
    private struct Model {
        var id: String
        var gigabytes: Double
        var quick: (place: Int, levelTo: Int, evidence: String)?
        var thinking: (place: Int, levelTo: Int, evidence: String)?
        var more = ""

        var json: String {
            func standing(_ name: String, _ value: (place: Int, levelTo: Int, evidence: String)?) -> String? {
                value.map {
                    #"""
                    "\#(name)": {"place": \#($0.place), "level_to": \#($0.levelTo), "evidence": "\#($0.evidence)",
                        "beats": {"model": "a:1b", "won": 4, "tests": 4},
                        "values": [{"benchmark": "t", "value": 1.5, "source": "s"}]}
                    """#
                }
            }
            let ways = [standing("quick", quick), standing("thinking", thinking)].compactMap(\.self)
            let quality = ways.isEmpty ? "" : #""quality": {"chat": {\#(ways.joined(separator: ","))}},"#
            let bytes = Int64(gigabytes * 1e9)
            return #"""
                {"id": "\#(id)", "name": "\#(id)", "developer": "D", "license": "X", "sizes": [{
                    "id": "1b", "label": "1B", "upstream": {"instruct": "o/\#(id)"}, "parameters": \#(bytes * 2),
                    "device_class": "phone", "default_quant": "Q4_K_M", \#(quality) \#(more)
                    "files": [{"repo": "o/\#(id)", "file": "\#(id)-Q4_K_M.gguf", "quant": "Q4_K_M",
                        "bytes": \#(bytes), "sources": []}]}]}
                """#
        }
    }

    private func catalog(_ models: [Model]) throws -> Catalog {
        try Catalog(
            json: Data(
                #"""
                {"schema_version": 1, "revision": 1, "licenses": {"X": {"name": "X", "commercial_use": "yes"}},
                 "quality": {"benchmarks": {"t": {"name": "T", "measures": "t", "scale": "0-100"}},
                             "sources": {"s": {"what": "S", "address": "a", "date": "2026"}}},
                 "families": [\#(models.map(\.json).joined(separator: ","))]}
                """#.utf8))
    }

    /// Names of families in the order of the list.
    private func order(_ models: [Model], on device: Device) async throws -> [String] {
        try await withPlace { place in
            let rows = try await place.shelf(catalog(models))
                .listing(for: device, workload: Workload(contextLength: 4096))
            return rows.map(\.entry.familyID)
        }
    }

    private static func device(bandwidth: Double?, gigabytes: Int64 = 32) -> Device {
        Device(
            ramTotal: gigabytes * 1_000_000_000, ramAvailable: gigabytes * 1_000_000_000, deviceClass: .laptop,
            memoryBandwidth: bandwidth)
    }

    @Test func `what was measured comes by its place, not by its size`() async throws {
        let models = [
            Model(id: "large", gigabytes: 4, quick: (9, 9, "strong")),
            Model(id: "better", gigabytes: 2, quick: (2, 2, "strong")),
            Model(id: "small", gigabytes: 1, quick: (5, 5, "fair")),
        ]
        #expect(try await order(models, on: Self.device(bandwidth: nil)) == ["better", "small", "large"])
    }

    @Test func `what nobody measured comes last, the newest first`() async throws {
        let models = [
            Model(id: "undated", gigabytes: 4),
            Model(id: "old", gigabytes: 2, more: #""released": "2024-01","#),
            Model(id: "new", gigabytes: 1, more: #""released": "2026-08","#),
            Model(id: "makers", gigabytes: 1, quick: (1, 1, "publisher")),
            Model(id: "measured", gigabytes: 1, quick: (90, 90, "fair")),
        ]
        let order = try await order(models, on: Self.device(bandwidth: nil))
        #expect(order == ["measured", "makers", "new", "old", "undated"])
    }

    @Test func `of level neighbours the lighter comes first, unless less is known of it`() async throws {
        let models = [
            Model(id: "heavy", gigabytes: 4, quick: (1, 3, "strong")),
            Model(id: "light", gigabytes: 2, quick: (2, 3, "strong")),
            Model(id: "doubtful", gigabytes: 1, quick: (3, 3, "fair")),
            Model(id: "next", gigabytes: 0.5, quick: (4, 4, "strong")),
        ]
        let order = try await order(models, on: Self.device(bandwidth: nil))
        #expect(order == ["light", "heavy", "doubtful", "next"])
    }

    @Test func `of level ones that weigh about the same the newer comes first, and text before its seeing sibling`()
        async throws
    {
        let sees = #""modalities": ["text", "image"], "projector": {"repo": "o/p", "file": "mmproj.gguf"},"#
        let models = [
            Model(id: "old", gigabytes: 2, quick: (1, 4, "strong"), more: #""released": "2024-01","#),
            Model(id: "new", gigabytes: 2.05, quick: (2, 4, "strong"), more: #""released": "2026-02","#),
            Model(id: "light", gigabytes: 1, quick: (3, 4, "strong"), more: #""released": "2023-02","#),
            Model(id: "next", gigabytes: 2, quick: (5, 6, "strong"), more: sees + #""released": "2026-02","#),
            Model(id: "text", gigabytes: 2, quick: (6, 6, "strong"), more: #""released": "2025-09","#),
        ]
        let order = try await order(models, on: Self.device(bandwidth: nil))
        #expect(order == ["light", "new", "old", "text", "next"])
    }

    @Test func `what writes under four tokens a second goes behind`() async throws {
        let models = [
            Model(id: "best", gigabytes: 8, quick: (1, 1, "strong")),
            Model(id: "quick", gigabytes: 1, quick: (9, 9, "strong")),
        ]
        #expect(try await order(models, on: Self.device(bandwidth: 20e9)) == ["quick", "best"])
        #expect(try await order(models, on: Self.device(bandwidth: 200e9)) == ["best", "quick"])
    }

    @Test func `there is time to think from fifteen tokens a second on`() async throws {
        let models = [
            Model(id: "thinker", gigabytes: 1, quick: (8, 8, "strong"), thinking: (1, 1, "strong")),
            Model(id: "other", gigabytes: 1, quick: (5, 5, "strong")),
        ]
        #expect(try await order(models, on: Self.device(bandwidth: 15e9)) == ["other", "thinker"])
        #expect(try await order(models, on: Self.device(bandwidth: 60e9)) == ["thinker", "other"])
        try await withPlace { place in
            let shelf = try place.shelf(catalog(models))
            let picks = await shelf.recommend(
                for: Self.device(bandwidth: 60e9), workload: Workload(contextLength: 4096), uses: [.chat], top: 2)
            #expect(picks.map(\.choice.thinksFirst) == [true, false])
            #expect(picks.map(\.reason.code) == ["beats", "beats"])
        }
    }

    @Test func `what lies wholly on the card comes before what spills out of it`() async throws {
        let models = [
            Model(id: "spilling", gigabytes: 10, quick: (1, 1, "strong")),
            Model(id: "whole", gigabytes: 2, quick: (9, 9, "strong")),
        ]
        let device = try #require(DeviceProfile(named: "pc-16gb-rtx4060-8gb")).device
        #expect(try await order(models, on: device) == ["whole", "spilling"])
    }

    @Test func `in an editor what fills in the middle is asked, what is made for code first, and only what is quick`()
        async throws
    {
        let fills = #""fill_in_the_middle": true, "#
        let models = [
            Model(id: "talker", gigabytes: 0.2, more: fills + #""type": "chat", "released": "2026-08","#),
            Model(id: "little", gigabytes: 0.1, more: fills + #""type": "code","#),
            Model(id: "coder", gigabytes: 0.2, more: fills + #""type": "code", "thinking": "always","#),
            Model(id: "slow", gigabytes: 2, more: fills + #""type": "code","#),
            Model(id: "other", gigabytes: 0.2, more: #""type": "code","#),
        ]
        try await withPlace { place in
            let picks = try await place.shelf(catalog(models)).recommend(
                for: Self.device(bandwidth: 20e9), workload: Workload(contextLength: 4096), uses: [.editor], top: 5)
            #expect(picks.map(\.choice.listing.entry.familyID) == ["coder", "little", "talker"])
            #expect(picks.allSatisfy { $0.reason == .largest })
            #expect(picks.allSatisfy { !$0.choice.thinksFirst })
        }
    }

    @Test func `base models stand apart, and no use takes them`() async throws {
        let models = [
            Model(id: "base", gigabytes: 4, quick: (1, 1, "strong"), more: #""type": "base","#),
            Model(id: "chat", gigabytes: 1, more: #""type": "chat", "languages": ["es"],"#),
        ]
        #expect(try await order(models, on: Self.device(bandwidth: nil)) == ["chat", "base"])
        try await withPlace { place in
            let shelf = try place.shelf(catalog(models))
            let picks = await shelf.recommend(
                for: Self.device(bandwidth: nil), workload: Workload(contextLength: 4096), top: 5)
            #expect(!picks.isEmpty && picks.allSatisfy { $0.choice.listing.entry.familyID == "chat" })
            #expect(Set(picks.map(\.use.code)) == ["chat", "code", "spanish"])
        }
    }

    @Test(arguments: [
        "phone-3gb", "phone-8gb", "raspberry-pi-5-8gb", "laptop-8gb", "laptop-16gb-rtx4060-8gb", "mac-16gb",
        "pc-64gb-rtx4090-24gb",
    ])
    func `a pick is neither slow nor too large, and for each use there is one`(name: String) async throws {
        let device = try #require(DeviceProfile(named: name)).device
        try await withPlace { place in
            let shelf = try place.shelf()
            let picks = await shelf.recommend(for: device, workload: Workload(contextLength: 4096))
            #expect(picks.map(\.use) == Use.usual)
            for pick in picks {
                let row = pick.choice.listing
                #expect([.fits, .tight, .partial].contains(row.fit.verdict))
                #expect(row.speed.map { $0.upperBound >= 4 } ?? true)
                #expect(try shelf.catalog.entries(matching: pick.use.filter).contains(row.entry))
            }
        }
    }
}
