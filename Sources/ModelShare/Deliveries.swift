internal import ModelDownload
internal import Synchronization

/// How much of which file went to whom. Somebody who was cut and comes back for the rest goes on where he was.
final class Deliveries: Sendable {
    private struct Key: Hashable {
        var address: String
        var file: SharedFile
    }

    /// Addresses and files that are kept in mind, and pieces of each: a client that asks for every other byte is no
    /// download.
    private static let most = 1000
    private let sent = Mutex<[Key: ByteRangeSet]>([:])

    /// - Returns: How many bytes of the file that address has now.
    func add(_ range: Range<Int64>, of file: SharedFile, to address: String) -> Int64 {
        sent.withLock { sent in
            let key = Key(address: address, file: file)
            if sent.count >= Self.most, sent[key] == nil { sent.removeAll() }
            var ranges = sent[key] ?? ByteRangeSet()
            if ranges.ranges.count >= Self.most { ranges = ByteRangeSet() }
            ranges.insert(range)
            sent[key] = ranges
            return ranges.count
        }
    }
}
