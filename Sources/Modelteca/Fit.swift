internal import Foundation
public import GGUF
public import HostHardware
public import ModelCatalog
public import ModelFit
internal import ModelStore
internal import SystemPackage

/// What a model needs, and whether a device gives it.
public struct FitAnswer: Sendable {
    /// The variant that was judged.
    public var ref: String
    /// `llama`, `gemma3`; nil when unknown.
    public var architecture: String?
    /// How many weights; nil when unknown.
    public var parameters: Int64?
    /// The numbers that the estimate rests on.
    public var shape: ModelShape?
    /// The size of the tensor data, in bytes.
    public var weights: Int64?
    /// The verdict.
    public var report: FitReport
    /// What the device gives.
    public var budget: Budget
    /// What was read over the network to say so, in bytes.
    public var fetched: Int64
    /// The longest context with which it still fits, in tokens.
    public var longestContext: Int?
}

extension Shelf {
    /// Says what a model needs on a device.
    ///
    /// A local file is read (its header is enough), and so is a stored model; for models of the catalog its numbers do
    /// without a network; of a file that is still at its origin only the header is fetched.
    /// - Throws: `GGUFError`, `MemoryEstimateError`, and what `resolve` throws.
    public func fit(_ reference: ModelReference, device: Device, workload: Workload) async throws -> FitAnswer {
        let budget = Budget(device: device)
        func answer(_ ref: String, _ subject: Subject, fetched: Int64 = 0) throws -> FitAnswer {
            try subject.check(workload)
            let report = FitReport(shape: subject.shape, weights: subject.weights, budget: budget, for: workload)
            return FitAnswer(
                ref: ref, architecture: subject.shape?.architecture, parameters: subject.parameters,
                shape: subject.shape, weights: subject.weights, report: report, budget: budget, fetched: fetched,
                longestContext: subject.longestContext(budget, workload))
        }
        if case .file(let path) = reference {
            return try answer(path.string, Subject(try GGUFFile(path: path.string), size: nil))
        }
        if let model = try await stored(reference.description), model.state == .ready {
            return try answer(model.ref, Subject(try GGUFFile(path: model.path.string), size: Self.size(of: model)))
        }
        let candidate = try await numbers(of: reference, workload)
        let choice = FitChoice(of: candidate, on: device, for: workload)
        if choice.variant.shape != nil {
            return try answer(choice.variant.ref, Subject(choice.variant))
        }
        let header = try await hub.header(of: choice.variant.files[0])
        // Only the first part of a split model has its numbers; the weights are in all of them.
        let size = choice.variant.files.count > 1 ? choice.variant.size.map { $0 - header.file.headerLength } : nil
        return try answer(choice.variant.ref, Subject(header.file, size: size), fetched: header.fetched)
    }

    /// A catalog entry as it stands, or what the origin says.
    private func numbers(of reference: ModelReference, _ workload: Workload) async throws -> Candidate {
        if let match = try catalog.find(reference) {
            let entry = bestSize(match, workload)
            if let known = try? candidate(for: entry, quantization: match.quantization) { return known }
            if let shape = entry.architecture?.shape {
                let thought = Variant(
                    ref: entry.ref, publisher: "", repository: "",
                    quantization: match.quantization?.uppercased() ?? "Q4_K_M", files: [], shape: shape,
                    parameters: entry.parameters)
                return Candidate(reference: reference, name: entry.ref, variants: [thought])
            }
        }
        return try await resolve(reference, options: GetOptions(workload: workload, choose: { $1.first }))
    }

    private static func size(of model: StoredModel) -> Int64? { model.files.count > 1 ? model.size : nil }

    /// What is judged, wherever its numbers are from.
    private struct Subject {
        var shape: ModelShape?
        var weights: Int64?
        var parameters: Int64?

        init(_ variant: Variant) {
            shape = variant.shape
            weights =
                variant.files.isEmpty
                ? variant.estimatedSize.map { $0 - Int64(variant.shape?.vocabularySize ?? 0) * 30 } : variant.weights
            parameters = variant.parameters ?? variant.shape?.parameterCount
        }

        init(_ file: GGUFFile, size: Int64?) {
            shape = ModelShape(file)
            weights = size ?? Int64(file.dataSpan.count)
            parameters = file.parameterCount
        }

        /// Settings that llama.cpp refuses are an error here: somebody asked for just these.
        func check(_ workload: Workload) throws {
            guard let shape, let weights else { return }
            _ = try MemoryEstimate(shape: shape, weights: weights, workload: workload)
        }

        func longestContext(_ budget: Budget, _ workload: Workload) -> Int? {
            guard let shape, let weights, shape.contextLength > 0 else { return nil }
            return FitReport.longestContext(
                shape: shape, weights: weights, budget: budget, for: workload, limit: shape.contextLength)
        }
    }
}
