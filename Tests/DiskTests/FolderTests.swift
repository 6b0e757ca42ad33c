import Disk
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct FolderTests {
    @Test func `a file is replaced, never written into: not through a link, a pipe or a second name`() throws {
        try withTemporaryFolder { path in
            let folder = try #require(try Folder.root(path))
            let victim = path.appending("victim")
            try victim.write([1, 2, 3])
            let traps: [(String) throws -> Void] = [
                { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: victim.string) },
                { try FileManager.default.linkItem(atPath: victim.string, toPath: $0) },
                { #expect(mkfifo($0, 0o600) == 0) },
            ]
            for trap in traps {
                try trap(path.appending("record").string)
                try trap(path.appending("record.tmp").string)
                try folder.write([7], as: "record")
                #expect(try folder.read("record", limit: 10) == [7])
                #expect(try folder.status("record")?.kind == .file)
                #expect(try victim.readBytes() == [1, 2, 3])
                try folder.remove("record")
            }
            #expect(try folder.names() == ["victim"])
        }
    }

    @Test func `nothing is written of a file that could not be brought to the disk before`() throws {
        try withTemporaryFolder { path in
            let folder = try #require(try Folder.root(path))
            try path.appending("data").write([1, 2, 3])
            let notes = [(name: "note", bytes: [UInt8]("it is there".utf8))]
            #expect(throws: DiskError.self) { try folder.write(notes, after: [path.appending("gone")]) }
            #expect(try folder.names() == ["data"])
            try folder.write(notes, after: [path.appending("data")])
            #expect(try folder.names() == ["data", "note"])
        }
    }

    @Test func `only a plain file of bounded size is read`() throws {
        try withTemporaryFolder { path in
            let folder = try Folder.creatingRoot(path.appending("a/b"))
            try folder.write([1, 2, 3], as: "file", durably: false)
            try FileManager.default.createSymbolicLink(
                atPath: folder.path.appending("link").string, withDestinationPath: "file")
            #expect(mkfifo(folder.path.appending("pipe").string, 0o600) == 0)
            #expect(try folder.read("file", limit: 3) == [1, 2, 3])
            for name in ["link", "pipe", "absent"] { #expect(try folder.read(name, limit: 3) == nil) }
            #expect(try folder.read("file", limit: 2) == nil)
        }
    }

    @Test func `a link is no folder, and neither is a file`() throws {
        try withTemporaryFolder { path in
            let folder = try Folder.creatingRoot(path)
            _ = try folder.creatingFolder("there")
            try FileManager.default.createSymbolicLink(
                atPath: path.appending("link").string, withDestinationPath: "there")
            try folder.write([], as: "file")
            #expect(try folder.folder("there") != nil)
            #expect(try folder.folder("absent") == nil)
            let link = DiskError(.tooManySymbolicLinkLevels, at: path.appending("link"))
            #expect(throws: link) { try folder.folder("link") }
            #expect(throws: link) { try folder.creatingFolder("link") }
            #expect(throws: link) { try folder.open("link") }
            #expect(throws: DiskError(.notDirectory, at: path.appending("file"))) { try folder.folder("file") }
            #expect(throws: DiskError(.notDirectory, at: path.appending("file"))) {
                try Folder.root(path.appending("file"))
            }
        }
    }

    @Test(arguments: [0, 1, 4096, (3 << 20) + 5])
    func `a duplicate has the same bytes, and so has a copy of any part`(size: Int) throws {
        try withTemporaryFolder { path in
            let folder = try Folder.creatingRoot(path)
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try folder.write(bytes, as: "one", durably: false)
            try folder.duplicate(path.appending("one"), size: Int64(size), as: "two")
            #expect(try folder.read("two", limit: size) == bytes)
            let one = try #require(try folder.open("one"))
            let two = try #require(try folder.open("two"))
            #expect(try one.hasSameContent(as: two))

            let part = try folder.create("part")
            let range = Int64(size / 3)..<Int64(size + 100)
            #expect(try one.copy(range, to: part) == Int64(size - size / 3))
            #expect(
                try folder.read("part", limit: size).map { Array($0.dropFirst(size / 3)) }
                    == Array(bytes.dropFirst(size / 3)))
            try part.preallocate(Int64(size + 1))
            #expect(FileStatus(of: part)?.size == Int64(size + 1))
            try part.sync()
            let other = try #require(try folder.open("part"))
            #expect(try !one.hasSameContent(as: other))
            for file in [one, two, part, other] { try file.close() }
        }
    }

    @Test func `the hash is FNV-1a`() {
        // From the authors' own test vectors, http://www.isthe.com/chongo/src/fnv/test_fnv.c
        #expect(fnv1a("".utf8) == 0xcbf2_9ce4_8422_2325)
        #expect(fnv1a("a".utf8) == 0xaf63_dc4c_8601_ec8c)
        #expect(fnv1a("foobar".utf8) == 0x8594_4171_f739_67e8)
    }
}
