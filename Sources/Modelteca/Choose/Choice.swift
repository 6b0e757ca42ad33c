internal import GGUF
package import ModelCatalog
internal import ModelFit

/// A model's place among those that a device could have for a use.
public struct Choice: Sendable {
    /// The model in its best form for the device.
    public var listing: Listing
    /// How it does in the tests of the use, in the way that the device can afford; nil when nobody has measured it.
    package var standing: Standing?
    /// Whether it should think first: it does better so, and the device writes fast enough for that.
    package var thinksFirst: Bool
    /// How well it would run; what people should be advised to take is ``Ease/quick`` or ``Ease/narrow``.
    package var ease: Ease

    /// How well a model runs on a device, best first.
    package enum Ease: Int, Comparable, Sendable {
        /// It fits with room to spare and writes fast enough.
        case quick
        /// It fits now, with little to spare.
        case narrow
        /// It fits, and one waits for its words.
        case slow
        /// It would run after closing other programs, or swap.
        case crowded
        case unknown
        case tooLarge

        /// Better comes first.
        package static func < (left: Ease, right: Ease) -> Bool { left.rawValue < right.rawValue }
    }
}

/// The rule by which models are put into order for a device and a use: the only place where that is decided.
///
/// The catalog brings each model's place in the duels over named tests, with thinking and without
/// (`Scripts/quality-order.py`). The rest depends on the device:
///
/// 1. What fits and writes fast enough for the use (mostly four tokens a second) comes first, what lies wholly on the
///    graphics card before what spills out of it, what is made for the use before what can do it too.
/// 2. From fifteen tokens a second on there is time to think: the better of both ways counts, below it the quick one. Of
///    a class of phones the slowest decides that.
/// 3. What independent parties measured comes first, then what only its makers did, each by its place. Where neither of
///    two neighbours beats the other two to one, the lighter comes first, and of about equally heavy ones the newer;
///    a sibling that reads text alone goes before one that sees.
/// 4. What nobody measured follows, newest first, then the larger.
/// 5. A file of under four bits a weight goes behind the next smaller model that has four.
package struct Ranking {
    let use: Use

    /// From here on a thought of some hundred words takes less than a minute, in tokens a second.
    package static let thinkingSpeed = 15.0
    /// Bits a weight. Under it llama.cpp's own measurements of what quantization loses grow tenfold (KL divergence of
    /// Llama 3 8B to its 16 bits: Q4_K_M 0.03, Q3_K_M 0.09, Q2_K 0.4).
    fileprivate static let leastBits = 4.0

    /// All of them, best first.
    func order(_ choices: [Choice]) -> [Choice] {
        let sorted = choices.enumerated().sorted { left, right in
            if precedes(left.element, right.element) { return true }
            return !precedes(right.element, left.element) && left.offset < right.offset
        }.map(\.element)
        return withFewBitsBehind(withLevelOnesByWeight(sorted))
    }

    func choice(_ listing: Listing) -> Choice {
        let standings = use.tested.flatMap { listing.entry.quality[$0] }
        var (standing, thinks) = (standings?.quick, false)
        // Of a card whose memory's speed nobody tells, the slowest there are still have time for a thought.
        // What completes a line never thinks.
        let hasTime =
            use != .editor && (listing.surePace.map { $0 >= Self.thinkingSpeed } ?? (listing.fit.placement == .gpu))
        if hasTime, let thinking = standings?.thinking,
            standing.map({ thinking.place < $0.place }) ?? true
        {
            (standing, thinks) = (thinking, true)
        }
        return Choice(
            listing: listing, standing: standing,
            thinksFirst: thinks || use != .editor && listing.entry.thinking == .always,
            ease: ease(of: listing))
    }

    /// Where the memory's speed is not known and the use needs a quick model, that of the slowest memory in use counts:
    /// LPDDR4X-4267 on 32 bits, as in cheap phones, or one channel of DDR4-2133.
    private func pace(of listing: Listing) -> Double? {
        if let pace = listing.middlePace { return pace }
        guard use.leastSpeed > Use.readingSpeed, listing.fit.placement != .gpu, let size = listing.size, size > 0
        else { return nil }
        return 17e9 / Double(size)
    }

    private func ease(of listing: Listing) -> Choice.Ease {
        let isSlow = pace(of: listing).map { $0 < use.leastSpeed } ?? false
        switch listing.fit.verdict {
        case .fits, .partial: return isSlow ? .slow : .quick
        case .tight:
            let isLater = listing.fit.reasons.contains { if case .afterClosingPrograms = $0 { true } else { false } }
            return isLater ? .crowded : isSlow ? .slow : .narrow
        case .unknown: return .unknown
        case .tooLarge, .cannotRun: return .tooLarge
        }
    }

    func precedes(_ left: Choice, _ right: Choice) -> Bool {
        if left.ease != right.ease { return left.ease < right.ease }
        // Of what is too large the nearest miss is the most interesting.
        if left.ease == .tooLarge { return left.weight < right.weight }
        if left.spills != right.spills { return right.spills }
        let (mine, theirs) = (left.listing.entry, right.listing.entry)
        if use.isMade(mine) != use.isMade(theirs) { return use.isMade(mine) }
        if left.isTested != right.isTested { return left.isTested }
        switch (left.standing, right.standing) {
        case (let mine?, let theirs?): return mine.place < theirs.place
        case (_?, nil): return true
        case (nil, _?): return false
        case (nil, nil):
            if use == .editor { return mine.apparentParameters > theirs.apparentParameters }
            if mine.released != theirs.released { return (mine.released ?? "") > (theirs.released ?? "") }
            return mine.apparentParameters > theirs.apparentParameters
        }
    }

    /// Neighbours of which neither beats the other are in no order by the tests.
    private func withLevelOnesByWeight(_ sorted: [Choice]) -> [Choice] {
        var result: [Choice] = []
        var rest = Array(sorted.indices)
        while let place = rest.first {
            let first = sorted[place]
            guard let last = first.standing?.levelTo, first.ease != .tooLarge else {
                result.append(first)
                rest.removeFirst()
                continue
            }
            // What less is known of may be level for want of tests: it does not go before what more is known of.
            let level = rest.prefix { index in
                let choice = sorted[index]
                return choice.ease == first.ease && choice.spills == first.spills && choice.isTested == first.isTested
                    && use.isMade(choice.listing.entry) == use.isMade(first.listing.entry)
                    && choice.standing.map { $0.place <= last } ?? false
            }.filter { sorted[$0].evidence <= first.evidence }
            let lightest = level.map { sorted[$0].weight }.min() ?? 0
            let alike = level.filter { Double(sorted[$0].weight) <= 1.05 * Double(lightest) }
            func entry(_ index: Int) -> CatalogEntry { sorted[index].listing.entry }
            var next = alike.max { left, right in
                let (mine, theirs) = (entry(left).released ?? "", entry(right).released ?? "")
                return mine != theirs ? mine < theirs : left > right
            }
            if let newest = next, entry(newest).sees, use != .pictures {
                let sibling = alike.first {
                    !entry($0).sees && entry($0).developer != nil && entry($0).developer == entry(newest).developer
                }
                next = sibling ?? newest
            }
            let chosen = next ?? place
            result.append(sorted[chosen])
            rest.removeAll { $0 == chosen }
        }
        return result
    }

    /// Puts what has under four bits a weight behind the next smaller model with four.
    private func withFewBitsBehind(_ sorted: [Choice]) -> [Choice] {
        var result = sorted.filter { !$0.hasFewBits }
        for few in sorted where few.hasFewBits {
            let own = few.listing.entry.apparentParameters
            let peers = result.enumerated().filter { $0.element.ease == few.ease }
            let next = peers.filter { $0.element.listing.entry.apparentParameters < own }
                .max { $0.element.listing.entry.apparentParameters < $1.element.listing.entry.apparentParameters }
            let usual = result.firstIndex { precedes(few, $0) } ?? result.count
            result.insert(few, at: max(usual, next.map { $0.offset + 1 } ?? 0))
        }
        return result
    }
}

