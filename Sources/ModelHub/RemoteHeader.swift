internal import CurlHTTP
package import Foundation
package import GGUF
package import ModelCatalog
internal import Synchronization

/// The header of a GGUF file that is still at its origin, read by byte ranges.
package struct RemoteHeader: Sendable {
    /// The metadata and the tensors' places; the tensors' data is not there.
    package let file: GGUFFile
    /// What came of the file's beginning: the header, and mostly something behind it.
    package let bytes: Data
    /// When it was read, where the origin could not be asked whether it still holds.
    package private(set) var asOf: Date?
    /// What was read over the network, in bytes; a server that ignores ranges sends the beginning again and again.
    package let fetched: Int64

    /// The first request, in bytes: most headers of small models end before this.
    private static let firstPiece: Int64 = 1 << 20
    /// The most by which one request may multiply what has been asked for so far: a list whose first strings are huge
    /// says nothing about the others. Of real headers only the second request comes near.
    private static let growth: Int64 = 6
    /// No request asks for less, in bytes.
    private static let leastPiece: Int64 = 256 << 10
    /// No real header is larger, in bytes.
    private static let limit: Int64 = 64 << 20
    /// How many requests there are at most.
    static let mostRequests = 6

    /// Reads as much of the beginning as the header takes: first a piece that suffices for most, then what the reader
    /// forecasts from what it has seen.
    ///
    /// Headers with a real vocabulary take up to four requests, and less than 1 MiB too much is read. One that is made
    /// to mislead takes six all the same: the last one asks for everything and is stopped when the header has come.
    /// - Parameter read: Reads a range, or as much of it as exists. It may stop as soon as the closure it is given says
    ///   that what has come is enough.
    /// - Throws: `GGUFError`, and what `read` throws.
    init(
        read: (Range<Int64>, _ isEnough: (@Sendable (Data) -> Bool)?) async throws -> RemotePiece
    ) async throws {
        var bytes = Data()
        var fetched: Int64 = 0
        var wanted = Self.firstPiece
        var requests = 1
        while true {
            let start = bytes
            let isWhole: @Sendable (Data) -> Bool = { Self.isWhole(start + $0) }
            let isLast = requests == Self.mostRequests
            let piece = try await read(Int64(bytes.count)..<wanted, isLast ? isWhole : nil)
            bytes.append(piece.data)
            fetched += piece.fetched
            do {
                file = try GGUFFile(bytes)
                self.bytes = bytes
                self.fetched = fetched
                return
            } catch GGUFError.truncated(let reading, let offset, let needed, let estimate) {
                // An end that comes early is the file's own.
                guard Int64(bytes.count) >= wanted, wanted < Self.limit, needed <= Self.limit else {
                    throw GGUFError.truncated(reading: reading, at: offset, needed: needed, estimate: estimate)
                }
                requests += 1
                let guess = max(min(estimate, wanted * Self.growth), needed, wanted + Self.leastPiece)
                wanted = requests == Self.mostRequests ? Self.limit : min(guess, Self.limit)
            }
        }
    }

    /// One that was read before.
    init(file: GGUFFile, bytes: Data, fetched: Int64 = 0, asOf: Date? = nil) {
        (self.file, self.bytes, self.fetched, self.asOf) = (file, bytes, fetched, asOf)
    }

    /// Whether more bytes would tell nothing more: the header has come, or cannot be one.
    private static func isWhole(_ bytes: Data) -> Bool {
        do {
            _ = try GGUFFile(bytes)
            return true
        } catch {
            return error.code != "gguf-truncated"
        }
    }
}

/// The origin has the file that is known.
private struct StillTheSame: Error {}

/// What came of a range.
struct RemotePiece: Sendable {
    /// From the start of the range; shorter where the file ends.
    var data = Data()
    /// What came over the network for it, in bytes.
    var fetched: Int64 = 0
}

extension Hub {
    /// What a header may be read slower than, and is given up, in bytes a second.
    private static let leastSpeed = 64 << 10

