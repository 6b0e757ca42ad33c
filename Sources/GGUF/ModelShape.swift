/// The numbers of a model that decide what it needs: see `MemoryEstimate`.
public struct ModelShape: Hashable, Sendable {}