extension Choice {
    /// Whether it could not run better.
    var isEasy: Bool { ease == .quick && !spills }

    /// Whether the device has a graphics card that does not hold all of it.
    fileprivate var spills: Bool { (listing.fit.budget.gpu ?? 0) > 0 && listing.fit.placement != .gpu }

    /// Whether anybody but its makers and their rivals has measured it.
    fileprivate var isTested: Bool { standing.map { $0.evidence != .publisher } ?? false }

    /// Less is better known.
    fileprivate var evidence: Int {
        switch standing?.evidence {
        case .strong?: 0
        case .fair?: 1
        case .publisher?: 2
        case nil: 3
        }
    }

    var weight: Int64 { listing.fit.required ?? listing.size ?? .max }

    /// Whether its file has fewer bits a weight than the model is made for. What its makers trained so has no other file.
    var hasFewBits: Bool {
        func isFew(_ name: String) -> Bool {
            Quantization(parsing: name).map { $0.bitsPerWeight < Ranking.leastBits } ?? false
        }
        guard let name = listing.variant?.quantization, isFew(name) else { return false }
        return listing.entry.quantizations.contains { !isFew($0) }
    }
}

extension Listing {
    /// The middle of what is estimated.
    fileprivate var middlePace: Double? { pace?.middle }

    /// The same, or the slow end where it stands for devices that differ several times: a machine's own range is narrower.
    fileprivate var surePace: Double? { pace.map { $0.upperBound > 3 * $0.lowerBound ? $0.lowerBound : $0.middle } }
}
