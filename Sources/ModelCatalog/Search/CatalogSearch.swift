import Disk
import Foundation
import HostHardware

/// Full-text search over the catalog, in both languages, without regard to case and accents.
///
/// A few hundred entries are scanned word by word. Of a large catalog the full-text index names those to look at.
public struct CatalogSearch: Sendable {
    /// One model that was found.
    public struct Hit: Sendable {
        /// The model.
        public var entry: CatalogEntry
        /// Higher is better; comparable within one search only.
        public var score: Double
    }

    /// Of a catalog that is held in memory.
    private let documents: [Document]
    private let database: CatalogDatabase?
    /// Of a large catalog no more are found.
    private static let most = 40

    /// Takes in the catalog's texts.
    public init(_ catalog: Catalog) {
        database = catalog.database
        let families = database == nil ? catalog.families : []
        documents = families.flatMap { family in family.entries.map { Document($0, of: family) } }
    }

    /// The models in which every word is found, best first; when there is none, those with the most words.
    ///
    /// A word counts whole, as a beginning, inside another, or with one letter wrong; little words do not count.
    public func search(_ words: String, limit: Int = .max) -> [Hit] {
        var wanted = Self.words(of: words)
        let telling = wanted.filter { !Self.littleWords.contains($0) }
        if !telling.isEmpty { wanted = telling }
        // A bound on work, not on sense: nobody types more.
        wanted = Array(wanted.prefix(16))
        guard !wanted.isEmpty else { return [] }
        let documents = database.map { (try? $0.documents(for: wanted, limit: Self.most)) ?? [] } ?? documents
        let limit = database == nil ? limit : min(limit, Self.most)
        let found = documents.enumerated().compactMap { index, document -> (index: Int, met: Int, hit: Hit)? in
            let scores = wanted.map(document.score)
            let met = scores.count { $0 > 0 }
            guard met > 0 else { return nil }
            return (index, met, Hit(entry: document.entry, score: scores.reduce(0, +)))
        }
        let most = found.map(\.met).max() ?? 0
        return found.filter { $0.met == most }
            .sorted { ($0.hit.score, $1.index) > ($1.hit.score, $0.index) }
            .prefix(limit).map(\.hit)
    }

    /// Lower case, without accents.
    static func fold(_ text: some StringProtocol) -> String {
        let lower = text.lowercased()
        // Nearly all of a catalog is ASCII.
        guard !lower.utf8.allSatisfy({ $0 < 0x80 }) else { return lower }
        return String(lower.map { plainLetters[$0] ?? $0 })
    }

    /// Letters with an accent and those without: characters are equal however they are put together.
    private static let plainLetters: [Character: Character] = {
        var plain: [Character: Character] = [:]
        for letter in "abcdefghijklmnopqrstuvwxyz" {
            // Grave, acute, circumflex, tilde, macron, breve, dot, diaeresis, ring, double acute, caron, cedilla, ogonek.
            for mark
                in "\u{300} \u{301} \u{302} \u{303} \u{304} \u{306} \u{307} \u{308} \u{30A} \u{30B} \u{30C} \u{327} \u{328}"
                .unicodeScalars where mark != " "
            {
                plain[Character(String(letter) + String(Character(mark)))] = letter
            }
        }
        return plain
    }()

    /// Words of letters, digits and inner points: `qwen2.5`, `1.5b`.
    static func words(of text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in fold(text).unicodeScalars {
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                word.append(scalar)
            } else if scalar == "." || scalar == ",", !word.isEmpty {
                word.append(".")
            } else if !word.isEmpty {
                words.append(trimmed(word))
                word = String.UnicodeScalarView()
            }
        }
        if !word.isEmpty { words.append(trimmed(word)) }
        return words
    }

    private static func trimmed(_ word: String.UnicodeScalarView) -> String {
        var word = word
        while word.last == "." { word.removeLast() }
        return String(word)
    }

    private static let littleWords: Set<String> = [
        "a", "and", "con", "de", "del", "el", "en", "for", "in", "la", "las", "los", "model", "modelo", "modelos",
        "models",
        "o", "of", "or", "para", "por", "que", "the", "to", "un", "una", "use", "uso", "with", "y",
    ]

    /// An entry's words by how much they tell.
    struct Document: Sendable {
        let entry: CatalogEntry
        private let fields: [(weight: Double, words: Set<String>)]

        /// What it is called.
        var names: Set<String> { fields[0].words }
        /// Everything else.
        var others: Set<String> { fields.dropFirst().reduce(into: []) { $0.formUnion($1.words) } }

        init(_ entry: CatalogEntry, of family: CatalogFamily) {
            self.entry = entry
            let license = entry.license
            let use: [String] =
                switch license.commercialUse {
                case .yes: ["commercial", "comercial"]
                case .no: ["noncommercial", "nonprofit", "research", "investigación"]
                case .restricted: ["restricted", "restringido", "conditions", "condiciones"]
                }
            let languages = (entry.languages ?? (entry.spanish == true ? ["es"] : [])).flatMap {
                LanguageNames.names[$0] ?? [$0]
            }
            let texts: [(Double, [String])] = [
                (10, [family.id, family.name, family.guide?.name ?? "", entry.ref] + family.aliases + entry.names),
                (8, [entry.size, entry.label] + entry.sizeAliases),
                (5, entry.upstream + [entry.developer ?? ""]),
                (4, [license.id, license.name, license.guideFlag ?? ""] + use),
                (4, [entry.deviceClass.rawValue] + (Self.deviceWords[entry.deviceClass] ?? [])),
                (4, languages + (entry.languages ?? [])),
                (6, SearchTags.words(for: entry)),
                (3, entry.files.map(\.repositoryID) + entry.quantizations + [entry.shape?.architecture ?? ""]),
                (3, family.guide.map { [$0.features.en, $0.features.es] } ?? []),
                (
                    1,
                    (family.differences + entry.notes + entry.licenseNotes).flatMap { [$0.en, $0.es] }
                        + entry.files.map(\.path)
                ),
            ]
            fields = texts.map { weight, texts in (weight, Set(texts.flatMap(CatalogSearch.words))) }
        }

        /// The best that any field has for the word; 0 when it is nowhere.
        func score(_ word: String) -> Double {
            fields.map { field in field.weight * Self.closeness(of: word, in: field.words) }.max() ?? 0
        }

        private static func closeness(of word: String, in words: Set<String>) -> Double {
            if words.contains(word) { return 1 }
            var best = 0.0
            for candidate in words {
                if candidate.hasPrefix(word) {
                    best = max(best, 0.7)
                } else if best < 0.4, word.count >= 3, candidate.holds(word) {
                    best = 0.4
                } else if best < 0.3, word.count >= 5, isOneLetterOff(word, candidate) {
                    best = 0.3
                }
            }
            return best
        }

        static func isOneLetterOff(_ left: String, _ right: String) -> Bool {
            let (left, right) = (Array(left.utf8), Array(right.utf8))
            guard abs(left.count - right.count) <= 1, right.count <= 64 else { return false }
            return NameMatching.edits(left, right) == 1
        }

        private static let deviceWords: [DeviceClass: [String]] = [
            .phone: ["mobile", "móvil", "teléfono"], .tablet: ["tableta"],
            .sbc: ["raspberry", "board", "placa"], .laptop: ["notebook", "portátil"],
            .desktop: ["pc", "escritorio", "sobremesa"], .workstation: ["estación"], .server: ["servidor"],
        ]
    }
}
