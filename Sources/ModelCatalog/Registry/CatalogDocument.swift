import Foundation
import HostHardware

/// `catalog.json` as it is written; ``Catalog`` is what it means.
struct CatalogDocument: Decodable {
    var schemaVersion: Int
    var revision: Int
    var guide: Guide?
    var knownBadHashes: [KnownBad]?
    var licenses: [String: LicenseRow]
    var families: [Family]
    var quality: Quality?
    var sources: [String: String]?

    enum CodingKeys: String, CodingKey {
        case guide, licenses, families, sources, revision, quality
        case schemaVersion = "schema_version"
        case knownBadHashes = "known_bad_hashes"
    }

    /// Digests that circulate as a model's but belong to an error page.
    var knownBad: Set<Digest> { Set((knownBadHashes ?? []).map(\.sha256)) }

    /// Read first, so that a newer document is refused for its version and not for some field.
    struct Version: Decodable {
        var schemaVersion: Int

        enum CodingKeys: String, CodingKey { case schemaVersion = "schema_version" }
    }

    struct KnownBad: Decodable {
        var sha256: Digest
    }

    struct Quality: Decodable {
        var benchmarks: [String: Benchmark]
        var sources: [String: QualitySource]
    }

    struct LicenseRow: Decodable {
        var name: String
        var url: String?
        var openWeights: Bool?
        var commercialUse: License.CommercialUse
        var restrictions: [LocalizedText]?

        enum CodingKeys: String, CodingKey {
            case name, url, restrictions
            case openWeights = "open_weights"
            case commercialUse = "commercial_use"
        }
    }

    struct Family: Decodable {
        var id: String
        var aliases: [String]?
        var name: String
        var developer: String?
        var guide: CatalogFamily.GuideRow?
        var license: String
        var gated: Bool?
        var licenseNote: LocalizedText?
        var licenseSources: [String]?
        var differences: [LocalizedText]?
        var sizes: [Size]
        // What is true of all sizes that do not say otherwise.
        var type: ModelType?
        var tuning: Tuning?
        var modalities: [Modality]?
        var thinking: Thinking?
        var tools: Bool?
        var sampling: [SamplingAdvice]?
        var minLlamaCppBuild: Int?
        var fillInTheMiddle: Bool?
        var phoneApps: [PhoneApp]?

        enum CodingKeys: String, CodingKey {
            case id, aliases, name, developer, guide, license, gated, differences, sizes
            case type, tuning, modalities, thinking, tools, sampling
            case minLlamaCppBuild = "min_llama_cpp_build"
            case licenseNote = "license_note"
            case fillInTheMiddle = "fill_in_the_middle"
            case phoneApps = "phone_apps"
            case licenseSources = "license_sources"
        }
    }

    /// Whether files are of the base model or of one tuned to follow instructions.
    enum Tuning: String, Decodable, CaseIterable { case base, instruct }

    struct Size: Decodable {
        var id: String
        var aliases: [String]?
        var names: [String]?
        var label: String
        var guideLabel: String?
        var upstream: Upstream
        var parameters: Int64?
        var contextLength: Int?
        var released: String?
        var languages: [String]?
        var languagesCount: Int?
        var spanish: Bool?
        var languagesNote: LocalizedText?
        var page: String?
        var activeParameters: Int64?
        var quality: [String: Standings]?
        var projector: Projector?
        var type: ModelType?
        var tuning: Tuning?
        var modalities: [Modality]?
        var thinking: Thinking?
        var tools: Bool?
        var sampling: [SamplingAdvice]?
        var minLlamaCppBuild: Int?
        var fillInTheMiddle: Bool?
        var phoneApps: [PhoneApp]?
        var deviceClass: DeviceClass
        var defaultQuant: String?
        var notes: [LocalizedText]?
        var architecture: CatalogArchitecture?
        var license: String?
        var gated: Bool?
        var licenseSources: [String]?
        var sources: [String: [String]]?
        var repositories: [CatalogRepository]?
        var files: [File]

        enum CodingKeys: String, CodingKey {
            case id, aliases, names, label, upstream, parameters, released, languages, notes, architecture
            case license, gated, sources, repositories, files, spanish, page, quality, projector
            case type, tuning, modalities, thinking, tools, sampling
            case minLlamaCppBuild = "min_llama_cpp_build"
            case fillInTheMiddle = "fill_in_the_middle"
            case phoneApps = "phone_apps"
            case languagesCount = "languages_count"
            case activeParameters = "active_parameters"
            case guideLabel = "guide_label"
            case contextLength = "context_length"
            case languagesNote = "languages_note"
            case deviceClass = "device_class"
            case defaultQuant = "default_quant"
            case licenseSources = "license_sources"
        }
    }

    struct Upstream: Decodable {
        var instruct: String?
        var base: String?
    }

    struct File: Decodable {
        var repo: String
        var file: String
        var quant: String
        var bytes: Int64?
        var tiedEmbeddings: Bool?
        var sha256: Digest?
        var revision: String?
        var witnesses: Int?
        var sources: [String]?
        var parts: [Part]?

        enum CodingKeys: String, CodingKey {
            case repo, file, quant, bytes, sha256, revision, witnesses, sources, parts
            case tiedEmbeddings = "tied_embeddings"
        }
    }

    struct Part: Decodable {
        var file: String
        var bytes: Int64?
        var sha256: Digest?
    }

    struct Projector: Decodable {
        var repo: String
        var file: String
        var bytes: Int64?
        var sha256: Digest?
        var revision: String?
    }
}
