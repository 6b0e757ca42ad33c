internal import Disk
internal import Foundation
internal import ModelCatalog
internal import Synchronization
internal import SystemPackage
internal import Threads

/// An unfinished file on disk and its journal. One writer at a time; the journal is kept by a thread of its own.
final class PartialFile: Sendable {
    /// How often the journal is renewed while bytes come, in seconds; besides, whenever a request has ended. A kill then
    /// costs what was in flight.
    private static let journalInterval = 0.1
    /// The least time between two entries, in seconds.
    private static let journalSpacing = 0.02
    /// How often the system is told to begin writing to disk, in seconds: little is left to wait for at the end.
    private static let flushInterval = 0.25
    /// How often the data is pushed to the disk meanwhile, in seconds: what a power cut costs at most.
    private static let syncInterval = 5.0
    /// What is given back for the journal's sake when the disk is full, in bytes.
    private static let journalRoom: Int64 = 64 * 1024

    /// What is here after a write.
    struct Progress {
        /// Bytes from the start without a hole.
        var prefix: Int64
        /// All bytes.
        var count: Int64
    }

    let path: FilePath
    private let journal: Journal.Place
    private let file: FileDescriptor
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let wakeFlusher = DispatchSemaphore(value: 0)

    private struct State {
        var written: ByteRangeSet
        var synced: ByteRangeSet
        /// Rises when all bytes are forgotten: a sync that began before proves nothing any more.
        var round = 0
        /// Old bytes are still in the file, and what equals them need not be written again.
        var hasOldBytes = false
        /// Where the old bytes were other ones.
        var mended = ByteRangeSet()
        var size: Int64?
        var validator: Journal.Validator?
        var isReserved = false
        /// The disk is: nothing more is tried.
        var isFull = false
        /// Who may still use the descriptor: whoever opened it, the flusher's thread, and every sync.
        var users = 1
        var isKeptUp = false
        var isDirty = false
        var isClosed = false
    }

    /// Held while the journal is written; true once its last entry is made, or the file is gone.
    private let journalIsFinal = Mutex(false)