    /// Reads the header of a file without fetching its tensors; from the first of its addresses that answers.
    ///
    /// - Parameter isFresh: Whether the bytes have to come from there now, whatever was read before.
    /// - Throws: `GGUFError`, `HTTPError`, `HubError`, `CancellationError`.
    package func header(of file: RemoteFile, isFresh: Bool = false) async throws -> RemoteHeader {
        let key = HeaderCache.key(of: file)
        let kept = isFresh ? nil : headers?.header(key)
        // The same digest is the same file, which whoever names the digest has just said.
        if let kept, file.digest != nil, let parsed = try? GGUFFile(kept.bytes) {
            return RemoteHeader(file: parsed, bytes: kept.bytes)
        }
        let validator = Mutex<String?>(nil)
        let header: RemoteHeader
        do {
            header = try await read(file, unless: kept?.facts.validator) { tag in validator.withLock { $0 = tag } }
        } catch is StillTheSame {
            guard let kept else { throw HubError.noFile(id: file.url.host() ?? "", path: file.name) }
            return RemoteHeader(file: try GGUFFile(kept.bytes), bytes: kept.bytes)
        } catch HTTPError.offline(let url) {
            guard let kept, let parsed = try? GGUFFile(kept.bytes) else { throw HTTPError.offline(url: url) }
            return RemoteHeader(file: parsed, bytes: kept.bytes, asOf: kept.facts.date)
        }
        let tag = validator.withLock { $0 }
        if file.digest != nil || tag != nil {
            headers?.keep(
                header.bytes.prefix(Int(clamping: header.file.headerLength)),
                .init(key: key, validator: file.digest == nil ? tag : nil, date: Date()))
        }
        return header
    }

    /// From the first of its addresses that answers.
    ///
    /// - Parameters:
    ///   - tag: What is known already: `StillTheSame` is thrown when it is that.
    ///   - onTag: Gets the strong `ETag` of what comes.
    private func read(
        _ file: RemoteFile, unless tag: String?, onTag: @Sendable (String?) -> Void
    ) async throws -> RemoteHeader {
        for url in [file.url] + file.mirrors.dropLast() where url != file.mirrors.last {
            do {
                return try await header(at: url, of: file, unless: tag, onTag)
            } catch let error where !file.mirrors.isEmpty && (error is HubError || error is HTTPError) {
                continue
            }
        }
        return try await header(at: file.mirrors.last ?? file.url, of: file, unless: tag, onTag)
    }

    /// Reads some bytes of a file.
    ///
    /// - Throws: `HTTPError`, `HubError`, `CancellationError`; `HubError.unexpectedAnswer` where other bytes would come.
    package func bytes(_ range: Range<Int64>, of file: RemoteFile) async throws -> Data {
        let answer = try await ask(range, of: file.url, onlyAsPart: true, until: nil)
        guard answer.isAsAsked, answer.piece.data.count == range.count else {
            throw HubError.unexpectedAnswer(url: file.url, status: answer.head.status, detail: "other bytes than asked")
        }
        return answer.piece.data
    }

