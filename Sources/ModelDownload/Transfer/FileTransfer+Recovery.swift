internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// What a failure means for the file.
extension FileTransfer {
    /// How often changed content is taken up again before the file is given up.
    private static let mostRestarts = 3
    /// How often a refused address is asked for anew without a byte in between.
    private static let mostResolves = 5
    /// How many answers with wrong ranges are borne before the whole is asked for.
    private static let mostRangeFaults = 2
    /// A certificate is not better for being looked at again.
    private static let mostTLSTries = 2

    /// Decides what a failure means, and waits as long as it asks for.
    ///
    /// - Parameter asked: The address that the request went to.
    /// - Throws: `DownloadError` when the file cannot be had; `CancellationError`.
    func recover(
        from failure: SegmentFailure, _ segment: Segment, asked: URL, now: @Sendable () -> Double
    ) async throws {
        switch failure {
        case .superseded:
            break
        case .fatal(let error):
            try useNextSource(after: error, segment)
        case .changed(let counts):
            try restart(segment, counts: counts)
        case .conditionFailed:
            state.withLock { $0.ignoresValidators = true }
        case .rangesRefused(let cause, let certain):
            let isLearned = state.withLock { state in
                state.rangeFaults += 1
                state.refusesRanges = state.refusesRanges || certain || state.rangeFaults >= Self.mostRangeFaults
                if state.refusesRanges { state.mode = .whole }
                return state.refusesRanges
            }
            // Once the whole is asked for, another answer with a range is no longer possible.
            guard !isLearned || !segment.asksForRange else { return }
            try await wait(.badAnswer, cause: cause, requested: nil, segment, now: now)
        case .resolveAgain(let status, let reason):
            try await resolveAgain(status, reason, segment, asked: asked, now: now)
        case .again(let trouble, let cause, let after):
            try await wait(trouble, cause: cause, requested: after, segment, now: now)
        }
    }

    private func resolveAgain(
        _ status: Int, _ reason: String?, _ segment: Segment, asked: URL, now: @Sendable () -> Double
    ) async throws {
        let resolves: Int? = state.withLock { state in
            // Many connections learn at once that one address has expired: that is one refusal.
            guard state.source == segment.source, state.claimed[segment.id]?.failures == state.failures,
                asked == state.direct || asked == state.sources.first
            else { return nil }
            state.failures += 1
            state.direct = nil
            state.resolves += 1
            // Some hosts refuse valid ranges with 403: ask for the whole file before giving up.
            if state.resolves == Self.mostResolves {
                state.mode = .whole
                state.refusesRanges = true
            }
            return state.resolves
        }
        guard let resolves else { return }
        guard resolves <= Self.mostResolves else {
            let refusal = DownloadError.refused(file: name, url: currentOrigin, status: status, reason: reason)
            return try useNextSource(
                after: status == 404 || status == 410
                    ? .missing(file: name, url: currentOrigin, status: status) : refusal, segment)
        }
        // The first time it is most likely an expired address, and nobody has to wait for a new one.
        guard resolves > 1, let delay = policy.delay(attempt: resolves - 1, requested: nil) else { return }
        try await Task.sleep(for: .seconds(delay))
    }

    private func wait(
        _ trouble: DownloadError.Trouble, cause: String, requested: Double?, _ segment: Segment,
        now: @Sendable () -> Double
    ) async throws {
        let time = now()
        let most = trouble == .tls ? min(policy.tries, Self.mostTLSTries) : policy.tries
        enum Decision { case retry(after: Double), giveUp(tries: Int), superseded }
        let decision: Decision = state.withLock { state in
            guard state.source == segment.source else { return .superseded }
            let claim = state.claimed[segment.id]
            let isNews = claim?.failures == state.failures
            if isNews {
                state.failures += 1
                // A request during which something new came has not been in vain.
                let wasUseful = claim.map { $0.best < state.best } ?? false
                state.tries = wasUseful ? 1 : state.tries + 1
                if trouble == .throttled { state.pace.throttled(time: time) } else { state.direct = nil }
                // A server that sent everything once may honour ranges the next time.
                if state.mode == .whole, !state.refusesRanges { state.mode = .unknown }
            }
            guard state.tries < most, let delay = policy.delay(attempt: state.tries, requested: requested),
                !isNews || state.waited + delay <= policy.totalWait
            else { return .giveUp(tries: state.tries) }
            if isNews { state.waited += delay }
            state.waiting[segment.id] = Waiting(until: time + delay, attempt: state.tries, cause: cause)
            return .retry(after: delay)
        }
        switch decision {
        case .superseded: break
        case .retry(let delay): try await Task.sleep(for: .seconds(delay))
        case .giveUp(let tries):
            let host = currentOrigin.host() ?? currentOrigin.path()
            try useNextSource(
                after: .givenUp(
                    file: name, host: host, tries: tries, kept: partial.written.count, trouble: trouble, cause: cause),
                segment)
        }
    }

    private func useNextSource(after error: DownloadError, _ segment: Segment) throws {
        switch error {
        // Another origin has no more room on this disk.
        case .noSpace, .disk, .cannotWrite: throw error
        default: break
        }
        let last: DownloadError? = state.withLock { state in
            // Many connections that fail together drop one source, not several.
            guard state.source == segment.source else { return nil }
            let first = state.firstFailure ?? error
            guard state.sources.count > 1 else { return first }
            state.firstFailure = first
            state.sources.removeFirst()
            state.source += 1
            state.direct = nil
            state.mode = .unknown
            state.refusesRanges = false
            (state.tries, state.resolves, state.rangeFaults) = (0, 0, 0)
            return nil
        }
        if let last { throw last }
    }

    /// Starts over because the content is, or may be, another one.
    private func restart(_ segment: Segment, counts: Bool) throws {
        try turn.withLock { generation in
            guard generation == segment.generation else { return }
            let isHopeless = state.withLock { state in
                if counts { state.restarts += 1 }
                return state.restarts > Self.mostRestarts
            }
            guard !isHopeless else { throw DownloadError.changing(file: name, url: currentOrigin) }
            // The hasher first: it must not find the file shorter than it was told.
            hasher.restart()
            try partial.restart()
            generation += 1
            let new = generation
            state.withLock { state in
                state.generation = new
                state.size = plan.file.size
                state.direct = nil
                state.mode = state.refusesRanges ? .whole : .unknown
            }
        }
    }
}
