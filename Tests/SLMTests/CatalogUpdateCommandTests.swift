import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct CatalogUpdateCommandTests {
    private static let top = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    private static let hasOpenSSL = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/openssl")
    }

    /// A catalog of one model, whose only file has this content.
    private static func document(revision: Int, file: [UInt8]) -> Data {
        Data(
            """
            {"schema_version": 1, "revision": \(revision),
             "licenses": {"MIT": {"name": "MIT License", "commercial_use": "yes"}},
             "families": [{"id": "house", "name": "House", "license": "MIT", "sizes": [{
               "id": "1b", "label": "1B", "upstream": {}, "device_class": "phone", "default_quant": "Q8_0",
               "files": [{"repo": "house/one", "file": "one-Q8_0.gguf", "quant": "Q8_0", "bytes": \(file.count),
                          "sha256": "\(sha256(of: file))"}]}]}]}
            """.utf8)
    }

    @Test func `a company's catalog is taken from an address, and a stored model whose row changed is told`()
        async throws
    {
        try await withProgram { program in
            let publisher = CatalogPublisher()
            let key = program.folder.appending("key.pem")
            try key.write(Array(publisher.publicKey.utf8))
            let (old, new) = (GGUFBuilder.tinyLlama(seed: 1).build(), GGUFBuilder.tinyLlama(seed: 2).build())
            program.hub.add(repo: "house/one", files: ["one-Q8_0.gguf": old])
            func publish(_ revision: Int, _ file: [UInt8]) throws -> String {
                let document = Self.document(revision: revision, file: file)
                let signed = Array(try publisher.sign(document, version: revision, program: "99.0.1"))
                return program.hub.addFile("/catalog.signed", signed).absoluteString
            }
            let address = try publish(1, old)
            let first = try await program.run("catalog", "update", address, "--key", key.string)
            #expect(first.status == 0)
            #expect(first.standardError.contains("slm 99.0.1 is out"))
            // Once a day is enough.
            #expect(!(try await program.run("catalog", "update").standardError.contains("99.0.1")))
            // Whose key it was is never passed over in silence.
            #expect(first.standardOutput.replacing("\n", with: " ").replacing("   ", with: " ").contains("your own"))
            #expect(try await program.run("get", "house").status == 0)
            _ = try publish(2, new)
            let second = try await program.json("catalog", "update")
            #expect(second["changed"] == .truth(true))
            #expect(second["models"]?.elements.map { $0["ref"]?.text } == ["house:1b:q8_0"])
            let shown = try await program.json("catalog", "show")
            #expect(shown["revision"]?.integer == 2 && shown["stored"]?["version"]?.integer == 2)
            #expect(shown["source"]?.text == address)
            let spanish = try await program.run("catalog", "update", language: "es")
            #expect(spanish.status == 0 && spanish.standardOutput.contains("al día"))
            #expect(try await program.run("catalog", "reset").status == 0)
            #expect(try await program.json("catalog", "show")["source"]?.text == "built-in")
        }
    }

    @Test func `what cannot be taken is said in both languages, with a status for scripts`() async throws {
        try await withProgram { program in
            let publisher = CatalogPublisher()
            let key = program.folder.appending("key.pem")
            try key.write(Array(publisher.publicKey.utf8))
            let document = Self.document(revision: 1, file: [1])
            let signed = try publisher.sign(document, version: 1, lifetime: -60)
            program.hub.addFile("/expired", Array(signed))
            program.hub.addFile("/huge", .pattern(size: 500_000_000))
            let cases: [([String], Int32, String, String)] = [
                ([], 64, "no key to check", "ninguna clave"),
                (["https://example.invalid/c"], 64, "no key to check", "ninguna clave"),
                (["http://example.invalid/c", "--key", key.string], 64, "is not https", "no es https"),
                ([program.hub.address + "/files/expired", "--key", key.string], 65, "expired on", "caducó el"),
                ([program.hub.address + "/files/huge", "--key", key.string], 65, "is larger than", "supera"),
                ([program.folder.appending("none").string, "--key", key.string], 66, "no file", "no existe"),
                ([key.string, "--key", key.string], 65, "not a signed catalog", "no es un catálogo firmado"),
                ([key.string, "--key", "/dev/null"], 65, "no public key", "clave pública"),
            ]
            for (arguments, status, english, spanish) in cases {
                let said = try await program.run(["catalog", "update"] + arguments)
                #expect(said.status == status, "\(arguments) \(said.standardError)")
                #expect(said.standardError.contains(english), "\(said.standardError)")
                #expect(said.standardError.contains("hint: "))
                let also = try await program.run(["catalog", "update"] + arguments, language: "es")
                #expect(also.standardError.contains(spanish), "\(also.standardError)")
            }
            #expect(try await program.json("catalog", "show")["stored"] == .null)
            #expect(program.hub.bytesSent(for: "*/huge") < 300_000_000)
        }
    }

    @Test(.enabled(if: hasOpenSSL))
    func `what the script signs is taken, also after a change of keys`() async throws {
        try await withProgram { program in
            let script = Self.top.appending("Scripts/sign-catalog.py").string
            let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
            func run(_ words: String...) async throws {
                let result = try await RunningCommand.run(
                    "/usr/bin/env", words, environment: environment, folder: program.folder)
                #expect(result.status == 0, "\(result.standardError)")
            }
            for name in ["one", "two"] {
                try await run("openssl", "genpkey", "-algorithm", "ed25519", "-out", "\(name).pem")
                try await run("openssl", "pkey", "-in", "\(name).pem", "-pubout", "-out", "\(name).pub")
            }
            for revision in 1...2 {
                try program.folder.appending("\(revision).json").write(
                    Array(Self.document(revision: revision, file: [1])))
            }
            try await run("python3", script, "sign", "one.pem", "1.json", "1.signed")
            try await run("python3", script, "hand-over", "one.pem", "1.signed", "keys.signed", "two.pub")
            try await run("python3", script, "sign", "two.pem", "2.json", "2.signed", "--after", "keys.signed")
            for revision in 1...2 {
                let answer = try await program.json("catalog", "update", "\(revision).signed", "--key", "one.pub")
                #expect(answer["toRevision"]?.integer == revision)
            }
        }
    }
}
