internal import Foundation
public import HostHardware
internal import ModelCatalog
internal import ModelFit

/// A model worth having on a device, and what for.
public struct Recommendation: Sendable {
    /// The model in its best form for the device.
    public var listing: Listing
    /// What it is recommended for.
    public var use: Use
    /// Why this one and not another of its kind.
    public var reason: Reason

    /// What people want a small model for.
    public enum Use: String, Sendable, CaseIterable {
        /// To talk with, in general.
        case chat
        /// To write programs.
        case code
        /// To read and write Spanish.
        case spanish
        /// To answer at once on any device.
        case tiny
    }

    /// Why a model was picked.
    public enum Reason: String, Sendable, CaseIterable {
        /// The most capable that fits with room to spare and writes as fast as one reads.
        case mostCapable = "most-capable"
        /// The most capable that fits; how fast it would be is not known.
        case mostCapableThatFits = "most-capable-that-fits"
        /// Made for programs by its publisher.
        case madeForCode = "made-for-code"
        /// Its publisher names Spanish among its languages.
        case namesSpanish = "names-spanish"
        /// The most capable of those that run on anything.
        case runsAnywhere = "runs-anywhere"
    }
}

extension Shelf {
    /// Slower than this one waits for the words, in tokens a second.
    static let leastSpeed = 3.0

    /// The few models worth trying first on a device: for each use the most capable that fits with room to spare, at
    /// three tokens a second or more. Base models, which do not answer, and models without a known file are left out,
    /// and so are those of which the same makers have a newer one of the size. The first time it measures this machine,
    /// which takes a third of a second.
    ///
    /// - Returns: At most one for each use, no model twice, in the order of `Recommendation.Use`.
    public func recommend(for device: Device, workload: Workload) async -> [Recommendation] {
        let machine = await speed(of: device, measuring: true)
        let all = await listing(for: device, workload: workload, machine: machine)
        let rows = all.filter { row in
            row.fit.verdict == .fits && row.variant != nil && row.entry.instructUpstream != nil
                && row.speed.map { $0.lowerBound >= Self.leastSpeed } ?? true
        }
        var taken: Set<String> = []
        return Recommendation.Use.allCases.compactMap { use in
            let suited = rows.filter { use.suits($0) && !taken.contains($0.entry.ref) }
            let current = suited.filter { row in !suited.contains { $0.entry.succeeds(row.entry) } }
            guard let best = current.max(by: { $0.worth < $1.worth }) else { return nil }
            taken.insert(best.entry.ref)
            return Recommendation(listing: best, use: use, reason: use.reason(for: best))
        }
    }
}

extension Recommendation.Use {
    /// Weights; at four bits half a gigabyte, which the smallest board and an old phone have.
    private static let tinyLimit: Int64 = 800_000_000

    fileprivate func suits(_ row: Listing) -> Bool {
        let kind = row.entry.lineage.kind
        return switch self {
        case .chat: kind == nil
        case .code: kind == .code
        case .spanish: kind == nil && row.entry.languages?.contains("es") == true
        case .tiny: kind == nil && row.entry.apparentParameters < Self.tinyLimit
        }
    }

    fileprivate func reason(for row: Listing) -> Recommendation.Reason {
        switch self {
        case .chat: row.speed == nil ? .mostCapableThatFits : .mostCapable
        case .code: .madeForCode
        case .spanish: .namesSpanish
        case .tiny: .runsAnywhere
        }
    }
}

extension Listing {
    /// As fast as people read, in tokens a second: 240 words a minute (Brysbaert, "How many words do we read per
    /// minute?", 2019) of about one and a third tokens each.
    private static let readingSpeed = 5.3

    /// How much one gets from it. Larger models know more; one that writes slower than one reads is worth less, and so
    /// is one whose licence does not let everybody use it.
    fileprivate var worth: Double {
        let size = Double(entry.apparentParameters)
        let patience = speed.map { min(1, $0.lowerBound / Self.readingSpeed) } ?? 1
        let license =
            switch entry.license.commercialUse {
            case .yes: 1.1
            case .no: 0.5
            default: 1.0
            }
        return size * patience * license * entry.freshness
    }
}

extension CatalogEntry {
    /// Half as much a year of age, where its date is known: models of one size become better faster than that (Xiao and
    /// others, "Densing Law of LLMs", arXiv 2412.04315, measured a doubling in 3 to 4 months). From the first year of
    /// such models on.
    fileprivate var freshness: Double {
        guard let released, let year = Double(released.prefix(4)) else { return 1 }
        let month = Double(released.dropFirst(5).prefix(2)) ?? 6
        return pow(2, min(0, year + month / 12 - Self.today))
    }

    /// In years; the catalog's newest dates, so that the answer does not change with the calendar.
    private static let today = 2026.0

    /// Whether it is a later model of the same line, and not much smaller.
    fileprivate func succeeds(_ older: CatalogEntry) -> Bool {
        let (mine, theirs) = (lineage, older.lineage)
        return mine.line == theirs.line && mine.kind == theirs.kind && mine.version > theirs.version
            && Double(apparentParameters) >= 0.6 * Double(older.apparentParameters)
    }

    /// What the name of its family says: `qwen2.5-coder` is version 2.5 of the line `qwen`, made for code.
    fileprivate var lineage: Lineage { Lineage(familyID) }
}

/// A family among its relatives, by its name alone.
private struct Lineage {
    var line: String
    var version: Double
    /// Nil for models that are made for everything.
    var kind: Kind?

    enum Kind { case code, reasoning }

    init(_ family: String) {
        let name = family.lowercased()
        let letters = name.prefix { !$0.isNumber && $0 != "-" }
        let number = name.dropFirst(letters.count).prefix { $0.isNumber || $0 == "." }
        line = String(letters)
        version = Double(number) ?? 0
        let words = name.split(separator: "-").dropFirst()
        if words.contains(where: { $0.hasPrefix("code") }) {
            kind = .code
        } else if words.contains(where: { ["thinking", "reasoning", "math", "r1"].contains($0) }) {
            kind = .reasoning
        }
    }
}
