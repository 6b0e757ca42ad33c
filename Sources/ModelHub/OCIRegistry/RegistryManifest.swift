internal import Disk
internal import Foundation
internal import ModelCatalog

/// A manifest or an index, as far as it is needed here (opencontainers/image-spec, `manifest.md`, `image-index.md`).
struct RegistryManifest: Decodable {
    var mediaType: String?
    var artifactType: String?
    var config: Descriptor?
    var layers: [Descriptor]?
    /// Of an index.
    var manifests: [Descriptor]?
    var annotations: [String: String]?

    /// What names a content.
    struct Descriptor: Decodable {
        var mediaType: String
        var digest: String
        var size: Int64
        var annotations: [String: String]?
        var artifactType: String?
        var platform: Platform?

        struct Platform: Decodable { var architecture: String? }

        /// The path of the file, as its publisher gives it: hostile until it is checked.
        var path: String? {
            annotations?["org.cncf.model.filepath"] ?? annotations?["org.opencontainers.image.title"]
        }
    }

    /// What is asked for: manifests and indexes, of both families.
    static let accepted = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]

    /// The entry of an index that is a model: an attestation says that its platform is unknown.
    var modelEntry: Descriptor? {
        let candidates = (manifests ?? []).filter {
            $0.platform?.architecture != "unknown" && $0.annotations?["vnd.docker.reference.type"] == nil
        }
        return candidates.first { $0.artifactType?.holds("model") == true } ?? candidates.first
    }
}

/// What a config says of a model, in the three forms there are: Ollama's (`types/model/config.go`), Docker's
/// (docker/model-runner, `pkg/distribution/types/config.go`) and the CNCF's (modelpack/model-spec, `config.md`).
struct RegistryConfig: Decodable {
    var modelFormat: String?
    var fileType: String?
    /// Of a model that runs on somebody's servers.
    var remoteHost: String?
    var config: Inner?
    var descriptor: About?

    enum CodingKeys: String, CodingKey {
        case modelFormat = "model_format"
        case fileType = "file_type"
        case remoteHost = "remote_host"
        case config, descriptor
    }

    struct Inner: Decodable {
        var format: String?
        var quantization: String?
    }

    struct About: Decodable { var licenses: [String]? }

    var quantization: String? { fileType ?? config?.quantization }
    var format: String? { modelFormat ?? config?.format }
}

/// What a layer is to a model, by its media type.
enum LayerRole: Equatable {
    /// GGUF, weights or a vision projector, as the name says.
    case model
    case projector
    /// A small file that belongs to the model; with the ending that its name gets where the artifact gives none.
    case companion(ending: String)
    /// Of no use here.
    case other

    /// The largest companion that is kept, in bytes: no licence or template is larger.
    private static let companionLimit: Int64 = 4 << 20

    init(_ layer: RegistryManifest.Descriptor) {
        let type = layer.mediaType.lowercased()
        let isGGUF = layer.path?.lowercased().hasSuffix(".gguf")
        switch type {
        case "application/vnd.ollama.image.model": self = .model
        case "application/vnd.ollama.image.projector", "application/vnd.docker.ai.mmproj": self = .projector
        case _ where type.holds("gguf"): self = .model
        // Newer artifacts say only that these are weights; the path says of which kind.
        case "application/vnd.cncf.model.weight.v1.raw": self = isGGUF == false ? .other : .model
        case _ where isGGUF == true && !type.holds("tar"): self = .model
        default:
            let ending = Self.endings[type] ?? (Self.isNamedFile(type) && layer.path != nil ? "" : nil)
            self = layer.size > Self.companionLimit ? .other : ending.map { .companion(ending: $0) } ?? .other
        }
        if layer.size == 0 { self = .other }
    }

    private static let endings = [
        "application/vnd.ollama.image.template": "template", "application/vnd.ollama.image.prompt": "template",
        "application/vnd.ollama.image.system": "system.txt", "application/vnd.ollama.image.params": "params.json",
        "application/vnd.ollama.image.messages": "messages.json",
        "application/vnd.ollama.image.license": "LICENSE.txt", "application/vnd.docker.ai.license": "LICENSE.txt",
        "application/vnd.docker.ai.chat.template.jinja": "jinja",
    ]

    private static func isNamedFile(_ type: String) -> Bool {
        type == "application/vnd.docker.ai.model.file" || type == "application/vnd.cncf.model.doc.v1.raw"
            || type == "application/vnd.cncf.model.weight.config.v1.raw"
    }
}
