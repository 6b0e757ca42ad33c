import Modelteca

/// A damaged stretch of a stored file, and what of the model lies there.
struct DamagedPlace: Encodable {
    var file: String
    /// In bytes, as `length`.
    var offset: Int64
    var length: Int64
    /// Of the file.
    var sizeBytes: Int64
    /// The first tensor that the damage touches; nil where only the header is hurt, or cannot be read any more.
    @OrNull var tensor: String?
    /// All of them, in the file's order.
    var tensors: [String]
    /// Whether the damage touches the metadata or the list of tensors.
    var header: Bool

    /// What lies in the ranges of one model.
    static func places(_ ranges: [DamagedRange], in model: StoredModel?) -> [DamagedPlace] {
        var headers: [String: GGUFFile] = [:]
        return ranges.map { range in
            let stored = model?.files.first { $0.name == range.file }
            if headers[range.file] == nil, let path = stored?.path {
                headers[range.file] = try? GGUFFile(path: path.string)
            }
            return DamagedPlace(range, size: stored?.size ?? 0, headers[range.file])
        }
    }

    private init(_ range: DamagedRange, size: Int64, _ contents: GGUFFile?) {
        (file, offset, length, sizeBytes) = (range.file, range.offset, range.length, size)
        let dataStart = contents?.dataStart ?? 1
        let (start, end) = (range.offset - dataStart, range.offset + range.length - dataStart)
        tensors = (contents?.tensors ?? []).filter { $0.offset < end && start < $0.end }.sorted {
            $0.offset < $1.offset
        }
        .map(\.name)
        tensor = tensors.first
        header = range.offset < dataStart
    }

    /// `blk.3.ffn_down.weight`, 4.2 MB of 1.3 GB at byte 12,582,912.
    var sentence: String {
        let language = Language.current
        let (part, whole) = (language.bytes(length), language.bytes(sizeBytes))
        let at = language.grouped(offset)
        return say(
            en: "\(names): \(part) of \(whole), at byte \(at)", es: "\(names): \(part) de \(whole), en el byte \(at)")
    }

    private var names: String {
        let parts = (header ? [say(en: "the header", es: "la cabecera")] : []) + tensors.prefix(2).map { "`\($0)`" }
        guard !parts.isEmpty else { return "`\(file)`" }
        let more = tensors.count - 2
        let rest = more > 0 ? say(en: " and \(more) more tensors", es: " y \(more) tensores más") : ""
        return parts.joined(separator: ", ") + rest
    }
}
