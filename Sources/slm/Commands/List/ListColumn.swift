import Modelteca

/// What a list says for one of several devices.
struct ListColumn {
    let name: String?
    /// Best first.
    var rows: [Listing]

    init(_ asked: AskedDevice, rows: [Listing]) {
        name = asked.name
        self.rows = rows
    }

    /// Whether a model runs there.
    func fits(_ entry: CatalogEntry) -> Bool { rows.first { $0.entry.ref == entry.ref }?.fit.verdict.isYes ?? false }

    /// The models in the order of the first device, each with how it runs on all of them where there are several.
    static func joined(_ columns: [ListColumn], _ catalog: Catalog) -> [ListedModel] {
        guard let first = columns.first else { return [] }
        let known = columns.map { column in
            Dictionary(column.rows.map { ($0.entry.ref, $0) }) { first, _ in first }
        }
        return first.rows.map { listing in
            var model = ListedModel(listing, isOfGuide: catalog.isOfGuide(listing.entry))
            if columns.count > 1 {
                model.devices = zip(columns, known).map { column, rows in
                    ListedModel.OnDevice(column.name, rows[listing.entry.ref])
                }
            }
            return model
        }
    }
}

extension ListedModel {
    /// How it runs on one of several devices.
    struct OnDevice: Encodable {
        /// A profile's name; null for this machine.
        @OrNull var device: String?
        /// The form that suits it.
        @OrNull var ref: String?
        @OrNull var quant: String?
        @OrNull var sizeBytes: Int64?
        @OrNull var fit: FitVerdict?
        @OrNull var tokensPerSecond: TokensPerSecond?

        init(_ device: String?, _ listing: Listing?) {
            self.device = device
            ref = listing?.ref
            quant = listing?.variant?.quantization
            sizeBytes = listing?.size
            fit = listing.map { FitVerdict($0.fit) }
            tokensPerSecond = listing?.speed.map(TokensPerSecond.init)
        }
    }
}
