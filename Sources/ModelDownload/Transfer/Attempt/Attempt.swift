internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization

/// One attempt to bring a file's bytes together: what is here, who fetches what, and how the origin behaves. `FileDownload`
/// makes one, and a second when the first brings other bytes than promised.
///
/// Locks are taken in this order: a sink's, `turn`, `state`, those of the partial file and the hasher.
final class Attempt: Sendable {
    struct State {
        var sources: Sources
        var ranges = RangeSupport()
        var segments = SegmentTable()
        var pieces: PieceTable
        var retries: Retries
        var tuner: ConnectionTuner
        var race: Race
        var size: Int64?
        /// Once a validator has changed while a digest proves the whole, validators are of no more use.
        var ignoresValidators = false
        /// Of the content; `turn` is its original.
        var generation = 0
        /// How often the content has changed.
        var restarts = 0
        /// Bytes that came, in this attempt.
        var fetched: Int64 = 0
        /// Bytes that were taken from other files on this disk, in this attempt.
        var reused: Int64 = 0
    }

    let name: String
    let plan: DownloadPlan.FilePlan
    let partial: PartialFile
    let hasher: FileHasher
    let state: Mutex<State>
    /// The generation of the content. Held while bytes are put down and while everything starts over, so that bytes of
    /// an older content can never be glued to those of a newer one.
    let turn = Mutex(0)
    /// How long an address may bring nothing before a mirror is tried, in seconds.
    let patience: Double
    /// Stops the requests that are under way, each by its segment's number.
    let stops = Mutex<[Int: @Sendable () -> Void]>([:])
    private let clock: @Sendable () -> Double

    /// - Parameters:
    ///   - sampling: How closely to look at what may be taken from this disk; nil takes nothing from there.
    ///   - mayRace: Whether mirrors may be tried beside the address in use.
    ///   - clock: Seconds since the download began.
    init(
        _ plan: DownloadPlan.FilePlan, from sources: Sources, partial: PartialFile, hasher: FileHasher,
        _ sampling: Sampling?, _ options: Downloader.Options, mayRace: Bool, clock: @escaping @Sendable () -> Double
    ) {
        name = plan.file.name
        self.plan = plan
        self.partial = partial
        self.hasher = hasher
        self.clock = clock
        patience = mayRace ? options.patience : .infinity
        state = Mutex(
            State(
                sources: sources,
                pieces: PieceTable(
                    sampling == nil ? [] : plan.local?.pieces ?? [], sampling ?? .coarse, written: partial.written),
                retries: Retries(options.retry, received: partial.written.count),
                tuner: ConnectionTuner(most: options.connections, isFixed: options.connectionsAreFixed),
                race: Race(since: clock()), size: plan.file.size ?? plan.journal?.size))
    }

    var time: Double { clock() }

    // MARK: What others ask

    /// Whether bytes from anywhere may be tried, because the whole will be proven.
    var hasDigest: Bool { plan.file.digest != nil }
    var size: Int64? { state.withLock { $0.size } }
    var fetched: Int64 { state.withLock { $0.fetched } }
    var reused: Int64 { state.withLock { $0.reused } }
    var sources: Sources { state.withLock { $0.sources } }
    /// Requests under way.
    var connections: Int { state.withLock { $0.segments.active } }
    var desiredConnections: Int {
        state.withLock { state in
            // A disk of our own is not faster for being read in several places.
            state.ranges.mode == .ranged && !state.sources.current.isFileURL ? state.tuner.desired : 1
        }
    }

    /// The wait until the origin is asked again; nil while a request is under way.
    var wait: (host: String, until: Double, attempt: Int, cause: String)? {
        let time = time
        return state.withLock { state in
            guard state.segments.active == 0, state.retries.tries > 0, state.retries.nextTry > time else { return nil }
            let place = state.sources.target
            return (place.host() ?? place.path(), state.retries.nextTry, state.retries.tries, state.retries.cause)
        }
    }

    /// The size of the file, once all of its bytes are here.
    var completeSize: Int64? {
        guard let size, partial.written.prefix >= size else { return nil }
        return size
    }

    /// How many damaged places have been mended, where the origin lets bytes be fetched from anywhere; nil where it does
    /// not, or while a place may still grow.
    var mendedPlaces: Int? { state.withLock { $0.ranges.mode } == .ranged ? partial.mendedPlaces : nil }

    func tick() {
        let time = time
        state.withLock { $0.tuner.note(time: time, bytes: $0.fetched) }
    }

    // MARK: Handing out work

    /// Work for one more connection; nil when there is none, or when the origin is not to be asked now.
    func firstSegment() -> Segment? {
        let time = time
        return state.withLock { state in
            guard time >= state.retries.nextTry,
                state.retries.tries == 0 || !state.segments.isTrying(after: state.retries.failures)
            else { return nil }
            return claim(&state)
        }
    }

    /// More work for a connection that has just brought something.
    func nextSegment() -> Segment? { state.withLock { claim(&$0) } }

    /// The next stretch that is not yet being fetched; nil when there is none, or while the first answer is awaited.
    private func claim(_ state: inout State) -> Segment? {
        guard state.ranges.mode == .ranged || state.segments.isEmpty else { return nil }
        // What is here is read under the lock: what a neighbour has just finished must not look like a gap.
        let claim = state.segments.claim(
            after: partial.written.union(state.pieces.heldBack), size: state.size, connections: state.tuner.desired,
            failures: state.retries.failures)
        return claim.map { claim in
            Segment(
                id: claim.id, range: claim.range, generation: state.generation, source: state.sources.number,
                failures: state.retries.failures, asksForRange: state.ranges.mode != .whole,
                needsNewConnection: state.retries.tries > 0)
        }
    }

    /// Pieces of which enough has come to tell whether they can be taken from this disk; each is given out once.
    func decidablePieces() -> [(piece: LocalPiece, samples: [Range<Int64>])] {
        state.withLock { $0.pieces.decidable(after: partial.written) }
    }

    /// A piece is here as far as this disk has it.
    func release(_ piece: LocalPiece) { state.withLock { $0.pieces.release(piece) } }

    /// Where to send a segment's request, and the validator that has to hold.
    func address(for segment: Segment) -> (url: URL, ifRange: String?) {
        let validator = partial.validator
        return state.withLock { state in
            let url = state.sources.target
            guard segment.asksForRange, !state.ignoresValidators, let validator,
                validator.address == Journal.Validator.plain(url)
            else { return (url, nil) }
            return (url, validator.value)
        }
    }

    /// A segment's request is over.
    func release(_ segment: Segment) {
        state.withLock { $0.segments.release(segment.id) }
        // These bytes are no longer in flight: from now on a kill must not cost them.
        partial.note()
    }
}
