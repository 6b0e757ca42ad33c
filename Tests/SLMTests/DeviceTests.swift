import TestSupport
import Testing

@Suite struct DeviceTests {
    static let fields: Set<String> = [
        "ramTotalBytes", "ramAvailableBytes", "memoryLimitBytes", "cpu", "gpus", "storeFreeBytes", "deviceClass", "os",
        "architecture",
    ]

    @Test func `the JSON has the contract's fields`() async throws {
        try await withProgram { program in
            let answer = try await program.json("device")
            #expect(answer.keys.isSuperset(of: Self.fields))
            #expect(
                answer["cpu"]?.keys.isSuperset(of: ["model", "logicalCores", "physicalCores", "features"]) == true)
            #expect((answer["ramTotalBytes"]?.integer ?? 0) > 0)
        }
    }

    @Test(arguments: ["en", "es"])
    func `the profiles are listed with what a model may take`(language: String) async throws {
        try await withProgram { program in
            let page = try await program.run("device", "--profiles", language: language)
            #expect(page.status == 0)
            #expect(page.standardOutput.contains("phone-4gb"))
            #expect(page.standardOutput.split(separator: "\n").allSatisfy { $0.count <= 100 })
        }
    }

    @Test func `profiles say where every number is from`() async throws {
        try await withProgram { program in
            let profiles = try await program.json("device", "--profiles")["profiles"]?.elements ?? []
            #expect(profiles.count > 60)
            for profile in profiles {
                let hasCard = profile["gpu"] != .null
                #expect(profile["sources"]?.elements.count == (hasCard ? 4 : 3), "\(profile)")
            }
            let board = profiles.first { $0["profile"]?.text == "raspberry-pi-5-8gb" }
            #expect(board?["bandwidthBytesPerSecond"]?.integer == 17_068_000_000)
            #expect(board?["vramBandwidthBytesPerSecond"] == .null)
        }
    }

    @Test func `a profile that does not exist is named with its neighbours`() async throws {
        try await withProgram { program in
            let said = try await program.run("list", "--device", "phone-5gb")
            #expect(said.status == 64)
            #expect(said.standardError.contains("phone-4gb"))
        }
    }
}
