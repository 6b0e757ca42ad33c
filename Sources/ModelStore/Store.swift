import Disk
import Foundation
public import ModelCatalog
public import ModelDownload
public import SystemPackage

/// The models on this disk: plain files that anybody can open, and an index of them.
///
/// Asking creates nothing: a store that does not exist is an empty one, and one that may only be read is described
/// from its records. Every change holds a lock that other processes respect, and is written down before it is made,
/// so that the next one to come finishes what a crash left half done.
///
/// All methods throw `StoreError`, and `CancellationError` where they may wait for another process.
public actor Store {
    /// Where everything is.
    public nonisolated let layout: StoreLayout

    /// The queue that the store's work runs on: it waits for the disk, not in the pool that all tasks share.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let executor = StoreExecutor()
    let naming: Survey.Naming
    let now: @Sendable () -> Date
    let afterStep: @Sendable (Step) throws -> Void
    private var opened: StoreIndex?

    /// The points of a change at which a crash leaves the disk in different shapes.
    enum Step: CaseIterable { case announced, moved, recorded, indexed }

    /// How long to wait for another process's change, which takes milliseconds unless it has been stopped.
    private static let patience = Duration.seconds(30)

    /// Describes the store in a folder. Nothing is opened or created yet.
    ///
    /// - Parameters:
    ///   - root: The folder; see `StoreLayout.defaultRoot`.
    ///   - naming: Gives a reference to a model whose files somebody has put into the store by hand, from publisher,
    ///     repository and first file. By default this is the path inside the store.
    public init(
        at root: FilePath,
        naming: @escaping @Sendable (_ publisher: String, _ repository: String, _ file: String) -> String = {
            "\($0)/\($1)/\($2)"
        }
    ) {
        self.init(at: root, naming: naming, now: { Date() }, afterStep: { _ in })
    }

    init(
        at root: FilePath, naming: @escaping Survey.Naming = { "\($0)/\($1)/\($2)" },
        now: @escaping @Sendable () -> Date, afterStep: @escaping @Sendable (Step) throws -> Void
    ) {
        layout = StoreLayout(root: root)
        self.naming = naming
        self.now = now
        self.afterStep = afterStep
    }

    // MARK: What is stored

    /// All models as they are on the disk now, by reference.
    public func models() async throws -> [StoredModel] {
        try await records().map { $0.model(in: layout) }
    }

    /// The model that goes by this reference; else the only one whose reference differs in case alone; else the one
    /// that has a file at this path inside the store. Nil when there is none.
    public func model(named ref: String) async throws -> StoredModel? {
        try await Self.find(ref, in: records())?.model(in: layout)
    }

    /// The models that a shorter reference may mean, as `qwen2` means `qwen2:0.5b:q4_0`; case does not matter. The one
    /// that `model(named:)` finds is the only answer, if there is one.
    public func models(under ref: String) async throws -> [StoredModel] {
        let records = try await records()
        if let exact = Self.find(ref, in: records) { return [exact.model(in: layout)] }
        let beginning = ref.lowercased()
        return records.filter { record in
            let full = record.ref.lowercased()
            return full.hasPrefix(beginning + ":") || full.hasPrefix(beginning + "@")
        }.map { $0.model(in: layout) }
    }

    /// The first model that has a file with this content.
    public func model(withDigest digest: Digest) async throws -> StoredModel? {
        try await records().first { $0.files.contains { $0.digest == digest } }?.model(in: layout)
    }

    /// The contents that need not be fetched again: files of sound models, unchanged since they were proven.
    public func digests() async throws -> [Digest: StoredFile] {
        var found: [Digest: StoredFile] = [:]
        for record in try await records() where record.state == .ready && record.verifiedAt != nil {
            for file in record.model(in: layout).files { if let digest = file.digest { found[digest] = file } }
        }
        return found
    }

    /// The block hashes of a content; nil when they are not known or not usable.
    public func blockHashes(of digest: Digest) throws -> BlockHashes? {
        do { return try BlockFile.read(digest, in: layout)?.blocks } catch { throw StoreError.from(error) }
    }

    /// What was first seen of files that have no published digest.
    public func pins(for ref: String) async throws -> [Pin] {
        try await reading { try $0.pins(ref: ref) }
    }

    // MARK: Locks and folders

    /// Creates the folder and its bookkeeping, as far as they are missing: partial files need a place to be.
    ///
    /// - Throws: `.readOnly` or `.permission` also where all is there and a download would fail to write.
    public func prepare() async throws {
        do throws(DiskError) {
            _ = try layout.createBookkeeping()
            try layout.checkWritable()
        } catch {
            throw StoreError(error)
        }
    }

    /// Waits until nobody else works on this model, and keeps others from it while the lock is held.
    ///
    /// - Parameter onWait: Called once if another process holds the lock.
    public nonisolated func lock(
        _ ref: String, onWait: @Sendable () -> Void = {}
    ) async throws -> StoreLock {
        try await StoreLock.acquire("model " + ref, in: layout, onWait: onWait)
    }

    // MARK: The index

    private func records() async throws -> [ModelRecord] {
        try await reading { Standing.now(try $0.records(), in: layout) }
    }

    static func find(_ ref: String, in records: [ModelRecord]) -> ModelRecord? {
        if let record = records.first(where: { $0.ref == ref }) { return record }
        let similar = records.filter { $0.ref.lowercased() == ref.lowercased() }
        if similar.count == 1 { return similar[0] }
        return records.first { $0.keys.contains(ref) }
    }

    /// Asks the index, and makes it anew first if it is lost, damaged or behind.
    private func reading<Value>(_ work: (StoreIndex) throws -> Value) async throws -> Value {
        do {
            guard layout.canBeWritten else { return try work(try indexInMemory()) }
            if let index = try readyIndex() {
                do {
                    return try work(index)
                } catch StoreError.indexDamaged {
                    opened = nil
                }
            }
            let lock = try await exclusive()
            defer { lock.release() }
            return try work(try soundIndex().index)
        } catch {
            switch StoreError.from(error) {
            // The records answer as well, and need nothing to be written.
            case StoreError.readOnly, StoreError.permission, StoreError.noSpace, StoreError.io:
                return try work(try indexInMemory())
            case let error: throw error
            }
        }
    }

    /// Changes the store while no other process does.
    func writing<Value>(_ work: (StoreIndex, [ModelRecord]) throws -> Value) async throws -> Value {
        do {
            let lock = try await exclusive()
            defer { lock.release() }
            let (index, records) = try soundIndex()
            return try work(index, Standing.now(records, in: layout))
        } catch {
            throw StoreError.from(error)
        }
    }

    func exclusive() async throws -> StoreLock {
        try await StoreLock.acquire("store", in: layout, limit: Self.patience)
    }

    /// The index if it can be used as it is.
    private func readyIndex() throws -> StoreIndex? {
        if let opened, opened.isCurrent { return opened }
        opened = nil
        guard FileStatus(of: layout.index) != nil, try !hasUnfinishedWork() else { return nil }
        do {
            let index = try StoreIndex.open(layout.index)
            guard try index.isFilled() else { return nil }
            opened = index
            return index
        } catch StoreError.indexDamaged {
            return nil
        }
    }

    /// The index and all it says; made anew if need be. Only for the holder of the store's lock.
    private func soundIndex() throws -> (index: StoreIndex, records: [ModelRecord]) {
        if try !hasUnfinishedWork(), let index = try readyIndex() {
            do {
                return (index, try index.records())
            } catch StoreError.indexDamaged {
                opened = nil
            }
        }
        _ = try mend()
        let index = try openIndex()
        return (index, try index.records())
    }

    /// Opens the index, an empty one if there is none.
    func openIndex() throws -> StoreIndex {
        if let opened, opened.isCurrent { return opened }
        return try StoreIndex.open(layout.index)
    }

    /// Goes on with this index.
    func use(_ index: StoreIndex) { opened = index }

    /// Lets go of the index file, so that it can be moved.
    func closeIndex() { opened = nil }

    private func hasUnfinishedWork() throws -> Bool {
        guard let records = try RecordFolder(in: layout) else { return false }
        for kind in [RecordFolder.Kind.next, .gone] where try !records.names(kind).isEmpty { return true }
        return false
    }

    private func indexInMemory() throws -> StoreIndex {
        let survey = try Survey.take(layout, naming: naming, now: now())
        let index = try StoreIndex.inMemory()
        try index.replaceAll(survey.records, try RecordFolder(in: layout)?.readPins() ?? [])
        return index
    }
}
