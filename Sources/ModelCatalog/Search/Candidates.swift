/// Models of a catalog one after the other, in an order that does not depend on a device: who looks for the best few
/// stops when they are found.
package struct Candidates: IteratorProtocol, Sequence {
    /// One of them.
    package struct Candidate: Sendable {
        /// In the catalog; of equals the first comes first.
        package let position: Int
        package let entry: CatalogEntry
    }

    /// What comes first.
    package enum Order: Sendable {
        /// Of those with a standing in a use, what stands best in the better of its two ways: see ``Catalog/rank(_:in:)``.
        case tested(QualityUse)
        /// Of those without, the newest, then the largest.
        case newest(without: QualityUse)
        /// Of those with fewer weights than this, the largest.
        case largest(below: Int64)
        /// What needs the least memory.
        case lightest
        /// As the catalog has them.
        case first
    }

    private var rest: ArraySlice<Candidate>
    /// Where more come from.
    private var source: (database: CatalogDatabase, query: CatalogQuery)?
    private var taken = 0

    init(_ candidates: [Candidate]) { rest = candidates[...] }

    init(_ query: CatalogQuery, in database: CatalogDatabase) {
        rest = []
        source = (database, query)
    }

    package mutating func next() -> Candidate? {
        if rest.isEmpty { fetch() }
        return rest.popFirst()
    }

    /// Twice as many each time: most look for a few.
    private mutating func fetch() {
        guard let source else { return }
        let limit = Swift.min(Swift.max(16, taken), 1024)
        guard let places = try? source.database.places(source.query, from: taken, limit: limit) else { return }
        taken += places.count
        if places.count < limit { self.source = nil }
        rest =
            places.compactMap { place in
                (try? source.database.entry(at: (place.family, place.index))).map {
                    Candidate(position: place.id, entry: $0)
                }
            }[...]
    }
}

extension Catalog {
    /// The models that pass a filter, one after the other.
    ///
    /// - Throws: ``CatalogError/unknownModel(name:hint:)`` when the filter's family is no family.
    package func candidates(
        _ order: Candidates.Order, matching filter: CatalogFilter
    ) throws(CatalogError) -> Candidates {
        if let database {
            return Candidates(try query(filter, in: order, of: database), in: database)
        }
        let passes = try test(filter)
        var found: [Candidates.Candidate] = []
        var position = 0
        for family in families {
            for entry in family.entries {
                if passes(entry, family) { found.append(.init(position: position, entry: entry)) }
                position += 1
            }
        }
        func sorted<Key: Comparable>(_ key: (CatalogEntry) -> Key?) -> Candidates {
            let keyed = found.enumerated().compactMap { index, candidate in
                key(candidate.entry).map { (key: $0, index: index) }
            }
            return Candidates(keyed.sorted { ($0.key, $0.index) < ($1.key, $1.index) }.map { found[$0.index] })
        }
        switch order {
        case .tested(let use): return sorted { $0.rank(in: use) }
        case .newest(let use):
            return sorted { entry in
                entry.rank(in: use) == nil ? Recency(entry.released ?? "", entry.apparentParameters) : nil
            }
        case .largest(let limit):
            return sorted { $0.apparentParameters < limit ? -$0.apparentParameters : nil }
        case .lightest: return sorted(\.leastMemory)
        case .first: return Candidates(found)
        }
    }

    /// How many models pass a filter.
    ///
    /// - Throws: as ``candidates(_:matching:)``.
    package func count(matching filter: CatalogFilter) throws(CatalogError) -> Int {
        if let database { return try database.count(try query(filter, of: database)) }
        let passes = try test(filter)
        return families.reduce(0) { sum, family in sum + family.entries.count { passes($0, family) } }
    }
}

extension Catalog {
    func query(
        _ filter: CatalogFilter, in order: Candidates.Order? = nil, of database: CatalogDatabase
    ) throws(CatalogError) -> CatalogQuery {
        let families = try filter.family.map { name throws(CatalogError) in try familyIDs(named: name) }
        return CatalogQuery(filter, families: families, licenses: database.licenses, in: order)
    }
}

extension CatalogEntry {
    /// The best that its tests may say of it, whichever way it is used; nil without tests. Less is better.
    package func rank(in use: QualityUse) -> TestRank? {
        [quality[use]?.quick, quality[use]?.thinking].compactMap { $0.map(TestRank.init) }.min()
    }
}

/// Where tests put a model: what independent parties measured before what only its makers did, each by its place.
package struct TestRank: Comparable, Sendable {
    package let isIndependent: Bool
    package let place: Int

    package init(_ standing: Standing) {
        isIndependent = standing.evidence != .publisher
        place = standing.place
    }

    package static func < (left: TestRank, right: TestRank) -> Bool {
        left.isIndependent == right.isIndependent ? left.place < right.place : left.isIndependent
    }
}

/// Newer comes first, then larger.
private struct Recency: Comparable {
    let released: String
    let parameters: Int64

    init(_ released: String, _ parameters: Int64) { (self.released, self.parameters) = (released, parameters) }

    static func < (left: Recency, right: Recency) -> Bool {
        left.released == right.released ? left.parameters > right.parameters : left.released > right.released
    }
}
