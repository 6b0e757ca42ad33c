import Foundation
import SystemPackage
import TestSupport
import Testing

/// What `ls`, `path`, `verify`, `outdated` and `doctor` say of a store in which not all is well.
@Suite struct StoreStateTests {
    private static let split = ["m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf"]

    private func withSplitModel(_ body: (Program) async throws -> Void) async throws {
        try await withProgram { program in
            program.hub.add(
                repo: "demo/m-GGUF",
                files: [
                    Self.split[0]: GGUFBuilder.tinyLlama(seed: 1).build(),
                    Self.split[1]: GGUFBuilder.tinyLlama(seed: 2).build(),
                ])
            let got = try await program.run("get", "hf:demo/m-GGUF")
            #expect(got.status == 0)
            try await body(program)
        }
    }

    @Test func `ls names every file of a model, its part in it and its digest`() async throws {
        try await withSplitModel { program in
            let model = try await program.json("ls")["models"]?.elements.first
            #expect(model?["fetchedBytes"] == .null)
            let files = model?["files"]?.elements ?? []
            #expect(files.map { $0["role"]?.text } == ["model", "model"])
            #expect(files.allSatisfy { $0["sha256"]?.text?.count == 64 })
            #expect(files.compactMap { $0["sizeBytes"]?.integer }.reduce(0, +) == model?["sizeBytes"]?.integer)
        }
    }

    @Test func `a model without one of its parts is incomplete, and has no path to give`() async throws {
        try await withSplitModel { program in
            let part = program.store.appending("demo").appending("m-GGUF").appending(Self.split[1])
            try FileManager.default.removeItem(atPath: part.string)
            let listed = try await program.json("ls")["models"]?.elements.first
            #expect(listed?["state"]?.text == "incomplete")
            let path = try await program.run("path", "hf:demo/m-GGUF")
            #expect(path.status == 66)
            #expect(path.standardOutput.isEmpty)
            #expect(path.standardError.contains(Self.split[1]))
        }
    }

