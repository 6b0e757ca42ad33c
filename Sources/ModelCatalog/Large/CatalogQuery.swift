internal import SQLite

/// What follows `SELECT …` in a question for models.
struct CatalogQuery {
    var text: String
    var arguments: [any SQLiteValue]

    init(text: String, arguments: [any SQLiteValue] = []) { (self.text, self.arguments) = (text, arguments) }

    /// The models that pass a filter, in an order; without one, to be counted.
    ///
    /// - Parameters:
    ///   - families: Ids of the filter's family.
    ///   - licenses: What it may ask of them.
    init(
        _ filter: CatalogFilter, families: Set<String>?, licenses: [String: CatalogDocument.LicenseRow],
        in order: Candidates.Order? = nil
    ) {
        var parts: [(sql: String, value: (any SQLiteValue)?)] = []
        if let families {
            parts.append(
                (
                    "family IN (SELECT id FROM family WHERE name IN (SELECT value FROM json_each(?)))",
                    Self.json(families)
                ))
        }
        if filter.isOfGuide { parts.append(("isOfGuide = 1", nil)) }
        if let wanted = filter.deviceClass { parts.append(("class = ?", wanted.rawValue)) }
        if let type = filter.type { parts.append(("type = ?", type.rawValue)) }
        if let types = filter.types {
            parts.append(("type IN (\(types.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")))", nil))
        }
        if let demand = filter.license {
            let meeting = licenses.filter { License(id: $0.key, $0.value).meets(demand) }.map(\.key)
            parts.append(("license IN (SELECT value FROM json_each(?))", Self.json(meeting)))
        }
        if let language = filter.language.map(LanguageNames.code) {
            parts.append(("instr(languages, ?) > 0", Self.text(of: [language])))
        }
        if let window = filter.minContext { parts.append(("context >= ?", window)) }
        if filter.sees { parts.append(("sees = 1", nil)) }
        if filter.fillsInTheMiddle { parts.append(("fills = 1", nil)) }
        if filter.hasFiles { parts.append(("files > 0", nil)) }
        if let limit = filter.parametersBelow { parts.append(("parameters < ?", limit)) }
        // The plus keeps SQLite from looking up rows by it where another order is wanted.
        let memory = if case .lightest? = order { "memory" } else { "+memory" }
        if let most = filter.mostMemory { parts.append(("\(memory) <= ?", most)) }
        if let least = filter.memoryAbove { parts.append(("\(memory) > ?", least)) }
        if let most = filter.mostRead { parts.append(("read <= ?", most)) }
        var (source, key) = ("FROM size", "size.id")
        switch order {
        case .tested(let use)?:
            source += " JOIN standing ON standing.size = size.id"
            parts.append(("standing.use = ?", use.rawValue))
            key = "standing.byMakers, standing.place, size.id"
        case .newest(let use)?:
            source += " INDEXED BY newest"
            parts.append(("tested & ? = 0", 1 << (QualityUse.allCases.firstIndex(of: use) ?? 0)))
            key = "released DESC, size.parameters DESC, size.id"
        case .largest(let limit)?:
            parts.append(("size.parameters < ?", limit))
            key = "size.parameters DESC, size.id"
        case .lightest?: key = "memory, size.id"
        case .first?: break
        case nil: break
        }
        let conditions = parts.isEmpty ? "" : " WHERE " + parts.map(\.sql).joined(separator: " AND ")
        text = source + conditions + (order == nil ? "" : " ORDER BY \(key)")
        arguments = parts.compactMap(\.value)
    }

    /// Words as a column holds them: each between two blanks.
    static func text(of words: [String]) -> String {
        words.isEmpty ? "" : " " + words.map { $0.replacing(" ", with: "") }.joined(separator: " ") + " "
    }

    private static func json(_ texts: some Sequence<String>) -> String {
        "["
            + texts.sorted().map { "\"\($0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" }.joined(
                separator: ",") + "]"
    }
}

extension License {
    /// As far as a demand can ask.
    fileprivate init(id: String, _ row: CatalogDocument.LicenseRow) {
        self.init(id: id, name: row.name, commercialUse: row.commercialUse)
    }
}
