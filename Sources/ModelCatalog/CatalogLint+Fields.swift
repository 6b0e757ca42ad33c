extension CatalogLint {
    mutating func report(_ node: JSONNode, _ kind: CatalogFault.Kind) {
        faults.append(CatalogFault(path: node.path, kind: kind))
    }

    /// Reports a field that is missing or of another type.
    mutating func require(_ node: JSONNode, as type: String) {
        switch (node.value, type) {
        case (nil, _): report(node, .missing)
        case (.string(let text)?, "string"): if text.isEmpty { report(node, .missing) }
        case (.integer?, "integer"): break
        default: report(node, .wrongType(expected: type))
        }
    }

    /// Reports fields that the format does not have.
    mutating func checkFields(of node: JSONNode, among known: Set<String>) {
        for (key, field) in node.fields ?? [] where !known.contains(key) { report(field, .unknownField(key)) }
    }

    /// The id, when it is one.
    mutating func checkID(_ node: JSONNode) -> String? {
        guard let id = node.string else {
            require(node, as: "string")
            return nil
        }
        guard ModelReference.isCatalogName(id), id == id.lowercased() else {
            report(node, .badID(id))
            return nil
        }
        return id
    }

    mutating func checkValue(_ node: JSONNode, among values: [String]) {
        guard let text = node.string else { return require(node, as: "string") }
        if !values.contains(text) { report(node, .unknownValue(text)) }
    }

    mutating func checkLicense(_ node: JSONNode, isNeeded: Bool) {
        guard let id = node.string else {
            if isNeeded || node.value != nil { require(node, as: "string") }
            return
        }
        if !licenses.contains(id) { report(node, .unknownLicense(id)) }
    }

    mutating func checkSources(_ node: JSONNode) {
        for source in node.elements ?? [] {
            guard let id = source.string else {
                report(source, .wrongType(expected: "string"))
                continue
            }
            if !sources.contains(id) { report(source, .unknownSource(id)) }
        }
    }

    /// A text in both languages.
    mutating func checkBoth(_ node: JSONNode) {
        for language in ["en", "es"] where node[language].string?.isEmpty != false {
            report(node[language], .missingTranslation)
        }
    }

    /// The digest, when it is one: 64 digits, lower case.
    @discardableResult
    mutating func checkHex(_ node: JSONNode) -> String? {
        guard let text = node.string else {
            require(node, as: "string")
            return nil
        }
        guard let digest = Digest(hex: text), digest.hex == text else {
            report(node, .badDigest(text))
            return nil
        }
        return text
    }
}
