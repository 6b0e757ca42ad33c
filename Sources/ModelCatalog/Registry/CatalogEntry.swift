package import GGUF
public import HostHardware

/// One model of the catalog: a size of a family.
public struct CatalogEntry: Hashable, Sendable {
    /// Id of the family: `gemma2`.
    package var familyID: String
    /// The family's name for people: `Gemma 2`.
    public var familyName: String
    /// Who made it.
    public var developer: String?
    /// Size id, lower case: `2b`.
    package var size: String
    /// The size as people write it: `2B`.
    public var label: String
    /// Other spellings of the size: `3-4b`.
    package var sizeAliases: [String]
    /// Whole names that mean just this size: `minicpm5`.
    package var names: [String]
    /// The size as the guide prints it, `in range` where it prints only the ends of a range; nil when the guide leaves
    /// this size out.
    package var guideLabel: String?
    /// Hub id of the instruction-tuned original; nil where there is none.
    package var instructUpstream: String?
    /// Hub id of the base model; nil where there is none.
    package var baseUpstream: String?
    /// How many weights; nil when no source says.
    public var parameters: Int64?
    /// The window the model is made for, in tokens; nil when no source says.
    public var contextLength: Int?
    /// `2024-07-31`, or as much of it as is known.
    public var released: String?
    /// What it is for.
    public var type: ModelType
    /// What it takes in; more than text needs a `projector`.
    public var modalities: [Modality]
    /// Nil when no source says.
    public var thinking: Thinking?
    /// Whether it is trained to call tools, or its template takes them; nil when no source says.
    public var tools: Bool?
    /// Whether it completes code between what stands before and behind it, as editors ask; nil when no source says.
    package var fillsInTheMiddle: Bool?
    /// Apps for phones that offer it; empty when no source says.
    package var phoneApps: [PhoneApp]
    /// How its publisher advises to pick words; empty when it does not say.
    package var sampling: [SamplingAdvice]
    /// The first build of llama.cpp that runs it; nil when it is not known.
    package var minLlamaCppBuild: Int?
    /// The publisher's page; nil when none is known.
    public var page: String?
    /// How many of its weights work on one token, in a model with experts; nil for all of them.
    package var activeParameters: Int64?
    /// ISO 639-1 codes; nil when no source says.
    public var languages: [String]?
    /// About how many languages it knows, where its publisher does not name them all.
    package var languagesCount: Int?
    /// Whether it knows Spanish, where a source says so without listing languages.
    package var spanish: Bool?
    /// What the list of languages leaves out.
    package var languagesNote: LocalizedText?
    /// The least kind of device it is meant for.
    ///
    /// A judgement of the catalog's by parameter count, or phone for what its publisher made for phones. What a given
    /// device can really run is for the memory estimate to say.
    public var deviceClass: DeviceClass
    /// The quantization to take unasked; nil when no file is known.
    package var defaultQuantization: String?
    /// What is worth knowing about this size.
    package var notes: [LocalizedText]
    /// What the headers of its files say; nil when no source gives the numbers.
    package var shape: ModelShape?
    /// What the licence allows, with the guide's mark beside it.
    public var license: License
    /// The licence's restrictions and where sources disagree about it, in both languages.
    package var licenseNotes: [LocalizedText]
    /// What turns pictures or sound into what it reads; nil when it needs none or none is known.
    package var projector: CatalogProjector?
    /// How it stands in each use that was tested.
    package var quality: [QualityUse: Standings]
    /// Repositories of GGUF files whose file names are not known.
    package var repositories: [CatalogRepository]
    /// The default quantization first, and of one quantization the preferred publisher first.
    package var files: [CatalogFile]
    /// Keys of ``Catalog/sources`` for each kind of fact: `parameters`, `architecture`.
    package var sourceIDs: [String: [String]]

    /// The reference that names it: `gemma2:2b`.
    public var ref: String { "\(familyID):\(size)" }

    /// Whether it knows a language, given by its ISO 639-1 code: a source names it, or, for Spanish, an independent party
    /// has tested it in that and no source denies it. Publishers of models of a hundred languages name none.
    public func knows(_ language: String) -> Bool {
        if languages?.contains(language) == true { return true }
        return language == "es" && (spanish ?? isTestedInSpanish)
    }

    private var isTestedInSpanish: Bool {
        guard let standings = quality[.spanish] else { return false }
        return [standings.quick, standings.thinking].contains { $0.map { $0.evidence != .publisher } ?? false }
    }

    /// Whether it takes pictures, and there is the file for it.
    package var sees: Bool { modalities.contains(.image) && projector != nil }

    /// The Hub ids to ask for quantizations of, the instruction-tuned first.
    package var upstream: [String] { [instructUpstream, baseUpstream].compactMap(\.self) }

    /// The quantizations there are files for, in the order of the files.
    public var quantizations: [String] {
        files.reduce(into: []) { known, file in
            if !known.contains(file.quantization) { known.append(file.quantization) }
        }
    }

    /// The file to take when nothing else was asked for; nil when none is known.
    package var defaultFile: CatalogFile? { files.first { $0.quantization == defaultQuantization } ?? files.first }

    /// The numbers as one of its files has them: some publishers' files hold an output matrix that the model shares.
    package func shape(of file: CatalogFile) -> ModelShape? {
        var shape = shape
        if let isTied = file.tiedEmbeddings { shape?.tiedEmbeddings = isTied }
        return shape
    }

    /// The files in one quantization, the preferred first; case does not matter.
    package func files(in quantization: String) -> [CatalogFile] {
        files.filter { $0.quantization.lowercased() == quantization.lowercased() }
    }
}

extension DeviceClass {
    /// The least kind of device that a model of so many weights is meant for, at four bits a weight.
    init(parameters: Int64) {
        self =
            switch parameters {
            case ...2_000_000_000: .phone
            case ...3_200_000_000: .sbc
            case ...4_700_000_000: .tablet
            case ...10_000_000_000: .laptop
            case ...16_000_000_000: .desktop
            case ...35_000_000_000: .workstation
            default: .server
            }
    }
}

/// A Hub repository that is said to hold GGUF files of a model.
package struct CatalogRepository: Hashable, Sendable, Codable {
    /// `owner/name`.
    package var repo: String
    /// Whether it holds somebody's fine-tune instead of the model itself.
    package var derived: Bool
}
