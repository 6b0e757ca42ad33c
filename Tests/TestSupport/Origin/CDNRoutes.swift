import Crypto
import Foundation

/// The host that sends the bytes of large files, for whoever has a signed address.
struct CDNRoutes {
    let state: Origin.State
    let origin: Origin
    let head: RequestHead

    func route() -> (answer: Answer, name: String?) {
        let words = head.path.split(separator: "/").map(String.init)
        guard words.count == 3, words[0] == "xet-bridge",
            let repository = state.repositories.values.first(where: { $0.storageID == words[1] }),
            let file = repository.file(sha256: words[2])
        else { return (Self.refusal(404, "NoSuchKey", "The specified key does not exist."), nil) }
        let name = "\(repository.id)/\(file.path)"
        // A second kind of credentials beside a signature is refused, and it means that a token left its host.
        guard head["Authorization"] == nil else {
            return (Self.refusal(400, "InvalidArgument", "Only one auth mechanism allowed"), name)
        }
        guard SignedAddress.holds(head, generation: state.generation) else {
            return (Self.refusal(403, "AccessDenied", "Request has expired"), name)
        }
        // Not the file's SHA-256 but a value of this host that looks like one, as with the real one.
        let etag = sha256(of: Array("cdn \(words[2])".utf8))
        return (.file(file.content, etag: etag), name)
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
    static func make(
        _ state: Origin.State, _ repository: Repository, _ path: String, _ content: Content
    ) -> String {
        let expires = Int(Date().timeIntervalSince1970) + state.addressLifetime
        let location = "/xet-bridge/\(repository.storageID)/\(content.sha256)"
        let file =
            (path.split(separator: "/").last.map(String.init) ?? path)
            .addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "file"
        return
            "\(state.cdn)\(location)?response-content-disposition=inline%3B%20filename%3D%22\(file)%22"
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
