import Modelteca
import SystemPackage

/// What a stored model asks of a phone, as SmolChat and its like run it.
struct PhoneFit: Encodable {
    /// In bytes, with a context of 2,048 tokens; nil where the file does not say.
    @OrNull var requiredBytes: Int64?
    /// The smallest phone that it runs on, by the size it is sold with; nil where none of the profiles is enough.
    @OrNull var phoneBytes: Int64?
    /// The model's own context in tokens, which "Take from GGUF" sets; nil where the file does not say.
    @OrNull var ownContext: Int?
    /// What it needs with that.
    @OrNull var ownContextBytes: Int64?

    /// Nil for a file that cannot be judged.
    init?(_ model: StoredModel, on shelf: Shelf) async {
        let phones = DeviceProfile.all.filter { $0.kind == .phone && $0.os == "android" }.sorted { $0.ram < $1.ram }
        for phone in phones {
            guard
                let answer = try? await shelf.fit(
                    .file(model.path), device: phone.device, workload: .phoneApp)
            else { return nil }
            requiredBytes = answer.report.required
            ownContext = answer.shape?.contextLength
            guard answer.report.verdict == .fits || answer.report.verdict == .tight else { continue }
            phoneBytes = phone.ram
            var workload = Workload.phoneApp
            workload.contextLength = ownContext
            ownContextBytes = try? await shelf.fit(.file(model.path), device: phone.device, workload: workload).report
                .required
            return
        }
    }
}