    private func header(
        at url: URL, of file: RemoteFile, unless tag: String?, _ onTag: @Sendable (String?) -> Void
    ) async throws -> RemoteHeader {
        // Where the first answer came from in the end: a redirect need not be asked for with every piece.
        var place = url
        return try await RemoteHeader { range, isEnough in
            let isFirst = range.lowerBound == 0
            var answer = try await ask(range, of: place, unless: isFirst ? tag : nil, until: isEnough)
            // A signed address holds for some minutes only.
            if answer.head.status == 304, isFirst, tag != nil { throw StillTheSame() }
            if place != url, ![200, 206, 416].contains(answer.head.status) {
                answer = try await ask(range, of: url, until: isEnough)
            }
            place = answer.head.url
            if isFirst { onTag(answer.head["etag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }) }
            switch answer.head.status {
            case 200, 416: return answer.piece
            case 206 where answer.isAsAsked: return answer.piece
            case 206: throw HubError.unexpectedAnswer(url: url, status: 206, detail: "other bytes than asked")
            default: throw await refusal(answer.head, of: file)
            }
        }
    }

    /// As `read`, and again where that may help.
    private func ask(
        _ range: Range<Int64>, of url: URL, onlyAsPart: Bool = false, unless tag: String? = nil,
        until isEnough: (@Sendable (Data) -> Bool)?
    ) async throws -> RangeAnswer {
        try await huggingFace.withoutRefusedToken {
            try await huggingFace.retry.ask {
                let answer = try await read(range, of: url, onlyAsPart, unless: tag, until: isEnough)
                return (answer, answer.head)
            }
        } head: {
            $0.head
        }
    }

    /// The bytes of a range. A server that sends the whole file instead is stopped when enough has come, or at once.
    private func read(
        _ range: Range<Int64>, of url: URL, _ onlyAsPart: Bool, unless tag: String?,
        until isEnough: (@Sendable (Data) -> Bool)?
    ) async throws -> RangeAnswer {
        let answer = Mutex(RangeAnswer(range, from: url, onlyAsPart, until: isEnough))
        let receiver = HTTPReceiver(
            onHead: { head in answer.withLock { $0.judge(head) } },
            onBody: { bytes in answer.withLock { $0.take(bytes) } })
        do {
            _ = try await http.transfer(
                HTTPRequest(
                    url, headers: tag.map { [("If-None-Match", $0)] } ?? [],
                    range: (range.lowerBound, range.upperBound - 1)),
                within: http.options.documentTimeout + range.count / Self.leastSpeed, to: receiver)
        } catch HTTPError.stoppedByReceiver {
            // Enough has come, or the status is no good.
        }
        return answer.withLock { $0 }
    }

    private func refusal(_ head: HTTPHead, of file: RemoteFile) async -> any Error {
        guard case .registry(let blob) = file.origin, let registries else {
            return huggingFace.refusal(head, subject(file))
        }
        return await registries.refusal(head, body: Data(), ref: blob.repository, asked: blob.url)
    }

    private func subject(_ file: RemoteFile) -> HuggingFace.Subject {
        guard let hubFile = file.origin.hubFile else {
            return .init(id: file.url.host() ?? "", path: file.url.lastPathComponent)
        }
        return .init(id: hubFile.reference.id, revision: hubFile.revision, path: hubFile.path)
    }
}

/// The answer to a request for a range, as it comes.
private struct RangeAnswer {
    var head: HTTPHead
    var piece = RemotePiece()
    /// Whether a partial answer is the part that was asked for.
    var isAsAsked = false
    private let range: Range<Int64>
    /// Whether the whole file is not wanted instead.
    private let onlyAsPart: Bool
    private let isEnough: (@Sendable (Data) -> Bool)?
    private var skip: Int64 = 0
    /// How much is to have come when it is next asked whether that is enough.
    private var nextCheck: Int

    /// Between two checks, in bytes; later a quarter of what has come, so that they take no more than the transfer.
    private static let checkDistance = 512 << 10

    init(_ range: Range<Int64>, from url: URL, _ onlyAsPart: Bool, until isEnough: (@Sendable (Data) -> Bool)?) {
        self.range = range
        self.onlyAsPart = onlyAsPart
        self.isEnough = isEnough
        nextCheck = Self.checkDistance
        head = HTTPHead(status: 0, headers: [:], url: url)
    }

    /// - Returns: Whether the body is wanted.
    mutating func judge(_ head: HTTPHead) -> Bool {
        self.head = head
        if head.status == 200 {
            skip = range.lowerBound
            return !onlyAsPart
        }
        isAsAsked = head.status == 206 && head.contentRange?.range?.lowerBound == range.lowerBound
        return isAsAsked
    }

    /// - Returns: Whether more is wanted.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        piece.fetched += Int64(bytes.count)
        let dropped = min(skip, Int64(bytes.count))
        skip -= dropped
        let room = range.count - piece.data.count
        piece.data.append(contentsOf: bytes.dropFirst(Int(dropped)).prefix(max(0, room)))
        if let isEnough, piece.data.count >= nextCheck {
            nextCheck = piece.data.count + max(Self.checkDistance, (Int(range.lowerBound) + piece.data.count) / 4)
            if isEnough(piece.data) { return false }
        }
        return piece.data.count < range.count
    }
}
