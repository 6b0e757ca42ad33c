/// What a catalog reference names.
package struct CatalogMatch: Sendable {
    /// The family that was named.
    package var family: CatalogFamily
    /// The sizes that answer, largest first; just one when a size was named or there is but one. Never empty.
    package var entries: [CatalogEntry]
    /// Lower case, as asked; nil for the default.
    package var quantization: String?
}

extension Catalog {
    /// Finds what a catalog reference names.
    ///
    /// Case, hyphens and underscores do not matter, aliases count, `qwen2-0.5b` is `qwen2:0.5b`, and so is the name of
    /// an upstream repository. Whether the quantization exists is for ``candidate(for:quantization:endpoint:)`` to say.
    /// - Throws: ``CatalogError/unknownModel(name:hint:)``, ``CatalogError/ambiguous(name:candidates:)``.
    package func find(
        family name: String, size: String? = nil, quantization: String? = nil
    ) throws(CatalogError) -> CatalogMatch {
        let asked = size.map { "\(name):\($0)" } ?? name
        if let database {
            let few = Catalog(try database.families(named: [name, asked].map { NameMatching.key($0) }), of: self)
            do {
                return try few.find(family: name, size: size, quantization: quantization)
            } catch .unknownModel(let name, var hint) {
                if hint.nearest.isEmpty { hint.nearest = nearest(to: asked).filter { $0 != hint.guideSlip?.ref } }
                throw .unknownModel(name: name, hint: hint)
            }
        }
        let size = size == "latest" ? nil : size
        let named = families(named: name)
        var found: [CatalogEntry]
        if let size {
            found = named.flatMap { $0.entries(ofSize: size) }
        } else {
            found = named.flatMap(\.entries)
            guard named.count < 2 else { throw .ambiguous(name: asked, candidates: named.map(\.id)) }
        }
        if found.isEmpty {
            found = entries(wholeName: asked)
        }
        guard let first = found.first, let family = family(id: first.familyID) else {
            throw .unknownModel(name: asked, hint: hint(for: asked, size: size, in: named))
        }
        guard found.allSatisfy({ $0.familyID == first.familyID }) else {
            throw .ambiguous(name: asked, candidates: found.map(\.ref))
        }
        return CatalogMatch(
            family: family, entries: found.sorted { $0.apparentParameters > $1.apparentParameters },
            quantization: quantization?.lowercased())
    }

    /// Finds what a reference names; nil for the forms that the catalog does not answer.
    ///
    /// - Throws: as ``find(family:size:quantization:)``.
    package func find(_ reference: ModelReference) throws(CatalogError) -> CatalogMatch? {
        guard case .catalog(let family, let size, let quantization) = reference else { return nil }
        return try find(family: family, size: size, quantization: quantization)
    }

    /// The family whose id this is; else all that have it as an alias.
    private func families(named name: String) -> [CatalogFamily] {
        let key = NameMatching.key(name)
        if let exact = families.first(where: { NameMatching.key($0.id) == key }) { return [exact] }
        return families.filter { family in
            NameMatching.key(family.name) == key || family.aliases.contains { NameMatching.key($0) == key }
        }
    }

    /// Sizes that are known by a name of their own: `minicpm5`, `qwen2-0.5b`, `Qwen2-0.5B-Instruct`.
    private func entries(wholeName name: String) -> [CatalogEntry] {
        let key = NameMatching.key(name)
        return entries.filter { entry in
            if NameMatching.key(entry.ref) == key { return true }
            if entry.names.contains(where: { NameMatching.key($0) == key }) { return true }
            return entry.upstream.contains { id in
                NameMatching.key(id) == key || id.split(separator: "/").last.map { NameMatching.key($0) } == key
            }
        }
    }

    private func hint(for asked: String, size: String?, in named: [CatalogFamily]) -> NameHint {
        let slip = size.flatMap { size in named.lazy.compactMap { $0.guideSlip(size: size) }.first }
        var near = named.flatMap { $0.entries.map(\.ref) }
        if near.isEmpty { near = nearest(to: asked) }
        return NameHint(guideSlip: slip, nearest: near.filter { $0 != slip?.ref })
    }

    /// References of the entries with the nearest names, at most five, best first.
    ///
    /// Near is: one begins with the other, or few letters differ. A near family counts as its default size.
    package func nearest(to name: String, limit: Int = 5) -> [String] {
        if let database {
            return Catalog((try? database.families(near: name, limit: limit)) ?? [], of: self)
                .nearest(to: name, limit: limit)
        }
        var best: [(ref: String, distance: Int)] = []
        for family in families {
            let head = family.entries.count == 1 ? family.entries[0].ref : family.id
            var candidates = ([family.id, family.name] + family.aliases).map { (head, $0) }
            for entry in family.entries {
                candidates += ([entry.ref] + entry.names).map { (entry.ref, $0) }
            }
            let near = candidates.compactMap { ref, spelling in
                NameMatching.distance(from: name, to: spelling).map { (ref: ref, distance: $0) }
            }
            if let nearest = near.min(by: { $0.distance < $1.distance }) { best.append(nearest) }
        }
        // The sort is stable by index, so that equals keep the catalog's order.
        return best.enumerated()
            .sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
            .prefix(limit).map(\.element.ref)
    }
}

extension CatalogFamily {
    /// The sizes that a user's spelling means: `1,5B`, `1.5`, `1.50b`.
    func entries(ofSize size: String) -> [CatalogEntry] {
        let key = NameMatching.sizeKey(size)
        let exact = entries.filter { entry in
            ([entry.size, entry.label] + entry.sizeAliases).contains { NameMatching.sizeKey($0) == key }
        }
        guard exact.isEmpty else { return exact }
        return entries.filter { NameMatching.sizeKey($0.size) == key + "b" }
    }

    /// The size that the guide prints under another figure.
    func guideSlip(size: String) -> NameHint.GuideSlip? {
        let key = NameMatching.sizeKey(size)
        let printed = entries.lazy.compactMap { entry in entry.guideLabel.map { (entry, $0) } }
            .filter { $1.contains(where: \.isNumber) }
        return printed.first { NameMatching.sizeKey($1) == key || NameMatching.sizeKey($1) == key + "b" }
            .map { entry, label in .init(printed: label, actual: entry.label, ref: entry.ref) }
    }
}

extension CatalogEntry {
    /// Parameters, or what the label says where they are not known: for ordering only.
    package var apparentParameters: Int64 {
        if let parameters { return parameters }
        // `5-1B` is the 1B of a fifth generation.
        let last = label.split(separator: "-").last ?? ""
        let digits = last.filter { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = label.uppercased().hasSuffix("M") ? 1e6 : 1e9
        guard let number = Double(digits), number.isFinite, number < 1e6 else { return 0 }
        return Int64(number * unit)
    }
}
