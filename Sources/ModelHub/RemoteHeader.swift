internal import CurlHTTP
internal import Foundation
public import GGUF
public import ModelCatalog
internal import Synchronization

/// The header of a GGUF file that is still at its origin, read by byte ranges.
public struct RemoteHeader: Sendable {
    /// The metadata and the tensors' places; the tensors' data is not there.
    public let file: GGUFFile
    /// What was read over the network, in bytes.
    public let fetched: Int64

    /// The first request, in bytes: most headers of small models end before this.
    private static let firstPiece: Int64 = 1 << 20
    /// No real header is larger, in bytes.
    private static let limit: Int64 = 64 << 20
    private static let mostRequests = 6

    /// Reads as much of the beginning as the header takes.
    ///
    /// - Throws: `GGUFError`, `HTTPError`, `HubError`, `CancellationError`.
    init(of remote: RemoteFile, through http: HTTPClient) async throws {
        var bytes = Data()
        var wanted = Self.firstPiece
        for _ in 1...Self.mostRequests {
            let piece = try await Self.read(remote.url, from: Int64(bytes.count), to: wanted, http)
            bytes.append(piece)
            do {
                file = try GGUFFile(bytes)
                fetched = Int64(bytes.count)
                return
            } catch GGUFError.truncated(let reading, let offset, let needed, let estimate) {
                guard !piece.isEmpty, needed <= Self.limit else {
                    throw GGUFError.truncated(reading: reading, at: offset, needed: needed, estimate: estimate)
                }
                // A little more than the guess: a request too many costs more than some bytes.
                let guess = max(needed, estimate) + (256 << 10)
                wanted = min(max(guess, Int64(bytes.count) + Self.firstPiece / 2), Self.limit)
            }
        }
        throw GGUFError.tooLarge(
            reading: "the header", at: 0, value: UInt64(bytes.count), limit: UInt64(Self.limit))
    }

    /// The bytes of a range. A server that sends the whole file instead is stopped when enough has come.
    private static func read(_ url: URL, from start: Int64, to end: Int64, _ http: HTTPClient) async throws -> Data {
        struct Answer {
            var data = Data()
            var skip: Int64 = 0
            var status = 0
        }
        let answer = Mutex(Answer())
        let receiver = HTTPReceiver(
            onHead: { head in
                answer.withLock {
                    $0.status = head.status
                    $0.skip = head.status == 200 ? start : 0
                }
                return head.status == 206 || head.status == 200
            },
            onBody: { bytes in
                answer.withLock { answer in
                    let dropped = min(answer.skip, Int64(bytes.count))
                    answer.skip -= dropped
                    let room = Int(end - start) - answer.data.count
                    answer.data.append(contentsOf: bytes.dropFirst(Int(dropped)).prefix(max(0, room)))
                    return answer.data.count < Int(end - start)
                }
            })
        do {
            _ = try await http.transfer(HTTPRequest(url, range: (start, end - 1)), to: receiver)
        } catch HTTPError.stoppedByReceiver {
            // Enough has come, or the status is no good.
        }
        let (data, status) = answer.withLock { ($0.data, $0.status) }
        guard status == 206 || status == 200 || status == 416 else {
            throw HubError.unexpectedAnswer(url: url, status: status, detail: "")
        }
        return data
    }
}

extension Hub {
    /// Reads the header of a file without fetching its tensors.
    ///
    /// - Throws: as `RemoteHeader`.
    public func header(of file: RemoteFile) async throws -> RemoteHeader {
        try await RemoteHeader(of: file, through: http)
    }
}
