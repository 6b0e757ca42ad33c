package import HostHardware

/// Which of the catalog's models somebody wants to see; what is not set lets everything through.
package struct CatalogFilter: Hashable, Sendable {
    /// Only this family, in any spelling that finds it.
    package var family: String?
    /// Only models meant for this kind of device.
    package var deviceClass: DeviceClass?
    /// Only models of this type.
    package var type: ModelType?
    /// Only models of these types.
    package var types: Set<ModelType>?
    /// Only those of the guide's families.
    package var isOfGuide = false
    /// Only those that see pictures.
    package var sees = false
    /// Only those that complete code between what stands before and behind it.
    package var fillsInTheMiddle = false
    /// Only those of which a file is known.
    package var hasFiles = false
    /// Only those with fewer weights, or that seem to have.
    package var parametersBelow: Int64?
    /// Only those of which ``CatalogEntry/leastMemory`` is no more, in bytes.
    package var mostMemory: Int64?
    /// Only those of which it is more.
    package var memoryAbove: Int64?
    /// Only those of which ``CatalogEntry/leastRead`` is no more, in bytes.
    package var mostRead: Int64?
    /// Only what the licence allows.
    package var license: LicenseDemand?
    /// ISO 639-1 code or a language's name in English or Spanish; models whose languages are unknown do not pass.
    package var language: String?
    /// In bytes, of the file that would be taken; files of unknown size do not pass.
    package var maxSize: Int64?
    /// In tokens; models whose window is unknown do not pass.
    package var minContext: Int?

    /// Lets everything through until something is set.
    package init(
        family: String? = nil, deviceClass: DeviceClass? = nil, type: ModelType? = nil, license: LicenseDemand? = nil,
        language: String? = nil, maxSize: Int64? = nil, minContext: Int? = nil
    ) {
        self.family = family
        self.deviceClass = deviceClass
        self.type = type
        self.license = license
        self.language = language
        self.maxSize = maxSize
        self.minContext = minContext
    }

    /// What a licence has to be.
    package enum LicenseDemand: Hashable, Sendable {
        /// Commercial use is allowed without conditions.
        case commercial
        /// Commercial use is allowed, perhaps on conditions.
        case conditional
        /// The identifier or name begins so: `apache`, `MIT`, `gemma`.
        case named(String)

        /// Takes the words of `--license`: `commercial`, `restricted` (or `conditional`), else a licence's name.
        package init(parsing text: String) {
            switch text.lowercased() {
            case "commercial", "comercial", "yes": self = .commercial
            case "restricted", "conditional", "condicional": self = .conditional
            default: self = .named(text)
            }
        }
    }
}

extension Catalog {
    /// The entries that pass, in the catalog's order.
    ///
    /// - Parameter size: the size in bytes of the file that would be taken, where the catalog's own is not known.
    /// - Throws: ``CatalogError/unknownModel(name:hint:)`` when the filter's family is no family.
    package func entries(
        matching filter: CatalogFilter, size: (CatalogEntry) -> Int64? = { $0.defaultFile?.size }
    ) throws(CatalogError) -> [CatalogEntry] {
        func isSmall(_ entry: CatalogEntry) -> Bool {
            filter.maxSize.map { limit in size(entry).map { $0 <= limit } ?? false } ?? true
        }
        guard database == nil else {
            return try candidates(.first, matching: filter).map(\.entry).filter(isSmall)
        }
        let passes = try test(filter)
        return families.flatMap { family in family.entries.filter { passes($0, family) && isSmall($0) } }
    }

    /// Whether an entry passes, all but its size.
    func test(
        _ filter: CatalogFilter
    ) throws(CatalogError) -> (_ entry: CatalogEntry, _ family: CatalogFamily) -> Bool {
        let families = try filter.family.map { name throws(CatalogError) in try familyIDs(named: name) }
        let language = filter.language.map(LanguageNames.code)
        return { entry, family in
            if let families, !families.contains(entry.familyID) { return false }
            if filter.isOfGuide, family.guide == nil { return false }
            if let wanted = filter.deviceClass, entry.deviceClass != wanted { return false }
            if let type = filter.type, entry.type != type { return false }
            if let types = filter.types, !types.contains(entry.type) { return false }
            if let demand = filter.license, !entry.license.meets(demand) { return false }
            if let language, !entry.knows(language) { return false }
            if let window = filter.minContext, entry.contextLength.map({ $0 >= window }) != true { return false }
            if filter.sees, !entry.sees { return false }
            if filter.fillsInTheMiddle, entry.fillsInTheMiddle != true { return false }
            if filter.hasFiles, entry.files.isEmpty { return false }
            if let limit = filter.parametersBelow, entry.apparentParameters >= limit { return false }
            if let most = filter.mostMemory, entry.leastMemory > most { return false }
            if let least = filter.memoryAbove, entry.leastMemory <= least { return false }
            if let most = filter.mostRead, entry.leastRead > most { return false }
            return true
        }
    }

    /// Ids of the families that a name finds, also when it is shared.
    func familyIDs(named name: String) throws(CatalogError) -> Set<String> {
        do {
            return [try find(family: name.lowercased()).family.id]
        } catch .ambiguous(_, let candidates) {
            return Set(candidates)
        }
    }
}

extension License {
    /// Whether the licence is what was asked for.
    func meets(_ demand: CatalogFilter.LicenseDemand) -> Bool {
        switch demand {
        case .commercial: commercialUse == .yes
        case .conditional: commercialUse != .no
        case .named(let text):
            [id, id.dropping(prefix: "licenseref-").map(String.init) ?? id, name].contains {
                NameMatching.key($0).hasPrefix(NameMatching.key(text))
            }
        }
    }
}
