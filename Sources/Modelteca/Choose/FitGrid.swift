internal import Foundation
package import HostHardware
package import LlamaMemory
package import ModelCatalog
package import ModelFit

/// How the models of a catalog run on many devices, for each of some contexts: what `fit` says of each, worked out
/// together.
///
/// What a form of a model needs for a context depends on no device: it is estimated once, and held against each.
package struct FitGrid: Sendable {
    /// In tokens.
    package let contexts: [Int]
    /// In the catalog's order.
    package let models: [Model]
    /// For each device a column a context.
    package let devices: [[Column]]

    /// A model, and the forms in which it can be had.
    package struct Model: Sendable {
        package let entry: CatalogEntry
        package let offer: Offer
        /// The usual one first.
        package var forms: [Variant] { offer.variants }
    }

    /// All models on a device, with one context.
    package struct Column: Sendable {
        /// In the order of the models.
        package let rows: [Row]
        /// The places of the models, best first.
        package let order: [Int]
    }

    /// A model on a device, with one context.
    package struct Row: Hashable, Sendable {
        /// The place of the form that suits the device.
        package let form: Int
        package let verdict: FitReport.Verdict
        /// In bytes; nil where nobody can say.
        package let required: Int64?
        /// What that is held against.
        package let room: Budget.Room
        /// Tokens written in a second.
        package let speed: ClosedRange<Double>?
    }
}

extension Shelf {
    /// Works it out for models of the catalog.
    ///
    /// - Parameters:
    ///   - entries: Only these; nil means all.
    ///   - workload: For a context, in tokens, and a device.
    package func grid(
        of entries: [CatalogEntry]? = nil, on devices: [Device], contexts: [Int],
        workload: @Sendable (Int, Device) -> Workload
    ) async -> FitGrid {
        let endpoint = settings.credentials.endpoint
        let models = (entries ?? catalog.entries).compactMap { entry in
            (try? catalog.offer(for: entry, endpoint: endpoint)).map { FitGrid.Model(entry: entry, offer: $0) }
        }
        var judges: [[Appraiser]] = []
        for device in devices {
            let machine = await speed(of: device, measuring: false)
            judges.append(
                contexts.map { context in
                    Appraiser(
                        catalog: catalog, endpoint: endpoint, device: device, machine: machine,
                        workload: workload(context, device), installed: InstalledModels([]))
                })
        }
        let needs = await Needs(of: models, for: judges)
        // Devices with the same memory differ in their speed alone.
        let alike = Dictionary(grouping: judges.indices) { Memory(of: judges[$0]) }
        let columns = await withTaskGroup(of: [(Int, [FitGrid.Column])].self) { [judges] group in
            for places in alike.values {
                group.addTask {
                    let fits = judges[places[0]].map { needs.fits(models, $0) }
                    return places.map { place in
                        (place, zip(judges[place], fits).map { needs.column(models, $0, $1) })
                    }
                }
            }
            return await group.reduce(into: [:]) { known, part in
                known.merge(part) { first, _ in first }
            }
        }
        return FitGrid(contexts: contexts, models: models, devices: judges.indices.map { columns[$0] ?? [] })
    }
}

/// What decides where a model fits.
private struct Memory: Hashable {
    let budget: Budget
    let workloads: [Workload]

    init(of judges: [Appraiser]) {
        var budget = judges.first?.budget ?? Budget(now: nil, afterClosing: nil, reserve: 0)
        for index in budget.cards.indices { budget.cards[index].name = "" }
        self.budget = budget
        workloads = judges.map(\.workload)
    }
}

/// What every form of every model needs, whatever the device.
private struct Needs {
    /// By model and form.
    private var reports: [Workload: [[FitReport]]] = [:]
    private var work: [[TokenWork?]]

    init(of models: [FitGrid.Model], for judges: [[Appraiser]]) async {
        let workloads = Set(judges.joined().map(\.workload))
        let nothing = Budget(now: nil, afterClosing: nil, reserve: 0)
        work = models.map { $0.forms.map(TokenWork.init(of:)) }
        await withTaskGroup(of: (Workload, [[FitReport]]).self) { group in
            for workload in workloads {
                group.addTask {
                    let reports = models.map { model in
                        model.forms.map {
                            FitReport($0, budget: nothing, workload: workload, isAdvising: false)
                        }
                    }
                    return (workload, reports)
                }
            }
            for await (workload, known) in group { reports[workload] = known }
        }
    }

    /// Each model in the form that suits a device.
    func fits(_ models: [FitGrid.Model], _ judge: Appraiser) -> [FitReport] {
        zip(models, reports[judge.workload] ?? []).map { model, reports in
            model.offer.best { form in
                reports.first { $0.variant.ref == form.ref }?.on(judge.budget)
                    ?? FitReport(form, budget: judge.budget, workload: judge.workload, isAdvising: false)
            }
        }
    }

    func column(_ models: [FitGrid.Model], _ judge: Appraiser, _ fits: [FitReport]) -> FitGrid.Column {
        var rows: [FitGrid.Row] = []
        var listings: [Listing] = []
        for (place, (model, fit)) in zip(models, fits).enumerated() {
            let form = model.forms.firstIndex { $0.ref == fit.variant.ref } ?? 0
            let listing = judge.listing(of: model.entry, fit, work: work[place].isEmpty ? nil : work[place][form])
            listings.append(listing)
            rows.append(
                FitGrid.Row(
                    form: form, verdict: fit.verdict, required: fit.required, room: fit.room, speed: listing.speed))
        }
        let places = Dictionary(models.enumerated().map { ($1.entry.ref, $0) }) { first, _ in first }
        return FitGrid.Column(rows: rows, order: Shelf.order(listings).compactMap { places[$0.entry.ref] })
    }
}

extension TokenWork {
    fileprivate init?(of form: Variant) {
        guard let shape = form.shape, let quantization = form.quantization.flatMap({ Quantization(parsing: $0) })
        else { return nil }
        self.init(shape, quantization)
    }
}
