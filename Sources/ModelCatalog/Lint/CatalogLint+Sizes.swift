import Disk
import GGUF
import HostHardware

extension CatalogLint {
    /// Fewer bytes are an error page or a pointer, not a model.
    private static let smallestFile: Int64 = 1024

    private static let sizeFields: Set<String> = [
        "id", "aliases", "names", "label", "guide_label", "upstream", "parameters", "parameters_basis",
        "context_length", "released", "languages", "languages_note", "device_class", "default_quant", "notes",
        "architecture", "architecture_note", "license", "gated", "license_sources", "sources", "repositories", "files",
        "page", "active_parameters", "languages_count", "spanish", "projector", "quality",
    ]
    private static let fileFields: Set<String> = [
        "repo", "file", "quant", "bytes", "tied_embeddings", "sha256", "revision", "variant", "witnesses", "note",
        "superseded", "sources", "parts",
    ]

    mutating func check(size: JSONNode) {
        checkFields(of: size, among: Self.sizeFields.union(Self.traitFields))
        check(traits: size)
        check(standings: size["quality"])
        check(projector: size["projector"])
        if let page = size["page"].string, !page.hasPrefix("https://") { report(size["page"], .notHTTPS(page)) }
        requireBool(size["spanish"])
        check(architecture: size["architecture"])
        require(size["label"], as: "string")
        for key in ["parameters", "context_length", "active_parameters", "languages_count"] where size[key].value != nil
        {
            if size[key].integer.map({ $0 > 0 }) != true { report(size[key], .badNumber) }
        }
        if size["parameters_basis"].value != nil {
            checkValue(size["parameters_basis"], among: ["published", "computed", "rounded"])
        }
        checkClass(of: size)
        if let date = size["released"].string, !Self.isDate(date) { report(size["released"], .badDate(date)) }
        checkLicense(size["license"], isNeeded: false)
        checkSources(size["license_sources"])
        for text in size["notes"].elements ?? [] { checkBoth(text) }
        if size["languages_note"].value != nil { checkBoth(size["languages_note"]) }
        for field in size["sources"].fields ?? [] { checkSources(field.node) }
        requireSources(
            of: [
                "parameters", "context_length", "released", "languages", "spanish", "active_parameters", "architecture",
            ],
            in: size)
        if size["languages_count"].value != nil, size["languages"].value == nil {
            requireSource(of: "languages", in: size)
        }
        for repository in size["repositories"].elements ?? [] {
            check(repository: repository["repo"])
            checkSources(repository["sources"])
        }
        for key in ["instruct", "base"] where size["upstream"][key].value != nil {
            check(repository: size["upstream"][key])
        }
        checkFiles(of: size)
    }

    /// That of the count of weights, or phone: some larger ones are made for phones.
    private mutating func checkClass(of size: JSONNode) {
        checkValue(size["device_class"], among: DeviceClass.allCases.map(\.rawValue))
        guard let count = size["parameters"].integer, count > 0,
            let given = size["device_class"].string.flatMap(DeviceClass.init)
        else { return }
        let expected = DeviceClass(parameters: count)
        let isForPhones = given == .phone && [.sbc, .tablet, .laptop].contains(expected)
        if given != expected, !isForPhones {
            report(size["device_class"], .classDisagrees(expected: expected.rawValue))
        }
    }

    private mutating func checkFiles(of size: JSONNode) {
        guard let files = size["files"].elements else {
            report(size["files"], size["files"].value == nil ? .missing : .wrongType(expected: "array"))
            return
        }
        var paths: Set<String> = []
        for file in files {
            check(file: file)
            let path = "\(file["repo"].string ?? "")/\(file["file"].string ?? "")"
            if !paths.insert(path).inserted { report(file["file"], .duplicateFile(path)) }
        }
        let quants = files.compactMap { $0["quant"].string }
        if let choice = size["default_quant"].string {
            if !quants.contains(choice) { report(size["default_quant"], .defaultWithoutFile(choice)) }
        } else if !files.isEmpty {
            report(size["default_quant"], .missingDefault)
        }
        let upstream = size["upstream"]
        if files.isEmpty, upstream["instruct"].string == nil, upstream["base"].string == nil {
            report(size["files"], .nothingToFetch)
        }
    }

