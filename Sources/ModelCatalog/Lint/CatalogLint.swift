package import Foundation

/// Checks a catalog document as a whole, beyond what reading it needs: for `slm catalog lint`.
package struct CatalogLint {
    /// Everything that is wrong with a document, in its order; empty for one without faults.
    package static func faults(in json: Data) -> [CatalogFault] {
        guard json.count <= Catalog.longestDocument else {
            return [CatalogFault(path: "", kind: .tooLarge(limit: Catalog.longestDocument))]
        }
        var repeated: [CatalogFault] = []
        let node = try? JSONNode(json: json) { path, key in
            repeated.append(CatalogFault(path: path, kind: .repeatedField(key)))
        }
        guard let root = node, root.fields != nil else { return [CatalogFault(path: "", kind: .notJSON)] }
        if let version = root["schema_version"].integer, version != Catalog.supportedSchema {
            return [CatalogFault(path: "schema_version", kind: .unsupportedSchema(Int(clamping: version)))]
        }
        var lint = CatalogLint(root)
        lint.faults = repeated
        lint.check(root)
        // What the checks above do not know of, the reader may.
        if lint.faults.isEmpty {
            do {
                _ = try Catalog(json: json)
            } catch {
                if case .malformed(let path, let reason) = error {
                    lint.faults.append(CatalogFault(path: path, kind: reason))
                } else {
                    lint.faults.append(CatalogFault(path: "", kind: .unreadable(error.code)))
                }
            }
        }
        return lint.faults
    }

    private static let fields: Set<String> = [
        "$schema", "schema_version", "revision", "guide", "known_bad_hashes", "licenses", "quality", "families",
        "sources",
    ]
    private static let familyFields: Set<String> = [
        "id", "aliases", "name", "developer", "guide", "license", "gated", "license_note", "license_sources",
        "differences", "sources", "sizes",
    ]

    var faults: [CatalogFault] = []
    let licenses: Set<String>
    let sources: Set<String>
    let benchmarks: Set<String>
    let qualitySources: Set<String>
    /// `family:size` of all of them.
    let refs: Set<String>
    let knownBad: Set<String>
    /// The first place of each digest, and the size it was given there.
    var digests: [String: (path: String, size: Int64?)] = [:]
    var families: Set<String> = []

    private init(_ root: JSONNode) {
        licenses = Set((root["licenses"].fields ?? []).map(\.key))
        sources = Set((root["sources"].fields ?? []).map(\.key))
        benchmarks = Set((root["quality"]["benchmarks"].fields ?? []).map(\.key))
        qualitySources = Set((root["quality"]["sources"].fields ?? []).map(\.key))
        refs = Set(
            (root["families"].elements ?? []).flatMap { family in
                (family["sizes"].elements ?? []).map { "\(family["id"].string ?? ""):\($0["id"].string ?? "")" }
            })
        knownBad = Set((root["known_bad_hashes"].elements ?? []).compactMap { $0["sha256"].string })
    }

    private mutating func check(_ root: JSONNode) {
        checkFields(of: root, among: Self.fields)
        for key in ["schema_version", "revision"] { require(root[key], as: "integer") }
        for mark in root["guide"]["marks"].fields ?? [] { checkBoth(mark.node) }
        for bad in root["known_bad_hashes"].elements ?? [] { checkHex(bad["sha256"]) }
        for row in root["licenses"].fields ?? [] { check(license: row.node) }
        for source in root["sources"].fields ?? [] { require(source.node, as: "string") }
        check(quality: root["quality"])
        guard let rows = root["families"].elements else {
            report(root["families"], root["families"].value == nil ? .missing : .wrongType(expected: "array"))
            return
        }
        for row in rows { check(family: row) }
    }

    private mutating func check(license: JSONNode) {
        checkFields(of: license, among: ["name", "url", "open_weights", "commercial_use", "restrictions"])
        require(license["name"], as: "string")
        if let url = license["url"].string, !url.hasPrefix("https://") { report(license["url"], .notHTTPS(url)) }
        checkValue(license["commercial_use"], among: License.CommercialUse.allCases.map(\.rawValue))
        for text in license["restrictions"].elements ?? [] { checkBoth(text) }
    }

    private mutating func check(family: JSONNode) {
        checkFields(of: family, among: Self.familyFields.union(Self.traitFields))
        check(traits: family)
        for field in family["sources"].fields ?? [] { checkSources(field.node) }
        if let id = checkID(family["id"]), !families.insert(id).inserted { report(family["id"], .duplicateID(id)) }
        require(family["name"], as: "string")
        if family["guide"].value != nil {
            checkValue(family["guide"]["open_source"], among: ["SI", "SI*", "SI**"])
            checkBoth(family["guide"]["features"])
            for key in ["name", "parameters"] { require(family["guide"][key], as: "string") }
        }
        checkLicense(family["license"], isNeeded: true)
        checkSources(family["license_sources"])
        if family["license_note"].value != nil { checkBoth(family["license_note"]) }
        for text in family["differences"].elements ?? [] { checkBoth(text) }
        guard let sizes = family["sizes"].elements, !sizes.isEmpty else {
            report(family["sizes"], .familyWithoutSizes)
            return
        }
        var ids: Set<String> = []
        for size in sizes {
            if let id = checkID(size["id"]), !ids.insert(id).inserted { report(size["id"], .duplicateID(id)) }
            check(size: size)
        }
    }
}

// MARK: - Parts of a document

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
