/// One way of bringing a file together, and what is tried when its digest is then another one. Bytes that are suspected stay
/// where they are, and only what differs is written.
struct Round {
    enum Kind {
        /// Samples decide what comes from this disk, the rest from the origin.
        case first
        /// More samples of what came from this disk.
        case resampled
        /// All that came from this disk comes from the origin.
        case withoutPieces
        /// All of it over new connections, from the next mirror if there is one. What was found so far is checked now and
        /// then, see `proveMended`.
        case anew
    }

    let kind: Kind
    /// By what came before, in bytes.
    let fetchedBefore: Int64
    private let reusedBefore: Int64
    /// Whether an earlier run may have taken something from this disk.
    private let isResumed: Bool

    static func first(_ plan: DownloadPlan.FilePlan) -> Round {
        Round(kind: .first, fetchedBefore: plan.local?.fetched ?? 0, reusedBefore: 0, isResumed: plan.kept > 0)
    }

    /// Nil when there is nothing left to try.
    func next(after attempt: Attempt) -> Round? {
        let reused = reusedBefore.saturatingAdd(attempt.reused)
        let mayBeLocal = attempt.plan.local?.pieces.isEmpty == false && (reused > 0 || isResumed)
        let kind: Kind
        switch self.kind {
        case .first: kind = mayBeLocal ? .resampled : .anew
        case .resampled: kind = .withoutPieces
        case .withoutPieces: kind = .anew
        case .anew: return nil
        }
        // That something has come is what tells the user that it goes on.
        let fetched = max(1, fetchedBefore.saturatingAdd(attempt.fetched))
        return Round(kind: kind, fetchedBefore: fetched, reusedBefore: reused, isResumed: isResumed)
    }

    /// How closely to look at what may come from this disk; nil where nothing does.
    var sampling: Sampling? {
        switch kind {
        case .first: .coarse
        case .resampled: .fine
        case .withoutPieces, .anew: nil
        }
    }

    /// Whether single places are expected to be wrong: then it may be right long before all of it has come again.
    var isMending: Bool { kind == .withoutPieces || kind == .anew }
}