    private mutating func check(file: JSONNode) {
        checkFields(of: file, among: Self.fileFields)
        check(repository: file["repo"])
        checkSources(file["sources"])
        if let revision = file["revision"].string, (try? HubReference.checked(revision: revision)) == nil {
            report(file["revision"], .badRevision(revision))
        }
        require(file["quant"], as: "string")
        checkName(file["file"])
        if let path = file["file"].string {
            let name = String(path.split(separator: "/").last ?? "")
            if let label = file["quant"].string, !Self.name(name, says: label) {
                report(file["quant"], .quantizationDisagrees(label: label, name: name))
            }
        }
        checkContent(of: file)
        for older in file["superseded"].elements ?? [] { checkHex(older) }
        for part in file["parts"].elements ?? [] {
            checkFields(of: part, among: ["file", "bytes", "sha256"])
            checkName(part["file"])
            checkBytes(of: part)
            checkDigest(of: part)
        }
    }

    /// What turns pictures into what a model reads; its name has to say so, for stores and programs go by it.
    private mutating func check(projector: JSONNode) {
        guard projector.value != nil else { return }
        checkFields(of: projector, among: Self.fileFields)
        check(repository: projector["repo"])
        checkSources(projector["sources"])
        checkName(projector["file"])
        checkContent(of: projector)
        if let name = projector["file"].string?.split(separator: "/").last.map(String.init),
            FileName(name)?.kind != .projector
        {
            report(projector["file"], .notAProjector(name))
        }
    }

    private mutating func checkName(_ node: JSONNode) {
        guard let path = node.string else { return require(node, as: "string") }
        do {
            _ = try FileNameRules.relativePath(path)
        } catch {
            report(node, .badFileName(error))
        }
    }

    private mutating func checkContent(of file: JSONNode) {
        checkBytes(of: file)
        let isKnown = file["bytes"].value != nil || file["sha256"].value != nil
        if isKnown, file["sources"].elements?.isEmpty != false { report(file["sources"], .missingSource) }
        checkDigest(of: file)
    }

    private mutating func checkBytes(of file: JSONNode) {
        guard file["bytes"].value != nil else { return }
        switch file["bytes"].integer {
        case let bytes? where bytes < Self.smallestFile: report(file["bytes"], .tooSmall(bytes))
        case nil: report(file["bytes"], .badNumber)
        default: break
        }
    }

    private mutating func checkDigest(of file: JSONNode) {
        guard file["sha256"].value != nil else { return }
        guard let hex = checkHex(file["sha256"]) else { return }
        if knownBad.contains(hex) { report(file["sha256"], .knownBadDigest(hex)) }
        let size = file["bytes"].integer
        if let other = digests[hex], let known = other.size, let size, known != size {
            report(file["bytes"], .sizeDisagrees(with: other.path, other: known))
        }
        if digests[hex]?.size == nil { digests[hex] = (file.path, size) }
    }

    private mutating func check(repository: JSONNode) {
        guard let id = repository.string else { return require(repository, as: "string") }
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        let isSafe = parts.count == 2 && parts.allSatisfy { FileNameRules.isSafe(String($0)) }
        if !isSafe { report(repository, .badRepository(id)) }
    }

    /// Whether a file's name carries the label, as a word between `.`, `-`, `_` or its ends.
    ///
    /// The label may have the separator in it (`Q4_K_M`); a name with no quantization at all cannot disagree.
    static func name(_ name: String, says label: String) -> Bool {
        let separators: Set<Character> = [".", "-", "_"]
        let letters = Array(name.uppercased())
        let wanted = Array(label.uppercased())
        guard !wanted.isEmpty, letters.count >= wanted.count else { return false }
        for start in 0...(letters.count - wanted.count) {
            let end = start + wanted.count
            guard letters[start..<end].elementsEqual(wanted) else { continue }
            let isFree = start == 0 || separators.contains(letters[start - 1])
            // `Q4_K` is not what `Q4_K_M` says.
            let goesOn = end < letters.count && letters[end] != "." && letters[end] != "-"
            if isFree, !goesOn { return true }
        }
        return false
    }

    /// `2024`, `2024-07` or `2024-07-31`.
    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let widths = [4, 2, 2]
        let ranges = [1...9999, 1...12, 1...31]
        guard (1...3).contains(parts.count) else { return false }
        return parts.enumerated().allSatisfy { index, part in
            part.utf8.count == widths[index] && Int(part).map(ranges[index].contains) == true
        }
    }
}
