public import HostHardware
public import ModelCatalog
internal import ModelFit

/// A model worth having on a device, and what for.
public struct Recommendation: Sendable {
    /// What it is recommended for.
    public var use: Use
    /// From 1 on; more than one where more were asked for.
    public var place: Int
    /// The model, its standing and how it runs.
    public var choice: Choice
    /// Why this one.
    public var reason: Reason

    /// Why a model was picked.
    public enum Reason: Hashable, Sendable {
        /// It beats this one on most of the tests that both took.
        case beats(Standing.Beaten)
        /// It has been measured; its best result.
        case measured
        /// Nobody has measured one that would do better: the newest.
        case newest
        /// No test at hand asks for the use: the largest that is quick enough.
        case largest

        /// Name for `--json`. Scripts match on it, so it is never translated.
        public var code: String {
            switch self {
            case .beats: "beats"
            case .measured: "measured"
            case .newest: "newest"
            case .largest: "largest"
            }
        }
    }
}

extension Shelf {
    /// The models worth trying first on a device, for each use: see ``Choice``. None would swap or write under four
    /// tokens a second, and of each a file is known. The first time it measures this machine, which takes a third of a
    /// second.
    ///
    /// - Parameters:
    ///   - device: Nil means the shelf's own.
    ///   - workload: What the models are to do; nil for what is usual on the device.
    ///   - uses: In the order in which they are told; a use for which nothing fits is left out.
    ///   - top: How many for each use.
    ///   - minContext: Only models that are made for contexts as long, in tokens; nil for all.
    public func recommend(
        for device: Device? = nil, workload: Workload? = nil, uses: [Use] = Use.usual, top: Int = 1,
        minContext: Int? = nil
    ) async -> [Recommendation] {
        let device = device ?? self.device
        let workload = workload ?? .usual(on: device)
        var appraiser = await appraiser(for: device, workload: workload, measuring: true)
        // Whoever asks for pictures has a program that loads the projector.
        var seeing: Appraiser?
        if uses.contains(.pictures), !workload.loadsProjector {
            var workload = workload
            workload.loadsProjector = true
            seeing = await self.appraiser(for: device, workload: workload, measuring: false)
        }
        return uses.flatMap { use in
            var own = use == .pictures ? seeing ?? appraiser : appraiser
            var filter = use.filter
            filter.minContext = minContext
            var shortlist = Shortlist(Ranking(use: use), first: max(0, top), worst: .narrow, matching: filter)
            // A filter without a family fits every catalog.
            let choices = (try? shortlist.choices(&own)) ?? []
            // What was said of a model is said for the next use too.
            if use != .pictures || seeing == nil { appraiser = own }
            return choices.enumerated().map { index, choice in
                var choice = choice
                choice.listing = own.completed(choice.listing)
                let reason: Recommendation.Reason =
                    switch choice.standing {
                    case nil: use.tested == nil ? .largest : .newest
                    case let standing?: standing.beats.map { .beats($0) } ?? .measured
                    }
                return Recommendation(use: use, place: index + 1, choice: choice, reason: reason)
            }
        }
    }
}
