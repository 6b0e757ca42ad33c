/// The pulling half of an OCI registry (opencontainers/distribution-spec, `spec.md`), with the token dance of Docker Hub.
struct RegistryRoutes {
    let state: Origin.State
    let head: RequestHead

    /// Handed out to whoever asks; `expireAddresses` makes it worthless.
    private var token: String { "loopback-registry-\(state.generation)" }

    func route() -> (answer: Answer, name: String?) {
        if head.path == "/token" { return (.json(["token": .text(token), "expires_in": 300]), nil) }
        let words = head.path.split(separator: "/").map(String.init)
        if words == ["v2"] { return (.json("{}"), nil) }
        guard words.count >= 4, let artifact = state.artifacts[words[1..<(words.count - 2)].joined(separator: "/")]
        else {
            return (Self.refusal(404, "NAME_UNKNOWN", "repository name not known to registry"), nil)
        }
        let name = words[1..<(words.count - 2)].joined(separator: "/")
        let reference = words[words.count - 1]
        if artifact.access == .anonymousToken, head["Authorization"] != "Bearer \(token)" {
            let challenge = "Bearer realm=\"\(state.hub)/token\",service=\"loopback\",scope=\"repository:\(name):pull\""
            return (
                Self.refusal(401, "UNAUTHORIZED", "authentication required", [("WWW-Authenticate", challenge)]), nil
            )
        }
        if case .basic(let value) = artifact.access, head["Authorization"] != value {
            let challenge = [(name: "WWW-Authenticate", value: "Basic realm=\"loopback\"")]
            return (Self.refusal(401, "UNAUTHORIZED", "authentication required", challenge), nil)
        }
        switch words[words.count - 2] {
        case "manifests":
            guard let manifest = artifact.manifests[reference] else {
                return (Self.refusal(404, "MANIFEST_UNKNOWN", "manifest unknown"), nil)
            }
            let digest = "sha256:\(sha256(of: manifest.bytes))"
            return (
                .bytes(manifest.bytes, type: manifest.type, headers: [("Docker-Content-Digest", digest)]),
                "\(name):\(reference)"
            )
        case "blobs":
            guard let content = artifact.blobs[reference] else {
                return (Self.refusal(404, "BLOB_UNKNOWN", "blob unknown to registry"), nil)
            }
            let label = "\(name)/\(reference)"
            guard artifact.redirectsBlobs else {
                return (.file(content, etag: reference, headers: [("Docker-Content-Digest", reference)]), label)
            }
            let location = "/registry/\(name)/\(content.sha256)"
            return (.redirect(to: SignedAddress.make(state, location, file: "data"), status: 307), label)
        default:
            return (Self.refusal(404, "UNSUPPORTED", "The operation is unsupported."), nil)
        }
    }

    static func refusal(
        _ status: Int, _ code: String, _ message: String, _ headers: [(name: String, value: String)] = []
    ) -> Answer {
        .json(
            ["errors": [["code": .text(code), "message": .text(message)]]], status: status, headers: headers)
    }
}