    #if os(Linux)
        /// Refuses what names with a colon, as FAT and NTFS do, and keeps what is called so from being read, which no mode
        /// keeps from root.
        private static let otherDisk = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <stdarg.h>
            #include <string.h>
            #include <unistd.h>
            static int refused(const char *path) {
                if (strchr(path, ':')) { errno = EINVAL; return 1; }
                if (strstr(path, "private")) { errno = EACCES; return 1; }
                return 0;
            }
            #define OPEN(name) int name(int folder, const char *path, int flags, ...) { \\
                va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \\
                return refused(path) ? -1 : ((int (*)(int, const char *, int, ...)) \\
                    dlsym(RTLD_NEXT, #name))(folder, path, flags, mode); }
            OPEN(openat) OPEN(openat64)
            int open(const char *path, int flags, ...) {
                va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest);
                return openat(AT_FDCWD, path, flags, mode);
            }
            int open64(const char *path, int flags, ...) {
                va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest);
                return openat64(AT_FDCWD, path, flags, mode);
            }
            int faccessat(int folder, const char *path, int mode, int flags) { return refused(path) ? -1 : 0; }
            """

        private static func shim(_ text: String, in program: Program) async throws -> [String: String] {
            let (source, shim) = (program.folder.appending("s.c"), program.folder.appending("s.so"))
            try source.write(Array(text.utf8))
            let made = try await RunningCommand.run(
                "/usr/bin/cc", ["-shared", "-fPIC", "-o", shim.string, source.string, "-ldl"],
                environment: ["PATH": "/usr/bin:/bin"], folder: program.folder)
            try #require(made.status == 0, "\(made.standardError)")
            return ["LD_PRELOAD": shim.string]
        }

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"), "there is no C compiler"))
        func `a name that the disk does not take is told before a byte comes, and a private model is unreadable`()
            async throws
        {
            try await withSplitModel { program in
                let model = GGUFBuilder.tinyLlama(seed: 3).build()
                program.hub.add(repo: "demo/odd", files: ["a:b-Q8_0.gguf": model])
                program.hub.add(repo: "demo/private", files: ["private-Q8_0.gguf": model])
                let shimmed = try await Self.shim(Self.otherDisk, in: program)
                if FileManager.default.isWritableFile(atPath: "/dev/shm") {
                    try program.store.pushing("demo/odd/a:b-Q8_0.gguf").write(model)
                    let place = FilePath("/dev/shm/slm-test-\(UUID().uuidString)")
                    defer { try? FileManager.default.removeItem(atPath: place.string) }
                    let moved = try await program.run(["store", "move", place.string], environment: shimmed)
                    #expect(
                        moved.status == 73 && moved.standardError.contains("does not take the name `a:b-Q8_0.gguf`"))
                    try FileManager.default.removeItem(atPath: program.store.pushing("demo/odd").string)
                }
                _ = try await program.run("get", "hf:demo/private")
                let path = program.store.appending("demo/private/private-Q8_0.gguf").string
                try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
                let before = program.hub.requests.count
                let odd = try await program.run("get", "hf:demo/odd", environment: shimmed)
                #expect(odd.status == 73 && odd.standardError.contains("does not take the name `a:b-Q8_0.gguf`"))
                #expect(!program.hub.requests.dropFirst(before).contains { $0.path.contains("resolve") })
                // What comes from this disk is told before it is read, too.
                let file = program.folder.pushing("stick/x-Q8_0.gguf")
                let bytes = GGUFBuilder.tinyLlama(seed: 4).build()
                try file.write(bytes)
                let manifest = """
                    {"format": "slm-export-1", "models": [{"ref": "demo/odd", "publisher": "demo", "repository": "a:b",
                     "sizeBytes": \(bytes.count), "files": [{"path": "x-Q8_0.gguf", "role": "model",
                     "sizeBytes": \(bytes.count), "sha256": "\(String(repeating: "0", count: 64))"}]}]}
                    """
                let stick = file.removingLastComponent()
                try stick.appending("slm-export.json").write(Array(manifest.utf8))
                let taken = try await program.run(["import", "--copy", stick.string], environment: shimmed)
                #expect(taken.status == 73 && taken.standardOutput.contains("does not take the name `a:b`"))
                // Its record is private, too; the index has it, and the other model is as it was.
                let listed = try await program.run(["ls", "--json"], environment: shimmed)
                let models = try JSON(parsing: listed.standardOutput)["models"]?.elements ?? []
                #expect(models.map { $0["state"]?.text } == ["ready", "unreadable"])
                let told = try await program.run(["path", "hf:demo/private"], environment: shimmed)
                #expect(told.status == 0 && told.standardError.contains("its permissions keep you out"))
                let checked = try await program.run(["verify"], environment: shimmed)
                #expect(checked.status == 1 && checked.standardOutput.contains("you may not read"))
                // What was refused is not carried out later by somebody else.
                let removed = try await program.run(["rm", "hf:demo/private"], environment: shimmed)
                #expect(removed.status == 73, "\(removed.standardError)")
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
                let states = try await program.json("ls")["models"]?.elements ?? []
                #expect(states.map { $0["state"]?.text } == ["ready", "ready"])
            }
        }

        /// Refuses the locks that SQLite puts on its files, as some network disks do.
        private static let withoutRecordLocks = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <stdarg.h>
            static int ask(const char *name, int file, int what, void *more) {
                if (what == F_SETLK || what == F_SETLKW || what == F_OFD_SETLK) { errno = ENOLCK; return -1; }
                return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, name))(file, what, more);
            }
            int fcntl(int file, int what, ...) {
                va_list rest; va_start(rest, what); void *more = va_arg(rest, void *); va_end(rest);
                return ask("fcntl", file, what, more);
            }
            int fcntl64(int file, int what, ...) {
                va_list rest; va_start(rest, what); void *more = va_arg(rest, void *); va_end(rest);
                return ask("fcntl64", file, what, more);
            }
            """

