internal import SQLite

extension CatalogDatabase {
    /// Models worth a closer look for some words: of those with every word at the beginning of one of theirs the first by
    /// name and the first by anything; else with words that contain one, or are one letter off; else with as many of
    /// the words as there are.
    func documents(for words: [String], limit: Int) throws(CatalogError) -> [CatalogSearch.Document] {
        let begun = words.map { "\"\($0)\"*" }
        var found = try rows(matching: begun.joined(separator: " AND "), limit)
        if found.isEmpty {
            var likely: [String] = []
            for (word, start) in zip(words, begun) {
                let others = try alike(word).map { "\"\($0)\"" }
                likely.append("(" + ([start] + others).joined(separator: " OR ") + ")")
            }
            found = try rows(matching: likely.joined(separator: " AND "), limit)
            var fewer = likely.count - 1
            while found.isEmpty, fewer > 0 {
                let choices = likely.count <= 5 ? Self.choices(fewer, of: likely) : [[likely.joined(separator: " OR ")]]
                for choice in choices {
                    found.formUnion(try rows(matching: choice.joined(separator: " AND "), limit))
                }
                fewer -= 1
            }
        }
        var documents: [CatalogSearch.Document] = []
        for id in found.sorted() {
            let query = CatalogQuery(text: "FROM size WHERE id = ?", arguments: [id])
            guard let place = try places(query, from: 0, limit: 1).first else { continue }
            documents.append(
                CatalogSearch.Document(
                    try entry(at: (place.family, place.index)), of: try family(at: place.family)))
        }
        return documents
    }

    private func rows(matching text: String, _ limit: Int) throws(CatalogError) -> Set<Int> {
        try read { database in
            var found: Set<Int> = []
            for question in ["{name} : (\(text))", text] {
                let sql = "SELECT rowid FROM word WHERE word MATCH ? ORDER BY rowid LIMIT ?"
                try database.scan(sql, [question, limit]) { found.insert(Int(try $0.integer(0))) }
            }
            return found
        }
    }

    /// Words of the index that contain a word, or differ from it in one letter; a few of them.
    private func alike(_ word: String) throws(CatalogError) -> [String] {
        guard word.count >= 3 else { return [] }
        return try read { database in
            var words: [String] = []
            let all = try database.prepare("SELECT term FROM vocabulary")
            while words.count < 32, let term = try all.next()?.text(0) {
                if term.holds(word) || word.count >= 5 && CatalogSearch.Document.isOneLetterOff(word, term) {
                    words.append(term)
                }
            }
            return words
        }
    }

    /// Every way to take so many of some texts.
    private static func choices(_ count: Int, of texts: [String]) -> [[String]] {
        guard count > 0 else { return [[]] }
        return texts.indices.flatMap { index in
            choices(count - 1, of: Array(texts[(index + 1)...])).map { [texts[index]] + $0 }
        }
    }
}