    /// Opens the planned partial file, or makes it.
    ///
    /// - Throws: `DownloadError.cannotWrite`, `ThreadError`.
    init(_ plan: DownloadPlan.FilePlan) throws {
        path = plan.partial
        journal = Journal.Place(of: plan.partial)
        do {
            file = try FileDescriptor.open(
                plan.partial, .readWrite, options: [.create, .noFollow, .closeOnExec, .nonBlocking],
                permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        } catch {
            throw DownloadError.cannotWrite(path: plan.partial.string, errno: (error as? Errno)?.rawValue ?? 0)
        }
        // What another user owns that user can write to, also after it was proven.
        guard let status = FileStatus(of: file), status.kind == .file, status.isOwn else {
            try? file.close()
            throw DownloadError.cannotWrite(path: plan.partial.string, errno: Errno.fileExists.rawValue)
        }
        state = Mutex(
            State(
                written: plan.finished, synced: plan.durable, size: plan.file.size,
                validator: plan.journal?.validator))
    }

    /// Begins to keep the journal and to push the bytes to the disk, on threads of their own. A small file has come before
    /// they would have anything to do.
    ///
    /// - Throws: `ThreadError`.
    func keepUp() throws(ThreadError) {
        let isFirst = state.withLock { state in
            defer { state.isKeptUp = true }
            guard !state.isKeptUp, !state.isClosed else { return false }
            state.users += 1
            return true
        }
        guard isFirst else { return }
        do throws(ThreadError) {
            try SystemThread.start("flush") { [self] in keepFlushing() }
        } catch {
            leave()
            throw error
        }
        try SystemThread.start("journal") { [self] in keepJournal() }
    }

    var written: ByteRangeSet { state.withLock { $0.written } }
    var validator: Journal.Validator? { state.withLock { $0.validator } }

    /// Fixes the size, of which nothing but its room on the disk is known yet.
    ///
    /// - Throws: `DownloadError.noSpace`, `.disk`.
    func setSize(_ size: Int64) throws(DownloadError) {
        state.withLock {
            $0.size = size
            $0.isDirty = true
        }
        let (length, allocated) = onDisk
        if length > size {
            do { try file.setLength(size) } catch { throw failure(error, size: size) }
        }
        guard size - allocated <= DiskSpace.free(at: path) ?? .max else { throw failure(.noSpace, size: size) }
    }

    /// Takes the space for all of the file, once.
    ///
    /// - Throws: `DownloadError.noSpace`, `.disk`.
    func reserve(_ size: Int64) throws(DownloadError) {
        let isFirst = state.withLock { state in
            defer { state.isReserved = true }
            return !state.isReserved
        }
        let (length, allocated) = onDisk
        guard isFirst, length < size || allocated < size else { return }
        do { try file.preallocate(size) } catch { throw failure(error, size: size) }
    }

    /// How long the file is, and what it occupies, in bytes.
    private var onDisk: (length: Int64, allocated: Int64) {
        FileStatus(of: file).map { ($0.size, $0.allocated) } ?? (0, 0)
    }

    func setValidator(_ validator: Journal.Validator?) { state.withLock { $0.validator = validator } }

    /// Forgets all bytes: the content they belong to is gone.
    func restart() throws(DownloadError) {
        forget(nil, keepingOldBytes: false)
        do { try file.setLength(0) } catch { throw failure(error, size: nil) }
    }

    /// Trusts these bytes, or none at all, no longer, but leaves them where they are: most will be found to be right.
    func distrust(_ ranges: ByteRangeSet? = nil) { forget(ranges, keepingOldBytes: true) }

    /// How many places have been mended since: stretches of bytes that came otherwise than they were, each with sound
    /// bytes, or the file's end, behind it. Nil while a stretch may still grow.
    var mendedPlaces: Int? {
        state.withLock { state in
            let isClosed = state.mended.ranges.allSatisfy { place in
                place.upperBound == state.size || state.written.contains(place.upperBound)
            }
            return isClosed ? state.mended.ranges.count : nil
        }
    }

    /// Trusts all of the bytes again: a digest has proven them.
    func trustAll(_ size: Int64) {
        state.withLock {
            $0.written = ByteRangeSet([0..<size])
            $0.hasOldBytes = false
            $0.isDirty = true
        }
    }

    private func forget(_ ranges: ByteRangeSet?, keepingOldBytes: Bool) {
        state.withLock {
            $0.written = ranges.map($0.written.subtracting) ?? ByteRangeSet()
            $0.synced = ranges.map($0.synced.subtracting) ?? ByteRangeSet()
            $0.round += 1
            $0.hasOldBytes = keepingOldBytes
            $0.mended = ByteRangeSet()
            if ranges == nil { $0.validator = nil }
            if !keepingOldBytes { ($0.size, $0.isReserved) = (nil, false) }
        }
        // Before any of the new bytes: a kill in between must not leave a journal that speaks of the old ones.
        writeJournal(durably: true)
    }

    /// Puts at their place those of the bytes that are not there yet.
    ///
    /// - Throws: `DownloadError.noSpace`, `.disk`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DownloadError) -> Progress {
        let range = offset..<offset + Int64(bytes.count)
        let (gaps, hasOldBytes, isFull) = state.withLock { ($0.written.gaps(in: range), $0.hasOldBytes, $0.isFull) }
        guard !isFull else { throw failure(.noSpace, size: range.upperBound) }
        for gap in gaps {
            // What is here may have been hashed already, and is as good: it is never replaced.
            let piece = UnsafeRawBufferPointer(
                rebasing: bytes[Int(gap.lowerBound - offset)..<Int(gap.upperBound - offset)])
            do {
                if hasOldBytes, try equals(piece, at: gap.lowerBound) { continue }
                _ = try file.writeAll(toAbsoluteOffset: gap.lowerBound, piece)
                if hasOldBytes { state.withLock { $0.mended.insert(gap) } }
            } catch {
                let error = (error as? Errno) ?? .ioError
                defer { if error.isDiskFull { makeRoomForJournal() } }
                throw failure(error, size: range.upperBound)
            }
        }
        return add(range)
    }

    /// Gives back the last bytes on a full disk: without a journal all the others would be worth nothing.
    private func makeRoomForJournal() {
        let end = state.withLock { state in
            state.isFull = true
            let end = max(0, (state.written.ranges.last?.upperBound ?? 0) - Self.journalRoom)
            state.written = state.written.clamped(to: end)
            state.synced = state.synced.clamped(to: end)
            state.isDirty = true
            return end
        }
        try? file.setLength(end)
        writeJournal(durably: false)
    }

    /// Takes bytes from another file on this machine, as far as they are not here; nil where the kernel cannot do it
    /// between the two.
    ///
    /// - Parameter offset: Where they belong.
    /// - Returns: How many of them are here now, 0 at the other file's end, and what is here in all.
    /// - Throws: `DownloadError.noSpace`, `.disk`.
    func copy(
        from source: FileDescriptor, _ range: Range<Int64>, at offset: Int64
    ) throws(DownloadError) -> (count: Int, progress: Progress)? {
        let target = offset..<offset + Int64(range.count)
        let (gap, hasOldBytes) = state.withLock {
            ($0.written.firstGap(from: offset, to: target.upperBound), $0.hasOldBytes)
        }
        guard let gap else { return (range.count, add(target)) }
        // What is here is never replaced. Old bytes are those that were taken before.
        if gap.lowerBound > offset { return (Int(gap.lowerBound - offset), add(offset..<gap.lowerBound)) }
        if hasOldBytes { return (gap.count, add(gap)) }
        do {
            let wanted = range.lowerBound..<range.lowerBound + Int64(gap.count)
            guard let count = try source.copyInKernel(wanted, to: file, at: offset) else { return nil }
            return (count, add(offset..<offset + Int64(count)))
        } catch {
            defer { if error.isDiskFull { makeRoomForJournal() } }
            throw failure(error, size: target.upperBound)
        }
    }

