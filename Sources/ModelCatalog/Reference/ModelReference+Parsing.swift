internal import Disk
package import Foundation
package import SystemPackage

extension ModelReference {
    /// The longest reference that is read, in bytes of UTF-8.
    static let longestText = 4096

    /// What the text depends on besides itself.
    package struct ParsingContext: Sendable {
        /// The Hub that `HF_ENDPOINT` names: addresses under it are references of the Hub; nil for the public one only.
        package var hubEndpoint: URL?
        /// What `~` stands for; nil leaves it as it is.
        package var home: FilePath?

        /// The defaults know the public Hub only, and no home.
        package init(hubEndpoint: URL? = nil, home: FilePath? = nil) {
            self.hubEndpoint = hubEndpoint
            self.home = home
        }
    }

    /// Reads what a user typed, in any form of the command line contract.
    ///
    /// Besides these, `owner/repo` alone is a repository of the Hub, and a name that ends in `.gguf` is a path.
    /// - Throws: ``ReferenceError``.
    package init(parsing text: String, in context: ParsingContext = ParsingContext()) throws(ReferenceError) {
        let size = text.utf8.count
        guard size <= Self.longestText else { throw .tooLong(size: size, limit: Self.longestText) }
        guard !text.hasHiddenCharacters else {
            throw .hiddenCharacter(text.printable)
        }
        let text = text.trimmed
        guard !text.isEmpty else { throw .empty }
        if let path = Self.localPath(text, home: context.home) {
            self = .file(path)
            return
        }
        if let reference = try Self.scheme(of: text, in: context) {
            self = reference
        } else {
            self = try Self.bare(text)
        }
    }

    /// The forms with a scheme of ours or of the web; nil when there is none.
    private static func scheme(of text: String, in context: ParsingContext) throws(ReferenceError) -> ModelReference? {
        if let rest = text.dropping(prefix: "hf:") { return .hub(try HubReference(parsing: String(rest))) }
        if let rest = text.dropping(prefix: "modelscope:") {
            return try ofModelScope(HubReference(parsing: String(rest)))
        }
        if let rest = text.dropping(prefix: "oci://") { return try oci(String(rest)) }
        if let rest = text.dropping(prefix: "ollama:") { return try ollama(String(rest), in: context) }
        if let rest = text.dropping(prefix: "file:") { return try file(String(rest)) }
        for host in HubAddress.publicHosts {
            if let rest = text.dropping(prefix: host + "/") { return .hub(try HubAddress.reference(pasted: rest)) }
        }
        for host in ModelScopeAddress.hosts where text.dropping(prefix: host + "/") != nil {
            return try web("https://" + text, in: context)
        }
        guard let colon = text.firstRange(of: "://") else { return nil }
        switch text[..<colon.lowerBound].lowercased() {
        case "http", "https": return try web(text, in: context)
        case let scheme: throw .unknownScheme(scheme)
        }
    }

    /// Without a scheme: a name of the catalog, or `owner/repo`.
    private static func bare(_ text: String) throws(ReferenceError) -> ModelReference {
        guard !text.holds("/") else { return .hub(try HubReference(parsing: text)) }
        return try catalog(text)
    }

    private static func catalog(_ text: String) throws(ReferenceError) -> ModelReference {
        let parts = text.lowercased().replacing(",", with: ".").split(separator: ":", omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.count <= 3 else { throw .notACatalogName(text) }
        guard parts.allSatisfy({ !$0.isEmpty }) else { throw .missingPart(text) }
        guard parts.allSatisfy(isCatalogName) else { throw .notACatalogName(text) }
        switch parts.count {
        case 1: return .catalog(family: parts[0], size: nil, quantization: nil)
        case 2 where isQuantization(parts[1]): return .catalog(family: parts[0], size: nil, quantization: parts[1])
        case 2: return .catalog(family: parts[0], size: parts[1], quantization: nil)
        default: return .catalog(family: parts[0], size: parts[1], quantization: parts[2])
        }
    }

    /// Whether a text can be one part of a catalog reference: up to 64 letters, digits and `. - _ +`.
    static func isCatalogName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.first, first.isLetter || first.isNumber else {
            return false
        }
        return text.hasOnlyASCIIWords(and: ".-_+")
    }

    /// Whether a word is a quantization's name (`q4_k_m`, `iq4_xs`, `f16`) and no size.
    static func isQuantization(_ word: String) -> Bool {
        let word = word.lowercased()
        if ["f16", "f32", "bf16", "fp16", "fp32", "mxfp4", "nvfp4"].contains(word) { return true }
        for prefix in ["ud-", "i1-", ""] {
            guard let rest = word.dropping(prefix: prefix) else { continue }
            for letter in ["iq", "tq", "q"] {
                if let digits = rest.dropping(prefix: letter), digits.first?.isNumber == true { return true }
            }
        }
        return false
    }

    /// A path: it starts like one, or ends in `.gguf`.
    private static func localPath(_ text: String, home: FilePath?) -> FilePath? {
        if text == "~" || text.hasPrefix("~/") {
            guard let home else { return FilePath(text) }
            return home.appending(String(text.dropFirst(2)))
        }
        let startsLikeOne = ["/", "./", "../"].contains { text.hasPrefix($0) } || text == "." || text == ".."
        if startsLikeOne { return FilePath(text) }
        let hasScheme =
            text.holds("://")
            || ["hf:", "modelscope:", "ollama:", "file:"].contains { text.dropping(prefix: $0) != nil }
        let isPastedHub = (HubAddress.publicHosts + ModelScopeAddress.hosts).contains {
            text.dropping(prefix: $0 + "/") != nil
        }
        guard !hasScheme, !isPastedHub, text.lowercased().hasSuffix(".gguf") else { return nil }
        return FilePath("./\(text)")
    }

}

extension StringProtocol {
    /// What follows the prefix, whose case does not matter; nil when the text does not begin with it.
    func dropping(prefix: String) -> SubSequence? {
        guard let end = index(startIndex, offsetBy: prefix.count, limitedBy: endIndex),
            self[..<end].lowercased() == prefix
        else { return nil }
        return self[end...]
    }
    /// Whether there are only ASCII letters, digits and the given characters.
    func hasOnlyASCIIWords(and extra: String) -> Bool {
        utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: extra.utf8.contains(byte)
            }
        }
    }
}
