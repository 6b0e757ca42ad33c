import Foundation
import SystemPackage
import Testing

@testable import TestSupport

@Suite struct CommandTests {
    @Test func `a command's output, status and environment are its own`() async throws {
        let result = try await RunningCommand.run(
            "/bin/sh", ["-c", "cat; echo $WORD; echo oops >&2; echo ${HOME-none}; exit 3"],
            environment: ["WORD": "hello"],
            input: "in\n")
        #expect(result.status == 3 && result.signal == nil)
        #expect(result.standardOutput == "in\nhello\nnone\n")
        #expect(result.standardError == "oops\n")
    }

    @Test(arguments: [SIGINT, SIGKILL])
    func `a signal ends a command`(signal: Int32) async throws {
        let command = try RunningCommand("/bin/sh", ["-c", "echo ready; exec sleep 600"])
        try await command.waitForOutput(containing: "ready")
        command.send(signal)
        let result = try await command.wait()
        #expect(result.signal == signal && result.status == nil)
    }

    @Test func `more output than a pipe holds is collected from both streams`() async throws {
        let script =
            "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done"
        let result = try await RunningCommand.run("/bin/sh", ["-c", script])
        #expect(result.standardOutput.utf8.count == 3000 * 41 && result.standardError.utf8.count == 3000 * 41)
    }

    @Test func `a missing program is an error`() async throws {
        await #expect(throws: (any Error).self) { try await RunningCommand.run("/no/such/program") }
        #expect(throws: ProgramMissing.self) { try builtProgram("no-such-program") }
    }

    @Test func `loopback-hub serves its models and obeys its control`() async throws {
        try await withTemporaryFolder { folder in
            let ready = folder.appending("ready.json")
            let command = try RunningCommand(
                builtProgram("loopback-hub"), ["--ready-file", ready.string, "--max-seconds", "120"])
            try await command.waitForOutput(containing: "}\n")
            let line = try JSONDecoder().decode(JSON.self, from: Data(ready.readBytes()))
            let hub = try #require(line["hub"]?.text)
            #expect(line["pid"]?.integer == Int(command.processID))

            let client = try RawClient(hub)
            func post(_ operation: String) -> RawClient.Reply {
                client.start("/__control", method: "POST", ["Content-Length": String(operation.utf8.count)])
                client.send(operation)
                return client.reply()
            }
            let info = "/api/models/demo/tiny-llama-GGUF"
            let before = client.request(info).json["sha"]?.text
            let commit = post(#"{"op": "commit", "repo": "demo/tiny-llama-GGUF"}"#).json["commit"]?.text
            #expect(commit != nil && commit != before)
            #expect(client.request(info).json["sha"]?.text == commit)
            #expect(
                post(#"[{"op": "drop", "match": "plain-*", "after": 5, "times": 1}, {"op": "expire"}]"#).status == 200)
            #expect(try RawClient(hub).request("/files/plain-Q8_0.gguf").body.count == 5)
            #expect(client.request("/files/plain-Q8_0.gguf").isWhole)
            for wrong in ["{", "{}", #"{"op": "nonsense"}"#, #"{"op": "slow"}"#, #"{"op": "commit", "repo": "x"}"#] {
                #expect(post(wrong).status == 400)
            }
            let log = client.request("/__log?path=plain-Q8_0.gguf").json.array ?? []
            #expect(log.map { $0["sent"]?.integer == 5 } == [true, false])
            command.send(SIGTERM)
            #expect(try await command.wait().signal == SIGTERM)
        }
    }

    @Test func `loopback-hub serves a folder, and refuses what it does not understand`() async throws {
        try await withTemporaryFolder { folder in
            try folder.appending("hf/me/repo/sub/a.gguf").write([1, 2, 3])
            try folder.appending("files/b.gguf").write([4, 5])
            let hub = try LoopbackHub()
            try hub.addFolder(folder)
            #expect(hub.size(of: "me/repo/sub/a.gguf") == 3 && hub.size(of: "/b.gguf") == 2)
            let program = try builtProgram("loopback-hub")
            for arguments in [["--what", "1"], ["--port"], ["--port", "x"], ["--times", "-1"]] {
                #expect(try await RunningCommand.run(program, arguments).status == 64)
            }
        }
    }

    @Test func `a golden file says where a text differs`() throws {
        try withTemporaryFolder { folder in
            let test = folder.appending("Test.swift").string
            #expect(throws: GoldenMismatch.self) { try expectGolden("a\n", named: "x.txt", testFile: test) }
            try folder.appending("Golden/x.txt").write(Array("a\nb\n".utf8))
            try expectGolden("a\nb\n", named: "x.txt", testFile: test)
            do {
                try expectGolden("a\nc\n", named: "x.txt", testFile: test)
                Issue.record("a difference was overlooked")
            } catch let mismatch as GoldenMismatch {
                #expect(mismatch.line == 2 && mismatch.expected == "b" && mismatch.actual == "c")
            }
        }
    }

    @Test func `a temporary folder is gone afterwards`() throws {
        var kept: FilePath?
        #expect(throws: CancellationError.self) {
            try withTemporaryFolder { folder in
                kept = folder
                try folder.appending("a/b").write([1])
                throw CancellationError()
            }
        }
        let path = try #require(kept)
        #expect(!FileManager.default.fileExists(atPath: path.string))
    }
}
