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
        let work = models.map { $0.forms.map(TokenWork.init(of:)) }
        let places = judges.indices.flatMap { device in contexts.indices.map { Place(device: device, step: $0) } }
        let asked = Dictionary(grouping: places) { judges[$0.device][$0.step].workload }
        let columns = await withTaskGroup(of: [Place: FitGrid.Column].self) { [judges] group in
            for (workload, places) in asked {
                group.addTask {
                    let judges = Dictionary(uniqueKeysWithValues: places.map { ($0, judges[$0.device][$0.step]) })
                    return FitGrid.columns(of: models, work, for: workload, judges)
                }
            }
            return await group.reduce(into: [:]) { known, part in known.merge(part) { first, _ in first } }
        }
        return FitGrid(
            contexts: contexts, models: models,
            devices: judges.indices.map { device in
                contexts.indices.compactMap { columns[Place(device: device, step: $0)] }
            })
    }
}

/// A device and a context.
private struct Place: Hashable {
    let device: Int
    let step: Int
}

/// What decides where a model fits: devices with the same memory differ in their speed alone.
private func memory(of judge: Appraiser) -> Budget {
    var budget = judge.budget
    for index in budget.cards.indices { budget.cards[index].name = "" }
    return budget
}

extension FitGrid {
    /// All columns for one workload. A model is held against all devices before the next one is looked at, so that what
    /// is worked out for them all is not kept.
    fileprivate static func columns(
        of models: [Model], _ work: [[TokenWork?]], for workload: Workload, _ judges: [Place: Appraiser]
    ) -> [Place: Column] {
        var fits = Dictionary(judges.values.map { (memory(of: $0), [FitReport]()) }) { first, _ in first }
        let budgets = Array(fits.keys)
        for model in models {
            let forms = model.forms.map { ($0.ref, FormTrial($0, workload: workload)) }
            let trials = Dictionary(forms) { first, _ in first }
            for budget in budgets {
                let best = model.offer.best { form in
                    (trials[form.ref] ?? FormTrial(form, workload: workload)).report(on: budget)
                }
                fits[budget]?.append(best)
            }
        }
        return judges.mapValues { judge in column(of: models, work, judge, fits[memory(of: judge)] ?? []) }
    }

    private static func column(
        of models: [Model], _ work: [[TokenWork?]], _ judge: Appraiser, _ fits: [FitReport]
    ) -> Column {
        var rows: [Row] = []
        var listings: [Listing] = []
        for (place, (model, fit)) in zip(models, fits).enumerated() {
            let form = model.forms.firstIndex { $0.ref == fit.variant.ref } ?? 0
            let listing = judge.listing(of: model.entry, fit, work: work[place].isEmpty ? nil : work[place][form])
            listings.append(listing)
            rows.append(
                Row(form: form, verdict: fit.verdict, required: fit.required, room: fit.room, speed: listing.speed))
        }
        let places = Dictionary(models.enumerated().map { ($1.entry.ref, $0) }) { first, _ in first }
        return Column(rows: rows, order: Shelf.order(listings).compactMap { places[$0.entry.ref] })
    }
}

extension TokenWork {
    fileprivate init?(of form: Variant) {
        guard let shape = form.shape, let quantization = form.quantization.flatMap({ Quantization(parsing: $0) })
        else { return nil }
        self.init(shape, quantization)
    }
}
