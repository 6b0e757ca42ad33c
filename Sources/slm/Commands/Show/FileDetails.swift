import Disk
import Modelteca
import SystemPackage

/// What the header of a GGUF file says.
struct FileDetails: Answer {
    var path: String
    @OrNull var ref: String?
    @OrNull var state: StoredModel.State?
    @OrNull var sha256: String?
    var sizeBytes: Int64
    /// Whether all tensors that the header announces are in the file.
    var complete: Bool
    var version: Int
    @OrNull var architecture: String?
    @OrNull var name: String?
    @OrNull var license: String?
    @OrNull var quant: String?
    /// Why llama.cpp would not run it; null where nothing speaks against it.
    @OrNull var cannotRun: String?
    var parameters: Int64
    @OrNull var contextLength: Int?
    @OrNull var blockCount: Int?
    @OrNull var embeddingLength: Int?
    @OrNull var vocabularySize: Int?
    @OrNull var part: Part?
    var quantizationMix: [Mix]
    var tensorCount: Int
    var metadata: [Pair]
    @OrNull var chatTemplate: String?
    @OrNull var tensors: [Tensor]?

    /// For a person only.
    let refusal: LoadRefusal?
    /// What the header says, where the tensors contradict it.
    let falseLabel: String?

    enum CodingKeys: CodingKey {
        case path, ref, state, sha256, sizeBytes, complete, version, architecture, name, license, quant, cannotRun
        case parameters, contextLength, blockCount, embeddingLength, vocabularySize, part, quantizationMix, tensorCount
        case metadata, chatTemplate, tensors
    }

    struct Part: Encodable {
        var number: Int
        var count: Int
    }

    struct Mix: Encodable {
        var type: String
        var tensors: Int
        var bytes: Int64
    }

    struct Pair: Encodable {
        var key: String
        var value: Value
    }

    /// A metadata value as JSON has it; of a list only its length, for vocabularies are long.
    struct Value: Encodable {
        let value: GGUFValue?

        var words: String {
            if let array = value?.array { return "[\(array.count) × \(array.elementKind)]" }
            return value?.string ?? value?.integer.map { String($0) } ?? value?.double.map { String($0) }
                ?? value?.bool.map { String($0) } ?? ""
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if let number = value?.integer {
                try container.encode(number)
            } else if let number = value?.double, number.isFinite {
                // JSON has no infinity: that is written in words.
                try container.encode(number)
            } else if let truth = value?.bool {
                try container.encode(truth)
            } else {
                try container.encode(words)
            }
        }
    }

    struct Tensor: Encodable {
        var name: String
        var type: String
        var dimensions: [Int64]
        var offset: Int64
        var sizeBytes: Int64
    }

    /// - Throws: `GGUFError`.
    init(path: FilePath, stored: StoredModel?, listsTensors: Bool) throws {
        let file = try GGUFFile(path: path.string)
        let shape = ModelShape(file)
        self.path = path.string
        ref = stored?.ref
        state = stored?.state
        sha256 = stored?.files.first { $0.path == path }?.digest?.hex ?? stored?.files.first?.digest?.hex
        sizeBytes = file.availableLength
        complete = file.isComplete
        version = Int(file.version)
        architecture = file.architecture
        name = file.name
        license = file.license
        let label = file.quantization?.name
        falseLabel = file.isLabelTrue ? nil : label
        quant = file.isLabelTrue ? label : FileName(path.lastComponent?.string ?? "")?.quantization?.name
        refusal = Shelf.refusal(of: path)
        cannotRun = refusal?.code
        parameters = file.parameterCount
        contextLength = shape?.contextLength
        blockCount = shape?.blockCount
        embeddingLength = shape?.embeddingLength
        vocabularySize = shape?.vocabularySize
        part = file.split.map { Part(number: $0.index + 1, count: $0.count) }
        quantizationMix = file.quantizationMix.map { Mix(type: $0.type.name, tensors: $0.tensors, bytes: $0.bytes) }
        tensorCount = file.tensors.count
        metadata = file.metadata.keys.filter { $0 != "tokenizer.chat_template" }.map { key in
            Pair(key: key, value: Value(value: file.metadata[key]))
        }
        chatTemplate = file.chatTemplate
        tensors =
            listsTensors
            ? file.tensors.map {
                Tensor(
                    name: $0.name, type: $0.type.name, dimensions: $0.dimensions, offset: $0.offset,
                    sizeBytes: $0.byteCount)
            } : nil
    }

