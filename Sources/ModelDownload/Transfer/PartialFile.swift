internal import Foundation
internal import ModelCatalog
internal import Synchronization
internal import SystemPackage

/// An unfinished file on disk and its journal. Writers on any thread; the journal is kept by a thread of its own.
final class PartialFile: Sendable {
    /// How often the journal is renewed while bytes come, in seconds: what a kill costs at most.
    private static let journalInterval = 0.25
    /// How often the data is pushed to the disk meanwhile, in seconds: what a power cut costs at most.
    private static let syncInterval = 5.0

    let path: FilePath
    private let file: FileDescriptor
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)

    private struct State {
        var written: ByteRangeSet
        var synced: ByteRangeSet
        var size: Int64?
        var validator: Journal.Validator?
        var isDirty = false
        var isClosed = false
        var isDiscarded = false
    }

    /// Held while the journal is written: the keeper and a sync must not share its temporary file.
    private let journalTurn = Mutex(())

    /// Opens the planned partial file, or makes it.
    ///
    /// - Throws: `DownloadError.cannotWrite`.
    init(_ plan: DownloadPlan.FilePlan) throws(DownloadError) {
        path = plan.partial
        do {
            file = try FileDescriptor.open(
                plan.partial, .readWrite, options: [.create, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw .cannotWrite(path: plan.partial.string, errno: (error as? Errno)?.rawValue ?? 0)
        }
        state = Mutex(
            State(
                written: plan.finished, synced: plan.finished, size: plan.file.size,
                validator: plan.journal?.validator))
        let keeper = Thread { [self] in keepJournal() }
        keeper.name = "journal"
        keeper.start()
    }

    static func journalPath(_ partial: FilePath) -> FilePath { FilePath(partial.string + ".journal") }

    var written: ByteRangeSet { state.withLock { $0.written } }
    var validator: Journal.Validator? { state.withLock { $0.validator } }

    /// Fixes the size and takes the space for it.
    ///
    /// - Throws: `DownloadError.noSpace`, `.disk`.
    func setSize(_ size: Int64) throws(DownloadError) {
        state.withLock { $0.size = size }
        let length = DiskCalls.length(path) ?? 0
        do {
            if length > size { try DiskCalls.setLength(file, size) }
            if length < size || DiskCalls.allocatedBytes(path) < size { try DiskCalls.preallocate(file, size: size) }
        } catch {
            throw failure(error, size: size)
        }
    }

    func setValidator(_ validator: Journal.Validator?) { state.withLock { $0.validator = validator } }

    /// Forgets all bytes: the content they belong to is gone.
    func restart() throws(DownloadError) {
        state.withLock {
            $0.written = ByteRangeSet()
            $0.synced = ByteRangeSet()
            $0.validator = nil
            $0.isDirty = true
        }
        do { try DiskCalls.setLength(file, 0) } catch { throw failure(error, size: nil) }
        writeJournal()
    }

    /// Puts bytes at their place and returns the length of the finished prefix.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DownloadError) -> Int64 {
        do {
            _ = try file.writeAll(toAbsoluteOffset: offset, bytes)
        } catch {
            throw failure((error as? Errno) ?? .ioError, size: nil)
        }
        return state.withLock {
            $0.written.insert(offset..<offset + Int64(bytes.count))
            $0.isDirty = true
            return $0.written.prefix
        }
    }

    /// Pushes everything to the disk and notes it.
    func sync() throws(DownloadError) {
        let written = state.withLock { $0.written }
        do { try DiskCalls.sync(file) } catch { throw failure(error, size: nil) }
        state.withLock { $0.synced = written }
        writeJournal()
    }

    /// Ends the journal's thread after a last entry. The file stays.
    func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    /// Removes the file and its journal: the bytes are worth nothing.
    func discard() {
        journalTurn.withLock { _ in state.withLock { $0.isDiscarded = true } }
        close()
        try? FileManager.default.removeItem(atPath: path.string)
        try? FileManager.default.removeItem(atPath: Self.journalPath(path).string)
    }

    private func keepJournal() {
        var sinceSync = 0.0
        while true {
            _ = wake.wait(timeout: .now() + Self.journalInterval)
            sinceSync += Self.journalInterval
            let (isClosed, isDirty) = state.withLock { ($0.isClosed, $0.isDirty) }
            if isDirty { writeJournal() }
            if isClosed { break }
            if isDirty, sinceSync >= Self.syncInterval {
                try? sync()
                sinceSync = 0
            }
        }
        try? file.close()
    }

    /// A journal that cannot be written costs a later run some bytes, never this one its file.
    private func writeJournal() {
        journalTurn.withLock { _ in
            let journal: Journal? = state.withLock { state in
                state.isDirty = false
                guard !state.isDiscarded else { return nil }
                return Journal(
                    size: state.size, validator: state.validator, synced: Journal.pairs(state.synced),
                    written: Journal.pairs(state.written), boot: DiskCalls.bootIdentifier)
            }
            try? journal?.write(at: Self.journalPath(path))
        }
    }

    private func failure(_ error: Errno, size: Int64?) -> DownloadError {
        if error == .noSpace || error == .diskQuotaExceeded {
            let total = size ?? state.withLock { $0.size } ?? 0
            let needed = max(0, total - DiskCalls.allocatedBytes(path))
            return .noSpace(path: path.string, needed: needed, free: DiskCalls.freeBytes(path) ?? 0)
        }
        return .disk(path: path.string, errno: error.rawValue)
    }
}
