internal import CurlHTTP
package import Foundation
package import GGUF
package import HostHardware
package import LlamaMemory
package import ModelCatalog
public import ModelFit
internal import ModelHub
internal import ModelStore
internal import SystemPackage

/// What a model needs, and whether a device gives it.
public struct FitAnswer: Sendable {
    /// The verdict, for `report.variant`.
    public var report: FitReport
    /// The numbers that the estimate rests on; nil when they are unknown.
    package var shape: ModelShape?
    /// How many weights; nil when unknown.
    public var parameters: Int64?
    /// What was read over the network to say so, in bytes.
    package var fetched: Int64
    /// When the header was read, where its origin could not be asked now.
    package var asOf: Date?
    /// How fast it would write and read; nil when the device's rates are not known, it does not run, or does not write.
    public var speed: SpeedEstimate?
    /// What would change the answer for the better; empty when it fits.
    public var changes: [FitReport.Change] = []
    /// The second copy of weights that the device's processor works with; nil where no header was read, the processor is
    /// not known, or a graphics card takes part: then llama.cpp prefers buffers that the card can read
    /// (`llama-model.cpp`, `make_cpu_buft_list`).
    package var repacked: RepackedWeights?

    /// The variant that was judged, as one would type it.
    public var ref: String { report.variant.ref }
}

extension Shelf {
    /// Says what a model needs on a device.
    ///
    /// A local file is read (its header is enough), and so is a stored model; for models of the catalog its numbers do
    /// without a network; of a file that is still at its origin only the header is fetched. Nothing is measured: the
    /// speed rests on what was measured before, see `speed(of:measuring:)`.
    /// - Throws: `GGUFError`, `MemoryEstimateError`, and what `resolve` throws.
    package func fit(_ reference: ModelReference, device: Device, workload: Workload) async throws -> FitAnswer {
        let target = await Target(device, speed(of: device, measuring: false))
        if case .file(let path) = reference {
            return try judge(LocalModel(at: path), Self.variant(of: path), target, workload)
        }
        // Another device may want another form than the one that is here.
        var isOpen = false
        if case .catalog(_, _, nil) = reference { isOpen = device != self.device }
        if !isOpen, let model = try await stored(reference.description), model.state == .ready {
            var answer = try judge(LocalModel(at: model.path), Self.variant(of: model), target, workload)
            answer.changes = answer.report.changes(among: known(for: reference, answer.report))
            return answer
        }
        let offer: Offer
        do {
            offer = try await resolve(reference)
        } catch HTTPError.offline(let url) {
            guard let (facts, header) = hub.headers?.remembered(reference.description),
                let variant = facts.variant?.variant
            else { throw HTTPError.offline(url: url) }
            return try judge(header.file, variant, target, workload, asOf: facts.date)
        }
        let report = offer.best(within: target.budget, for: workload)
        if let shape = report.variant.shape {
            try report.refuse()
            let parameters = report.variant.parameters ?? shape.parameterCount
            return FitAnswer(
                report: report, shape: shape, parameters: parameters, fetched: 0,
                speed: writes(report, nil) ? target.speed(report) : nil,
                changes: report.changes(among: known(for: reference, report)))
        }
        let options = GetOptions(workload: workload, choose: { $1.first })
        let variant =
            report.variant.files.isEmpty ? try await found(report.variant, of: offer, options) : report.variant
        var answer: FitAnswer
        do {
            let header = try await hub.header(of: variant.files[0])
            hub.headers?.note(reference.description, variant)
            answer = try judge(
                header.file, variant, target, workload, fetched: header.fetched, asOf: header.asOf)
        } catch let error as GGUFError {
            guard let refusal = LoadRefusal(error) else { throw error }
            answer = target.refused(variant, refusal, workload)
        }
        answer.report.choice = report.choice
        if ![.fits, .cannotRun].contains(answer.report.verdict) {
            let variants = try await published(for: reference, offer)
            answer.changes = answer.report.changes(among: Self.alike(answer.report.variant, variants))
        }
        return answer
    }

    /// Judges a model by the headers of all its parts.
    private func judge(_ model: LocalModel, _ variant: Variant, _ target: Target, _ workload: Workload) throws
        -> FitAnswer
    {
        if let file = model.file {
            return try judge(file, variant, target, workload, isWhole: true, refusal: model.refusal)
        }
        return target.refused(variant, model.refusal, workload)
    }

    /// Judges a model by its own header.
    ///
    /// - Parameter isWhole: Whether it has all tensors: a split model's first part has only its numbers.
    private func judge(
        _ file: GGUFFile, _ variant: Variant, _ target: Target, _ workload: Workload, isWhole: Bool? = nil,
        refusal: LoadRefusal? = nil, fetched: Int64 = 0, asOf: Date? = nil
    ) throws -> FitAnswer {
        var variant = variant
        variant.shape = ModelShape(file)
        let isWhole = isWhole ?? (file.split == nil)
        let report = FitReport(
            variant, weights: isWhole ? Int64(file.dataSpan.count) : nil, layers: LayerWeights(file),
            refusal: refusal ?? LoadRefusal(file), hasHeader: true, budget: target.budget, workload: workload)
        try report.refuse()
        return FitAnswer(
            report: report, shape: variant.shape, parameters: variant.parameters ?? file.parameterCount,
            fetched: fetched, asOf: asOf,
            speed: writes(report, file) ? target.speed(report, work: isWhole ? TokenWork(file) : nil) : nil,
            changes: report.changes(), repacked: isWhole ? target.repacked(file, report) : nil)
    }

    /// Whether the model writes text, as far as the catalog, its header and its architecture tell: what keeps nothing of
    /// the tokens before cannot, and what says how it pools them (`llama.h`, `enum llama_pooling_type`) is not made to.
    private func writes(_ report: FitReport, _ file: GGUFFile?) -> Bool {
        if let entry = report.variant.entry.flatMap({ catalog.entry(ref: $0) }), !entry.type.writes { return false }
        if file?.integer(ofModel: "pooling_type") ?? 0 > 0 { return false }
        return report.memory.map { $0.kvCache > 0 } ?? true
    }

    /// The device that is asked about, with what is known of it.
    private struct Target {
        let device: Device
        let budget: Budget
        let machine: MachineSpeed?

        init(_ device: Device, _ machine: MachineSpeed?) {
            self.device = device
            self.machine = machine
            budget = Budget(device: device)
        }

        /// What llama.cpp refuses before anything is known of it.
        func refused(_ variant: Variant, _ refusal: LoadRefusal?, _ workload: Workload) -> FitAnswer {
            FitAnswer(
                report: FitReport(variant, refusal: refusal, budget: budget, workload: workload), shape: nil,
                parameters: variant.parameters, fetched: 0)
        }

        func speed(_ report: FitReport, work: TokenWork? = nil) -> SpeedEstimate? {
            SpeedEstimate(report, work: work, device: device, machine: machine)
        }

        func repacked(_ file: GGUFFile, _ report: FitReport) -> RepackedWeights? {
            let isMetal = device.gpus.contains { $0.backend == "metal" }
            guard report.budget.cards.isEmpty, !isMetal, !device.cpu.features.isEmpty else { return nil }
            return RepackedWeights(file, features: device.cpu.features)
        }
    }
}

extension FitReport {
    /// Settings that llama.cpp refuses are an error: somebody asked for just these.
    fileprivate func refuse() throws {
        for case .cannotRun(let error) in reasons { throw error }
    }
}
