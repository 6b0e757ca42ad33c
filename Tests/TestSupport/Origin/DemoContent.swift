import Foundation
public import SystemPackage

extension LoopbackHub {
    /// Repositories, artifacts of a registry and a plain file to show things with, each a valid GGUF of 1 to 8 MB.
    public func addDemo() {
        let llama = "demo/tiny-llama-GGUF"
        @Sendable func model(_ type: TensorType, _ megabytes: Int, template: String = "{{ messages }}") -> Content {
            .bytes(GGUFBuilder.tinyLlama(tensorBytes: megabytes << 20, chatTemplate: template, type: type).build())
        }
        add(
            repo: llama,
            files: [
                "README.md": .text(
                    "---\nlicense: apache-2.0\n---\n# Tiny Llama\n\nRandom weights for a demonstration.\n"),
                "tiny-llama-Q4_K_M.gguf": model(.q4K, 4), "tiny-llama-Q8_0.gguf": model(.q80, 8),
            ], info: RepositoryInfo(baseModel: "demo/tiny-llama", downloads: 1200, likes: 12))
        for (file, type, megabytes) in [
            ("tiny-llama-Q4_K_M.gguf", TensorType.q4K, 4), ("tiny-llama-Q8_0.gguf", .q80, 8),
        ] {
            // The same weights behind a mended chat template, as most re-uploads are.
            onReupload(of: "\(llama)/\(file)") { number in
                model(type, megabytes, template: "{% for m in messages %}{{ m['content'] }}{% endfor %}\(number)")
            }
        }
        add(
            repo: "demo/gated-GGUF", files: ["gated-Q8_0.gguf": model(.q80, 1)],
            info: RepositoryInfo(license: "gemma", gate: .manual, downloads: 300, likes: 3))
        addArtifact(
            "library/tiny-llama",
            layers: [
                Layer("application/vnd.ollama.image.model", model(.q80, 1)),
                Layer("application/vnd.ollama.image.params", .text("{\"stop\": [\"</s>\"]}")),
                Layer("application/vnd.ollama.image.license", .text("Apache License, Version 2.0")),
            ])
        addArtifact(
            "ai/tiny-llama", tag: "1M-Q8_0",
            layers: [Layer("application/vnd.docker.ai.gguf.v3", model(.q80, 1))],
            config: Layer(
                "application/vnd.docker.ai.model.config.v0.1+json", .text("{\"config\": {\"format\": \"gguf\"}}")),
            mediaType: "application/vnd.oci.image.manifest.v1+json", access: .anonymousToken)
        addFile("plain-Q8_0.gguf", model(.q80, 2))
    }

    /// How the control operation `commit` makes the next version of a file, given the number of commits so far.
    ///
    /// - Parameter name: `owner/repo/path`.
    public func onReupload(of name: String, _ make: @escaping @Sendable (Int) -> Content) {
        origin.with { $0.reuploads[name] = make }
    }

    /// Serves a folder: `hf/OWNER/REPO/…` as repositories, `files/…` as plain files.
    ///
    /// - Throws: When a file cannot be read.
    public func addFolder(_ root: FilePath) throws {
        var repositories: [String: [String: Content]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.string).sorted() {
            let words = path.split(separator: "/", maxSplits: 3).map(String.init)
            let file = root.appending(path)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: file.string, isDirectory: &isFolder), !isFolder.boolValue,
                let top = words.first
            else { continue }
            if top == "files" {
                addFile(path, try .file(file))
            } else if top == "hf", words.count == 4 {
                repositories["\(words[1])/\(words[2])", default: [:]][words[3]] = try .file(file)
            }
        }
        for (id, files) in repositories { add(repo: id, files: files) }
    }
}