    private func add(_ range: Range<Int64>) -> Progress {
        state.withLock {
            $0.written.insert(range)
            $0.isDirty = true
            return Progress(prefix: $0.written.prefix, count: $0.written.count)
        }
    }

    /// Whether the file has these bytes at this place.
    func equals(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 16) { buffer in
            guard try file.fill(buffer, at: offset) == bytes.count else { return false }
            guard let old = buffer.baseAddress, let new = bytes.baseAddress else { return bytes.isEmpty }
            return memcmp(old, new, bytes.count) == 0
        }
    }

    // MARK: Journal

    /// Pushes everything to the disk and notes it.
    ///
    /// - Parameter isLast: Whether all is here: who is about to take the file does not wait for an entry, and after a power
    ///   cut the one before says less than there is, and nothing wrong.
    func sync(isLast: Bool = false) throws(DownloadError) {
        let now: (written: ByteRangeSet, round: Int)? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.users += 1
            return (state.written, state.round)
        }
        guard let now else { return }
        defer { leave() }
        do { try file.sync(dataOnly: true) } catch { throw failure(error, size: nil) }
        state.withLock { if $0.round == now.round { $0.synced = now.written } }
        if !isLast { writeJournal(durably: true) }
    }

    /// The last who leaves closes the file: a slow disk holds up nobody who has been sent away.
    private func leave() {
        let isLast = state.withLock { state in
            state.users -= 1
            return state.users == 0
        }
        if isLast { try? file.close() }
    }

    /// Makes the last entry and lets the threads go; once. The file stays.
    ///
    /// Whoever plans again after this finds the journal as it is now: the thread, which may still wait for the disk,
    /// only has the descriptor to close.
    func close() {
        writeJournal(durably: false, isFinal: true)
        state.withLock { $0.isClosed = true }
        wake.signal()
        wakeFlusher.signal()
        leave()
    }

    /// Removes the file and its journal: the bytes are worth nothing.
    func discard() {
        journalIsFinal.withLock { $0 = true }
        try? FileManager.default.removeItem(atPath: path.string)
        journal.remove()
    }

    /// A request has ended: what it brought is noted soon. When all is here, whoever proves it is about to make the last
    /// entry; where that takes long, the thread makes one in its own time.
    func note() {
        let isWhole = state.withLock { state in state.size.map { state.written.prefix >= $0 } ?? false }
        if !isWhole { wake.signal() }
    }

    private func keepJournal() {
        while true {
            _ = wake.wait(timeout: .now() + Self.journalInterval)
            let (isClosed, isDirty) = state.withLock { ($0.isClosed, $0.isDirty) }
            if isClosed { return }
            guard isDirty else { continue }
            writeJournal(durably: false)
            usleep(UInt32(Self.journalSpacing * 1e6))
        }
    }

    /// On a thread of its own, because a slow disk holds it up, and the journal must not wait for that.
    private func keepFlushing() {
        var sinceSync = 0.0
        var flushed: Int64 = 0
        while true {
            _ = wakeFlusher.wait(timeout: .now() + Self.flushInterval)
            sinceSync += Self.flushInterval
            let (isClosed, count) = state.withLock { ($0.isClosed, $0.written.count) }
            if isClosed { break }
            guard count != flushed else { continue }
            flushed = count
            file.startWriting()
            guard sinceSync >= Self.syncInterval else { continue }
            try? sync()
            sinceSync = 0
        }
        leave()
    }

    /// A journal that cannot be written costs a later run some bytes, never this one its file.
    private func writeJournal(durably: Bool, isFinal: Bool = false) {
        journalIsFinal.withLock { wasFinal in
            guard !wasFinal else { return }
            wasFinal = isFinal
            let entry = state.withLock { state in
                state.isDirty = false
                return Journal(
                    size: state.size, validator: state.validator, synced: Journal.pairs(state.synced),
                    written: Journal.pairs(state.written), boot: Boot.identifier)
            }
            try? entry.write(at: journal, durably: durably)
        }
    }

    private func failure(_ error: Errno, size: Int64?) -> DownloadError {
        if error.isDiskFull {
            let total = max(size ?? 0, state.withLock { $0.size } ?? 0)
            let needed = max(0, total - (FileStatus(of: file)?.allocated ?? 0))
            return .noSpace(path: path.string, needed: needed, free: DiskSpace.free(at: path) ?? 0)
        }
        return .disk(path: path.string, errno: error.rawValue)
    }
}
