internal import ModelCatalog

/// Finds the first of a ranking without working out what comes behind.
///
/// Models are looked at in the order that they would have if each ran with ease. As soon as enough of those that do are
/// found, nothing that follows can come before them. Where there are not enough, all that may run at all are looked at,
/// and what surely does not, in order of its size.
struct Shortlist {
    let ranking: Ranking
    let count: Int
    /// Nothing that runs worse is wanted.
    let worst: Choice.Ease
    let filter: CatalogFilter
    /// By place in the catalog.
    private var found: [Int: Choice] = [:]
    /// Those found that run with ease, best first, by their tests and dates alone.
    private var easyOnes: [(position: Int, choice: Choice)] = []

    /// - Parameter count: How many are wanted; at least as many models are looked at.
    init(_ ranking: Ranking, first count: Int, worst: Choice.Ease = .tooLarge, matching filter: CatalogFilter) {
        (self.ranking, self.count, self.worst, self.filter) = (ranking, count, worst, filter)
    }

    /// The first of them, best first.
    ///
    /// - Throws: `CatalogError`.
    mutating func choices(_ appraiser: inout Appraiser) throws(CatalogError) -> [Choice] {
        guard let tested = ranking.use.tested else {
            // Of what no test asks for there are few.
            for candidate in try appraiser.catalog.candidates(.lightest, matching: filter) {
                _ = look(at: candidate, &appraiser)
            }
            return first()
        }
        var easy = filter
        easy.mostMemory = appraiser.easyMemory
        easy.mostRead = appraiser.mostRead(forPace: ranking.use.leastSpeed)
        var isDecided = try lookAtTested(tested, easy, &appraiser)
        if !isDecided { isDecided = try lookAtNewest(tested, easy, &appraiser) }
        if isDecided {
            try lookBelowFewBits(easy, &appraiser)
        } else {
            try lookAtRest(&appraiser)
        }
        return first()
    }

    /// The first of what was found.
    private func first() -> [Choice] {
        let all = found.sorted { $0.key < $1.key }.map(\.value)
        return Array(ranking.order(all).prefix { $0.ease <= worst }.prefix(count))
    }

    private mutating func look(
        at candidate: Candidates.Candidate, _ appraiser: inout Appraiser
    ) -> Choice? {
        if let choice = found[candidate.position] { return choice }
        guard let choice = appraiser.listing(of: candidate).map(ranking.choice) else { return nil }
        found[candidate.position] = choice
        if choice.isEasy, !choice.hasFewBits {
            let behind = easyOnes.firstIndex { other in
                if ranking.precedes(choice, other.choice) { return true }
                return !ranking.precedes(other.choice, choice) && candidate.position < other.position
            }
            easyOnes.insert((candidate.position, choice), at: behind ?? easyOnes.endIndex)
        }
        return choice
    }

    private mutating func lookAtTested(
        _ use: QualityUse, _ easy: CatalogFilter, _ appraiser: inout Appraiser
    ) throws(CatalogError) -> Bool {
        for candidate in try appraiser.catalog.candidates(.tested(use), matching: easy) {
            // No later one stands better than this, whichever way it is used.
            if let rank = candidate.entry.rank(in: use) {
                let first = easyOnes.prefix(count)
                let isBehind = first.allSatisfy { easy in
                    guard let standing = easy.choice.standing else { return false }
                    let mine = TestRank(standing)
                    // What is level with one of them may still come before it.
                    return mine < rank && (mine.isIndependent != rank.isIndependent || standing.levelTo < rank.place)
                }
                if first.count == count, isBehind { return true }
            }
            _ = look(at: candidate, &appraiser)
        }
        return false
    }

    private mutating func lookAtNewest(
        _ use: QualityUse, _ easy: CatalogFilter, _ appraiser: inout Appraiser
    ) throws(CatalogError) -> Bool {
        var left = count - easyOnes.count { $0.choice.standing != nil }
        for candidate in try appraiser.catalog.candidates(.newest(without: use), matching: easy) {
            if left <= 0 { return true }
            if let choice = look(at: candidate, &appraiser), choice.isEasy, !choice.hasFewBits { left -= 1 }
        }
        return left <= 0
    }

    /// What has few bits a weight goes behind the next smaller model, which may be one that was not looked at.
    private mutating func lookBelowFewBits(
        _ easy: CatalogFilter, _ appraiser: inout Appraiser
    ) throws(CatalogError) {
        for few in found.values where few.isEasy && few.hasFewBits {
            let own = few.listing.entry.apparentParameters
            for candidate in try appraiser.catalog.candidates(.largest(below: own), matching: easy) {
                if let choice = look(at: candidate, &appraiser), choice.ease == few.ease, !choice.hasFewBits { break }
            }
        }
    }

    private mutating func lookAtRest(_ appraiser: inout Appraiser) throws(CatalogError) {
        var rest = filter
        rest.mostMemory = appraiser.mostMemory
        if worst < .slow { rest.mostRead = appraiser.mostRead(forPace: ranking.use.leastSpeed) }
        for candidate in try appraiser.catalog.candidates(.lightest, matching: rest) {
            _ = look(at: candidate, &appraiser)
        }
        guard worst == .tooLarge, let most = rest.mostMemory else { return }
        rest.mostMemory = nil
        rest.memoryAbove = most
        for candidate in try appraiser.catalog.candidates(.lightest, matching: rest) {
            let least = candidate.entry.leastMemory
            if found.values.count(where: { $0.ease < .tooLarge || $0.weight <= least }) >= count { return }
            _ = look(at: candidate, &appraiser)
        }
    }
}
