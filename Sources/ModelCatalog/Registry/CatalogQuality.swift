/// How good a model is at something, by the results of named tests.
///
/// `Scripts/quality-order.py` works it out from duels on shared tests and writes it into the catalog; nothing in it is a
/// score of ours.
public struct Standing: Hashable, Sendable, Codable {
    /// Among all models and ways of one use, 1 being the best; quick and thinking share one count.
    package var place: Int
    /// No other model down to this place is beaten two to one, nor beats it so.
    package var levelTo: Int
    /// What it rests on.
    package var evidence: Evidence
    /// The nearest model below that it beats on most of the tests that both took.
    package var beats: Beaten?
    /// The most telling results, one or two.
    package var values: [Result]

    /// How much a standing rests on.
    package enum Evidence: String, Hashable, Sendable, Codable, CaseIterable {
        /// Three or more independent tests.
        case strong
        /// One or two, or taken the other way.
        case fair
        /// Only what makers or their rivals report.
        case publisher
    }

    /// Another model, and the tests that both took.
    public struct Beaten: Hashable, Sendable, Codable {
        /// `family:size` of the catalog.
        public var model: String
        /// On how many of them it did better.
        public var won: Int
        /// How many both took.
        public var tests: Int
    }

    /// The result of one test.
    package struct Result: Hashable, Sendable, Codable {
        /// A key of ``Catalog/benchmarks``.
        package var benchmark: String
        /// On the benchmark's ``Benchmark/scale``.
        package var value: Double
        /// With thinking or not, shots and the like, where the source says it.
        package var mode: String?
        /// A key of ``Catalog/qualitySources``.
        package var source: String
        /// `publisher` or `rival`; nil for an independent party.
        package var measuredBy: String?

        private enum CodingKeys: String, CodingKey {
            case benchmark, value, mode, source
            case measuredBy = "measured_by"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case place, evidence, beats, values
        case levelTo = "level_to"
    }
}

/// What a model's quality was tested for.
package enum QualityUse: String, Hashable, Sendable, CaseIterable {
    case chat, code, spanish, writing, vision, embedding
}

/// How a model stands in one use: answering at once, and after thinking.
package struct Standings: Hashable, Sendable, Codable {
    /// Nil for a model that cannot help thinking.
    package var quick: Standing?
    /// Nil for a model that cannot think.
    package var thinking: Standing?
}

/// A test under one protocol.
package struct Benchmark: Hashable, Sendable, Codable {
    /// As its authors call it.
    package var name: String
    /// In a few English words.
    package var measures: String
    /// `0-100 %`.
    package var scale: String
}

/// Where test results come from.
package struct QualitySource: Hashable, Sendable, Codable {
    /// In a few English words.
    package var what: String
    /// Repository, path and commit, or a page.
    package var address: String
    /// Of the source's state.
    package var date: String
}
