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
    /// Tokens written in a second, where the memory's bandwidth is known.
    public var speed: ClosedRange<Double>?
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
    ///   - entries: Only these; each takes a fraction of a millisecond. Nil means all.
    ///   - measuring: Whether to measure this machine when that was never done, which takes a third of a second.
    public func listing(
        for device: Device, workload: Workload, among entries: [CatalogEntry]? = nil, measuring: Bool = false
    ) async -> [Listing] {
        let rows = await listing(
            for: device, workload: workload, among: entries, machine: speed(of: device, measuring: measuring))
        let kinds = Dictionary(grouping: rows) { $0.entry.type.group }
        return ModelType.groups.flatMap { group in
            Ranking(use: group.use).order(kinds[group] ?? []).map(\.listing)
        }
    }

    func listing(
        for device: Device, workload: Workload, among entries: [CatalogEntry]?, machine: MachineSpeed?
    ) async -> [Listing] {
        let installed = InstalledModels((try? await store.models()) ?? [])
        let budget = Budget(device: device)
        return (entries ?? catalog.entries).compactMap { entry in
            guard var row = row(entry, budget, workload, isInstalled: installed.hold(entry)) else { return nil }
            let share = entry.activeParameters.flatMap { some in
                entry.parameters.map { Double(some) / Double(max($0, 1)) }
            }
            row.speed =
                (SpeedEstimate(row.fit, device: device, machine: machine)
                ?? SpeedEstimate(bySizeOf: row.fit, activeShare: share ?? 1, device: device, machine: machine))?
                .tokensPerSecond
            return row
        }
    }

    private func row(
        _ entry: CatalogEntry, _ budget: Budget, _ workload: Workload, isInstalled: Bool
    ) -> Listing? {
        guard let offer = try? catalog.offer(for: entry, endpoint: settings.credentials.endpoint) else { return nil }
        let fit = offer.best(within: budget, for: workload.limited(to: entry))
        let variant = fit.variant
        let isKnown = !variant.files.isEmpty
        return Listing(
            ref: variant.ref, entry: entry, variant: isKnown ? variant : nil,
            size: isKnown
                ? variant.size ?? variant.withoutProjector.size ?? variant.estimatedSize : variant.estimatedSize,
            sizeIsEstimate: !isKnown || variant.size == nil, fit: fit, speed: nil, isInstalled: isInstalled)
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
private struct InstalledModels {
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
