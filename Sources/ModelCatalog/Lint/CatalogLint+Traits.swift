extension CatalogLint {
    /// Fields that a family may say for all its sizes, and a size for itself.
    static let traitFields: Set<String> = [
        "type", "tuning", "modalities", "thinking", "tools", "sampling", "min_llama_cpp_build",
        "fill_in_the_middle", "phone_apps",
    ]
    private static let samplingFields: Set<String> = [
        "mode", "temperature", "top_p", "top_k", "min_p", "repeat_penalty", "presence_penalty",
    ]

    mutating func check(traits node: JSONNode) {
        checkValue(ifThere: node["type"], among: ModelType.allCases.map(\.rawValue))
        checkValue(ifThere: node["tuning"], among: CatalogDocument.Tuning.allCases.map(\.rawValue))
        checkValue(ifThere: node["thinking"], among: Thinking.allCases.map(\.rawValue))
        requireBool(node["tools"])
        requireBool(node["fill_in_the_middle"])
        for app in list(node["phone_apps"]) {
            checkFields(of: app, among: ["name", "min_memory_gb"])
            require(app["name"], as: "string")
            let least = app["min_memory_gb"]
            if least.value != nil, least.integer.map({ $0 > 0 }) != true { report(least, .badNumber) }
        }
        for modality in list(node["modalities"]) { checkValue(modality, among: Modality.allCases.map(\.rawValue)) }
        for advice in list(node["sampling"]) {
            checkFields(of: advice, among: Self.samplingFields)
            checkValue(ifThere: advice["mode"], among: SamplingAdvice.Mode.allCases.map(\.rawValue))
            for key in Self.samplingFields where key != "mode" && advice[key].value != nil {
                if advice[key].number == nil { report(advice[key], .badNumber) }
            }
        }
        let build = node["min_llama_cpp_build"]
        if build.value != nil, build.integer.map({ $0 > 0 }) != true { report(build, .badNumber) }
        requireSources(of: Self.traitFields.subtracting(["tuning"]).sorted(), in: node)
    }

    /// A fact names its sources at the level where it stands, under its own name.
    mutating func requireSources(of facts: [String], in node: JSONNode) {
        for fact in facts where node[fact].value != nil { requireSource(of: fact, in: node) }
    }

    mutating func requireSource(of name: String, in node: JSONNode) {
        if node["sources"][name].elements?.isEmpty != false { report(node["sources"][name], .missingSource) }
    }

    mutating func check(quality node: JSONNode) {
        guard node.value != nil else { return }
        checkFields(of: node, among: ["benchmarks", "sources"])
        for row in node["benchmarks"].fields ?? [] {
            for key in ["name", "measures", "scale"] { require(row.node[key], as: "string") }
        }
        for row in node["sources"].fields ?? [] {
            for key in ["what", "address", "date"] { require(row.node[key], as: "string") }
        }
    }

    mutating func check(standings node: JSONNode) {
        for (use, ways) in node.fields ?? [] {
            if QualityUse(rawValue: use) == nil { report(ways, .unknownValue(use)) }
            checkFields(of: ways, among: ["quick", "thinking"])
            for way in ways.fields ?? [] { check(standing: way.node) }
        }
    }

    private mutating func check(standing node: JSONNode) {
        checkFields(of: node, among: ["place", "level_to", "evidence", "beats", "values"])
        for key in ["place", "level_to"] where node[key].integer.map({ $0 > 0 }) != true {
            report(node[key], .badNumber)
        }
        checkValue(node["evidence"], among: Standing.Evidence.allCases.map(\.rawValue))
        if let model = node["beats"]["model"].string, !refs.contains(model) {
            report(node["beats"]["model"], .unknownEvidence(model))
        }
        if node["values"].elements?.isEmpty != false { report(node["values"], .missing) }
        for result in list(node["values"]) {
            if result["value"].number == nil { report(result["value"], .badNumber) }
            for (key, known) in [("benchmark", benchmarks), ("source", qualitySources)] {
                guard let id = result[key].string else {
                    require(result[key], as: "string")
                    continue
                }
                if !known.contains(id) { report(result[key], .unknownEvidence(id)) }
            }
        }
    }

    mutating func requireBool(_ node: JSONNode) {
        if node.value != nil, node.bool == nil { report(node, .wrongType(expected: "boolean")) }
    }

    private mutating func checkValue(ifThere node: JSONNode, among values: [String]) {
        if node.value != nil { checkValue(node, among: values) }
    }

    /// The elements; what is there but no list is reported.
    private mutating func list(_ node: JSONNode) -> [JSONNode] {
        if node.value != nil, node.elements == nil { report(node, .wrongType(expected: "array")) }
        return node.elements ?? []
    }
}
