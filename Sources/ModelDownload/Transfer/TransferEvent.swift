/// How far a download is: at most ten a second, the last one with phase `done`.
public struct TransferEvent: Hashable, Sendable {
    /// What is going on with a file.
    public enum Phase: Hashable, Sendable {
        /// Asking; no byte yet.
        case connecting
        case downloading
        /// What came has another digest than expected: bytes are fetched again, from elsewhere if possible, until the damage
        /// is found.
        case mending
        /// The origin, `host`, failed or asked for a wait: the next try starts in `seconds`; at most `of` are made in a row.
        case waiting(host: String, seconds: Double, attempt: Int, of: Int, cause: String)
        /// All bytes are here; the hash is on its way through them.
        case verifying
        /// Whole and proven.
        case done
    }

    /// The file's name.
    public var file: String
    /// Position of the file in the plan, from 0.
    package var index: Int
    /// How many files the plan has.
    package var files: Int
    /// What is going on.
    public var phase: Phase
    /// Bytes of this file that are on disk, those of earlier runs included.
    public var received: Int64
    /// Bytes that an earlier run had left.
    package var resumed: Int64
    /// How far the hash has come, in bytes: it follows what has been received.
    package var verified: Int64
    /// The file's size in bytes, once known.
    public var total: Int64?
    /// Over the last seconds, in bytes a second; 0 in a silence.
    public var bytesPerSecond: Double
    /// Until this file is here, in seconds; nil when it cannot be said, as in a silence.
    public var secondsLeft: Double?
    /// Connections at work for this file.
    package var connections: Int
    /// For how long no byte has come, in seconds; nil while some do, and while none is awaited.
    public var silence: Double?
    /// In a silence: the origin is asked again in so many seconds, or earlier.
    package var retry: Double?
}

/// A rate that follows the wire without trembling: a moving average over about three seconds.
struct SmoothedRate {
    private var last: (time: Double, bytes: Int64)?
    private(set) var bytesPerSecond = 0.0

    /// - Parameters:
    ///   - time: In seconds, from any fixed start.
    ///   - bytes: Fetched so far.
    mutating func note(time: Double, bytes: Int64) {
        guard let last else {
            self.last = (time, bytes)
            return
        }
        let elapsed = time - last.time
        guard elapsed >= 0.09 else { return }
        let now = Double(bytes - last.bytes) / elapsed
        let weight = bytesPerSecond == 0 ? 1 : min(1, elapsed / 3)
        bytesPerSecond += (now - bytesPerSecond) * weight
        self.last = (time, bytes)
    }
}
