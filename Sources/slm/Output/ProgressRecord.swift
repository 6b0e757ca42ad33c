import Modelteca

/// A transfer's state as one JSON object a line.
struct ProgressRecord: Encodable {
    var event: String
    /// The model, as a user types it.
    @OrNull var ref: String?
    var file: String
    var index: Int
    var files: Int
    var receivedBytes: Int64
    var resumedFromBytes: Int64
    @OrNull var totalBytes: Int64?
    var bytesPerSecond: Int64
    @OrNull var secondsLeft: Double?
    var connections: Int
    /// For how long no byte has come; only where that is long.
    var silentSeconds: Int?
    /// Only while waiting, and in a silence: until the next try.
    var retryInSeconds: Double?
    var attempt: Int?
    var host: String?
    var cause: String?

    init(_ event: TransferEvent, of ref: String?) {
        self.ref = ref
        switch event.phase {
        case .connecting: self.event = "connecting"
        case .downloading: self.event = "downloading"
        case .mending: self.event = "mending"
        case .verifying: self.event = "verifying"
        case .done: self.event = "done"
        case .waiting(let host, let seconds, let attempt, _, let cause):
            self.event = "waiting"
            self.host = host
            retryInSeconds = seconds
            self.attempt = attempt
            self.cause = cause
        }
        file = event.file
        index = event.index
        files = event.files
        receivedBytes = event.received
        resumedFromBytes = event.resumed
        totalBytes = event.total
        let rate = event.bytesPerSecond
        bytesPerSecond = rate.isFinite && rate > 0 && rate < 1e15 ? Int64(rate) : 0
        secondsLeft = event.secondsLeft.flatMap { $0.isFinite ? $0 : nil }
        connections = event.connections
        silentSeconds = event.silence.map { Int($0) }
        if let retry = event.retry { retryInSeconds = retry.rounded(.up) }
    }
}
