import Disk
import Foundation
package import ModelCatalog
package import ModelDownload
package import SystemPackage

/// The models on this disk: plain files that anybody can open, and an index of them.
///
/// The records lead, one JSON file a model, and SQLite follows. A person can read a record, a backup that is half a day
/// old is still true of every model that has not changed since, and a damaged page of a database costs nobody the names,
/// origins and digests of a thousand models: the index is made anew from the records in a second. What SQLite does
/// better is SQLite's: it finds a model among ten thousand by name in any case, by path and by content, refuses what
/// makes no sense, and writes down for many models in one step when they were proven, which no record has to know.
///
/// Queries create nothing: a store that does not exist is empty, and a read-only one is described from its records.
/// Every change takes a lock that other processes respect and is written down before it is made, so that the next
/// process finishes what a crash left half done.
///
/// All methods throw `StoreError`, and `CancellationError` where they may wait for another process.
public actor Store {
    /// Where everything is.
    package nonisolated let layout: StoreLayout
    /// Whether somebody has named the folder, and so expects it to be there.
    private nonisolated let isNamed: Bool

    /// A queue of the store's own: it blocks on the disk, which tasks of the shared pool must not do.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let executor = StoreExecutor()
    let naming: StoreScan.Naming
    let now: @Sendable () -> Date
    let afterStep: @Sendable (Step) throws -> Void
    private var opened: StoreIndex?
    private var takesLocks = false
    private var scanned: (index: StoreIndex, records: FileStatus?)?
    /// Who waits for a model to be kept; see `keep(_:)`.
    var keepers: [Keeper] = []
    var keeperCount: UInt64 = 0
    var isKeeping = false
    /// The models that this process fetches: they are to be kept sooner or later.
    var underWay: Set<String> = []

    /// The points of a change at which a crash leaves the disk in different shapes.
    enum Step: CaseIterable { case announced, moved, recorded, indexed }

    /// How long to wait while another process changes the store: milliseconds, unless that process is suspended.
    private static let lockLimit = Duration.seconds(30)

    /// Describes the store in a folder. Nothing is opened or created yet.
    ///
    /// - Parameters:
    ///   - root: The folder; see `StoreLayout.defaultRoot`.
    ///   - isNamed: Whether somebody has named it, and so expects it to be there: its disk may not be. `get` makes such a
    ///     folder where the one above it is there, and no more than that.
    ///   - naming: Gives a reference to a model whose files somebody has put into the store by hand, from publisher,
    ///     repository and first file. By default this is the path inside the store.
    package init(
        at root: FilePath, isNamed: Bool = false,
        naming: @escaping @Sendable (_ publisher: String, _ repository: String, _ file: String) -> String = {
            "\($0)/\($1)/\($2)"
        }
    ) {
        self.init(at: root, isNamed: isNamed, naming: naming, now: { Date() }, afterStep: { _ in })
    }

    init(
        at root: FilePath, isNamed: Bool = false, naming: @escaping StoreScan.Naming = { "\($0)/\($1)/\($2)" },
        now: @escaping @Sendable () -> Date, afterStep: @escaping @Sendable (Step) throws -> Void
    ) {
        layout = StoreLayout(root: root)
        self.isNamed = isNamed
        self.naming = naming
        self.now = now
        self.afterStep = afterStep
    }

    // MARK: What is stored

    /// All models as they are on the disk now, by reference.
    public func models() async throws -> [StoredModel] {
        try await records().map { $0.model(in: layout) }
    }

    /// All models, and what their files take on the disk, in bytes: a file that has several names counts once.
    package func contents() async throws -> (models: [StoredModel], size: Int64) {
        let (records, statuses) = try await reading { try seen($0.records(), of: $0) }
        var use = DiskUse()
        for case let status? in statuses.joined() { use.add(status) }
        return (records.map { $0.model(in: layout) }, use.bytes)
    }

    /// The same, of each model no more than a list shows.
    package func lines() async throws -> (lines: [StoredLine], size: Int64) {
        if let known = try await reading({ try $0.linesIfAsKnown(in: layout) }) { return known }
        let (models, size) = try await contents()
        return (models.map(StoredLine.init), size)
    }

    /// The model that goes by this reference; else the only one whose reference differs in case alone, where case does
    /// not matter; else the one that has a file at this path inside the store. Nil when there is none.
    public func model(named ref: String) async throws -> StoredModel? {
        try await record(named: ref)?.model(in: layout)
    }

    /// The models that a shorter reference may mean, as `qwen2` means `qwen2:0.5b:q4_0`; case does not matter. The one
    /// that `model(named:)` finds is the only answer, if there is one.
    package func models(under ref: String) async throws -> [StoredModel] {
        if let exact = try await model(named: ref) { return [exact] }
        let beginning = ref.lowercased()
        return try await records().filter { record in
            let full = record.ref.lowercased()
            return full.hasPrefix(beginning + ":") || full.hasPrefix(beginning + "@")
        }.map { $0.model(in: layout) }
    }

    /// The first model that has a file with this content.
    package func model(withDigest digest: Digest) async throws -> StoredModel? {
        try await records(with: [digest]).first?.model(in: layout)
    }

    /// Those of the contents that need not be fetched again: files of sound models and of kept versions,
    /// unchanged since they were proven.
    package func files(with digests: [Digest]) async throws -> [Digest: StoredFile] {
        let wanted = Set(digests)
        var found: [Digest: StoredFile] = [:]
        guard !wanted.isEmpty else { return found }
        for record in try await records(with: digests) where record.state == .ready && record.verifiedAt != nil {
            for file in record.model(in: layout).files {
                if let digest = file.digest, wanted.contains(digest) { found[digest] = file }
            }
        }
        for file in try keptVersions().flatMap(\.files) {
            if let digest = file.digest, wanted.contains(digest), found[digest] == nil { found[digest] = file }
        }
        return found
    }

    private func records(with digests: [Digest]) async throws -> [ModelRecord] {
        try await reading { index in
            let refs = Set(try index.refs(with: digests))
            guard !refs.isEmpty else { return [] }
            return try present(index.records(relatedTo: Array(refs)), of: index).filter { refs.contains($0.ref) }
        }
    }

    /// The block hashes of a content; nil when they are not known or not usable.
    package func blockHashes(of digest: Digest) throws -> BlockHashes? {
        do { return try BlockFile.read(digest, in: layout)?.blocks } catch { throw StoreError.from(error) }
    }

    /// What was first seen of files that have no published digest.
    package func pins(for ref: String) async throws -> [Pin] {
        try await reading { try $0.pins(ref: ref) }
    }

    func record(named ref: String) async throws -> ModelRecord? {
        try await reading { index in
            guard let ref = try index.ref(meantBy: ref) else { return nil }
            return try present(index.records(relatedTo: ref), of: index).first { $0.ref == ref }
        }
    }

    private func records() async throws -> [ModelRecord] {
        try await reading { try present($0.records(), of: $0) }
    }

    // MARK: Locks and folders

    /// Throws where the folder was named and is not there: an absent disk is no empty store.
    ///
    /// - Throws: `.absent`.
    package nonisolated func checkPresence() throws(StoreError) {
        guard isNamed, !Self.isFolder(layout.root) else { return }
        throw .absent(path: layout.root)
    }

    /// What cannot be opened for another reason is there, and whoever reads it says why not.
    private static func isFolder(_ path: FilePath) -> Bool {
        do throws(DiskError) { return try Folder.root(path) != nil } catch { return error.errno != .notDirectory }
    }

    /// Creates the folder and its bookkeeping, as far as they are missing: partial files need a place to be.
    ///
    /// - Throws: `.absent` for a named folder if the one above it is not there either, `.readOnly` or `.permission` also
    ///   where all is there and a download would fail to write.
    package func prepare() async throws {
        if isNamed, !Self.isFolder(layout.root), !Self.isFolder(layout.root.removingLastComponent()) {
            throw StoreError.absent(path: layout.root)
        }
        do throws(DiskError) {
            _ = try layout.createBookkeeping()
            try layout.checkWritable()
        } catch {
            throw StoreError(error)
        }
        try checkLocks()
    }

    /// Waits until nobody else is working on this model, and keeps it for the caller until the lock is released.
    ///
    /// - Parameter onWait: Called once if another process holds the lock.
    package nonisolated func lock(
        _ ref: String, onWait: @Sendable () -> Void = {}
    ) async throws -> StoreLock {
        try await StoreLock.acquire("model " + ref, in: layout, onWait: onWait)
    }

    /// Asked once: a disk does not change its mind.
    func checkLocks() throws(StoreError) {
        guard !takesLocks else { return }
        try StoreLock.checkRecordLocks(in: layout)
        takesLocks = true
    }

    // MARK: The index

    /// Asks the index, and makes it anew first if it is lost, damaged or behind.
    private func reading<Value>(_ question: (StoreIndex) throws -> Value) async throws -> Value {
        do {
            guard layout.canBeWritten else { return try question(try indexInMemory()) }
            try checkLocks()
            if let index = try readyIndex() {
                do {
                    return try question(index)
                } catch StoreError.indexDamaged {
                    opened = nil
                }
            }
            let lock = try await exclusive()
            defer { lock.release() }
            return try sound(question).answer
        } catch {
            // The records answer as well, and need nothing to be written.
            guard StoreError.isOfWriting(error) else { throw StoreError.from(error) }
            do { return try question(try indexInMemory()) } catch { throw StoreError.from(error) }
        }
    }

    /// Changes the store while no other process does.
    ///
    /// - Parameter question: Asks the index for the records that the change may concern, which need not be all.
    func writing<Value>(
        about question: (StoreIndex) throws -> [ModelRecord],
        _ work: (StoreIndex, [ModelRecord]) throws -> Value
    ) async throws -> Value {
        do {
            try checkLocks()
            let lock = try await exclusive()
            defer { lock.release(isWantedSoon: !underWay.isEmpty) }
            let (index, records) = try sound { try present(question($0), of: $0) }
            return try work(index, records)
        } catch {
            throw withoutLocks(StoreError.from(error))
        }
    }

    /// Does what every change needs, and changes nothing: takes a lock, and writes to the index, which SQLite locks in
    /// another way. Does nothing where there is no store yet.
    ///
    /// - Throws: `.noLocks` and what the system says.
    package func rehearse() async throws {
        guard FileStatus(of: layout.bookkeeping) != nil else { return }
        try await prepare()
        try await writing(about: { _ in [] }) { index, _ in
            try StoreIndex.guarded(index.path) { try index.database.write { _ in } }
        }
    }

    /// For the holder of the store's lock: nobody else writes to the index, so what SQLite takes for somebody else is a
    /// file system that refuses its locks (`ENOLCK` counts as busy in SQLite's `os_unix.c`).
    func withoutLocks(_ error: any Error) -> any Error {
        if case StoreError.locked(let key) = error, key == StoreLayout.indexName {
            StoreError.noLocks(path: layout.index)
        } else {
            error
        }
    }

    func exclusive() async throws -> StoreLock {
        // A move to another disk takes longer than anybody wants to wait without a word.
        if let place = try StoreMove.underWay(from: layout) { throw StoreError.moving(to: place) }
        do {
            return try await StoreLock.acquire("store", in: layout, limit: Self.lockLimit)
        } catch StoreError.locked(let key) {
            if let place = try StoreMove.underWay(from: layout) { throw StoreError.moving(to: place) }
            throw StoreError.locked(key: key)
        }
    }

    /// The index if it can be used as it is.
    private func readyIndex() throws -> StoreIndex? {
        if let opened, opened.isCurrent { return opened }
        opened = nil
        guard FileStatus(of: layout.index) != nil, try !hasUnfinishedWork(amongRecords: false) else { return nil }
        do {
            let index = try StoreIndex.open(layout.index)
            guard try index.standing() == .current else { return nil }
            // As long as nobody has touched the folder of records, they need not be looked through.
            let known = try index.recordsModified()
            if known == nil || known != FileStatus(of: layout.records)?.modified {
                guard try !hasUnfinishedWork(amongRecords: true), try agrees(index) else { return nil }
            }
            opened = index
            return index
        } catch StoreError.indexDamaged {
            return nil
        }
    }

    /// The records as they are on the disk now.
    ///
    /// - Throws: `.indexDamaged` when a file is not as the index has it, and the model's own record says something else
    ///   than the index, which is then the older of the two.
    func present(_ records: [ModelRecord], of index: StoreIndex) throws -> [ModelRecord] {
        try seen(records, of: index).records
    }

    private func seen(
        _ records: [ModelRecord], of index: StoreIndex
    ) throws -> (records: [ModelRecord], statuses: [[FileStatus?]]) {
        let seen = records.seen(in: layout)
        guard seen.records != records, index.identity != nil, let folder = try RecordFolder(in: layout) else {
            return seen
        }
        for (known, now) in zip(records, seen.records) where known != now {
            if let written = try folder.read(RecordFolder.name(known.ref)), !written.says(the: known) {
                throw StoreError.indexDamaged(path: index.path, detail: "older than the record of \(known.ref)")
            }
        }
        return seen
    }

    /// Whether the index speaks of the models that have records: one out of a backup may not.
    private func agrees(_ index: StoreIndex) throws -> Bool {
        guard let names = try RecordFolder(in: layout)?.names() else { return true }
        return try Set(index.refs().map(RecordFolder.name)).isSuperset(of: names)
    }

    /// The index and what it answers; made anew if need be. Only for the holder of the store's lock.
    func sound<Value>(_ question: (StoreIndex) throws -> Value) throws -> (index: StoreIndex, answer: Value) {
        if try !hasUnfinishedWork(amongRecords: false), let index = try readyIndex() {
            do {
                return (index, try question(index))
            } catch StoreError.indexDamaged {
                opened = nil
            }
        }
        _ = try mend()
        let index = try openIndex()
        return (index, try question(index))
    }

    /// Opens the index, an empty one if there is none.
    func openIndex() throws -> StoreIndex {
        if let opened, opened.isCurrent { return opened }
        return try StoreIndex.open(layout.index)
    }

    /// Uses this index from now on.
    func use(_ index: StoreIndex) { opened = index }

    /// Closes the index file, so that it can be moved.
    func closeIndex() { opened = nil }

    /// Removes the index: the next who asks makes it anew.
    func discardIndex() throws {
        closeIndex()
        let folder = try layout.openBookkeeping()
        for suffix in StoreIndex.companions + [""] { try folder?.remove(StoreLayout.indexName + suffix) }
    }

    private func hasUnfinishedWork(amongRecords: Bool) throws -> Bool {
        try RecordFolder(in: layout)?.hasNotes(amongRecords: amongRecords) ?? false
    }

    /// What a scan of the folder finds, for a store whose index cannot be used; made anew when a record comes or goes.
    private func indexInMemory() throws -> StoreIndex {
        let records = FileStatus(of: layout.records)
        if let scanned, scanned.records == records, records != nil || FileStatus(of: layout.root) == nil {
            return scanned.index
        }
        let index = try scannedIndex()
        scanned = (index, records)
        return index
    }

    func scannedIndex() throws -> StoreIndex {
        let scan = try StoreScan.run(layout, naming: naming, now: now())
        let index = try StoreIndex.inMemory()
        try index.replaceAll(scan.records, try RecordFolder(in: layout)?.readPins() ?? [])
        return index
    }
}