        /// Gives no memory of its files that several processes see, as disks that are mounted over 9p or FUSE.
        private static let withoutSharedMemory = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/mman.h>
            #include <unistd.h>
            void *mmap(void *at, size_t size, int may, int how, int file, off_t offset) {
                char link[64], path[4096] = "";
                snprintf(link, sizeof link, "/proc/self/fd/%d", file);
                if (how & MAP_SHARED && readlink(link, path, sizeof path - 1) > 0 && strstr(path, "/.slm/")) {
                    errno = ENODEV;
                    return MAP_FAILED;
                }
                return ((void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap"))
                    (at, size, may, how, file, offset);
            }
            void *mmap64(void *at, size_t size, int may, int how, int file, off_t offset) {
                return mmap(at, size, may, how, file, offset);
            }
            """

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"), "there is no C compiler"))
        func `a disk that shares no memory can have a store, also one that was made elsewhere`() async throws {
            try await withSplitModel { program in
                let shimmed = try await Self.shim(Self.withoutSharedMemory, in: program)
                program.hub.add(repo: "demo/other", files: ["o-Q8_0.gguf": GGUFBuilder.tinyLlama(seed: 3).build()])
                for command in [["get", "hf:demo/other"], ["verify"], ["rm", "hf:demo/m-GGUF"]] {
                    let said = try await program.run(command, environment: shimmed)
                    #expect(said.status == 0, "\(command): \(said.standardError)")
                }
                // And the other way round.
                let models = try await program.json("ls")["models"]?.elements ?? []
                #expect(models.map { $0["ref"]?.text } == ["hf:demo/other:Q8_0"])
            }
        }

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"), "there is no C compiler"))
        func `on a disk without record locks all that only reads works, and the rest says why not`() async throws {
            try await withSplitModel { program in
                let shimmed = try await Self.shim(Self.withoutRecordLocks, in: program)
                let model = "hf:demo/m-GGUF"
                for reading in [
                    ["ls"], ["path", model], ["verify"], ["verify", "--fast"], ["verify", "--repair"], ["outdated"],
                    ["get", model], ["fit", model],
                ] {
                    let said = try await program.run(reading, environment: shimmed)
                    #expect(said.status == 0, "\(reading): \(said.standardError)")
                }
                for change in [["rm", model], ["pin", model]] {
                    let said = try await program.run(change, environment: shimmed)
                    #expect(said.status == 73 && said.standardError.contains("cannot lock files"), "\(change)")
                }
                #expect(try await program.json("ls")["models"]?.elements.first?["state"]?.text == "ready")
            }
        }
    #endif

    @Test func `a folder in place of a file is told, and the other models are checked`() async throws {
        try await withSplitModel { program in
            program.hub.add(repo: "demo/other", files: ["o-Q8_0.gguf": GGUFBuilder.tinyLlama(seed: 3).build()])
            _ = try await program.run("get", "hf:demo/other")
            let file = program.store.appending("demo").appending("other").appending("o-Q8_0.gguf")
            try FileManager.default.removeItem(atPath: file.string)
            try FileManager.default.createDirectory(atPath: file.string, withIntermediateDirectories: false)
            let checked = try await program.run("verify", "--repair", "--json")
            #expect(checked.status == 1)
            let models = try JSON(parsing: checked.standardOutput)["models"]?.elements ?? []
            #expect(models.map { $0["state"]?.text } == ["ready", "missing"])
            #expect(models.last?["error"]?["code"]?.text == "occupied")
        }
    }

    @Test func `an origin that cannot be asked has not said that nothing has changed`() async throws {
        try await withSplitModel { program in
            program.hub.script("*", .status(404))
            program.hub.script("*", .status(500))
            let outdated = try await program.run("outdated")
            #expect(outdated.status != 0 || outdated.standardOutput.contains("gone"))
            #expect(!outdated.standardOutput.contains("up to date"))
            let updated = try await program.run("update")
            #expect(!updated.standardOutput.contains("Nothing has changed"))
        }
    }

    @Test func `doctor tries locks, and has no tick for a refusal`() async throws {
        try await withSplitModel { program in
            let well = try await program.json("doctor")["checks"]?.elements ?? []
            #expect(well.first { $0["name"]?.text == "locks" }?["state"]?.text == "good")
            let part = program.store.appending("demo/m-GGUF/\(Self.split[1])")
            let stray = program.store.appending(".slm/blocks/\(String(repeating: "0", count: 64))")
            let half = program.store.appending(".slm/partial/half")
            try FileManager.default.removeItem(atPath: part.string)
            for file in [stray, half] {
                try FileManager.default.createDirectory(
                    atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
                try file.write([1, 2, 3])
            }
            let records = program.store.appending(".slm/records").string
            let record = try #require(try FileManager.default.contentsOfDirectory(atPath: records).first)
            let broken = FilePath(records).appending(record)
            try broken.write(Array("{".utf8))
            let said = try await program.run("doctor").standardOutput
            #expect(said.contains("slm doctor --fix") && said.contains(record.suffix(12)))
            let mended = try await program.json("doctor", "--fix")["checks"]?.elements ?? []
            #expect(
                mended.filter { $0["state"]?.text == "fixed" }.map { $0["name"]?.text } == [
                    "index", "leftovers", "model",
                ])
            #expect(try JSON(parsing: String(decoding: broken.readBytes(), as: UTF8.self))["files"] != nil)
            #expect(!mended.contains { $0["state"]?.text == "bad" })
            #expect(FileManager.default.fileExists(atPath: part.string))
            #expect(!FileManager.default.fileExists(atPath: stray.string))
            program.hub.script("*", .status(403))
            let refused = try await program.run("doctor", "--json")
            #expect(refused.status == 1)
            let checks = try JSON(parsing: refused.standardOutput)["checks"]?.elements ?? []
            #expect(checks.first { $0["name"]?.text == "network" }?["state"]?.text == "bad")
            program.hub.clear()
            program.hub.script("*", .html())
            let portal = try await program.run("doctor")
            #expect(portal.status == 1 && portal.standardOutput.contains("sent a web page"))
        }
    }

    @Test func `doctor says who else can read the token, and of a file that holds none`() async throws {
        try await withProgram { program in
            let token = program.folder.appending("home/.cache/huggingface/token").string
            try FileManager.default.createDirectory(
                atPath: FilePath(token).removingLastComponent().string, withIntermediateDirectories: true)
            func said() async throws -> String? {
                let checks = try await program.json("doctor")["checks"]?.elements ?? []
                return checks.first { $0["name"]?.text == "token" }?["message"]?.text
            }
            let none = try await said()
            try "hf_abc".write(toFile: token, atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: token)
            let open = try await said()
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
            let own = try await said()
            try "\u{1B}[2J".write(toFile: token, atomically: false, encoding: .utf8)
            let bad = try await said()
            #expect(none == nil)
            #expect(own?.contains("the Hub refuses that of") == true)
            #expect(open?.contains("other users") == true)
            #expect(bad?.contains("holds no token") == true)
        }
    }

    @Test func `a store that was named and is not there is an error, never an empty store`() async throws {
        try await withProgram { program in
            for command in [["ls"], ["verify"], ["outdated"], ["update"], ["path", "x"], ["rm", "x"]] {
                let result = try await RunningCommand.run(
                    builtProgram("slm"), command + ["--store", program.folder.appending("disk/store").string],
                    environment: ["HOME": program.folder.string], folder: program.folder)
                #expect(result.status == 66, "\(command)")
            }
            #expect(!FileManager.default.fileExists(atPath: program.folder.appending("disk").string))
        }
    }
}
