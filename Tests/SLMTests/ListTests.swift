import TestSupport
import Testing

@Suite struct ListTests {
    static let guide: Set<String> = [
        "qwen2", "mistral-nemo", "llama3.1", "pythia", "cerebras-gpt", "phi3.5", "stablelm-zephyr", "tinyllama",
        "mobilellama", "lamini-gpt", "gemma2", "minicpm", "openelm", "dclm", "fox-1",
    ]

    @Test func `the JSON has every family of the guide and the contract's fields`() async throws {
        try await withProgram { program in
            let answer = try await program.json("list")
            let models = answer["models"]?.elements ?? []
            #expect(Self.guide.isSubset(of: Set(models.compactMap { $0["family"]?.text })))
            for model in models {
                #expect(
                    model.keys.isSuperset(of: [
                        "ref", "family", "size", "quant", "parameters", "file", "sizeBytes", "sha256", "url", "license",
                        "deviceClass", "fit", "installed", "type", "modalities", "languages", "released", "thinking",
                        "tools", "activeParameters", "tokensPerSecond",
                    ]))
                #expect(
                    model["license"]?.keys.isSuperset(of: ["id", "name", "openWeights", "commercialUse", "guideFlag"])
                        == true)
                #expect(
                    model["fit"]?.keys.isSuperset(of: ["verdict", "requiredBytes", "budgetBytes", "contextLength"])
                        == true)
                let verdict = model["fit"]?["verdict"]?.text ?? ""
                #expect(["fits", "tight", "partial", "too-large", "unknown", "cannot-run"].contains(verdict))
            }
            #expect(answer["device"]?.keys.isSuperset(of: DeviceTests.fields) == true)
        }
    }

    @Test(arguments: ["en", "es"], [100, 80])
    func `the table has every family of the guide, fits the screen, and without a terminal nothing is painted`(
        language: String, columns: Int
    ) async throws {
        try await withProgram { program in
            let page = try await program.run("list", language: language, columns: columns)
            #expect(page.status == 0)
            for line in page.standardOutput.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
            #expect(!page.standardOutput.contains("\u{1B}"))
            for family in Self.guide { #expect(page.standardOutput.contains("\(family):"), "\(family)") }
        }
    }

    @Test(arguments: [
        ("en", "Device: phone with 4 GB (an app can use about 2.1 GB) · context 2,048", "NEEDS"),
        ("es", "Equipo: teléfono con 4 GB (una app puede usar unos 2,1 GB) · contexto 2.048", "NECESITA"),
    ])
    func `another device is named above the table`(language: String, headline: String, column: String) async throws {
        try await withProgram { program in
            let page = try await program.run("list", "--device", "phone-4gb", "--family", "qwen2", language: language)
            let lines = page.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.first == Substring(headline))
            #expect(lines.count > 2 && lines[1].isEmpty && lines[2].contains(column))
            #expect(page.standardOutput.contains("qwen2:1.5b"))
        }
    }

    @Test func `what fits comes first and is all that --fits leaves`() async throws {
        try await withProgram { program in
            let all = try await program.json("list", "--device", "phone-4gb")["models"]?.elements ?? []
            let verdicts = all.compactMap { $0["fit"]?["verdict"]?.text }
            let firstMiss = verdicts.firstIndex { $0 == "too-large" } ?? verdicts.count
            let talking = all.filter { ["chat", "reasoning"].contains($0["type"]?.text) }
            #expect(talking.count > 20 && Array(all.prefix(talking.count)) == talking)
            #expect(!verdicts[firstMiss..<talking.count].contains("fits"))
            let fitting = try await program.json("list", "--device", "phone-4gb", "--fits")["models"]?.elements ?? []
            #expect(!fitting.isEmpty)
            #expect(fitting.allSatisfy { ["fits", "tight"].contains($0["fit"]?["verdict"]?.text) })
        }
    }

    @Test func `filters leave what they say`() async throws {
        try await withProgram { program in
            func models(_ name: String, _ value: String) async throws -> [JSON] {
                try await program.json("list", name, value)["models"]?.elements ?? []
            }
            let family = try await models("--family", "gemma2")
            #expect(Set(family.compactMap { $0["family"]?.text }) == ["gemma2"])
            let commercial = try await models("--license", "commercial")
            #expect(!commercial.isEmpty)
            #expect(commercial.allSatisfy { $0["license"]?["commercialUse"]?.text == "yes" })
            let small = try await models("--max-size", "1GB")
            #expect(!small.isEmpty)
            #expect(small.allSatisfy { ($0["sizeBytes"]?.integer ?? .max) <= 1_000_000_000 })
            let phone = try await models("--class", "phone")
            #expect(!phone.isEmpty && phone.allSatisfy { $0["deviceClass"]?.text == "phone" })
            let spanish = try await models("--language", "es")
            #expect(spanish.contains { $0["family"]?.text == "qwen2" })
            #expect(!spanish.contains { $0["family"]?.text == "tinyllama" })
            let types = try await models("--type", "embedding")
            #expect(!types.isEmpty && types.allSatisfy { $0["type"]?.text == "embedding" })
        }
    }

    @Test func `the guide's models can be had alone, and the order be chosen`() async throws {
        try await withProgram { program in
            let guide = try await program.json("list", "--guide")["models"]?.elements ?? []
            #expect(Set(guide.compactMap { $0["family"]?.text }) == Self.guide)
            let sizes = try await program.json("list", "--sort", "size")["models"]?.elements ?? []
            let bytes = sizes.compactMap { $0["projector"] == .null ? $0["sizeBytes"]?.integer : nil }
            #expect(bytes == bytes.sorted())
            let names = try await program.json("list", "--sort", "name", "--top", "5")["models"]?.elements ?? []
            let refs = names.compactMap { $0["family"]?.text }
            #expect(refs.count == 5 && refs == refs.sorted())
            let wrong = try await program.run("list", "--sort", "colour")
            #expect(wrong.status == 64)
        }
    }

    @Test(arguments: ["en", "es"], [80, 100])
    func `the best for a device are a screenful`(language: String, columns: Int) async throws {
        try await withProgram { program in
            let page = try await program.run(
                "list", "--device", "laptop-16gb", "--top", "12", language: language, columns: columns)
            #expect(page.standardOutput.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
            try expectGolden(page.standardOutput, named: "list-laptop.\(language).\(columns).txt")
        }
    }

    @Test(arguments: ["en", "es"], [80, 100])
    func `two devices are two columns`(language: String, columns: Int) async throws {
        try await withProgram { program in
            let asked = ["list", "--device", "phone-4gb", "--device", "laptop-8gb", "--family", "qwen3.5"]
            let page = try await program.run(asked, language: language, columns: columns)
            for line in page.standardOutput.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
            try expectGolden(page.standardOutput, named: "list-two.\(language).\(columns).txt")
        }
    }

    @Test func `two devices are told apart in JSON, and what fits has to fit both`() async throws {
        try await withProgram { program in
            let devices = ["--device", "phone-4gb", "--device", "laptop-8gb"]
            let answer = try await JSON(
                parsing: program.run(["list", "--fits", "--family", "qwen3.5", "--json"] + devices).standardOutput)
            #expect(answer["device"]?["profile"]?.text == "phone-4gb")
            #expect(answer["devices"]?.elements.compactMap { $0["profile"]?.text } == ["phone-4gb", "laptop-8gb"])
            let models = answer["models"]?.elements ?? []
            #expect(!models.isEmpty)
            for model in models {
                let columns = model["devices"]?.elements ?? []
                #expect(columns.compactMap { $0["device"]?.text } == ["phone-4gb", "laptop-8gb"])
                #expect(columns.first?["fit"]?["requiredBytes"] == model["fit"]?["requiredBytes"])
                #expect(columns.allSatisfy { ["fits", "tight"].contains($0["fit"]?["verdict"]?.text) })
            }
            let alone = try await program.json("list", "--device", "phone-4gb", "--family", "qwen3.5")
            #expect(alone["devices"] == nil && alone["models"]?.elements.first?["devices"] == nil)
            let wrong = try await program.run(["recommend"] + devices)
            #expect(wrong.status == 64 && wrong.standardError.contains("`list`, `show` and `fit` compare several"))
        }
    }

    @Test(arguments: ["51.2GB/s", "51,2 GB", "51200MB/s"])
    func `a memory's bandwidth says how fast models write`(text: String) async throws {
        try await withProgram { program in
            func rows(_ more: String...) async throws -> [JSON] {
                let arguments = ["list", "--ram", "16GB", "--family", "qwen2", "--json"] + more
                let page = try await RunningCommand.run(
                    builtProgram("slm"), arguments, environment: ["HOME": program.folder.string])
                return try JSON(parsing: page.standardOutput)["models"]?.elements ?? []
            }
            let unknown = try await rows()
            #expect(!unknown.isEmpty && unknown.allSatisfy { $0["speed"] == .null })
            let known = try await rows("--bandwidth", text)
            let usual = try await rows("--bandwidth", "51.2GB/s")
            #expect(known == usual)
            #expect(known.contains { $0["speed"]?.keys == ["from", "to"] })
            // A card's own speed is unknown until it is given.
            let card = try await rows("--vram", "8GB", "--bandwidth", text)
            #expect(card.contains { $0["speed"] == .null })
            let fast = try await rows("--vram", "8GB", "--bandwidth", text, "--vram-bandwidth", "300GB/s")
            #expect(fast.allSatisfy { $0["fit"]?["verdict"]?.text != "fits" || $0["speed"] != .null })
        }
    }

    @Test(arguments: [("6GB", 6 << 30), ("6GiB", 6 << 30), ("512 MB", 512 << 20), ("1,5GB", 3 << 29)])
    func `memory is counted as it is sold`(text: String, bytes: Int) async throws {
        try await withProgram { program in
            let answer = try await program.json("list", "--ram", text, "--family", "qwen2")
            #expect(answer["device"]?["ramTotalBytes"]?.integer == bytes)
        }
    }
}
