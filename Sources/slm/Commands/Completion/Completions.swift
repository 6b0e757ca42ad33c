import ArgumentParser
import Modelteca

/// What may stand where the cursor is.
struct Completions {
    /// Which names on the disk belong there too.
    enum Places: String { case none, files, folders }

    struct Candidate {
        var text: String
        var about: String?
    }

    private(set) var candidates: [Candidate] = []
    private(set) var places = Places.none

    /// For a shell: the places, then one candidate a line, what it is after a tabulator.
    var lines: String {
        let rows = candidates.map { candidate in
            candidate.text + (candidate.about.map { "\t\($0)" } ?? "")
        }
        return ([places.rawValue] + rows).map { $0 + "\n" }.joined()
    }

    /// - Parameter words: What follows the program's name up to the cursor; the last one is being typed.
    init(of words: [String]) async {
        guard let program = CommandFacts.program else { return }
        let current = words.last ?? ""
        let line = TypedLine(OtherNames.replaced(in: words.dropLast()), of: program)
        if let option = line.waiting {
            await offerValues(of: option, current, line)
        } else if let equals = current.firstIndex(of: "="), current.hasPrefix("--"),
            let option = line.command.option(named: String(current[..<equals]))
        {
            let start = current[...equals]
            await offerValues(of: option, String(current[current.index(after: equals)...]), line)
            candidates = candidates.map { Candidate(text: start + $0.text, about: $0.about) }
            places = .none
        } else if current.hasPrefix("-"), !line.isPastOptions {
            offerOptions(of: line.command)
        } else if line.command.commandName == "help" {
            candidates = program.shownCommands.map { Candidate(text: $0.commandName, about: $0.abstract) }
            candidates += HelpTopic.allCases.map { Candidate(text: $0.name, about: $0.title) }
        } else if !line.command.shownCommands.isEmpty {
            candidates = line.command.shownCommands.map { Candidate(text: $0.commandName, about: $0.abstract) }
        } else if let argument = line.nextPositional {
            await offerValues(of: argument, current, line)
        }
        candidates = candidates.filter { $0.text.lowercased().hasPrefix(current.lowercased()) }
    }

    private mutating func offerOptions(of command: CommandFacts) {
        for option in command.options {
            for name in option.names ?? [] where name.kind == .long {
                candidates.append(Candidate(text: name.typed, about: option.abstract))
            }
        }
    }

    private mutating func offerValues(of argument: ArgumentFacts, _ current: String, _ line: TypedLine) async {
        let kind = argument.completionKind
        if let values = kind?.list?.values ?? argument.allValues {
            candidates = values.map { Candidate(text: $0) }
        }
        if kind?.directory != nil { places = .folders }
        if kind?.file != nil { places = .files }
        switch kind?.shellCommand.flatMap({ KnownNames(rawValue: $0.command) }) {
        case nil: break
        case .profiles: candidates = DeviceProfile.all.map { Candidate(text: $0.id) }
        case .families: candidates = (await line.shelf())?.catalog.families.map { Candidate(text: $0.id) } ?? []
        case .programs:
            candidates = ["lmstudio", "ollama", "hf"].map { Candidate(text: $0) }
            places = .folders
        case .stored: candidates = await stored(line)
        case .storedThenFolder:
            candidates = await stored(line)
            if line.words > 0 || Self.isPath(current) { places = .folders }
        case .models:
            if Self.isPath(current) {
                places = .files
            } else if let shelf = await line.shelf() {
                candidates = await stored(line).filter { !$0.text.hasPrefix("/") }
                let known = Set(candidates.map(\.text))
                candidates += Self.names(in: shelf.catalog, current).filter { !known.contains($0.text) }
            }
        }
    }

    private static func isPath(_ word: String) -> Bool { ["/", "./", "../", "~"].contains(where: word.hasPrefix) }

    private func stored(_ line: TypedLine) async -> [Candidate] {
        guard let shelf = await line.shelf(), let models = try? await shelf.store.models() else { return [] }
        return models.map { Candidate(text: $0.ref, about: Language.current.bytes($0.size)) }
    }

    /// The catalog's models; the quantizations of one where it alone is meant, else there are too many to read.
    private static func names(in catalog: Catalog, _ current: String) -> [Candidate] {
        let current = current.lowercased()
        if current.hasPrefix("hf:") {
            let ids = Set(catalog.families.flatMap(\.entries).flatMap(\.files).map(\.repositoryID))
            return ids.sorted().map { Candidate(text: "hf:\($0)") }
        }
        let entries = catalog.families.flatMap(\.entries).filter {
            $0.ref.hasPrefix(current) || current.hasPrefix($0.ref + ":")
        }
        var names = entries.map { Candidate(text: $0.ref, about: about($0)) }
        if entries.count == 1 || current.split(separator: ":").count == 3 {
            for entry in entries {
                names += entry.quantizations.map { quantization in
                    let size = entry.files(in: quantization).first?.size
                    return Candidate(
                        text: "\(entry.ref):\(quantization.lowercased())",
                        about: size.map { Language.current.bytes($0) })
                }
            }
        }
        return names
    }

    private static func about(_ entry: CatalogEntry) -> String {
        let licence = LicenseTerms(entry.license).short.plain
        return "\(entry.parameters.map { Language.current.parameters($0) + " · " } ?? "")\(licence)"
    }
}

/// Names that the program knows, for arguments that take one of them.
enum KnownNames: String { case models, stored, storedThenFolder, profiles, families, programs }

extension CompletionKind {
    /// One of the names that the program knows; see `Completions`.
    static func known(_ names: KnownNames) -> CompletionKind { .shellCommand(names.rawValue) }
}
