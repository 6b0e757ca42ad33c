public import Foundation

/// Why the catalog could not answer.
public enum CatalogError: Error, Hashable, Sendable {
    /// The document is not a catalog: where in it, and what was wrong.
    case malformed(path: String, reason: CatalogFault.Kind)
    /// The document's `schema_version` is one that this program does not know.
    case unsupportedSchema(version: Int)
    /// The document is larger than a catalog can sensibly be. In bytes; the size is nil where reading stopped at the
    /// limit.
    case tooLarge(size: Int?, limit: Int)
    /// What was prepared of a large catalog cannot be read. It was removed, and the next run makes it anew.
    case cacheDamaged(path: String)
    /// No model of that name; the hint may know what was meant.
    case unknownModel(name: String, hint: NameHint)
    /// Several models answer to that name.
    case ambiguous(name: String, candidates: [String])
    /// The model is there, but not in that quantization.
    case unknownQuantization(model: String, quantization: String, available: [String])

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .malformed: "catalog-malformed"
        case .unsupportedSchema: "catalog-schema-unsupported"
        case .tooLarge: "catalog-too-large"
        case .cacheDamaged: "catalog-cache-damaged"
        case .unknownModel: "model-unknown"
        case .ambiguous: "model-ambiguous"
        case .unknownQuantization: "quantization-unknown"
        }
    }
}

/// What somebody who typed an unknown name may have meant.
public struct NameHint: Hashable, Sendable {
    /// Set when the guide itself prints the size that was asked for, though the model has another.
    package var guideSlip: GuideSlip?
    /// References of the nearest names, best first; the slip's own is not repeated.
    public var nearest: [String]

    /// Hands on what was found.
    package init(guideSlip: GuideSlip? = nil, nearest: [String] = []) {
        self.guideSlip = guideSlip
        self.nearest = nearest
    }

    /// A size that the guide prints and no model has.
    package struct GuideSlip: Hashable, Sendable {
        /// As the guide prints it: `1B`.
        package var printed: String
        /// As it is: `1.5B`.
        package var actual: String
        /// The reference that works: `qwen2:1.5b`.
        package var ref: String

        /// Names both sides of the slip.
        package init(printed: String, actual: String, ref: String) {
            self.printed = printed
            self.actual = actual
            self.ref = ref
        }
    }
}

extension CatalogError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .malformed(let path, let reason): "The catalog is broken at \(path): \(reason.code)."
        case .unsupportedSchema(let version): "The catalog has version \(version), which is not known here."
        case .tooLarge(_, let limit): "The catalog has more than \(limit) bytes."
        case .cacheDamaged(let path): "What was prepared of the catalog, \(path), is damaged."
        case .unknownModel(let name, _): "There is no model \(name)."
        case .ambiguous(let name, _): "\(name) can mean several models."
        case .unknownQuantization(let model, let quantization, _): "\(model) is not in the catalog as \(quantization)."
        }
    }
}
