package import Foundation

/// As much of a stored model as a list of all of them shows.
package struct StoredLine: Hashable, Sendable {
    package var ref: String
    /// Bytes of all files together.
    package var size: Int64
    package var installedAt: Date
    package var verifiedAt: Date?
    package var state: StoredModel.State
    /// Of a model that is only half here: how many bytes of it have come.
    package var fetched: Int64?

    package init(_ model: StoredModel) {
        self.init(
            ref: model.ref, size: model.size, installedAt: model.installedAt, verifiedAt: model.verifiedAt,
            state: model.state)
        fetched = model.fetched
    }

    init(ref: String, size: Int64, installedAt: Date, verifiedAt: Date?, state: StoredModel.State) {
        (self.ref, self.size, self.installedAt, self.verifiedAt) = (ref, size, installedAt, verifiedAt)
        self.state = state
    }
}
