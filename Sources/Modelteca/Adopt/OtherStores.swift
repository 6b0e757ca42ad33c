internal import Disk
internal import Foundation
internal import ModelCatalog
internal import SystemPackage

/// Where other programs keep models on this disk. It is read, never written.
package struct OtherStores: Sendable {
    /// One program's folder.
    struct Place: Sendable {
        var program: OtherProgram
        var root: FilePath
    }

    /// The most files of one program that are looked at.
    static let mostFiles = 20_000
    /// How deep folders are looked into below a program's own.
    static let depth = 6

    let places: [Place]

    /// Reads the variables with which each program can be told another place, and its settings.
    package init(environment: [String: String], home: String) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let caches = value("XDG_CACHE_HOME") ?? home + "/.cache"
        let data = value("XDG_DATA_HOME") ?? home + "/.local/share"
        let hub = value("HF_HUB_CACHE") ?? (value("HF_HOME") ?? caches + "/huggingface") + "/hub"
        let places: [(OtherProgram, [String?])] = [
            // ollama/ollama, `envconfig/config.go`.
            (.ollama, [value("OLLAMA_MODELS"), home + "/.ollama/models"]),
            (.docker, [value("MODELS_PATH"), home + "/.docker/models"]),
            (.huggingFace, [hub, caches + "/huggingface/hub"]),
            (.llamaCpp, [value("LLAMA_CACHE"), caches + "/llama.cpp", home + "/Library/Caches/llama.cpp"]),
            (.lmStudio, Self.lmStudio(home).map { Optional($0) }),
            (
                .gpt4All,
                [data + "/nomic.ai/GPT4All", home + "/Library/Application Support/nomic.ai/GPT4All"]
            ),
            (
                .jan,
                [
                    data + "/Jan/data/llamacpp/models", home + "/.config/Jan/data/llamacpp/models",
                    home + "/jan/models",
                    home + "/Library/Application Support/Jan/data/llamacpp/models",
                ]
            ),
            (.ramaLama, [data + "/ramalama/store"]),
            (.modelScope, [value("MODELSCOPE_CACHE"), caches + "/modelscope"]),
        ]
        // Who was given another home, as a sandbox or a test is, sees only what is in it.
        let services = Self.isOwnHome(home) ? Self.services : []
        var seen: Set<FilePath> = []
        self.places = (places + services).flatMap { program, paths in
            paths.compactMap(\.self).map { Place(program: program, root: FilePath($0)) }
        }.filter { seen.insert($0.root).inserted }
    }

    /// Where programs keep models that run as services of the system, with a user of their own.
    private static let services: [(OtherProgram, [String?])] = [
        (.ollama, ["/usr/share/ollama/.ollama/models"]), (.ramaLama, ["/var/lib/ramalama/store"]),
    ]

    /// Whether the system names this home for this user; true, too, where it knows nothing of the user.
    private static func isOwnHome(_ home: String) -> Bool {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var texts = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(getuid(), &entry, &texts, texts.count, &found) == 0, found != nil else { return true }
        return String(cString: entry.pw_dir) == home
    }

    /// lmstudio-ai/lms, `src/subcommands/importCmd.ts`: the home may be elsewhere, and the models apart from it.
    private static func lmStudio(_ home: String) -> [String] {
        func text(_ path: String) -> String? { readText(at: FilePath(path), limit: 1 << 20) }
        let pointer = text(home + "/.lmstudio-home-pointer")?.trimmed
        let base = pointer.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.lmstudio"
        struct Settings: Decodable { var downloadsFolder: String? }
        let settings = text(base + "/settings.json").flatMap {
            try? JSONDecoder().decode(Settings.self, from: Data($0.utf8))
        }
        return [settings?.downloadsFolder ?? base + "/models", home + "/.cache/lm-studio/models"]
    }

    /// The folders that are there.
    func folders(of program: OtherProgram) -> [FilePath] {
        places.filter { $0.program == program && Self.isFolder($0.root) }.map(\.root)
    }

    /// The folder that a program has unless it was told otherwise, whether it is there or not.
    func usualFolder(of program: OtherProgram) -> FilePath {
        places.first { $0.program == program }?.root ?? ""
    }

    // MARK: A file that is wanted

    /// Files that may be what is wanted: called by its digest, or with its name and size. None is trusted before it is
    /// hashed.
    func candidates(for file: RemoteFile) -> [(program: OtherProgram, path: FilePath)] {
        guard let digest = file.digest else { return [] }
        var found: [(program: OtherProgram, path: FilePath)] = []
        for place in places {
            guard Self.isFolder(place.root) else { continue }
            let paths: [FilePath] =
                switch place.program {
                case .ollama: [place.root.pushing(FilePath("blobs/sha256-\(digest.hex)"))]
                case .docker: [place.root.pushing(FilePath("blobs/sha256/\(digest.hex)"))]
                case .huggingFace:
                    Self.names(in: place.root).filter { $0.hasPrefix("models--") }.map {
                        place.root.appending($0).appending("blobs").appending(digest.hex)
                    }
                default:
                    Self.files(below: place.root).filter { path in
                        let name = path.lastComponent?.string ?? ""
                        return name == file.name || name.hasSuffix("_" + file.name) || name == "sha256-\(digest.hex)"
                    }
                }
            for path in paths {
                guard let real = Self.real(path), let size = FileStatus.size(ofFile: real),
                    file.size == nil || file.size == size
                else { continue }
                found.append((place.program, real))
            }
        }
        return found
    }

    /// Files that may be other versions of what is wanted: with its name, of whatever size. Ollama and Docker call theirs
    /// by digest alone.
    func versions(of file: RemoteFile) -> [(program: OtherProgram, path: FilePath)] {
        places.flatMap { place -> [(program: OtherProgram, path: FilePath)] in
            guard ![.ollama, .docker].contains(place.program), Self.isFolder(place.root) else { return [] }
            let named = Self.files(below: place.root).filter { path in
                let name = path.lastComponent?.string ?? ""
                return name == file.name || name.hasSuffix("_" + file.name)
            }
            return named.compactMap { path in Self.real(path).map { (place.program, $0) } }
        }
    }

    // MARK: Looking

    /// Also behind a link: where its models are is the user's choice.
    private static func isFolder(_ path: FilePath) -> Bool {
        FileStatus(following: path)?.kind == .folder
    }

    static func names(in folder: FilePath) -> [String] { (try? Folder.root(folder)?.names()) ?? [] }

    /// Files below a folder, links to files included, in order.
    ///
    /// - Parameters:
    ///   - passing: Which names are looked at, of files and of folders.
    ///   - onFolder: How many files there are so far; after each folder.
    static func files(
        below root: FilePath, depth: Int = Self.depth, atMost mostFiles: Int = Self.mostFiles,
        passing: (String) -> Bool = { _ in true }, onFolder: (Int) -> Void = { _ in }
    ) -> [FilePath] {
        var found: [FilePath] = []
        func look(_ folder: FilePath, _ depth: Int) {
            defer { onFolder(found.count) }
            for name in names(in: folder) where found.count < mostFiles && passing(name) {
                if Task.isCancelled { return }
                let path = folder.appending(name)
                switch FileStatus(of: path)?.kind {
                case .folder where depth > 0: look(path, depth - 1)
                case .file, .link: found.append(path)
                default: break
                }
            }
        }
        look(root, depth)
        return found
    }

    /// Where the content of a file is, links followed; nil when there is none that can be read.
    static func real(_ path: FilePath) -> FilePath? {
        let real = FilePath(URL(filePath: path.string).resolvingSymlinksInPath().path(percentEncoded: false))
        guard FileStatus(of: real)?.kind == .file, FileManager.default.isReadableFile(atPath: real.string) else {
            return nil
        }
        return real
    }

    /// A folder without links in its path; nil where there is none.
    static func realFolder(_ path: FilePath) -> FilePath? {
        guard FileStatus(following: path)?.kind == .folder else { return nil }
        return FilePath(URL(filePath: path.string).resolvingSymlinksInPath().path(percentEncoded: false))
    }

    /// A small file whole; nil when it is not there or too large.
    static func read(_ path: FilePath, limit: Int = 4 << 20) -> Data? {
        guard let name = path.lastComponent?.string, let real = real(path), let file = real.lastComponent?.string,
            !name.isEmpty, let folder = try? Folder.root(real.removingLastComponent()),
            let bytes = try? folder.read(file, limit: limit)
        else { return nil }
        return Data(bytes)
    }
}
