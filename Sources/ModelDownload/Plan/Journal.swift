internal import CurlHTTP
internal import Disk
internal import Foundation
internal import SystemPackage

/// What an unfinished download remembers beside its partial file: which bytes are there, and of which content.
///
/// Bytes that were written but not yet synced survive the death of the process, not that of the machine: they count
/// only while the system that wrote them is still up, which its boot identifier tells.
struct Journal: Hashable, Codable {
    var version = 1
    /// In bytes; nil until the server has said.
    var size: Int64?
    /// Strong `ETag` or `Last-Modified` of the content, for `If-Range`; and the address that gave it.
    var validator: Validator?
    /// Known to be on disk.
    var synced: [[Int64]] = []
    /// Handed to the kernel.
    var written: [[Int64]] = []
    var boot: String?

    struct Validator: Hashable, Codable {
        var value: String
        /// Without query: signed addresses change at every request.
        var address: String
    }

    /// Where the journal of a partial file lies: beside it.
    struct Place {
        let folder: FilePath
        let name: String

        init(of partial: FilePath) {
            folder = partial.removingLastComponent()
            name = DownloadPlan.journalName(of: partial.lastComponent?.string ?? "")
        }

        func remove() { _ = try? Folder.root(folder)?.remove(name) }
    }

    /// The largest journal that is read back, in bytes.
    private static let sizeLimit = 4 << 20

    /// Reads a journal; nil when there is none, or none that can be believed.
    static func read(at place: Place) -> Journal? {
        guard let bytes = try? Folder.root(place.folder)?.read(place.name, limit: sizeLimit),
            let journal = try? JSONDecoder().decode(Journal.self, from: Data(bytes)), journal.version == 1,
            journal.size ?? 0 >= 0
        else { return nil }
        return journal
    }

    /// Replaces the journal in one step: a crash leaves the old one or the new one.
    ///
    /// - Parameter durably: Waits until it is on disk, so that a power cut cannot leave an empty file under its name.
    func write(at place: Place, durably: Bool) throws {
        try Folder.root(place.folder)?.write(JSONEncoder().encode(self), as: place.name, durably: durably)
    }

    /// The bytes that can be trusted to be in the partial file now.
    func trusted(length: Int64, boot current: String?) -> ByteRangeSet {
        let sameBoot = boot != nil && boot == current
        return Self.ranges(sameBoot ? written : synced).clamped(to: min(length, size ?? length))
    }

    /// Those of them that a power cut cannot take.
    func durable(length: Int64) -> ByteRangeSet { Self.ranges(synced).clamped(to: min(length, size ?? length)) }

    static func ranges(_ pairs: [[Int64]]) -> ByteRangeSet {
        ByteRangeSet(
            pairs.compactMap { pair in
                guard pair.count == 2, pair[0] >= 0, pair[0] <= pair[1] else { return nil }
                return pair[0]..<pair[1]
            })
    }

    static func pairs(_ set: ByteRangeSet) -> [[Int64]] { set.ranges.map { [$0.lowerBound, $0.upperBound] } }
}

extension Journal.Validator {
    /// Nil when the answer does not name its content.
    init?(_ head: HTTPHead) {
        guard let value = head.validator() else { return nil }
        self.init(value: value, address: Self.plain(head.url))
    }

    /// An address without what changes at every request of a signed one.
    static func plain(_ url: URL) -> String {
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        parts?.query = nil
        parts?.fragment = nil
        return parts?.string ?? url.absoluteString
    }
}
