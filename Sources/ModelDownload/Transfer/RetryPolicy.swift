/// How often and how patiently a failing origin is asked again.
public struct RetryPolicy: Hashable, Sendable {
    /// Tries in a row that bring nothing new before the origin is given up.
    public var tries: Int
    /// The first wait, in seconds; it doubles with every try.
    public var firstDelay: Double
    /// The longest wait of our own choosing, in seconds.
    public var longestDelay: Double
    /// The longest wait that a server may ask for (`Retry-After`), in seconds.
    public var longestRequestedDelay: Double
    /// The most that is spent waiting for one file, all waits of a run together, in seconds.
    public var totalWait: Double

    /// Defaults: eight tries over about a minute, as long as nothing comes; any progress starts the count again. A
    /// quarter of an hour of waiting in all.
    public init(
        tries: Int = 8, firstDelay: Double = 0.5, longestDelay: Double = 30, longestRequestedDelay: Double = 300,
        totalWait: Double = 900
    ) {
        self.tries = tries
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.longestRequestedDelay = longestRequestedDelay
        self.totalWait = totalWait
    }

    /// The wait before try number `attempt` (from 1), in seconds, spread by a quarter so that clients do not march in
    /// step. A server's own wish comes first; nil when it asks for more than is bearable.
    func delay(attempt: Int, requested: Double?) -> Double? {
        if let requested { return requested <= longestRequestedDelay ? max(requested, 0) : nil }
        var delay = firstDelay
        for _ in 1..<max(attempt, 1) where delay < longestDelay { delay *= 2 }
        return min(delay, longestDelay) * Double.random(in: 0.75...1.25)
    }
}
