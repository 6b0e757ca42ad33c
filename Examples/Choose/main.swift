// The models worth trying first on this device, and what the best of them needs.
import Modelteca

let shelf = try Shelf()
for recommendation in await shelf.recommend() {
    let model = recommendation.choice.listing
    print(recommendation.use.code, model.ref, model.entry.license.name, separator: "\t")
}

// A name may be given: `swift run choose qwen2:7b`.
let rows = await shelf.listing()
if let name = CommandLine.arguments.dropFirst().first ?? rows.first?.ref {
    let answer = try await shelf.fit(name)
    print("\(answer.ref): \(answer.report.verdict), \(answer.report.required ?? 0) bytes of memory")
}
