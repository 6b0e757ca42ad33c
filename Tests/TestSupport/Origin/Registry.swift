/// One layer of an artifact: a file with its media type.
public struct Layer: Sendable {
    /// Such as `application/vnd.ollama.image.model`.
    public var mediaType: String
    /// What the blob holds.
    public var content: Content
    /// Such as `org.cncf.model.filepath`.
    public var annotations: [String: String]

    /// By default without annotations.
    public init(_ mediaType: String, _ content: Content, annotations: [String: String] = [:]) {
        self.mediaType = mediaType
        self.content = content
        self.annotations = annotations
    }

    var descriptor: JSON {
        var members: [String: JSON] = [
            "mediaType": .text(mediaType), "digest": .text("sha256:\(content.sha256)"),
            "size": .integer(content.size),
        ]
        if !annotations.isEmpty { members["annotations"] = .object(annotations.mapValues { .text($0) }) }
        return .object(members)
    }
}

/// What a registry asks for before it shows a repository.
public enum RegistryAccess: Sendable, Equatable {
    /// Nothing, as the Ollama registry.
    case open
    /// A token that everybody gets from the address in `WWW-Authenticate`, as Docker Hub.
    case anonymousToken
    /// This value of `Authorization`, as a registry with a list of passwords.
    case basic(String)
}

/// A repository of an OCI registry.
struct Artifact: Sendable {
    var access = RegistryAccess.open
    /// By tag and by digest.
    var manifests: [String: (type: String, bytes: [UInt8])] = [:]
    /// By digest, with its `sha256:`.
    var blobs: [String: Content] = [:]
    /// Whether blobs come from the CDN's port.
    var redirectsBlobs = true
}

extension LoopbackHub {
    /// Puts a model into the registry at `/v2/`: `OLLAMA_REGISTRY` and `oci://127.0.0.1:PORT/…` lead there.
    ///
    /// - Parameters:
    ///   - name: With its namespace: `library/tiny`.
    ///   - config: As a layer; by default an empty JSON object of Docker's type, as Ollama has it.
    ///   - mediaType: Of the manifest.
    ///   - redirectsBlobs: Whether blobs are a 307 to the CDN's port, as at Ollama and Docker Hub, or come at once.
    /// - Returns: The digest of the manifest, `sha256:…`.
    @discardableResult
    public func addArtifact(
        _ name: String, tag: String = "latest", layers: [Layer], config: Layer? = nil,
        mediaType: String = "application/vnd.docker.distribution.manifest.v2+json", artifactType: String? = nil,
        access: RegistryAccess = .open, redirectsBlobs: Bool = true
    ) -> String {
        let config = config ?? Layer("application/vnd.docker.container.image.v1+json", .text("{}"))
        var members: [String: JSON] = [
            "schemaVersion": 2, "mediaType": .text(mediaType), "config": config.descriptor,
            "layers": .array(layers.map(\.descriptor)),
        ]
        if let artifactType { members["artifactType"] = .text(artifactType) }
        let manifest = Array(JSON.object(members).encoded.utf8)
        let digest = "sha256:\(sha256(of: manifest))"
        origin.with { state in
            var artifact = state.artifacts[name] ?? Artifact()
            artifact.access = access
            artifact.redirectsBlobs = redirectsBlobs
            artifact.manifests[tag] = (mediaType, manifest)
            artifact.manifests[digest] = (mediaType, manifest)
            for layer in layers + [config] { artifact.blobs["sha256:\(layer.content.sha256)"] = layer.content }
            state.artifacts[name] = artifact
        }
        return digest
    }
}
