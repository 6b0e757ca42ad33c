// Downloads a model, and shows how far it is: `swift run fetch qwen2:0.5b`.
import Modelteca

guard let name = CommandLine.arguments.dropFirst().first else { fatalError("usage: fetch MODEL") }
let shelf = try Shelf()
do {
    for try await progress in shelf.downloads(name) {
        if let receipt = progress.receipt {
            print("\(receipt.model.path), verified by \(receipt.proof)")
        } else if let fraction = progress.fractionCompleted {
            print("\(Int(fraction * 100)) %, \(Int(progress.secondsLeft ?? 0)) s left")
        }
    }
} catch let error as any CodedError {
    // The code is for programs and never changes; `localizedDescription` is a sentence.
    print(error.code, error.localizedDescription, separator: ": ")
}
