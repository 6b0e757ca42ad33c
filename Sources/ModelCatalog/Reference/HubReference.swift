import Disk
import Foundation

/// A model of the Hugging Face Hub, or one file of it.
public struct HubReference: Hashable, Sendable {
    /// Nil for the old repositories that have no owner (`gpt2`).
    package var owner: String?
    /// Name of the repository.
    package var repository: String
    /// Branch, tag or commit; nil means the default branch.
    package var revision: String?
    /// Which of its files is meant.
    package var selection: Selection

    /// Puts the parts together; ``init(parsing:)`` checks them.
    package init(owner: String?, repository: String, revision: String? = nil, selection: Selection = .best) {
        self.owner = owner
        self.repository = repository
        self.revision = revision
        self.selection = selection
    }

    /// Which of a repository's files is meant.
    package enum Selection: Hashable, Sendable {
        /// The one that suits this device.
        case best
        /// By quantization, in any case: `Q4_K_M`.
        case quantization(String)
        /// By path inside the repository.
        case path(String)
    }

    /// `owner/repo`, as the Hub's own addresses write it.
    package var id: String { owner.map { "\($0)/\(repository)" } ?? repository }
}

extension HubReference {
    /// Reads what follows `hf:`: `owner/repo`, `owner/repo:Q4_K_M`, `owner/repo/path/file.gguf`, each with `@revision`.
    ///
    /// A repository without an owner (`gpt2`) is one word. The quantization is kept in upper case.
    /// - Throws: ``ReferenceError``.
    package init(parsing text: String) throws(ReferenceError) {
        var rest = text[...]
        var revision: String?
        var quantization: String?
        if let at = rest.lastIndex(of: "@") {
            var pinned = rest[rest.index(after: at)...]
            // Written the other way round: owner/repo@revision:QUANT.
            if let colon = pinned.firstIndex(of: ":") {
                quantization = String(pinned[pinned.index(after: colon)...])
                pinned = pinned[..<colon]
            }
            revision = try Self.checked(revision: String(pinned))
            rest = rest[..<at]
        }
        if let colon = rest.firstIndex(of: ":") {
            guard quantization == nil else { throw .notAHubRepository(text) }
            quantization = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        let segments = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard segments.allSatisfy({ !$0.isEmpty }) else { throw .missingPart(text) }
        let owner = segments.count > 1 ? segments[0] : nil
        let repository = segments.count > 1 ? segments[1] : segments[0]
        guard owner.map(Self.isName) ?? true, Self.isName(repository) else { throw .notAHubRepository(text) }
        self.init(owner: owner, repository: repository, revision: revision)
        if let quantization {
            guard segments.count <= 2 else { throw .notAHubRepository(text) }
            guard !quantization.isEmpty else { throw .missingPart(text) }
            guard ModelReference.isCatalogName(quantization) else { throw .notACatalogName(quantization) }
            selection = .quantization(quantization.uppercased())
        } else if segments.count > 2 {
            selection = .path(try Self.checked(path: segments.dropFirst(2).joined(separator: "/")))
        }
    }

    /// As the Hub allows for owners and repositories: letters, digits and `. - _`, at most 96, no `--` or `..`, no dot
    /// or hyphen at an end. Source: huggingface_hub, `utils/_validators.py`, `validate_repo_id`.
    static func isName(_ name: String) -> Bool {
        guard (1...96).contains(name.utf8.count), !name.holds("--"), !name.holds("..") else { return false }
        guard !"-.".contains(name.first ?? "-"), !"-.".contains(name.last ?? "-") else { return false }
        return name.hasOnlyASCIIWords(and: ".-_")
    }

    /// A branch, tag or commit: what git allows, less what could leave its place in an address.
    static func checked(revision: String) throws(ReferenceError) -> String {
        guard !revision.isEmpty else { throw .missingPart("@") }
        do {
            return try FileNameRules.relativePath(revision)
        } catch {
            throw .unsafePath(revision, error)
        }
    }

    /// A path inside the repository whose every component is safe on this disk.
    static func checked(path: String) throws(ReferenceError) -> String {
        do {
            return try FileNameRules.relativePath(path)
        } catch {
            throw .unsafePath(path, error)
        }
    }
}

extension HubReference: CustomStringConvertible {
    /// Set for a file of a repository without an owner: after `hf:` its path would be taken for the repository's name.
    var pageAddress: String? {
        guard owner == nil, case .path(let path) = selection else { return nil }
        let revision = (revision ?? "main").percentEncoded(keeping: "")
        let encoded = path.percentEncoded(keeping: "-._~/!$&'()*+,;=:@")
        return "https://huggingface.co/\(repository)/resolve/\(revision)/\(encoded)"
    }

    /// What follows `hf:` in the canonical text.
    public var description: String {
        let pin = revision.map { "@\($0)" } ?? ""
        return switch selection {
        case .best: id + pin
        case .quantization(let name): "\(id):\(name)\(pin)"
        case .path(let path): "\(id)/\(path)\(pin)"
        }
    }
}
