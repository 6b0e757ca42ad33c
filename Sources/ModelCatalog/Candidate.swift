public import GGUF

/// What a reference turned out to be: one model, and the forms in which it can be had.
public struct Candidate: Sendable {
    /// What the user asked for, in canonical form.
    public var reference: ModelReference
    /// For people: `gemma2:2b`, `bartowski/gemma-2-2b-it-GGUF`.
    public var name: String
    /// Best first by the catalog's or the origin's own order; never empty.
    public var variants: [Variant]

    /// Puts the parts together.
    public init(reference: ModelReference, name: String, variants: [Variant]) {
        self.reference = reference
        self.name = name
        self.variants = variants
    }
}

/// One downloadable form of a model: a quantization, with all its files.
public struct Variant: Sendable {
    /// The reference that names exactly this variant: `gemma2:2b:q4_k_m`, `hf:owner/repo:Q4_K_M`.
    public var ref: String
    /// Who publishes the files: the outer of the two folders they are stored in.
    public var publisher: String
    /// In which repository: the inner folder.
    public var repository: String
    /// As the file names it, upper case: `Q4_K_M`; nil when the name does not say.
    public var quantization: String?
    /// In the order of their shards; a vision projector, if any, last. Never empty.
    public var files: [RemoteFile]
    /// The numbers the memory estimate needs, when they are known before the file is here.
    public var shape: ModelShape?
    /// How many weights the model has; nil when unknown.
    public var parameters: Int64?
    /// Null where the origin does not state one.
    public var license: License?
    /// The commit, tag or branch that was resolved; nil for plain origins.
    public var revision: String?

    /// Puts together what is known; what is not stays nil.
    public init(
        ref: String, publisher: String, repository: String, quantization: String?, files: [RemoteFile],
        shape: ModelShape? = nil, parameters: Int64? = nil, license: License? = nil, revision: String? = nil
    ) {
        self.ref = ref
        self.publisher = publisher
        self.repository = repository
        self.quantization = quantization
        self.files = files
        self.shape = shape
        self.parameters = parameters
        self.license = license
        self.revision = revision
    }

    /// The same model without its vision projector: it reads text as before, and no pictures.
    public var withoutProjector: Variant {
        var variant = self
        let models = files.filter { FileName($0.name)?.kind != .projector }
        if !models.isEmpty { variant.files = models }
        return variant
    }

    /// Bytes of all files together; nil when one of them is unknown.
    public var size: Int64? {
        files.reduce(0) { sum, file in
            guard let sum, let size = file.size else { return nil }
            return sum + size
        }
    }
}
