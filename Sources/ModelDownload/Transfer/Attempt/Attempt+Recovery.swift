internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// What a failure means for the file.
extension Attempt {
    /// How often changed content is taken up again before the file is given up.
    private static let mostRestarts = 3

    /// Decides what a failure means, and waits until the origin may be asked again.
    ///
    /// - Parameter asked: The address that the request went to.
    /// - Throws: `DownloadError` or `HTTPError.offline` when the file cannot be had; `CancellationError`.
    func recover(from failure: SegmentFailure, _ segment: Segment, asked: URL) async throws {
        switch failure {
        case .superseded:
            return
        case .fatal(let error):
            return try useNextSource(after: error, segment)
        case .changed(let counts):
            return try restart(segment, counts: counts)
        case .conditionFailed:
            return state.withLock { $0.ignoresValidators = true }
        case .rangesRefused(let cause, let certain):
            let isLearned = state.withLock { state in
                state.ranges.fault(certain: certain)
                return state.ranges.isRefused
            }
            // Once the whole is asked for, another answer with a range is no longer possible.
            if isLearned, segment.asksForRange { return }
            try note(.badAnswer, cause: cause, requested: nil, segment)
        case .resolveAgain(let status, let reason, let refuser):
            try resolveAgain(status, reason, by: refuser, segment, asked: asked)
        case .again(let trouble, let cause, let after, let host):
            try note(trouble, cause: cause, by: host, requested: after, segment)
        }
        let wait = state.withLock { state in
            state.segments.wait(segment.id)
            return state.retries.nextTry
        }
        let left = wait - time
        if left > 0 { try await Task.sleep(for: .seconds(left)) }
    }

    private func resolveAgain(
        _ status: Int, _ reason: String?, by refuser: URL, _ segment: Segment, asked: URL
    ) throws {
        let time = time
        let refusal: Retries.Refusal = state.withLock { state in
            // Many connections learn at once that one address has expired: that is one refusal.
            guard isNews(segment, state), asked == state.sources.target || asked == state.sources.current else {
                return .askAgain
            }
            state.sources.direct = nil
            let refusal = state.retries.refuse(at: time)
            if refusal == .askForWhole { state.ranges.refuse() }
            return refusal
        }
        guard refusal == .giveUp else { return }
        // Who refuses is named: a storage host is not the Hub, and knows nothing of gates.
        let origin = refuser.withoutQuery
        let error: DownloadError =
            status == 404 || status == 410
            ? .missing(file: name, url: origin, status: status)
            : .refused(file: name, url: origin, status: status, reason: reason)
        try useNextSource(after: error, segment)
    }

    /// Counts a failure that may pass by itself.
    private func note(
        _ trouble: DownloadError.Trouble, cause: String, by host: String? = nil, requested: Double?,
        _ segment: Segment
    ) throws {
        let time = time
        let tries: Int? = state.withLock { state in
            guard isNews(segment, state) else { return nil }
            if trouble == .throttled { state.tuner.throttled(time: time) } else { state.sources.direct = nil }
            if state.ranges.mode == .whole { state.ranges.forget() }
            let goesOn = state.retries.fail(trouble, cause: cause, requested: requested, at: time)
            return goesOn ? nil : state.retries.tries
        }
        guard let tries else { return }
        let origin = sources.current
        try useNextSource(
            after: DownloadError.givenUp(
                file: name, host: host ?? origin.host() ?? origin.path(), tries: tries, kept: partial.written.count,
                trouble: trouble, cause: cause),
            segment)
    }

    /// Whether a segment's failure is the first word of it: many connections that fail together are one failure.
    private func isNews(_ segment: Segment, _ state: State) -> Bool {
        state.sources.number == segment.source && state.retries.failures == segment.failures
    }

    private func useNextSource(after error: any Error, _ segment: Segment) throws {
        switch error {
        // Another origin has no more room on this disk.
        case DownloadError.noSpace, DownloadError.disk, DownloadError.cannotWrite: throw error
        default: break
        }
        let last: (any Error)? = state.withLock { state in
            // Many connections that fail together drop one source, not several.
            guard state.sources.number == segment.source else { return nil }
            if let last = state.sources.drop(after: error) { return last }
            state.ranges = RangeSupport()
            state.retries.startOver()
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
            guard !isHopeless else { throw DownloadError.changing(file: name, url: sources.current) }
            // The hasher first: it must not find the file shorter than it was told.
            hasher.restart()
            try partial.restart()
            generation += 1
            let new = generation
            state.withLock { state in
                state.generation = new
                state.size = plan.file.size
                state.sources.direct = nil
                state.ranges.forget()
            }
        }
    }
}

extension URL {
    /// Signatures stand in the query: an error must not carry them.
    fileprivate var withoutQuery: URL {
        guard var parts = URLComponents(url: self, resolvingAgainstBaseURL: true) else { return self }
        (parts.query, parts.user, parts.password) = (nil, nil, nil)
        return parts.url ?? self
    }
}
