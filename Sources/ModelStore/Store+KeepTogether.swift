import Disk
import ModelCatalog
import ModelDownload
import SystemPackage

/// A model that is to be kept.
struct KeepOrder: Sendable {
    let files: [IncomingFile]
    let identity: ModelIdentity
    let place: ModelPlace
    let before: Store.Forerunner
    let keepsOld: Bool

    init(
        _ files: [IncomingFile], as identity: ModelIdentity, replacing before: Store.Forerunner, keepingOld: Bool
    ) {
        self.files = files
        self.identity = identity
        place = ModelPlace(
            identity: identity, files: files.map { ModelPlace.File(name: $0.name, origin: $0.origin) })
        self.before = before
        keepsOld = keepingOld
    }

    /// The files whose bytes have yet to reach the disk.
    fileprivate var awaitingDisk: [FilePath] {
        files.compactMap { if case .verified(let file) = $0, !file.isOnDisk { file.path } else { nil } }
    }

    /// The contents that it takes from the store.
    fileprivate var stored: [Digest] {
        files.compactMap { if case .stored(let digest, _, _) = $0 { digest } else { nil } }
    }

    /// What none that are kept together may have in common: each has to find the store as the other has left it.
    fileprivate var concerns: [String] {
        let contents = files.map { file in
            switch file {
            case .verified(let file): file.digest
            case .stored(let digest, _, _): digest
            }
        }
        return ["ref " + identity.ref] + place.keys + contents.map(\.hex)
    }
}

/// Somebody who waits for a model to be kept.
struct Keeper {
    let number: UInt64
    let order: KeepOrder
    let answer: CheckedContinuation<StoredModel, any Error>
}

/// Models that come while the store is busy are kept together: one lock, one question to the index, and one wait for each
/// folder to reach the disk.
extension Store {
    /// More than come at once. What is kept together waits for one another.
    private static let mostTogether = 32
    /// How long one more may take to come where others have just come.
    private static let moment = Duration.milliseconds(4)

    func keep(_ order: KeepOrder) async throws -> StoredModel {
        try Task.checkCancellation()
        keeperCount += 1
        let number = keeperCount
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { answer in
                keepers.append(Keeper(number: number, order: order, answer: answer))
                guard !isKeeping else { return }
                isKeeping = true
                Task { await keepAll() }
            }
        } onCancel: {
            Task { await giveUp(number) }
        }
    }

    /// Who waits for another process does so no longer; what is being done is done to its end.
    private func giveUp(_ number: UInt64) {
        guard let position = keepers.firstIndex(where: { $0.number == number }) else { return }
        let keeper = keepers.remove(at: position)
        underWay.remove(keeper.order.identity.ref)
        keeper.answer.resume(throwing: CancellationError())
    }

    private func keepAll() async {
        while !keepers.isEmpty {
            await gather()
            do {
                try checkLocks()
                let lock = try await exclusive()
                defer { lock.release(isWantedSoon: !underWay.isEmpty) }
                keep(nextTogether())
            } catch {
                let waiting = keepers
                keepers = []
                for keeper in waiting {
                    underWay.remove(keeper.order.identity.ref)
                    keeper.answer.resume(throwing: StoreError.from(error))
                }
            }
        }
        isKeeping = false
    }

    /// Waits for those who come one right after the other, as many small models do; not for one that may take hours.
    private func gather() async {
        var before = 0
        while before < keepers.count, keepers.count < min(Self.mostTogether, underWay.count) {
            before = keepers.count
            try? await Task.sleep(for: Self.moment)
        }
    }

    /// The first who waits, and those after it that have nothing to do with one another.
    private func nextTogether() -> [Keeper] {
        var taken: [Keeper] = []
        var concerns: Set<String> = []
        var others: [Keeper] = []
        for keeper in keepers {
            let mine = keeper.order.concerns
            if taken.count < Self.mostTogether, concerns.isDisjoint(with: mine) {
                taken.append(keeper)
            } else {
                others.append(keeper)
            }
            concerns.formUnion(mine)
        }
        keepers = others
        return taken
    }

    /// Keeps them, and answers each. One that cannot be kept keeps nobody else from it.
    private func keep(_ together: [Keeper]) {
        var waiting = together
        defer { for keeper in together { underWay.remove(keeper.order.identity.ref) } }
        do {
            let orders = together.map(\.order)
            let (index, records) = try sound { index in
                try present(
                    index.records(
                        relatedTo: orders.map(\.identity.ref), keys: orders.flatMap(\.place.keys),
                        digests: orders.flatMap(\.stored)), of: index)
            }
            /// Those with whom it went well, and what came of them.
            func each<Value>(_ step: (Keeper) throws -> Value) -> [Value] {
                var done: [(Keeper, Value)] = []
                for keeper in waiting {
                    do {
                        done.append((keeper, try step(keeper)))
                    } catch {
                        keeper.answer.resume(throwing: withoutLocks(StoreError.from(error)))
                    }
                }
                waiting = done.map(\.0)
                return done.map(\.1)
            }
            var announced = each { try announcement($0.order, among: records) }
            guard !announced.isEmpty else { return }
            do {
                try RecordFolder.create(in: layout).write(
                    announced, .next, after: waiting.flatMap(\.order.awaitingDisk))
            } catch {
                for record in announced {
                    try? RecordFolder(in: layout)?.remove(record.ref, .next)
                    withdraw(record)
                }
                throw error
            }
            try afterStep(.announced)
            let byRef = Dictionary(announced.map { ($0.ref, $0) }, uniquingKeysWith: { first, _ in first })
            let moved = each { keeper -> (record: ModelRecord, folder: Folder) in
                guard let record = byRef[keeper.order.identity.ref] else {
                    throw StoreError.superseded(ref: keeper.order.identity.ref)
                }
                return (record, try move(record, keeper.order.files))
            }
            announced = moved.map(\.record)
            var synced: Set<FilePath> = []
            for folder in moved.map(\.folder) where synced.insert(folder.path).inserted { try folder.sync() }
            try afterStep(.moved)
            let kept = try commit(announced, index, records)
            for (keeper, record) in zip(waiting, kept) { keeper.answer.resume(returning: record.model(in: layout)) }
        } catch {
            for keeper in waiting { keeper.answer.resume(throwing: withoutLocks(StoreError.from(error))) }
        }
    }
}
