import Crypto
import Foundation

/// The host that sends the bytes of large files, for whoever has a signed address.
struct CDNRoutes {
    let state: Origin.State
    let origin: Origin
    let head: RequestHead

    func route() -> (answer: Answer, name: String?) {
        guard let (name, content) = file else {
            return (Self.refusal(404, "NoSuchKey", "The specified key does not exist."), nil)
        }
        // A second kind of credentials beside a signature is refused, and it means that a token left its host.
        guard head["Authorization"] == nil else {
            return (Self.refusal(400, "InvalidArgument", "Only one auth mechanism allowed"), name)
        }
        guard SignedAddress.holds(head, generation: state.generation) else {
            return (Self.refusal(403, "AccessDenied", "Request has expired"), name)
        }
        // Not the file's SHA-256 but a value of this host that looks like one, as with the real one.
        let etag = sha256(of: Array("cdn \(content.sha256)".utf8))
        return (.file(content, etag: etag), name)
    }

    /// The file that the path is about, with the name that faults and the log know it by.
    private var file: (name: String, content: Content)? {
        let words = head.path.split(separator: "/").map(String.init)
        guard words.count >= 3, let hash = words.last else { return nil }
        switch words[0] {
        case "xet-bridge":
            let repository = state.repositories.values.first { $0.storageID == words[1] }
            guard let repository, let file = repository.file(sha256: hash) else { return nil }
            return ("\(repository.id)/\(file.path)", file.content)
        case "registry":
            let name = words[1..<(words.count - 1)].joined(separator: "/")
            guard let content = state.artifacts[name]?.blobs["sha256:\(hash)"] else { return nil }
            return ("\(name)/sha256:\(hash)", content)
        default:
            return nil
        }
    }

    /// An error as storage services write it.
    static func refusal(_ status: Int, _ code: String, _ message: String) -> Answer {
        .text(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code><Message>\(message)</Message></Error>",
            status: status, type: "application/xml")
    }
}

/// Addresses that hold for a while and cannot be made up.
enum SignedAddress {
    private static let key = SymmetricKey(size: .bits256)

    /// The address of a file on the CDN.
    ///
    /// - Parameter file: The name to save it by.
    static func make(_ state: Origin.State, _ location: String, file: String) -> String {
        let expires = Int(Date().timeIntervalSince1970) + state.addressLifetime
        let file = file.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "file"
        return "\(state.cdn)\(location)?response-content-disposition=inline%3B%20filename%3D%22\(file)%22"
            + "&Expires=\(expires)&Generation=\(state.generation)"
            + "&Signature=\(signature(location, expires, state.generation))&Key-Pair-Id=loopback"
    }

    /// Whether an address is one of ours and its time is not over.
    static func holds(_ head: RequestHead, generation: Int) -> Bool {
        guard let expires = head.parameter("Expires").flatMap({ Int($0) }),
            let number = head.parameter("Generation").flatMap({ Int($0) })
        else { return false }
        return number == generation && expires > Int(Date().timeIntervalSince1970)
            && head.parameter("Signature") == signature(head.path, expires, number)
    }

    private static func signature(_ path: String, _ expires: Int, _ generation: Int) -> String {
        let message = Array("\(path) \(expires) \(generation)".utf8)
        return hexadecimal(HMAC<SHA256>.authenticationCode(for: message, using: key))
    }
}
