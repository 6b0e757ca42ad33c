public import HostHardware
internal import ModelCatalog
public import ModelFit

/// A model worth having on a device, and what for.
public struct Recommendation: Sendable {
    /// The model in its best form for the device.
    public var listing: Listing
    /// What it is recommended for.
    public var use: Use

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
}

extension Shelf {
    /// The few models worth trying first on a device: of what fits with room to spare the largest, for each use. Base
    /// models, which do not answer, and models without a known file are left out.
    ///
    /// - Parameter bandwidth: As for `listing`.
    /// - Returns: At most one for each use, no model twice, in the order of `Recommendation.Use`.
    public func recommend(
        for device: Device, workload: Workload, bandwidth: Double? = nil
    ) async -> [Recommendation] {
        let rows = await listing(for: device, workload: workload, bandwidth: bandwidth).filter { row in
            row.fit.verdict == .fits && row.variant != nil && row.entry.instructUpstream != nil
        }
        var taken: Set<String> = []
        return Recommendation.Use.allCases.compactMap { use in
            let suited = rows.filter { use.suits($0) && !taken.contains($0.entry.ref) }
            let best = suited.max { use.worth($0) < use.worth($1) }
            guard let best else { return nil }
            taken.insert(best.entry.ref)
            return Recommendation(listing: best, use: use)
        }
    }
}

extension Recommendation.Use {
    private static let tinyLimit: Int64 = 1_000_000_000

    fileprivate func suits(_ row: Listing) -> Bool {
        let isCoder = row.entry.familyID.contains("coder") || row.entry.familyID.contains("code")
        switch self {
        case .chat: return !isCoder
        case .code: return isCoder
        case .spanish: return !isCoder && row.entry.languages?.contains("es") == true
        case .tiny: return !isCoder && row.entry.apparentParameters < Self.tinyLimit
        }
    }

    /// Larger models know more; a licence that lets everybody use them tips the scale between near equals.
    fileprivate func worth(_ row: Listing) -> Double {
        let size = Double(row.entry.apparentParameters)
        return size * (row.entry.license.commercialUse == .yes ? 1.1 : row.entry.license.commercialUse == .no ? 0.5 : 1)
    }
}
