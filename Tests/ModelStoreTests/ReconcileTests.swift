import Disk
import Foundation
import ModelDownload
import SQLite
import SystemPackage
import Testing

@testable import ModelStore

@Suite struct ReconcileTests {
    @Test func `a lost index is made anew with everything in it`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("a.gguf", "one")], as: identity("a"))
            try await store.keep([shelf.verified("b.gguf", "two", proof: .size)], as: identity("b"))
            try await store.recordVerification("b", VerificationResult(state: .damaged))
            let pin = Pin(ref: "b", file: "b.gguf", digest: shelf.digest("two"), size: 7, revision: "r1")
            try await store.pin(pin)
            let before = try await store.models()
            try shelf.removeIndex()

            // Both the object that had it open and a new process.
            for store in [store, shelf.open()] {
                #expect(try await store.models() == before)
                #expect(try await store.pins(for: "b") == [pin])
            }
            #expect(shelf.exists(".slm/index.sqlite"))
        }
    }

    @Test(arguments: ["garbage", "cut", "middle", "empty"])
    func `a damaged index is moved aside and made anew`(damage: String) async throws {
        try await withStore { shelf in
            let before = [try await shelf.open().keep([shelf.verified("one")], as: identity())]
            let index = shelf.root.appending(".slm/index.sqlite")
            var bytes = try Data(contentsOf: URL(filePath: index.string))
            switch damage {
            case "garbage": bytes = Data("this was a database once, and then it was not".utf8)
            case "cut": bytes = bytes.prefix(5000)
            case "middle": for place in 100..<bytes.count { bytes[place] = 0xA5 }
            default: bytes = Data()
            }
            try shelf.removeIndex()
            try bytes.write(to: URL(filePath: index.string))

            let store = shelf.open()
            #expect(try await store.models() == before)
            try await store.keep([shelf.verified("b.gguf", "two")], as: identity("b"))
            #expect(try await shelf.open().models().count == 2)
            // An empty file is an empty database to SQLite: nothing to look at later.
            #expect(shelf.exists(".slm/index.sqlite.damaged-1") == (damage != "empty"))
        }
    }

    @Test(arguments: ["", "-wal", "-shm"])
    func `an index, or a file beside it, that is a link or a pipe is put aside and not followed`(
        suffix: String
    ) async throws {
        for isLink in [true, false] {
            try await withStore { shelf in
                let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
                let victim = shelf.root.removingLastComponent().appending("victim").string
                try Data("precious".utf8).write(to: URL(filePath: victim))
                try shelf.removeIndex()
                let trap = shelf.layout.index.string + suffix
                if isLink {
                    try FileManager.default.createSymbolicLink(atPath: trap, withDestinationPath: victim)
                } else {
                    #expect(mkfifo(trap, 0o600) == 0)
                }
                #expect(try await shelf.open().models() == [kept])
                try await shelf.open().keep([shelf.verified("b.gguf", "two")], as: identity("b"))
                #expect(FileManager.default.contents(atPath: victim) == Data("precious".utf8))
                #expect(FileStatus(of: shelf.layout.index)?.kind == .file)
            }
        }
    }

    @Test func `an index out of a backup, which lacks a model that has a record, is made anew`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            let first = try await store.keep([shelf.verified("a.gguf", "one")], as: identity("a"))
            let backup = try shelf.indexBytes()
            let second = try await store.keep([shelf.verified("b.gguf", "two")], as: identity("b"))
            try shelf.removeIndex()
            try backup.write(to: URL(filePath: shelf.layout.index.string))
            for store in [store, shelf.open()] { #expect(try await store.models() == [first, second]) }
        }
    }

    @Test func `an index that is older than the record of an updated model is made anew`() async throws {
        try await withStore { shelf in
            let other = try await shelf.open().keep([shelf.verified("a.gguf", "one")], as: identity("a"))
            let store = shelf.open()
            try await store.keep([shelf.verified("two")], as: identity())
            let backup = try shelf.indexBytes()
            let updated = try await store.keep([shelf.verified("longer")], as: identity(revision: "r2"))
            for change in [false, true] {
                try shelf.removeIndex()
                try backup.write(to: URL(filePath: shelf.layout.index.string))
                if change {
                    try await shelf.open().recordVerification(updated.ref, VerificationResult(state: .ready))
                }
                #expect(try await shelf.open().models() == [other, updated])
            }
        }
    }

    @Test func `whoever may write a record may write the index`() async throws {
        try await withStore { shelf in
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            func mode(_ path: FilePath) throws -> NSNumber? {
                try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? NSNumber
            }
            let record = try #require(shelf.names(".slm/records").first)
            #expect(try mode(shelf.layout.index) == mode(shelf.layout.records.appending(record)))
        }
    }

    @Test func `damaged indexes are numbered, none is overwritten`() async throws {
        try await withStore { shelf in
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            for number in 1...3 {
                try shelf.removeIndex()
                try shelf.put(
                    Array("not a database, and long enough to be looked at \(number)".utf8), at: ".slm/index.sqlite")
                let report = try await shelf.open().reconcile()
                #expect(report.isIndexNew)
                #expect(report.damagedIndex == shelf.root.appending(".slm/index.sqlite.damaged-\(number)"))
            }
        }
    }

    @Test func `an index whose rows make no sense is damaged`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            try shelf.unchecked("UPDATE files SET name = '../../../etc/passwd'")
            #expect(try await shelf.open().models() == [kept])
            try shelf.database { try $0.execute("DROP TABLE files") }
            #expect(try await shelf.open().models() == [kept])
        }
    }

    @Test func `a lost record is written again from the index`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let records = shelf.names(".slm/records")
            try shelf.remove(".slm/records")
            #expect(try await shelf.open().reconcile() == ReconcileReport())
            #expect(shelf.names(".slm/records") == records)
            #expect(try await shelf.open().models() == [kept])
        }
    }

    @Test func `an unreadable record is put aside and its file is found`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let name = try #require(shelf.names(".slm/records").first)
            try shelf.put(Array("{}".utf8), at: ".slm/records/\(name)")
            try shelf.removeIndex()
            let report = try await shelf.open().reconcile()
            #expect(report.unreadable == [shelf.root.appending(".slm/records/\(name).damaged")])
            #expect(report.added == ["maker/tiny-GGUF/model.gguf"])
            #expect(try await shelf.open().recordsPutAside() == report.unreadable)
            #expect(try await shelf.open().prunable().leftovers.flatMap(\.files).contains(report.unreadable[0]))
            // The block hashes remember the content of a file of this size and time.
            let found = try #require(try await shelf.open().models().first)
            #expect(found.files.first?.digest == kept.files.first?.digest)
            #expect(found.verifiedAt == nil)
        }
    }

    @Test func `files put there by hand are found, named, and wait for a check`() async throws {
        try await withStore { shelf in
            try shelf.put(shelf.gguf("one"), at: "maker/tiny-GGUF/tiny.Q4_0.gguf")
            try shelf.put(shelf.gguf("a"), at: "maker/big/big-00001-of-00002.gguf")
            try shelf.put(shelf.gguf("b"), at: "maker/big/big-00002-of-00002.gguf")
            try shelf.put(shelf.gguf("c"), at: "maker/cut/cut-00002-of-00003.gguf")
            try shelf.put(Array("<!doctype html>".utf8), at: "maker/page/page.gguf")
            try shelf.put(Array("notes".utf8), at: "maker/tiny-GGUF/README.md")
            try shelf.put(shelf.gguf("top"), at: "top.gguf")
            try shelf.put(shelf.gguf("deep"), at: "maker/a/b/deep.gguf")

            let store = shelf.open(naming: { publisher, repository, file in "hf:\(publisher)/\(repository)/\(file)" })
            let report = try await store.reconcile()
            #expect(report.added == ["hf:maker/big/big-00001-of-00002.gguf", "hf:maker/tiny-GGUF/tiny.Q4_0.gguf"])
            #expect(
                report.ignored == [
                    shelf.root.appending("maker/cut/cut-00002-of-00003.gguf"),
                    shelf.root.appending("maker/page/page.gguf"),
                ])
            let models = try await store.models()
            #expect(models.map(\.files.count) == [2, 1])
            #expect(models.allSatisfy { $0.state == .ready && $0.verifiedAt == nil })
            #expect(models.flatMap(\.files).allSatisfy { $0.proof == .none && $0.digest == nil && $0.origin == nil })

            let tiny = try #require(models.last)
            let learned = LearnedContent(
                file: "tiny.Q4_0.gguf", digest: shelf.digest("one"), proof: .sha256, blocks: .init(hashes: [7]))
            let checked = try await store.recordVerification(tiny.ref, .init(state: .ready, learned: [learned]))
            #expect(checked.verifiedAt == TemporaryStore.start)
            #expect(checked.files.first?.digest == shelf.digest("one"))
            #expect(try await shelf.open().model(named: tiny.ref) == checked)
            #expect(try await store.blockHashes(of: shelf.digest("one"))?.hashes == [7])
        }
    }

    @Test func `models whose files are gone, changed or cut are said to be so, and back when they are back`()
        async throws
    {
        try await withStore { shelf in
            let store = shelf.open()
            let kept = try await store.keep(
                [shelf.verified("a.gguf", "one"), shelf.verified("b.gguf", "two")], as: identity())
            let (a, b) = ("maker/tiny-GGUF/a.gguf", "maker/tiny-GGUF/b.gguf")
            let (away, back) = (shelf.root.appending("away").string, shelf.root.appending(a).string)
            #expect(try await store.linesSayTheSame())
            let quick = try StoreIndex.open(shelf.layout.index).linesIfAsKnown(in: shelf.layout)
            #expect(quick?.lines == [StoredLine(kept)] && quick?.size == kept.size)

            try FileManager.default.moveItem(atPath: back, toPath: away)
            #expect(try await store.models().map(\.state) == [.incomplete])
            #expect(try await store.linesSayTheSame())
            #expect(try await store.reconcile().missing == [kept.ref])
            try FileManager.default.moveItem(atPath: away, toPath: back)
            #expect(try await shelf.open().models() == [kept])

            try shelf.put(shelf.gguf("tw"), at: b)
            #expect(try await store.models().map(\.state) == [.damaged])
            #expect(try await store.linesSayTheSame())
            #expect(try await store.reconcile().damaged == [kept.ref])

            try shelf.remove(a)
            try shelf.remove(b)
            #expect(try await store.models().map(\.state) == [.missing])
            #expect(try await store.linesSayTheSame())
            #expect(try await store.remove(kept.ref) == 0)
            #expect(shelf.names("") == [".slm"])
        }
    }

    @Test func `a file written again with the same size is no longer verified`() async throws {
        try await withStore { shelf in
            let store = shelf.open()
            try await store.keep([shelf.verified("one")], as: identity())
            try shelf.put(shelf.gguf("eno"), at: "maker/tiny-GGUF/model.gguf")
            let model = try #require(try await store.models().first)
            #expect(model.state == .changed)
            #expect(model.verifiedAt == nil)
            #expect(try await store.linesSayTheSame())
            // The index knows now that it has changed.
            _ = try await store.reconcile()
            #expect(try await store.models().map(\.state) == [.changed])
            #expect(try await store.linesSayTheSame())
        }
    }

    @Test func `a store moved with its times is the same store`() async throws {
        try await withStore { shelf in
            let kept = try await shelf.open().keep([shelf.verified("one")], as: identity())
            let elsewhere = shelf.root.removingLastComponent().appending("elsewhere")
            try FileManager.default.moveItem(atPath: shelf.root.string, toPath: elsewhere.string)
            let model = try #require(try await Store(at: elsewhere).models().first)
            #expect(model.verifiedAt == kept.verifiedAt)
            #expect(model.path == elsewhere.appending("maker/tiny-GGUF/model.gguf"))
        }
    }

    /// One file a version, as `Fixtures/make_indexes.py` describes: later releases must go on reading them.
    @Test(arguments: ["v1", "v2", "v3"])
    func `an index of an earlier version is used as it is`(version: String) async throws {
        try await withStore { shelf in
            try await shelf.open().prepare()
            let fixture = try #require(
                Bundle.module.url(forResource: "index-\(version)", withExtension: "sqlite", subdirectory: "Fixtures"))
            try FileManager.default.copyItem(at: fixture, to: URL(filePath: shelf.layout.index.string))
            let store = shelf.open()
            let model = try #require(try await store.models().first)
            #expect(model.ref == "old:1b:q4_0")
            #expect(model.state == .missing)
            #expect(model.installedAt == TemporaryStore.start)
            #expect(model.files.first?.digest == shelf.digest("one"))
            #expect(model.files.first?.origin?.hubFile?.reference.description == "maker/old/old.gguf@r0")
            #expect(try await store.model(named: "OLD:1B:Q4_0") == model)
            #expect(try await store.model(withDigest: shelf.digest("one")) == model)
            #expect(try await store.pins(for: "old:1b:q4_0").map(\.size) == [7])
            try await store.keep([shelf.verified("one")], as: identity())
            #expect(try await shelf.open().models().count == 2)
            #expect(!shelf.exists(".slm/index.sqlite.damaged-1"))
            #expect(throws: SQLiteError.self) {
                try shelf.database { try $0.execute("UPDATE files SET origin = 'nonsense'") }
            }
        }
    }

    @Test func `an index of a later release is left alone`() async throws {
        try await withStore { shelf in
            try await shelf.open().keep([shelf.verified("one")], as: identity())
            try shelf.database {
                try $0.execute("INSERT INTO grdb_migrations VALUES ('v999')")
            }
            await #expect(throws: StoreError.indexNewer(path: shelf.layout.index)) {
                try await shelf.open().models()
            }
        }
    }
}

extension TemporaryStore {
    func removeIndex() throws {
        for name in names(".slm") where name.hasPrefix("index.sqlite") && !name.contains("damaged") {
            try remove(".slm/\(name)")
        }
    }

    /// The index as a backup would have it.
    func indexBytes() throws -> Data {
        try connect().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return try Data(contentsOf: URL(filePath: layout.index.string))
    }

    /// Writes what SQLite refuses, unless somebody tells it not to look.
    func unchecked(_ sql: String) throws {
        try connect().execute("PRAGMA ignore_check_constraints = ON; " + sql)
    }

    /// Works on the index as another program might.
    func database(_ work: (SQLiteConnection) throws -> Void) throws { try connect().write(work) }

    private func connect() throws -> SQLiteConnection {
        try SQLiteConnection(path: layout.index.string, busyLimit: 5000)
    }
}

extension Store {
    /// Whether a list of all says of each what is said of it alone.
    fileprivate func linesSayTheSame() async throws -> Bool {
        let (models, size) = try await contents()
        let told = try await lines()
        return told.lines == models.map(StoredLine.init) && told.size == size
    }
}
