import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import slm

/// The file in which a user keeps what is wanted always.
@Suite struct ConfigTests {
    private static func read(_ text: String) -> ConfigFile { ConfigFile(Array(text.utf8), at: "/c/config.yaml") }

    @Test func `keys with values, comments and quotes are read`() {
        let file = Self.read(
            """
            \u{FEFF}--- 
            # always
            store: /models # here
            language:   es\r
            device: 'phone-4gb'   # the one in the pocket
            limit-rate: "5MB"
            connections: 4

            endpoint: https://hub.example
            catalog: '/it''s mine.json'
            """)
        #expect(file.faults.isEmpty, "\(file.faults)")
        #expect(
            file.values == [
                .store: "/models", .language: "es", .device: "phone-4gb", .limitRate: "5MB", .connections: "4",
                .endpoint: "https://hub.example", .catalog: "/it's mine.json",
            ])
        #expect(Self.read("").values.isEmpty && Self.read("").faults.isEmpty)
    }

    @Test(arguments: [
        ("stor: /a", ConfigFault.Reason.unknownKey("stor")), ("store /a", .noPair("store /a")),
        ("store:/a", .noPair("store:/a")), ("  store: /a", .nested), ("- store: /a", .nested),
        ("store: /a\nstore: /b", .twice(.store, first: 1)), ("store:", .noValue("store")),
        ("store: ~", .noValue("store")),
        ("store: # none", .noValue("store")), ("store: ''", .noValue("store")),
        ("store: a/b", .badValue(.store, "a/b")),
        ("store: [/a]", .notPlain("store")), ("store: &x /a", .notPlain("store")), ("store: |", .notPlain("store")),
        ("store: \"/a", .notPlain("store")), ("store: '/a' b", .notPlain("store")),
        ("store: /a: b", .notPlain("store")),
        ("store: \"/a\\n\"", .notPlain("store")), ("language: fr", .badValue(.language, "fr")),
        ("device: pixel-99", .badValue(.device, "pixel-99")), ("limit-rate: fast", .badValue(.limitRate, "fast")),
        ("limit-rate: 5", .badValue(.limitRate, "5")), ("connections: 65", .badValue(.connections, "65")),
        ("endpoint: hub", .badValue(.endpoint, "hub")), ("catalog: my.json", .badValue(.catalog, "my.json")),
    ])
    func `anything else is a fault that names its line`(text: String, reason: ConfigFault.Reason) {
        let file = Self.read("# one\n" + text)
        #expect(file.faults.count == 1)
        let expected: ConfigFault.Reason = reason == .twice(.store, first: 1) ? .twice(.store, first: 2) : reason
        #expect(file.faults.first?.reason == expected)
        #expect(file.faults.first?.line == text.split(separator: "\n").count + 1)
        for language in Language.allCases {
            Language.$current.withValue(language) {
                let words = file.faults.first?.words
                #expect(words?.message.contains(language == .en ? ", line " : ", línea ") == true)
                #expect(words?.hint?.isEmpty == false)
            }
        }
    }

    @Test func `what is no text, or too much, is no configuration`() {
        #expect(ConfigFile([0xFF, 0xFE, 0x00], at: "/c").faults.first?.reason == .notText)
        #expect(Self.read("store: /a\u{0}b").faults.count == 1)
    }

    private func createFolder(_ path: FilePath) throws {
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    @Test func `options come first, then variables, the file, and what is usual`() async throws {
        try await withProgram { program in
            let home = program.folder.appending("home")
            let file = home.appending(".config/slm/config.yaml")
            try createFolder(file.removingLastComponent())
            try file.write(Array("store: ~/models\nlanguage: es\ndevice: phone-4gb\nconnections: 2\n".utf8))
            let silent = ["SLM_STORE": ""]
            func settings(_ answer: JSON) -> [String: [String?]] {
                var told: [String: [String?]] = [:]
                for row in answer["settings"]?.elements ?? [] {
                    told[row["name"]?.text ?? ""] = ["value", "origin", "from"].map { row[$0]?.text }
                }
                return told
            }
            let told = settings(try await program.json("env", environment: silent))
            #expect(told["configFile"] == [file.string, "default", nil])
            #expect(told["store"] == [home.appending("models").string, "file", file.string])
            #expect(told["language"] == ["es", "file", file.string])
            #expect(told["device"] == ["phone-4gb", "file", file.string])
            #expect(told["connections"] == ["2", "file", file.string])
            #expect(told["limitRate"] == [nil, "default", nil])
            #expect(told["endpoint"]?[1] == "variable")
            let named = settings(try await program.json("env", "--store", "/elsewhere", "--lang", "en"))
            #expect(named["store"] == ["/elsewhere", "option", "--store"])
            #expect(named["language"] == ["en", "option", "--lang"])
            #expect(settings(try await program.json("env"))["store"]?[1] == "variable")
            // A phone is asked for by default, and this machine when it is named.
            let listed = try await program.json("list", "--top", "1")
            #expect(listed["device"]?["deviceClass"]?.text == "phone")
            #expect(
                try await program.json("list", "--top", "1", "--device", "this")["device"]?["deviceClass"]?.text
                    != "phone")
        }
    }

    @Test func `with a fault in it nothing is done but finding it`() async throws {
        try await withProgram { program in
            let folder = program.folder.appending("xdg")
            let file = folder.appending("slm/config.yaml")
            try createFolder(file.removingLastComponent())
            try file.write(Array("language: es\nconections: 3\n".utf8))
            let place = ["XDG_CONFIG_HOME": folder.string]
            let refused = try await program.run("ls", environment: place)
            #expect(refused.status == 64)
            #expect(refused.standardError.contains("línea 2"))
            #expect(refused.standardError.contains("`conections`") && refused.standardError.contains("`connections`"))
            #expect(try await program.json("ls", environment: place)["error"]?["code"]?.text == "bad-config")
            let env = try await program.json("env", environment: place)
            #expect(env["faults"]?.elements.first?["code"]?.text == "bad-config")
            let doctor = try await program.run("doctor", environment: place)
            #expect(doctor.status == 1)
            #expect(doctor.standardOutput.contains("`conections`"))
            #expect(try await program.run("--version", environment: place).status == 0)
            // A folder in its place, for one, is no file; none at all is no fault.
            try FileManager.default.removeItem(atPath: file.string)
            #expect(try await program.run("ls", environment: place).status == 0)
            try createFolder(file)
            #expect(try await program.run("ls", environment: place).standardError.contains("config.yaml"))
        }
    }
}
