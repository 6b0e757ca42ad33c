/// A page and the files that it offers, under one path that nobody guesses.
package struct PageSite: SharedSite {
    /// Ten characters of 32, without those that are taken for one another: as capitals they keep a QR code small.
    package let secret: String
    private let files: [String: SharedFile]
    private let page: @Sendable (_ acceptLanguage: String, _ base: String) -> String

    /// - Parameters:
    ///   - files: Each is at its own name below the secret; of one name the first counts.
    ///   - page: The document, in a language that the browser asks for; the files are below `base`.
    package init(
        files: [SharedFile], page: @escaping @Sendable (_ acceptLanguage: String, _ base: String) -> String
    ) {
        var random = SystemRandomNumberGenerator()
        let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        secret = String((0..<10).map { _ in letters[Int.random(in: letters.indices, using: &random)] })
        self.files = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
        self.page = page
    }

    package func answer(_ request: SharedRequest) -> SharedAnswer {
        guard request.path.first == secret else { return .missing }
        switch request.path.count {
        case 1:
            return .document(
                SharedDocument(
                    page(request.headers["accept-language"] ?? "", "/\(secret)/"), type: "text/html; charset=utf-8",
                    headers: [
                        "Content-Security-Policy":
                            "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'",
                        "Vary": "Accept-Language",
                    ]))
        case 2:
            guard let file = files[request.path[1]] else { return .missing }
            return .file(file, headers: ["Content-Disposition": Self.attachment(file.name)])
        default: return .missing
        }
    }

    /// RFC 6266: a name of plain letters for old readers, the whole name for the others.
    static func attachment(_ name: String) -> String {
        let plain = String(
            name.unicodeScalars.map { scalar in
                let isPlain = 0x20..<0x7F ~= scalar.value && scalar != "\"" && scalar != "\\"
                return isPlain ? Character(scalar) : "_"
            })
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(percentEncoded(name))"
    }
}

/// A name as a part of an address: what is not unreserved (RFC 3986, 2.3) is encoded.
package func percentEncoded(_ name: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return name.utf8.map { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
        default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }.joined()
}
