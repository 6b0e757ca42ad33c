import Disk
import Foundation
import ModelDownload
import SystemPackage
import Testing

@testable import ModelStore

@Suite struct LayoutTests {
    @Test(arguments: [
        ("XDG_DOWNLOAD_DIR=\"$HOME/Descargas\"", "/home/ana/Descargas"),
        (
            "# a comment\nXDG_DESKTOP_DIR=\"$HOME/Escritorio\"\n  XDG_DOWNLOAD_DIR=\"$HOME/Descargas/\"\n",
            "/home/ana/Descargas"
        ),
        ("XDG_DOWNLOAD_DIR=\"/data/downloads\"", "/data/downloads"),
        ("XDG_DOWNLOAD_DIR=\"$HOME/Mis \\\"cosas\\\"\"", "/home/ana/Mis \"cosas\""),
        ("XDG_DOWNLOAD_DIR=\"$HOME/a\"\nXDG_DOWNLOAD_DIR=\"$HOME/b\"", "/home/ana/b"),
        ("XDG_DOWNLOAD_DIR=\"$HOME/\"", nil), ("XDG_DOWNLOAD_DIR=\"relative\"", nil),
        ("XDG_DOWNLOAD_DIR=\"$HOME/open", nil), ("#XDG_DOWNLOAD_DIR=\"$HOME/Descargas\"", nil), ("", nil),
    ])
    func `the desktop's own file says where downloads go`(text: String, expected: String?) {
        let found = StoreLayout.downloads(userDirectories: text, home: "/home/ana")
        #expect(found == expected.map { FilePath($0) })
    }

    @Test func `the default root is what the user says, else a folder in Downloads`() async throws {
        try await withStore { shelf in
            let home = shelf.root
            #expect(StoreLayout.defaultRoot(environment: ["SLM_STORE": "/models"], home: home) == "/models")
            #expect(
                StoreLayout.defaultRoot(environment: ["SLM_STORE": ""], home: home) == home.appending("Downloads/slm"))
            #if os(Linux)
                try shelf.put(Array("XDG_DOWNLOAD_DIR=\"$HOME/Descargas\"\n".utf8), at: ".config/user-dirs.dirs")
                #expect(StoreLayout.defaultRoot(environment: [:], home: home) == home.appending("Descargas/slm"))
                let other = home.appending("settings")
                let environment = ["XDG_CONFIG_HOME": other.string]
                #expect(
                    StoreLayout.defaultRoot(environment: environment, home: home) == home.appending("Downloads/slm"))
                try shelf.put(Array("XDG_DOWNLOAD_DIR=\"/data\"\n".utf8), at: "settings/user-dirs.dirs")
                #expect(StoreLayout.defaultRoot(environment: environment, home: home) == "/data/slm")
                #expect(
                    StoreLayout.defaultRoot(environment: ["XDG_CONFIG_HOME": "settings"], home: home)
                        == home.appending("Descargas/slm"))
            #endif
        }
    }

    @Test func `file names for references are different where references are, without regard to case`() {
        let long = String(repeating: "x", count: 300)
        let texts = [
            ".", "tiny:1b", "Tiny:1b", "tiny/1b", "tiny%3A1b", "tiny1b", ".hidden", "..", "hf:o/r:Q4@v", "ñandú", "",
            long,
            long + "y", "https://example.org/a?b=c",
        ]
        let names = texts.map(StoreLayout.fileName(for:))
        #expect(Set(names.map { $0.lowercased() }).count == texts.count)
        #expect(names.dropFirst().allSatisfy { $0.isEmpty || FileNameRules.isSafe($0) })
        #expect(names.allSatisfy { $0.utf8.count <= 200 })
    }

    @Test(arguments: ["model.gguf", "Ünï cøde.gguf", "モデル.gguf", "a b (1).gguf", "%2e%2e", "-rf", "~"])
    func `ordinary names are safe`(name: String) { #expect(FileNameRules.isSafe(name)) }

    @Test func `free space is that of the nearest folder that exists`() async throws {
        try await withStore { shelf in
            let free = try #require(DiskSpace.free(at: shelf.root.appending("not/there/yet")))
            #expect(free > 0)
        }
    }

    @Test func `block hashes survive writing, and none of the ways to damage them passes`() async throws {
        let file = BlockFile(size: 9 << 20, modified: -5, blocks: BlockHashes(hashes: [1, .max, 3]))
        let bytes = file.bytes
        #expect(BlockFile(bytes) == file)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            #expect(BlockFile(damaged) == nil)
            #expect(BlockFile(Array(bytes.prefix(place))) == nil)
        }
        #expect(BlockFile(bytes + [0]) == nil)
        #expect(BlockFile(BlockFile(size: 0, modified: 0, blocks: .init(hashes: [])).bytes) != nil)
    }

    @Test func `every error has a name of its own for scripts`() {
        let path: FilePath = "/x"
        let errors: [StoreError] = [
            .noSpace(path: path, needed: 1, free: 0), .readOnly(path: path), .permission(path: path),
            .io(path: path, errno: .ioError), .occupied(path: path), .outsideStore(path: path), .unsafeName("x"),
            .notStored(ref: "x"), .changed(path: path), .indexDamaged(path: path, detail: "x"), .indexNewer(path: path),
            .locked(key: "x"), .beingFetched(ref: "x"),
        ]
        #expect(Set(errors.map(\.code)).count == errors.count)
        #expect(StoreError(DiskError(.noSpace, at: path)).code == "no-space")
        #expect(StoreError(DiskError(.readOnlyFileSystem, at: path)).code == "read-only")
        #expect(StoreError(DiskError(.permissionDenied, at: path)).code == "permission")
        #expect(StoreError(DiskError(.ioError, at: path)) == .io(path: path, errno: .ioError))
    }
}
