/// How often, and how patiently, a failing origin is asked again.
package struct RetryPolicy: Hashable, Sendable {
    /// Tries in a row that bring nothing new before the origin is given up.
    package var tries: Int
    /// The first wait, in seconds; it doubles with every try.
    package var firstDelay: Double
    /// The longest wait of our own choosing, in seconds.
    package var longestDelay: Double
    /// The longest wait that a server may ask for, in seconds.
    package var longestRequestedDelay: Double
    /// The most that is spent waiting for one file, all waits of a run together, in seconds. A question for metadata is
    /// not asked again this long after the first time.
    package var totalWait: Double

    /// For files, by default: fourteen tries over a good minute as long as nothing comes; any progress starts the count
    /// again. No single wait is so long that a network which is back goes unnoticed. A quarter of an hour of waiting
    /// in all.
    package init(
        tries: Int = 14, firstDelay: Double = 0.5, longestDelay: Double = 8, longestRequestedDelay: Double = 300,
        totalWait: Double = 900
    ) {
        self.tries = tries
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.longestRequestedDelay = longestRequestedDelay
        self.totalWait = totalWait
    }

    /// For metadata: four tries within some four seconds. The official client waits as long between them
    /// (huggingface_hub, `utils/_http.py`) but tries more often; here somebody sits at a terminal, and longer waits
    /// that a server asks for are the user's to decide, and what is silent or drips is given up after a minute or so.
    package static let metadata = RetryPolicy(tries: 4, longestRequestedDelay: 20, totalWait: 45)

    /// Whether a status means a trouble that passes by itself. Of the server's own failures three do not: what it has
    /// not implemented (501), a protocol it does not speak (505), and a network that wants a login first (511).
    package static func passes(_ status: Int) -> Bool {
        switch status {
        case 408, 425, 429: true
        case 501, 505, 511: false
        default: (500..<600).contains(status)
        }
    }

    /// The wait after `attempt` tries (from 1), in seconds, spread by a quarter so that clients do not march in step.
    /// At least what the server asks for; nil when that is more than is bearable.
    package func delay(attempt: Int, requested: Double?) -> Double? {
        let requested = requested ?? 0
        guard requested <= longestRequestedDelay else { return nil }
        var delay = firstDelay
        for _ in 1..<max(attempt, 1) where delay < longestDelay { delay *= 2 }
        return max(min(delay, longestDelay) * Double.random(in: 0.75...1.25), requested)
    }

    /// Asks until there is an answer that asking again would not change, or until tries or time are used up.
    package func ask<Answer>(_ question: () async throws -> (Answer, HTTPHead)) async throws -> Answer {
        let end = ContinuousClock.now + .seconds(totalWait)
        var attempt = 1
        func mayRepeat() -> Bool { attempt < tries && .now < end }
        while true {
            do {
                let (answer, head) = try await question()
                guard mayRepeat(), Self.passes(head.status),
                    let delay = delay(attempt: attempt, requested: head.retryAfter())
                else { return answer }
                try await Task.sleep(for: .seconds(delay))
            } catch let error as HTTPError where mayRepeat() && error.passes {
                try await Task.sleep(for: .seconds(delay(attempt: attempt, requested: nil) ?? 0))
            }
            attempt += 1
        }
    }
}
