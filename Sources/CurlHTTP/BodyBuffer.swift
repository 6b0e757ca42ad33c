/// Gathers the pieces in which libcurl hands over a body, 16 KiB at most (`CURL_MAX_WRITE_SIZE`), into few large ones:
/// a file system takes one long write in a third of the time of sixteen short ones.
struct BodyBuffer: ~Copyable {
    /// How long bytes may wait for more, in milliseconds: what is held here is not yet anybody's.
    static let patience = 20

    private let capacity: Int
    private var storage: UnsafeMutableRawBufferPointer?
    private var count = 0
    /// When the oldest of the bytes came; nil when there are none.
    private(set) var since: ContinuousClock.Instant?

    /// - Parameter capacity: In bytes; taken once the first byte comes.
    init(capacity: Int) { self.capacity = capacity }

    deinit { storage?.deallocate() }

    /// Takes bytes in, and hands on what has no room.
    ///
    /// - Parameter receive: As `HTTPReceiver.onBody`.
    /// - Returns: False when the receiver wants no more.
    mutating func append(_ bytes: UnsafeRawBufferPointer, to receive: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        if count + bytes.count > capacity, !flush(to: receive) { return false }
        guard bytes.count < capacity else { return receive(bytes) }
        let target = storage ?? .allocate(byteCount: capacity, alignment: 64)
        storage = target
        UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
        count += bytes.count
        if since == nil { since = .now }
        return count < capacity || flush(to: receive)
    }

    /// Hands on what is here. False when the receiver wants no more.
    mutating func flush(to receive: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        guard count > 0, let storage else { return true }
        defer { (count, since) = (0, nil) }
        return receive(UnsafeRawBufferPointer(rebasing: storage[..<count]))
    }
}
