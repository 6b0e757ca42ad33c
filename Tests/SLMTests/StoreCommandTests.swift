import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct StoreCommandTests {
    static let ref = "hf:demo/tiny-GGUF:Q8_0"

    /// A Hub with one small model.
    private func withModel(_ body: (Program) async throws -> Void) async throws {
        try await withProgram { program in
            program.hub.add(
                repo: "demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": GGUFBuilder.tinyLlama().build()])
            try await body(program)
        }
    }

    @Test func `a model is fetched, listed, found, verified and removed`() async throws {
        try await withModel { program in
            let digest = program.hub.digest(of: "demo/tiny-GGUF/tiny-Q8_0.gguf")
            let size = program.hub.size(of: "demo/tiny-GGUF/tiny-Q8_0.gguf")

            let got = try await program.json("get", Self.ref)["installed"]?.elements.first
            #expect(got?["ref"]?.text == Self.ref)
            #expect(got?["sha256"]?.text == digest)
            #expect(got?["sizeBytes"]?.integer == size)
            #expect(got?["verified"]?.text == "sha256")
            #expect(got?["fetchedBytes"]?.integer == size)
            #expect(
                got?.keys.isSuperset(of: [
                    "ref", "path", "sizeBytes", "sha256", "verified", "source", "fetchedBytes", "resumedFromBytes",
                    "seconds", "averageBytesPerSecond",
                ]) == true)

            let listed = try await program.json("ls")["models"]?.elements
            #expect(listed?.count == 1)
            #expect(listed?.first?["state"]?.text == "ready")
            #expect(listed?.first?["installedAt"]?.text?.hasSuffix("Z") == true)

            let path = try await program.run("path", Self.ref)
            #expect(path.standardOutput == "\(got?["path"]?.text ?? "")\n")
            #expect(try sha256(of: FilePath(got?["path"]?.text ?? "")) == digest)

            let verified = try await program.run("verify")
            #expect(verified.status == 0)
            let current = try await program.run("outdated")
            #expect(current.status == 0)

            let removed = try await program.run("rm", "--yes", Self.ref)
            #expect(removed.status == 0)
            #expect(try await program.json("ls")["models"]?.elements.isEmpty == true)
            #expect(!FileManager.default.fileExists(atPath: got?["path"]?.text ?? ""))
        }
    }

    @Test func `of several models those that can be had come, and who could not is said`() async throws {
        try await withModel { program in
            let result = try await program.run("get", "hf:demo/none", Self.ref, "hf:demo/gone")
            #expect(result.status == 66)
            #expect(result.standardOutput.contains("stored"))
            #expect(result.standardError.contains("demo/none"))
            #expect(result.standardError.contains("demo/gone"))

            let document = try await program.json("get", "hf:demo/none", Self.ref)
            #expect(document["error"]?["code"]?.text == "no-repository")
            #expect(document["failed"]?.elements.map { $0["ref"]?.text } == ["hf:demo/none"])
            #expect(document["installed"]?.elements.map { $0["ref"]?.text } == [Self.ref])
        }
    }

    @Test func `a second get fetches nothing`() async throws {
        try await withModel { program in
            _ = try await program.json("get", Self.ref)
            let again = try await program.json("get", Self.ref)["installed"]?.elements.first
            #expect(again?["alreadyThere"] == .truth(true))
            #expect(again?["fetchedBytes"]?.integer == 0)
        }
    }

    @Test func `damage is found and mended`() async throws {
        try await withModel { program in
            let path = FilePath(try await program.run("get", Self.ref, "--json").standardOutput.pathInJSON)
            var bytes = try path.readBytes()
            bytes[bytes.count / 2] ^= 0xFF
            try path.write(bytes)
            let found = try await program.run("verify", "--json")
            #expect(found.status == 1)
            let row = try JSON(parsing: found.standardOutput)["models"]?.elements.first
            #expect(row?["state"]?.text == "damaged")
            let place = row?["damagedRanges"]?.elements.first
            #expect(place?["tensors"]?.elements.isEmpty == false)
            #expect(place?["tensor"] == place?["tensors"]?.elements.first)
            #expect(place?["sizeBytes"]?.integer == bytes.count)
            let page = try await program.run("verify", "--fast")
            #expect(page.status == 1)
            #expect(page.standardOutput.contains("`\(place?["tensor"]?.text ?? "?")`"))
            let mended = try await program.run("verify", "--repair")
            #expect(mended.status == 0)
            let recent = try await program.run("verify", "--older-than", "30d", "--json")
            #expect(recent.status == 0)
            #expect(try JSON(parsing: recent.standardOutput)["models"]?.elements.isEmpty == true)
            #expect(try await program.run("verify", "--older-than", "soon").status == 64)
            #expect(try sha256(of: path) == program.hub.digest(of: "demo/tiny-GGUF/tiny-Q8_0.gguf"))
        }
    }

    @Test func `what changed upstream is seen, then fetched`() async throws {
        try await withModel { program in
            _ = try await program.json("get", Self.ref)
            let new = GGUFBuilder.tinyLlama(chatTemplate: "{{ bos_token }}").build()
            program.hub.commit("demo/tiny-GGUF", files: ["tiny-Q8_0.gguf": new])
            let seen = try await program.run("outdated")
            #expect(seen.status == 1)
            #expect(seen.standardOutput.contains(Self.ref))
            let planned = try await program.json("update", "--dry-run")["models"]?.elements.first
            #expect(planned?["fetchedBytes"]?.integer == new.count)
            #expect(try await program.run("pin", Self.ref).status == 0)
            #expect(try await program.run("update").standardOutput.contains("slm unpin \(Self.ref)"))
            #expect(try await program.run("unpin", Self.ref).status == 0)
            let row = try await program.json("update", "--keep")["models"]?.elements.first
            #expect(row?["changed"] == .truth(true))
            let digest = program.hub.digest(of: "demo/tiny-GGUF/tiny-Q8_0.gguf")
            #expect(row?["toSha256"]?.text == digest)
            #expect(try await program.run("outdated").status == 0)
            let back = try await program.json("rollback", Self.ref)
            #expect(back["fromSha256"]?.text == digest)
            #expect(back["toSha256"] == row?["fromSha256"])
            #expect(try await program.run("outdated").status == 1)
        }
    }

    @Test func `progress for programs is one JSON object a line on standard error`() async throws {
        try await withModel { program in
            let got = try await program.run("get", Self.ref, "--json", "--progress", "json")
            #expect(got.status == 0)
            let lines = got.standardError.split(separator: "\n").filter { $0.hasPrefix("{") }
            let last = try JSON(parsing: String(try #require(lines.last)))
            #expect(last["event"]?.text == "done")
            #expect(last["receivedBytes"]?.integer == program.hub.size(of: "demo/tiny-GGUF/tiny-Q8_0.gguf"))
            for line in lines { #expect(throws: Never.self) { try JSON(parsing: String(line)) } }
        }
    }

    @Test func `with --json and --progress json nothing else is said`() async throws {
        try await withModel { program in
            let got = try await program.run("get", Self.ref, "--json", "--progress", "json")
            #expect(got.standardError.split(separator: "\n").allSatisfy { $0.hasPrefix("{") })
        }
    }

    @Test func `what came before an error is told`() async throws {
        try await withModel { program in
            let said = try await program.run("get", Self.ref, "hf:demo/nothing-GGUF")
            #expect(said.status == 66)
            #expect(said.standardOutput.contains("tiny-Q8_0.gguf"))
            let json = try await program.run("get", Self.ref, "hf:demo/nothing-GGUF", "--json")
            #expect(try JSON(parsing: json.standardOutput).keys == ["error", "failed", "installed"])
        }
    }

    @Test(arguments: [(2, 130), (15, 75)])
    func `Ctrl-C and SIGTERM stop it and say what is kept`(signal: Int32, status: Int32) async throws {
        try await withProgram { program in
            program.hub.add(
                repo: "demo/large-GGUF",
                files: ["large-Q8_0.gguf": GGUFBuilder.tinyLlama(tensorBytes: 16 << 20).build()])
            // It takes nine minutes with eight connections: the signal comes earlier on the busiest machine.
            program.hub.script("demo/large-GGUF/*.gguf", .slow(bytesPerSecond: 4_000), method: "GET")
            let command = try program.start("get", "hf:demo/large-GGUF")
            try await program.hub.waitUntilSent("demo/large-GGUF/*.gguf", 8_000)
            command.send(signal)
            let end = try await command.wait()
            #expect(end.status == status)
            #expect(end.standardError.contains("error: interrupted"))
            #expect(end.standardError.contains("kept"))
        }
    }

    @Test(arguments: ["en", "es"])
    func `the header of a file is shown`(language: String) async throws {
        try await withProgram { program in
            let path = program.folder.appending("model.gguf")
            try path.write(GGUFBuilder.tinyLlama(name: "Tiny Llama").build())
            let page = try await program.run("show", "./model.gguf", "--tensors", language: language)
            #expect(page.status == 0)
            for part in ["Tiny Llama", "llama", "Q8_0", "apache-2.0", "token_embd.weight"] {
                #expect(page.standardOutput.contains(part), "\(part)")
            }
            let fit = try await program.json("fit", "./model.gguf", "--context", "512")
            #expect(
                fit.keys.isSuperset(of: [
                    "architecture", "runtime", "parameters", "contextLength", "memory", "fit", "fetchedBytes",
                ]))
            #expect(
                fit["memory"]?.keys == [
                    "weightsBytes", "kvCacheBytes", "computeBytes", "outputBytes", "totalBytes",
                ])
            #expect(fit["contextLength"]?.integer == 512)
        }
    }
}

extension String {
    /// The first `path` of a JSON answer of `get`.
    fileprivate var pathInJSON: String {
        (try? JSON(parsing: self))?["installed"]?.elements.first?["path"]?.text ?? ""
    }
}
