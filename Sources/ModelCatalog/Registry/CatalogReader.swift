import Disk

/// Turns the rows of a document into the catalog's own values, checking what will become a path or a proof.
struct CatalogReader {
    let licenses: [String: CatalogDocument.LicenseRow]
    let knownBad: Set<Digest>

    func family(_ row: CatalogDocument.Family, path: String) throws(CatalogError) -> CatalogFamily {
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
        let (instruct, base) = (size.upstream.instruct, size.upstream.base)
        // A catalog that does not say it: what has only a base model behind it does not answer.
        let untold: ModelType =
            (size.tuning ?? family.tuning) == .base || instruct == nil && base != nil ? .base : .chat
        let projector = try size.projector.map { row throws(CatalogError) in
            CatalogProjector(
                hubReference: try hubReference(row.repo, row.file, row.revision, path: "\(path).projector"),
                size: try checked(row.bytes, path: "\(path).projector.bytes"), digest: proof(row.sha256))
        }
        var quality: [QualityUse: Standings] = [:]
        for (name, standings) in size.quality ?? [:] {
            // A use that a later catalog tests is none of ours.
            if let use = QualityUse(rawValue: name) { quality[use] = standings }
        }
        return CatalogEntry(
            familyID: family.id, familyName: family.name, developer: family.developer, size: size.id,
            label: size.label, sizeAliases: size.aliases ?? [], names: size.names ?? [],
            guideLabel: size.guideLabel, instructUpstream: instruct, baseUpstream: base, parameters: size.parameters,
            contextLength: size.contextLength, released: size.released, type: size.type ?? family.type ?? untold,
            modalities: size.modalities ?? family.modalities ?? [.text], thinking: size.thinking ?? family.thinking,
            tools: size.tools ?? family.tools,
            fillsInTheMiddle: size.fillInTheMiddle ?? family.fillInTheMiddle,
            phoneApps: size.phoneApps ?? family.phoneApps ?? [], sampling: size.sampling ?? family.sampling ?? [],
            minLlamaCppBuild: size.minLlamaCppBuild ?? family.minLlamaCppBuild, page: size.page,
            activeParameters: size.activeParameters, languages: size.languages,
            languagesCount: size.languagesCount, spanish: size.spanish,
            languagesNote: size.languagesNote, deviceClass: size.deviceClass,
            defaultQuantization: size.defaultQuant?.uppercased(), notes: size.notes ?? [],
            shape: size.architecture?.shape, license: license, licenseNotes: notes,
            projector: projector, quality: quality, repositories: size.repositories ?? [], files: files,
            sourceIDs: sources)
    }

    /// A size's own licence wins over the family's, and the family's remarks are then not about it.
    private func license(
        of size: CatalogDocument.Size, in family: CatalogDocument.Family, path: String
    ) throws(CatalogError) -> (License, [LocalizedText]) {
        let id = size.license ?? family.license
        guard let row = licenses[id] else {
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
        let hub = try hubReference(row.repo, row.file, row.revision, path: path)
        var parts: [CatalogPart] = []
        for (index, part) in (row.parts ?? []).enumerated() {
            let place = "\(path).parts[\(index)]"
            try checkName(part.file, path: place)
            parts.append(
                CatalogPart(
                    path: part.file, size: try checked(part.bytes, path: "\(place).bytes"),
                    digest: proof(part.sha256)))
        }
        return CatalogFile(
            publisher: hub.owner ?? "", repository: hub.repository, path: row.file,
            quantization: row.quant.uppercased(), size: try checked(row.bytes, path: "\(path).bytes"),
            tiedEmbeddings: row.tiedEmbeddings, digest: proof(row.sha256), revision: row.revision,
            witnesses: row.witnesses ?? 0, sourceIDs: row.sources ?? [], parts: parts)
    }

    private func hubReference(
        _ repository: String, _ file: String, _ revision: String?, path: String
    ) throws(CatalogError) -> HubReference {
        let owners = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard owners.count == 2 else { throw .malformed(path: "\(path).repo", reason: .badRepository(repository)) }
        do {
            for part in owners { _ = try FileNameRules.component(part) }
        } catch {
            throw .malformed(path: "\(path).repo", reason: .badRepository(repository))
        }
        try checkName(file, path: path)
        if let revision, (try? HubReference.checked(revision: revision)) == nil {
            throw .malformed(path: "\(path).revision", reason: .badRevision(revision))
        }
        return HubReference(
            owner: String(owners[0]), repository: String(owners[1]), revision: revision, selection: .path(file))
    }

    private func checkName(_ file: String, path: String) throws(CatalogError) {
        do {
            _ = try FileNameRules.relativePath(file)
        } catch {
            throw .malformed(path: "\(path).file", reason: .badFileName(error))
        }
    }

    private func checked(_ size: Int64?, path: String) throws(CatalogError) -> Int64? {
        if let size, size < 0 { throw .malformed(path: path, reason: .badNumber) }
        return size
    }

    /// The digest of an error page proves nothing.
    private func proof(_ digest: Digest?) -> Digest? { digest.flatMap { knownBad.contains($0) ? nil : $0 } }

    private func requireID(_ id: String, _ path: String) throws(CatalogError) {
        guard ModelReference.isCatalogName(id), id == id.lowercased() else {
            throw .malformed(path: path, reason: .badID(id))
        }
    }
}
