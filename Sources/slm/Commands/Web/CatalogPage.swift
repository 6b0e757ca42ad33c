import CCatalogPage
import Disk
import Foundation
import Modelteca

/// The page of `slm web`: one document that loads nothing else. Its parts are in `Sources/CCatalogPage`.
enum CatalogPage {
    /// - Throws: `EncodingError`.
    static func html(_ data: PageData) throws -> String {
        // In a script's text no other character could end it.
        let document = try JSONOutput.document(data, onOneLine: true).replacing("<", with: "\\u003c")
        let script = text(catalog_page_script())
        let words = Language.$current.withValue(data.language.flatMap(Language.init) ?? .en) {
            (title: PageWords.title, noscript: PageWords.noScript)
        }
        let parts = [
            "language": data.language ?? "en", "title": SharePage.escaped(words.title),
            "noscript": SharePage.escaped(words.noscript), "style": text(catalog_page_style()),
            // Only this script runs, whatever a catalog says.
            "digest": base64(Digest(of: Data(script.utf8))), "script": script, "data": document,
        ]
        return filled(text(catalog_page_html()), parts)
    }

    /// Whether a document is such a page.
    static func isOne(_ document: Data) -> Bool {
        String(decoding: document.prefix(4096), as: UTF8.self).holds("content=\"slm web\"")
    }

    /// Puts parts where the template names them; what a part holds is not looked at again.
    private static func filled(_ template: String, _ parts: [String: String]) -> String {
        var rest = template[...]
        var page = ""
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            page += rest[..<start.lowerBound]
            page += parts[String(rest[start.upperBound..<end.lowerBound])] ?? ""
            rest = rest[end.upperBound...]
        }
        return page + rest
    }

    private static func text(_ part: catalog_page_part) -> String {
        String(decoding: UnsafeBufferPointer(start: part.bytes, count: part.count), as: UTF8.self)
    }

    private static func base64(_ digest: Digest) -> String {
        let digits = Array(digest.hex)
        let bytes = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0
        }
        return Data(bytes).base64EncodedString()
    }
}
