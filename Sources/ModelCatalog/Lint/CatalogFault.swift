public import Disk

/// One thing that is wrong with a catalog document.
public struct CatalogFault: Hashable, Sendable {
    /// Where: `families[3].sizes[0].files[1].sha256`; empty for the document as a whole.
    package var path: String
    /// What.
    package var kind: Kind

    /// Names a fault and its place.
    package init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// Name for `--json`. Scripts match on it, so it is never translated.
    package var code: String { kind.code }

    /// What can be wrong.
    public enum Kind: Hashable, Sendable {
        case notJSON
        /// More than a catalog can sensibly have. In bytes.
        case tooLarge(limit: Int)
        case unsupportedSchema(Int)
        /// A field that has to be there is not.
        case missing
        /// The value is of another type than the field's; what it should be.
        case wrongType(expected: String)
        /// An id that cannot be typed: not lower case, or other than letters, digits and `. - _ +`.
        case badID(String)
        case duplicateID(String)
        /// Not 64 hexadecimal digits in lower case.
        case badDigest(String)
        /// The digest of an error page.
        case knownBadDigest(String)
        /// One digest with two sizes: the other place and its size in bytes.
        case sizeDisagrees(with: String, other: Int64)
        /// Fewer bytes than any model has.
        case tooSmall(Int64)
        case badFileName(FileNameFault)
        case badRepository(String)
        /// Not 40 hexadecimal digits, and no branch or tag either.
        case badRevision(String)
        case notHTTPS(String)
        /// None of the values that the field can take.
        case unknownValue(String)
        /// A licence that the table of licences does not have.
        case unknownLicense(String)
        /// A source that the table of sources does not have.
        case unknownSource(String)
        /// A fact of which nobody is named as the source.
        case missingSource
        /// Another class than the count of weights gives: which that would be.
        case classDisagrees(expected: String)
        /// A field that an object has twice.
        case repeatedField(String)
        case familyWithoutSizes
        /// No file in the default quantization.
        case defaultWithoutFile(String)
        /// Files, but no default quantization.
        case missingDefault
        /// Neither a file nor an upstream repository: nothing to fetch and nobody to ask.
        case nothingToFetch
        /// The file's name says another quantization.
        case quantizationDisagrees(label: String, name: String)
        /// A projector whose file's name does not say `mmproj`.
        case notAProjector(String)
        /// A standing that names a test, a source of results or a model which the document does not have.
        case unknownEvidence(String)
        /// The same file twice in one size.
        case duplicateFile(String)
        /// A text in only one of the two languages.
        case missingTranslation
        /// Not positive, or not a whole number.
        case badNumber
        /// A list of numbers, one for each layer, of another length than there are layers.
        case layersDisagree(layers: Int64, numbers: Int)
        /// A field that the format does not have: mostly a misspelling.
        case unknownField(String)
        /// A date that is not `2024`, `2024-07` or `2024-07-31`.
        case badDate(String)
        /// Everything looks right, but the program's own reader refuses the document; its reason.
        case unreadable(String)

        /// Name for `--json`. Scripts match on it, so it is never translated.
        public var code: String {
            switch self {
            case .notJSON: "not-json"
            case .tooLarge: "too-large"
            case .unsupportedSchema: "schema-unsupported"
            case .missing: "missing"
            case .wrongType: "wrong-type"
            case .badID: "bad-id"
            case .duplicateID: "duplicate-id"
            case .badDigest: "bad-digest"
            case .knownBadDigest: "known-bad-digest"
            case .sizeDisagrees: "size-disagrees"
            case .tooSmall: "too-small"
            case .badFileName: "bad-file-name"
            case .badRepository: "bad-repository"
            case .badRevision: "bad-revision"
            case .notHTTPS: "not-https"
            case .unknownValue: "unknown-value"
            case .unknownLicense: "unknown-license"
            case .unknownSource: "unknown-source"
            case .missingSource: "missing-source"
            case .classDisagrees: "class-disagrees"
            case .repeatedField: "repeated-field"
            case .familyWithoutSizes: "family-without-sizes"
            case .defaultWithoutFile: "default-without-file"
            case .missingDefault: "missing-default"
            case .nothingToFetch: "nothing-to-fetch"
            case .quantizationDisagrees: "quantization-disagrees"
            case .notAProjector: "not-a-projector"
            case .unknownEvidence: "unknown-evidence"
            case .duplicateFile: "duplicate-file"
            case .missingTranslation: "missing-translation"
            case .badNumber: "bad-number"
            case .layersDisagree: "layers-disagree"
            case .unknownField: "unknown-field"
            case .badDate: "bad-date"
            case .unreadable: "unreadable"
            }
        }
    }
}
