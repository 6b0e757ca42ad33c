/// Whether an origin sends the part of a file that is asked for.
struct RangeSupport {
    enum Mode { case unknown, ranged, whole }

    /// How many answers with wrong ranges are borne before the whole is asked for.
    private static let mostFaults = 2

    private(set) var mode = Mode.unknown
    /// Whether ranges are not to be asked for again.
    private(set) var isRefused = false
    private var faults = 0

    /// A good answer has come.
    mutating func accept(ranged: Bool) {
        if !ranged { mode = .whole } else if mode == .unknown { mode = .ranged }
    }

    /// A range did not come as asked for.
    mutating func fault(certain: Bool) {
        faults += 1
        if certain || faults >= Self.mostFaults { refuse() }
    }

    /// From now on the whole is asked for.
    mutating func refuse() {
        isRefused = true
        mode = .whole
    }

    /// A server that sent everything once may honour ranges the next time.
    mutating func forget() { mode = isRefused ? .whole : .unknown }
}