    private var quantization: Text? {
        guard let falseLabel else { return quant.map { Text($0) } }
        let most = quantizationMix.first?.type ?? "?"
        let name = quant.map { say(en: "\($0) by its name, ", es: "\($0) según su nombre, ") } ?? ""
        return Text(
            name
                + say(
                    en: "\(falseLabel) by its header, but mostly \(most)",
                    es: "\(falseLabel) según su cabecera, pero sobre todo \(most)"))
    }

    /// Of what a header calls things, in characters: a name may be as long as a book.
    private static let longestName = 120

    func draw(on page: inout Page) {
        let language = Language.current
        page.line(Text(name?.printable(limit: Self.longestName) ?? ref ?? path, .strong))
        page.whole(Text("  " + FilePath(path).shown))
        page.line()
        page.pairs([
            (say(en: "stored as", es: "guardado como"), ref.map { Text($0) }),
            (say(en: "state", es: "estado"), state.map(\.word)),
            ("SHA-256", sha256.map { Text($0) }),
            (
                Labels.size,
                complete
                    ? Text(language.bytes(sizeBytes))
                    : say(
                        en: "\(language.bytes(sizeBytes)), \("incomplete: tensors are missing", .careful)",
                        es: "\(language.bytes(sizeBytes)), \("incompleto: faltan tensores", .careful)")
            ),
            (Labels.architecture, architecture.map { Text($0.printable(limit: Self.longestName)) }),
            (
                Labels.parameters,
                Text("\(language.parameters(parameters)) (\(language.grouped(parameters)))")
            ),
            (say(en: "quantization", es: "cuantización"), quantization),
            (FitReport.Verdict.cannotRun.word.plain, refusal.map { Text($0.sentence) }),
            (Labels.context, contextLength.map { Text(language.grouped(Int64($0)) + " tokens") }),
            (Labels.layers, blockCount.map { Text("\($0)") }),
            (
                say(en: "vocabulary", es: "vocabulario"),
                vocabularySize.map { Text(language.grouped(Int64($0)) + " tokens") }
            ),
            (Labels.licence, license.map { Text($0.printable(limit: Self.longestName)) }),
            (say(en: "part", es: "parte"), part.map { Text("\($0.number) / \($0.count)") }),
            (
                say(en: "chat template", es: "plantilla"),
                chatTemplate.map { say(en: "\($0.count) characters", es: "\($0.count) caracteres") }
            ),
        ])
        page.line()
        var table = Table(columns: [
            .init(title: say(en: "TYPE", es: "TIPO")),
            .init(title: say(en: "TENSORS", es: "TENSORES"), alignment: .right),
            .init(title: Labels.size.uppercased(), alignment: .right),
        ])
        table.rows = quantizationMix.map { [Text($0.type), Text("\($0.tensors)"), Text(language.bytes($0.bytes))] }
        page.table(table)
        page.line()
        for pair in metadata.prefix(60) {
            page.clipped("  \(pair.key, .faint)  \(pair.value.words)")
        }
        if metadata.count > 60 {
            page.line(
                say(
                    en: "  and \(metadata.count - 60) more, see --json",
                    es: "  y \(metadata.count - 60) más, vea --json"))
        }
        guard let tensors else { return }
        page.line()
        var list = Table(columns: [
            .init(title: "TENSOR", least: 24), .init(title: say(en: "TYPE", es: "TIPO")),
            .init(title: say(en: "SHAPE", es: "FORMA")),
            .init(title: say(en: "OFFSET", es: "POSICIÓN"), alignment: .right, sacrifice: 1),
            .init(title: Labels.size.uppercased(), alignment: .right),
        ])
        list.rows = tensors.map { tensor in
            [
                Text(tensor.name), Text(tensor.type),
                Text(tensor.dimensions.map(String.init).joined(separator: " × ")),
                Text(language.grouped(tensor.offset)), Text(language.bytes(tensor.sizeBytes)),
            ]
        }
        page.table(list)
    }
}
