// What is stored, whether it is still what it was, what is newer, and how to get rid of it: `swift run keep [MODEL]`.
import Modelteca

let shelf = try Shelf()
for model in try await shelf.store.models() {
    print(model.ref, model.state, "\(model.size) bytes", model.path, separator: "\t")
}
for check in try await shelf.verify() where check.state != .ready {
    print("\(check.ref) is \(check.state): \(check.damaged.count) damaged places")
}
for status in try await shelf.outdated() {
    print(status.ref, status.outcome, separator: "\t")
}
if let name = CommandLine.arguments.dropFirst().first {
    print("removed \(name): \(try await shelf.remove(name)) bytes are free again")
}
