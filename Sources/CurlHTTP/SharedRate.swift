/// A limit that several requests keep together: whoever holds the same one divides it evenly with the others.
public final class SharedRate: Sendable {
    /// In bytes a second, all requests together; at least 1.
    public let bytesPerSecond: Int64

    /// A limit of its own.
    public init(bytesPerSecond: Int64) { self.bytesPerSecond = max(1, bytesPerSecond) }
}
