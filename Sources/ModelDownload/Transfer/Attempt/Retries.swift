internal import CurlHTTP

/// How an origin has failed, counted once for all connections: an outage that eight of them meet is one outage.
///
/// While nothing new comes, one connection at a time tries whether it is over; the others wait for that.
struct Retries {
    /// How often a refused address is asked for anew without a byte in between.
    private static let mostResolves = 5
    /// A certificate is not better for being looked at again; one that was good a moment ago may be.
    private static let mostTLSTries = 2

    /// Neither is an answer that makes no sense, from an origin that never made any.
    private static let mostBadAnswers = 4

    private let policy: RetryPolicy
    /// Failures counted in all. A request that was under way when one was counted fails from the same cause.
    private(set) var failures = 0
    /// In a row, since anything new came.
    private(set) var tries = 0
    /// The most bytes that were ever here together: only more than that is progress.
    private var best: Int64
    private var resolves = 0
    /// Whether the origin has given anything in this run.
    private var hasGiven = false
    /// In all, in seconds.
    private var waited = 0.0
    /// Before this time, in seconds, no further connection is opened.
    private(set) var nextTry = 0.0
    /// Of the last failure: in the words of libcurl, or the status.
    private(set) var cause = ""

    init(_ policy: RetryPolicy, received: Int64) {
        self.policy = policy
        best = received
    }

    /// Bytes have come. Those that only replace what was lost again are no progress: a server that always breaks at the
    /// same place would otherwise be asked for ever.
    mutating func note(received: Int64) {
        guard received > best else { return }
        best = received
        hasGiven = true
        (tries, resolves) = (0, 0)
    }

    /// A request has failed, at `time` in seconds.
    ///
    /// - Returns: False when it is time to give the origin up.
    mutating func fail(
        _ trouble: DownloadError.Trouble, cause: String, requested: Double?, at time: Double
    ) -> Bool {
        failures += 1
        tries += 1
        let most =
            switch trouble {
            case .tls where !hasGiven: min(policy.tries, Self.mostTLSTries)
            case .badAnswer where !hasGiven: min(policy.tries, Self.mostBadAnswers)
            default: policy.tries
            }
        guard tries < most, let delay = policy.delay(attempt: tries, requested: requested),
            waited + delay <= policy.totalWait
        else { return false }
        waited += delay
        self.cause = cause
        nextTry = time + delay
        return true
    }

    /// What to do about an address that a redirect gave and that is refused.
    enum Refusal { case askAgain, askForWhole, giveUp }

    /// Most likely a signed address has expired: the first new one is asked for at once.
    mutating func refuse(at time: Double) -> Refusal {
        failures += 1
        resolves += 1
        guard resolves <= Self.mostResolves else { return .giveUp }
        if resolves > 1, let delay = policy.delay(attempt: resolves - 1, requested: nil) { nextTry = time + delay }
        // Some hosts refuse valid ranges with 403: ask for the whole file before giving up.
        return resolves == Self.mostResolves ? .askForWhole : .askAgain
    }

    /// Another address is asked now.
    mutating func startOver() { (tries, resolves, nextTry) = (0, 0, 0) }
}
