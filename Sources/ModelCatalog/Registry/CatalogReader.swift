import Disk

/// Turns the rows of a document into the catalog's own values, checking what will become a path or a proof.
struct CatalogReader {
    let document: CatalogDocument
    let knownBad: Set<Digest>

    func family(at index: Int) throws(CatalogError) -> CatalogFamily {
        let row = document.families[index]
        let path = "families[\(index)]"
        try requireID(row.id, "\(path).id")
        guard !row.sizes.isEmpty else { throw .malformed(path: "\(path).sizes", reason: .familyWithoutSizes) }
        var entries: [CatalogEntry] = []
        for (place, size) in row.sizes.enumerated() {
            entries.append(try entry(size, of: row, path: "\(path).sizes[\(place)]"))
        }
        return CatalogFamily(
            id: row.id, aliases: row.aliases ?? [], name: row.name, developer: row.developer, guide: row.guide,
            differences: row.differences ?? [], entries: entries)
    }

    private func entry(
        _ size: CatalogDocument.Size, of family: CatalogDocument.Family, path: String
    ) throws(CatalogError) -> CatalogEntry {
        try requireID(size.id, "\(path).id")
        if let count = size.parameters, count <= 0 {
            throw .malformed(path: "\(path).parameters", reason: .badNumber)
        }
        var files: [CatalogFile] = []
        for (index, row) in size.files.enumerated() {
            files.append(try file(row, path: "\(path).files[\(index)]"))
        }
        let (license, notes) = try license(of: size, in: family, path: path)
        var sources = size.sources ?? [:]
        sources["license"] = size.licenseSources ?? family.licenseSources
        return CatalogEntry(
            familyID: family.id, familyName: family.name, developer: family.developer, size: size.id,
            label: size.label, sizeAliases: size.aliases ?? [], names: size.names ?? [],
            guideLabel: size.guideLabel, instructUpstream: size.upstream.instruct,
            baseUpstream: size.upstream.base, parameters: size.parameters,
            contextLength: size.contextLength, released: size.released, languages: size.languages,
            languagesNote: size.languagesNote, deviceClass: size.deviceClass,
            defaultQuantization: size.defaultQuant?.uppercased(), notes: size.notes ?? [],
            shape: size.architecture?.shape, license: license, licenseNotes: notes,
            repositories: size.repositories ?? [], files: files, sourceIDs: sources)
    }

    /// A size's own licence wins over the family's, and the family's remarks are then not about it.
    private func license(
        of size: CatalogDocument.Size, in family: CatalogDocument.Family, path: String
    ) throws(CatalogError) -> (License, [LocalizedText]) {
        let id = size.license ?? family.license
        guard let row = document.licenses[id] else {
            throw .malformed(path: "\(path).license", reason: .unknownLicense(id))
        }
        let restrictions = row.restrictions ?? []
        let license = License(
            id: id, name: row.name, url: row.url, openWeights: row.openWeights, commercialUse: row.commercialUse,
            guideFlag: family.guide?.openSource, restrictions: restrictions.map(\.en),
            gated: size.license == nil ? family.gated : size.gated)
        let remark = size.license == nil ? family.licenseNote : nil
        return (license, restrictions + (remark.map { [$0] } ?? []))
    }

    private func file(_ row: CatalogDocument.File, path: String) throws(CatalogError) -> CatalogFile {
        let owners = row.repo.split(separator: "/", omittingEmptySubsequences: false)
        guard owners.count == 2 else { throw .malformed(path: "\(path).repo", reason: .badRepository(row.repo)) }
        do {
            for part in owners { _ = try FileNameRules.component(part) }
        } catch {
            throw .malformed(path: "\(path).repo", reason: .badRepository(row.repo))
        }
        do {
            _ = try FileNameRules.relativePath(row.file)
        } catch {
            throw .malformed(path: "\(path).file", reason: .badFileName(error))
        }
        if let size = row.bytes, size < 0 { throw .malformed(path: "\(path).bytes", reason: .badNumber) }
        return CatalogFile(
            publisher: String(owners[0]), repository: String(owners[1]), path: row.file,
            quantization: row.quant.uppercased(), size: row.bytes, tiedEmbeddings: row.tiedEmbeddings,
            digest: row.sha256.flatMap { knownBad.contains($0) ? nil : $0 }, revision: row.revision,
            witnesses: row.witnesses ?? 0, sourceIDs: row.sources ?? [])
    }

    private func requireID(_ id: String, _ path: String) throws(CatalogError) {
        guard ModelReference.isCatalogName(id), id == id.lowercased() else {
            throw .malformed(path: path, reason: .badID(id))
        }
    }
}
