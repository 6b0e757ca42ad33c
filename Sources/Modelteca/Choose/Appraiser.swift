internal import Foundation
internal import HostHardware
internal import LlamaMemory
internal import ModelCatalog
internal import ModelFit

/// Says of models how they would run on one device, of each when it is asked for.
struct Appraiser {
    let catalog: Catalog
    let endpoint: URL
    let device: Device
    let budget: Budget
    let machine: MachineSpeed?
    let workload: Workload
    let installed: InstalledModels
    /// What was said before, by place in the catalog: several uses ask for the same models.
    private var known: [Int: Listing?] = [:]

    init(
        catalog: Catalog, endpoint: URL, device: Device, machine: MachineSpeed?, workload: Workload,
        installed: InstalledModels
    ) {
        (self.catalog, self.endpoint, self.device, self.machine) = (catalog, endpoint, device, machine)
        (self.workload, self.installed) = (workload, installed)
        budget = Budget(device: device)
    }

    mutating func listing(of candidate: Candidates.Candidate) -> Listing? {
        if let said = known[candidate.position] { return said }
        let listing = listing(of: candidate.entry)
        known[candidate.position] = .some(listing)
        return listing
    }

    /// A model in its best form, without the shorter contexts that would do; nil when it makes no address.
    func listing(of entry: CatalogEntry) -> Listing? {
        guard let offer = try? catalog.offer(for: entry, endpoint: endpoint) else { return nil }
        return listing(
            of: entry, offer.best(within: budget, for: workload.limited(to: entry), isAdvising: false))
    }

    /// What there is to say of a model that was judged.
    ///
    /// - Parameter work: What a token goes through; else it is worked out from the model's numbers.
    func listing(of entry: CatalogEntry, _ fit: FitReport, work: TokenWork? = nil) -> Listing {
        let variant = fit.variant
        let isKnown = !variant.files.isEmpty
        let share = entry.activeParameters.flatMap { some in
            entry.parameters.map { Double(some) / Double(max($0, 1)) }
        }
        let pace =
            SpeedEstimate(fit, work: work, device: device, machine: machine)
            ?? SpeedEstimate(bySizeOf: fit, activeShare: share ?? 1, device: device, machine: machine)
        return Listing(
            ref: variant.ref, entry: entry, variant: isKnown ? variant : nil,
            size: isKnown
                ? variant.size ?? variant.withoutProjector.size ?? variant.estimatedSize : variant.estimatedSize,
            sizeIsEstimate: !isKnown || variant.size == nil, fit: fit, pace: pace?.tokensPerSecond,
            isInstalled: installed.hold(entry))
    }

    /// The same with everything that a page shows.
    func completed(_ listing: Listing) -> Listing {
        guard listing.fit.verdict != .fits else { return listing }
        var listing = listing
        listing.fit = FitReport(listing.fit.variant, budget: budget, workload: workload.limited(to: listing.entry))
        return listing
    }

    /// What needs more memory than this does not run at all, in bytes; nil where the device does not tell.
    var mostMemory: Int64? {
        guard let most = [budget.now, budget.afterClosing].compactMap(\.self).max() else { return nil }
        return most.addingReportingOverflow(budget.gpu ?? 0).partialValue
    }

    /// What needs more than this does not run with ease, in bytes.
    var easyMemory: Int64? {
        if let gpu = budget.gpu, gpu > 0 { return gpu }
        return budget.now ?? mostMemory
    }

    /// What reads more than this for a token writes slower than `pace`, in bytes.
    func mostRead(forPace pace: Double) -> Int64? {
        SpeedEstimate.mostBytes(forPace: pace, device: device, machine: machine)
    }
}
