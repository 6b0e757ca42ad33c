internal import GGUF
internal import LlamaMemory
internal import ModelCatalog
internal import ModelFit
internal import ModelHub
internal import ModelStore

extension Shelf {
    /// In bytes: of what is smaller a header, whose bytes come twice, would be too large a part.
    private static let worthLooking: Int64 = 64 << 20

    /// The verdict, with what the header of a remote file has against it: an adapter's name need not say what it is.
    ///
    /// What the catalog describes is known, and so is what is stored already. A header that cannot be had says nothing:
    /// whether the file itself comes is soon seen.
    func judged(_ fit: FitReport, _ variant: Variant, _ options: GetOptions) async -> FitReport {
        guard options.readsHeaderFirst, variant.entry == nil, fit.verdict != .cannotRun,
            let file = variant.files.first, file.origin.hubFile != nil, file.size ?? 0 >= Self.worthLooking,
            (try? await store.model(named: variant.ref)) == nil
        else { return fit }
        let refusal: LoadRefusal?
        do {
            refusal = LoadRefusal(try await hub.header(of: file).file)
        } catch let error as GGUFError {
            refusal = LoadRefusal(error)
        } catch {
            return fit
        }
        guard let refusal else { return fit }
        return FitReport(variant, refusal: refusal, budget: fit.budget, workload: fit.workload)
    }
}
