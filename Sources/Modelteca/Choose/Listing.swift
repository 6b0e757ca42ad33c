public import HostHardware
public import ModelCatalog
public import ModelFit
internal import ModelStore

/// One row of `slm list`: a size of the catalog in its best form for a device.
public struct Listing: Sendable {
    /// `gemma2:2b:q4_k_m`, or `fox-1:1.6b` when no file is known.
    public var ref: String
    /// The size of a family that the row is about.
    public var entry: CatalogEntry
    /// The form that the row speaks of; nil when no file is known.
    public var variant: Variant?
    /// In bytes; nil when it cannot even be estimated.
    public var size: Int64?
    /// Whether `size` was computed from the model's numbers, because no source gives it.
    public var sizeIsEstimate: Bool
    /// Whether it runs.
    public var fit: FitReport
    /// Tokens that go through it in a second one by one, where the memory's bandwidth is known.
    var pace: ClosedRange<Double>?
    /// Tokens written in a second; nil where that is not known, and for models that do not write.
    public var speed: ClosedRange<Double>? { entry.type.writes ? pace : nil }
    /// Whether a file of it is in the store.
    public var isInstalled: Bool
}

extension Shelf {
    /// Every size of the catalog in its best form for a device, best first: see ``Choice``. What one can talk with comes
    /// before the models of each other type, and base models, which do not answer, last.
    ///
    /// Asks nothing over the network: speeds are given where they follow from a profile, or from what was measured of
    /// this machine. A store that cannot be read counts as empty.
    ///
    /// - Parameters:
    ///   - device: Nil means the shelf's own.
    ///   - workload: What the model is to do; nil for what is usual on the device.
    ///   - entries: Only these; each takes a fraction of a millisecond. Nil means all.
    ///   - measuring: Whether to measure this machine when that was never done, which takes a third of a second.
    public func listing(
        for device: Device? = nil, workload: Workload? = nil, among entries: [CatalogEntry]? = nil,
        measuring: Bool = false
    ) async -> [Listing] {
        let device = device ?? self.device
        let workload = workload ?? .usual(on: device)
        let appraiser = await appraiser(for: device, workload: workload, measuring: measuring)
        let rows = (entries ?? catalog.entries).compactMap { appraiser.listing(of: $0) }
        return Self.order(rows).map { appraiser.completed($0) }
    }

    /// Best first, in groups by type.
    static func order(_ rows: [Listing]) -> [Listing] {
        let kinds = Dictionary(grouping: rows) { $0.entry.type.group }
        return ModelType.groups.flatMap { group in
            let ranking = Ranking(use: group.use)
            return ranking.order((kinds[group] ?? []).map(ranking.choice)).map(\.listing)
        }
    }

    /// The first of them, without working out the others.
    ///
    /// - Throws: `CatalogError.unknownModel` when the filter's family is no family.
    package func listing(
        for device: Device, workload: Workload, matching filter: CatalogFilter, first count: Int,
        measuring: Bool = false
    ) async throws -> [Listing] {
        var appraiser = await appraiser(for: device, workload: workload, measuring: measuring)
        var rows: [Listing] = []
        for group in ModelType.groups where rows.count < count {
            var ofGroup = filter
            ofGroup.types = Set(ModelType.allCases.filter { $0.group == group && filter.types?.contains($0) != false })
            var shortlist = Shortlist(Ranking(use: group.use), first: count - rows.count, matching: ofGroup)
            rows += try shortlist.choices(&appraiser).map(\.listing)
        }
        return rows.map(appraiser.completed)
    }

    /// How many of the catalog's models fit a device.
    ///
    /// - Throws: `CatalogError.unknownModel` when the filter's family is no family.
    package func countFitting(
        on device: Device, workload: Workload, matching filter: CatalogFilter
    ) async throws -> Int {
        let appraiser = await appraiser(for: device, workload: workload, measuring: false)
        var filter = filter
        filter.mostMemory = appraiser.mostMemory
        return try catalog.candidates(.first, matching: filter).count { candidate in
            appraiser.listing(of: candidate.entry)?.fit.verdict.isYes ?? false
        }
    }

    func appraiser(for device: Device, workload: Workload, measuring: Bool) async -> Appraiser {
        let installed = InstalledModels((try? await store.models()) ?? [])
        return await Appraiser(
            catalog: catalog, endpoint: settings.credentials.endpoint, device: device,
            machine: speed(of: device, measuring: measuring), workload: workload, installed: installed)
    }
}

extension Workload {
    /// With no longer a context than a model is made for: whoever looks at many models asks for one that not all have.
    package func limited(to entry: CatalogEntry) -> Workload {
        guard let asked = contextLength,
            let most = [entry.shape?.contextLength, entry.contextLength].compactMap(\.self).first(where: { $0 > 0 })
        else { return self }
        var workload = self
        workload.contextLength = min(asked, most)
        return workload
    }
}

extension ModelType {
    /// The types that are listed apart from each other, in order.
    package static let groups: [ModelType] = [.chat, .code, .vision, .embedding, .reranker, .translation, .base]

    /// The type that it is listed with: one talks with models that think at length too.
    package var group: ModelType { self == .reasoning ? .chat : self }

    fileprivate var use: Use {
        switch self {
        case .code: .code
        case .vision: .pictures
        case .embedding: .documents
        default: .chat
        }
    }
}

/// Which sizes of the catalog have files in the store.
struct InstalledModels {
    private var entries: Set<String> = []
    private var digests: Set<Digest> = []

    init(_ models: [StoredModel]) {
        for model in models where model.state == .ready {
            if let entry = model.catalogEntry { entries.insert(entry) }
            digests.formUnion(model.files.compactMap(\.digest))
        }
    }

    func hold(_ entry: CatalogEntry) -> Bool {
        entries.contains(entry.ref)
            || entry.files.contains { file in file.digest.map { digests.contains($0) } ?? false }
    }
}
