import Foundation
import ModelCatalog

/// Where a file came from, in the form that records and the index have. It is read when somebody asks, which most lists
/// do not.
struct RecordedOrigin: Hashable, Sendable {
    /// JSON, always the same for the same origin.
    let text: String

    init(text: String) { self.text = text }

    init(_ origin: FileOrigin) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        text = (try? encoder.encode(origin)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Nil when somebody has edited it into nonsense.
    var value: FileOrigin? { try? JSONDecoder().decode(FileOrigin.self, from: Data(text.utf8)) }
}
