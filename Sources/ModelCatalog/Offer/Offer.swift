package import GGUF

/// What a reference may mean: one model, or the sizes of a family, and the forms in which each can be had.
public struct Offer: Sendable {
    /// What the user asked for, in canonical form.
    public var reference: ModelReference
    /// For people: `gemma2:2b`, `bartowski/gemma-2-2b-it-GGUF`.
    public var name: String
    /// The models that answer: one, or a family's sizes, the largest first. Never empty.
    package var models: [[Variant]]
    /// How many entries of the origin's listing could not be read: there may be more than is offered.
    package var unreadable = 0

    /// Every form of every model.
    public var variants: [Variant] { models.flatMap(\.self) }

    /// Puts the parts together.
    ///
    /// - Parameter models: Each has at least one form, the best first by the catalog's or the origin's own order.
    package init(reference: ModelReference, name: String, models: [[Variant]]) {
        self.reference = reference
        self.name = name
        self.models = models
    }

    /// The same with or without vision projectors: without one a model reads text as before, and no pictures.
    package func with(projectors: Bool) -> Offer {
        guard !projectors else { return self }
        var offer = self
        offer.models = models.map { $0.map(\.withoutProjector) }
        return offer
    }
}

/// One form of a model: a quantization, with all its files.
public struct Variant: Sendable {
    /// The reference that names exactly this variant: `gemma2:2b:q4_k_m`, `hf:owner/repo:Q4_K_M`.
    public var ref: String
    /// Who publishes the files: the outer of the two folders they are stored in.
    public var publisher: String
    /// In which repository: the inner folder.
    public var repository: String
    /// As the file names it, upper case: `Q4_K_M`; nil when the name does not say.
    public var quantization: String?
    /// In the order of their shards; a vision projector, if any, last. Empty where no file is known: the model's numbers
    /// say what such a file would need, and `entry` whom to ask for one.
    public var files: [RemoteFile]
    /// The catalog's model that it is a form of: `gemma2:2b`; nil for what the catalog does not offer.
    package var entry: String?
    /// The numbers the memory estimate needs, when they are known before the file is here.
    package var shape: ModelShape?
    /// How many weights the model has; nil when unknown.
    public var parameters: Int64?
    /// Null where the origin does not state one.
    public var license: License?
    /// The commit, tag or branch that was resolved; nil for plain origins.
    public var revision: String?

    /// Puts together what is known; what is not stays nil.
    package init(
        ref: String, publisher: String, repository: String, quantization: String?, files: [RemoteFile],
        entry: String? = nil, shape: ModelShape? = nil, parameters: Int64? = nil, license: License? = nil,
        revision: String? = nil
    ) {
        self.ref = ref
        self.publisher = publisher
        self.repository = repository
        self.quantization = quantization
        self.files = files
        self.entry = entry
        self.shape = shape
        self.parameters = parameters
        self.license = license
        self.revision = revision
    }

    /// The same model without its vision projector: it reads text as before, and no pictures.
    package var withoutProjector: Variant {
        var variant = self
        let models = files.filter { !FileName.isProjector($0.name) }
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
