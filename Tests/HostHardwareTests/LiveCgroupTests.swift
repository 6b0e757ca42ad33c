#if os(Linux)
    import Foundation
    import HostHardware
    import Testing

    /// A control group made for a test, where the machine lets us.
    private struct LiveGroup {
        let folder: String
        let isVersion2: Bool

        /// The parents in which a group could be made: version 1's memory hierarchy, or version 2's root.
        static let parent: (path: String, isVersion2: Bool)? = {
            let files = FileManager.default
            if files.isWritableFile(atPath: "/sys/fs/cgroup/memory/cgroup.procs") {
                return ("/sys/fs/cgroup/memory", false)
            }
            let controllers = try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.subtree_control", encoding: .utf8)
            if controllers?.contains("memory") == true, files.isWritableFile(atPath: "/sys/fs/cgroup/cgroup.procs") {
                return ("/sys/fs/cgroup", true)
            }
            return nil
        }()

        /// Whether a group can really be made and given a limit: a container often may not.
        static let isPossible: Bool = {
            guard let group = try? LiveGroup(limit: 64 << 20) else { return false }
            group.remove()
            return true
        }()

        init(limit: Int64) throws {
            struct NoParent: Error {}
            guard let parent = Self.parent else { throw NoParent() }
            folder = "\(parent.path)/modelteca-test-\(UUID().uuidString)"
            isVersion2 = parent.isVersion2
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            do {
                try write("\(limit)", to: isVersion2 ? "memory.max" : "memory.limit_in_bytes")
            } catch {
                remove()
                throw error
            }
        }

        func write(_ text: String, to name: String) throws {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(name)"))
            defer { try? file.close() }
            try file.write(contentsOf: Data(text.utf8))
        }

        func remove() { rmdir(folder) }
    }

    @Suite(.serialized) struct LiveCgroupTests {
        @Test(.enabled(if: LiveGroup.isPossible))
        func `in a real group of 2 GiB the page cache of a file read once counts as free`() throws {
            let group = try LiveGroup(limit: gibibytes(2))
            defer { group.remove() }
            let cached = mebibytes(64)
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("cache-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: file) }

            // A shell enters the group, fills page cache on its account, says so, and waits for its input to end.
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/bin/sh")
            child.arguments = [
                "-c",
                """
                echo $$ > '\(group.folder)/cgroup.procs' && head -c \(cached) /dev/zero > '\(file)' && sync '\(file)' \
                && echo ready && read -r line
                """,
            ]
            let input = Pipe()
            let output = Pipe()
            child.standardInput = input
            child.standardOutput = output
            try child.run()
            defer { child.waitUntilExit() }
            defer { try? input.fileHandleForWriting.close() }
            let answer = output.fileHandleForReading.availableData
            #expect(String(decoding: answer, as: UTF8.self) == "ready\n")

            let device = LinuxProbe(process: "\(child.processIdentifier)").device()
            #expect(device.memoryLimit == gibibytes(2))
            let available = try #require(device.memoryLimitAvailable)
            // A shell is a megabyte; the 64 MiB of cache must not be held against the group.
            #expect(available <= gibibytes(2))
            #expect(available > gibibytes(2) - mebibytes(24))
            let usage = try String(
                contentsOfFile: group.folder + (group.isVersion2 ? "/memory.current" : "/memory.usage_in_bytes"),
                encoding: .utf8)
            #expect(try #require(Int64(usage.split(separator: "\n").first ?? "")) > cached / 2)
        }
    }
#endif
