import SystemPackage
import TestSupport
import Testing

@Suite struct FitCommandTests {
    private static let llama = ["llama3.1:8b:q4_k_m", "--context", "32768"]

    private func json(_ program: Program, _ arguments: [String]) async throws -> JSON {
        let said = try await RunningCommand.run(
            builtProgram("slm"), ["fit"] + arguments + ["--json"],
            environment: [
                "HOME": program.folder.string, "SLM_STORE": program.store.string, "HF_ENDPOINT": program.hub.address,
            ], folder: program.folder)
        return try JSON(parsing: said.standardOutput)
    }

    private func page(_ program: Program, _ arguments: [String], language: String = "en", columns: Int = 100)
        async throws -> String
    {
        try await RunningCommand.run(
            builtProgram("slm"), ["fit"] + arguments + ["--lang", language],
            environment: [
                "HOME": program.folder.string, "SLM_STORE": program.store.string, "HF_ENDPOINT": program.hub.address,
                "COLUMNS": String(columns),
            ], folder: program.folder
        ).standardOutput
    }

    @Test func `what would change the answer is computed, in JSON and in words`() async throws {
        try await withProgram { program in
            // 8.76 GiB of 9.19 that a device of 10.5 GB gives.
            let arguments = Self.llama + ["--ram", "10.5GB"]
            let fit = try await json(program, arguments)["fit"]
            #expect(fit?["verdict"]?.text == "tight")
            let changes = fit?["changes"]?.elements ?? []
            let budget = fit?["budgetBytes"]?.integer ?? 0
            for change in changes {
                #expect(
                    change.keys == [
                        "code", "quant", "ref", "cacheType", "contextLength", "gpuLayers", "requiredBytes", "verdict",
                    ])
                #expect((change["requiredBytes"]?.integer ?? .max) <= budget)
                #expect(change["verdict"]?.text == "fits")
            }
            let cache = changes.first { $0["code"]?.text == "cache-type" }
            #expect(cache?["cacheType"]?.text == "q8_0")
            let shorter = changes.first { $0["code"]?.text == "context-length" }
            let context = shorter?["contextLength"]?.integer ?? 0
            #expect((20_000..<32_768).contains(context))
            let again = try await json(
                program, ["llama3.1:8b:q4_k_m", "--context", String(context), "--ram", "10.5GB"])
            #expect(again["fit"]?["verdict"]?.text == "fits")
            #expect(again["fit"]?["requiredBytes"] == shorter?["requiredBytes"])
            #expect(again["fit"]?["changes"] == .array([]))

            let english = try await page(program, arguments)
            #expect(english.contains("`--cache-type-k q8_0 --cache-type-v q8_0` would need "))
            #expect(english.contains("the longest context that fits comfortably is "))
            let spanish = try await page(program, arguments, language: "es")
            #expect(spanish.contains("`--cache-type-k q8_0 --cache-type-v q8_0` necesitaría "))
            #expect(spanish.contains("el contexto más largo que cabe con holgura es "))
        }
    }

    @Test func `where no single change helps that is said`() async throws {
        try await withProgram { program in
            let page = try await page(program, Self.llama + ["--ram", "2GB"])
            #expect(page.contains("no single change makes it fit"))
        }
    }

    @Test(arguments: [("en", "GPU", "layers on the GPU"), ("es", "MEMORIA", "capas en la GPU")], [100, 80])
    func `both sides of a division are shown and fit the screen`(
        words: (language: String, title: String, note: String), columns: Int
    ) async throws {
        try await withProgram { program in
            let arguments = Self.llama + ["--ram", "8GB", "--vram", "8GB", "--explain"]
            let page = try await page(program, arguments, language: words.language, columns: columns)
            #expect(page.contains(words.title))
            #expect(page.contains(words.note))
            for line in page.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
        }
    }

    @Test(arguments: ["en", "es"], [80, 100])
    func `memory and card are pictures, on one device and on two`(language: String, columns: Int) async throws {
        try await withProgram { program in
            let pages = [
                ("fit", ["gemma3:4b", "--device", "laptop-8gb", "--explain"]),
                ("fit-card", ["llama3.1:8b", "--context", "32768", "--device", "laptop-16gb-rtx4060-8gb"]),
                ("fit-two", ["gemma4:e2b", "--device", "phone-8gb", "--device", "laptop-16gb-rtx4060-8gb"]),
            ]
            for (name, arguments) in pages {
                let page = try await program.run(["fit"] + arguments, language: language, columns: columns)
                for line in page.standardOutput.split(separator: "\n") { #expect(line.count <= columns, "\(line)") }
                try expectGolden(page.standardOutput, named: "\(name).\(language).\(columns).txt")
            }
        }
    }

    @Test(arguments: [("en", 40), ("es", 60)])
    func `what a card takes without a layer is shown, and the narrowest screen has room`(
        language: String, columns: Int
    ) async throws {
        try await withProgram { program in
            for arguments in [
                ["fit", "gemma3:4b", "--ram", "16GB", "--vram", "8GB", "--gpu-layers", "0"],
                ["fit", "gemma3:4b", "--device", "phone-8gb", "--device", "laptop-8gb"],
                ["device", "--profiles"], ["search", "spanish"],
                ["list", "--device", "phone-4gb", "--device", "laptop-8gb", "--top", "3"],
            ] {
                let page = try await program.run(arguments, language: language, columns: columns).standardOutput
                for line in page.split(separator: "\n") { #expect(line.count <= columns, "\(arguments) \(line)") }
                #expect(!arguments.contains("0") || page.contains("GPU "), "\(page)")
            }
        }
    }

    @Test func `several devices are answers of their own in JSON, and one that is too small exits with 1`() async throws
    {
        try await withProgram { program in
            let answer = try await json(
                program, ["qwen3.5:9b", "--device", "laptop-16gb", "--device", "phone-3gb"])
            let devices = answer["devices"]?.elements ?? []
            #expect(devices.compactMap { $0["device"]?.text } == ["laptop-16gb", "phone-3gb"])
            #expect(answer["fit"] == devices.first?["fit"] && answer["memory"] == devices.first?["memory"])
            #expect(devices.last?["fit"]?["verdict"]?.text == "too-large")
            #expect(devices.first?["contexts"]?.elements.count == 8)
            let status = try await program.run(
                "fit", "qwen3.5:9b", "--device", "laptop-16gb", "--device", "phone-3gb")
            #expect(status.status == 1)
        }
    }

    @Test func `a name alone is the same model to fit, show and get, by the device`() async throws {
        try await withProgram { program in
            var meant: Set<String> = []
            for (name, device) in [
                ("qwen3.5", "phone-3gb"), ("qwen3.5", "laptop-16gb"), ("gemma3", "phone-8gb"),
                ("qwen2.5-coder", "laptop-8gb"),
            ] {
                let fit = try await json(program, [name, "--device", device])["ref"]?.text ?? ""
                let shown = try await program.json("show", name, "--device", device)["resolved"]?.text
                #expect(shown == fit, "\(name) \(device)")
                // The Hub has nothing here, but the file that it is asked for is that of the same model.
                let got = try await program.run("get", name, "--device", device, "--verbose")
                let file = try await program.json("show", fit)["variants"]?.elements.first { $0["ref"]?.text == fit }
                let repository = file?["repository"]?.text ?? "?"
                #expect(got.status != 0 && got.standardError.contains(repository), "\(got.standardError)")
                meant.insert(fit)
            }
            #expect(meant.count == 4)
        }
    }

    @Test func `a division adds up, and layers may be asked for`() async throws {
        try await withProgram { program in
            let answer = try await json(program, Self.llama + ["--ram", "8GB", "--vram", "8GB"])
            #expect(answer["fit"]?["verdict"]?.text == "partial")
            let offload = answer["offload"]
            #expect(offload?["layers"]?.integer == 33)
            let fields = [
                "weightsBytes", "kvCacheBytes", "computeBytes", "outputBytes", "processBytes", "projectorBytes",
                "driverBytes",
            ]
            for side in ["vram", "ram"] {
                let parts = fields.compactMap { offload?[side]?[$0]?.integer }
                #expect(parts.count == fields.count)
                #expect(parts.reduce(0, +) == offload?["\(side)Bytes"]?.integer)
            }
            #expect((offload?["vramBytes"]?.integer ?? .max) <= 7 << 30)
            let count = offload?["gpuLayers"]?.integer ?? 0
            let more = try await json(
                program, Self.llama + ["--ram", "8GB", "--vram", "8GB", "--gpu-layers", String(count + 1)])
            #expect(more["fit"]?["verdict"]?.text == "too-large")
            #expect(
                more["fit"]?["changes"]?.elements.contains {
                    $0["code"]?.text == "gpu-layers" && $0["gpuLayers"]?.integer == count
                } == true)
            let fewer = try await json(program, Self.llama + ["--ram", "12GB", "--vram", "8GB", "-ngl", "5"])
            #expect(fewer["offload"]?["gpuLayers"]?.integer == 5)
            let none = try await json(program, Self.llama + ["--ram", "12GB"])
            #expect(none["offload"] == .null)
        }
    }

    @Test func `for experts that a card cannot hold whole their place is told`() async throws {
        try await withProgram { program in
            let arguments = ["gpt-oss:20b", "--context", "8192", "--ram", "32GB", "--vram", "8GB"]
            let moe = try await json(program, arguments)["offload"]?["cpuMoe"]
            #expect(moe?.keys == ["layers", "vramBytes", "ramBytes"])
            let layers = moe?["layers"]?.integer ?? 0
            #expect((1...24).contains(layers))
            #expect((moe?["vramBytes"]?.integer ?? .max) <= 7 << 30)
            #expect(try await page(program, arguments).contains("`--n-cpu-moe \(layers)`"))
            let dense = try await json(program, Self.llama + ["--ram", "8GB", "--vram", "8GB"])
            #expect(dense["offload"]?["cpuMoe"] == .null)
        }
    }

    @Test func `what lies outside the total is told: process, copy and projector`() async throws {
        try await withProgram { program in
            let path = program.folder.appending("m-Q8_0.gguf")
            try path.write(GGUFBuilder.tinyLlama(tensorBytes: 1 << 20).build())
            func outside(_ arguments: String...) async throws -> JSON? {
                try await json(program, ["./m-Q8_0.gguf", "--context", "512"] + arguments)["outside"]
            }
            // ARM processors with dot products work with a copy of Q8_0; without, and where nothing is known, not.
            let board = try await outside("--device", "raspberry-pi-5-8gb")
            #expect(board?.keys == ["processBytes", "repackBytes", "projectorBytes"])
            #expect((500_000..<1 << 20).contains(board?["repackBytes"]?.integer ?? 0))
            #expect((board?["processBytes"]?.integer ?? 0) > 7 << 20)
            #expect(board?["projectorBytes"] == .null)
            #expect(try await outside("--device", "raspberry-pi-4-4gb")?["repackBytes"]?.integer == 0)
            #expect(try await outside("--ram", "8GB")?["repackBytes"] == .null)
            #expect(try await outside("--device", "pc-16gb-rtx3060-12gb")?["repackBytes"] == .null)

            try program.folder.appending("mmproj-m-F16.gguf").write([UInt8](repeating: 7, count: 3_000_000))
            #expect(try await outside("--ram", "8GB")?["projectorBytes"]?.integer == 3_000_000)
            let page = try await page(
                program, ["./m-Q8_0.gguf", "--context", "512", "--device", "raspberry-pi-5-8gb", "--explain"])
            #expect(page.contains("projector"))
            #expect(page.contains("peak while loading"))
            #expect(page.contains("--no-repack"))
            // Beside another model a projector may be that one's.
            try program.folder.appending("other-Q8_0.gguf").write([0])
            #expect(try await outside("--ram", "8GB")?["projectorBytes"] == .null)
        }
    }
}
