internal import Disk
internal import ModelCatalog
internal import ModelDownload
internal import ModelStore
internal import SystemPackage

/// One reading of the files of some models, each file once however many of them have it.
struct StoreReading {
    /// What to read.
    private(set) var orders: [FileReading.Order] = []
    /// Of all of it, in bytes.
    private(set) var size: Int64 = 0

    private let models: [StoredModel]
    private let blocks: [Digest: BlockHashes]
    /// Who waits for a file, by the position among the models.
    private var waiting: [FilePath: [Int]] = [:]
    private var missing: [Int]
    private var outcomes: [FilePath: Result<FileReading, any Error>] = [:]

    /// - Parameter blocks: The block hashes that are known.
    init(_ models: [StoredModel], _ blocks: [Digest: BlockHashes], isFast: Bool) {
        self.models = models
        self.blocks = blocks
        missing = models.map { _ in 0 }
        var checks: [FilePath: FileReading.Check] = [:]
        for (position, model) in models.enumerated() {
            for file in model.files {
                // What has the name may be a folder, a pipe or a link: none of them is the file. What this user is kept
                // from is asked for all the same, and the system says so.
                let status = FileStatus(of: file.path)
                guard status.map({ $0.kind == .file }) ?? (model.state == .unreadable) else { continue }
                let known = file.digest.flatMap { blocks[$0] }
                let proof = FileReading.Check.digest(expected: file.digest, withBlocks: known == nil)
                let isEnough = isFast && known != nil && model.state == .ready && model.verifiedAt != nil
                if waiting[file.path] == nil { size += status?.size ?? 0 }
                // Several models may have the file: it is proven if one of them needs that.
                if checks[file.path] == nil || !isEnough { checks[file.path] = isEnough ? .blocks : proof }
                waiting[file.path, default: []].append(position)
                missing[position] += 1
            }
        }
        orders = checks.map { FileReading.Order($0.key, $0.value) }
    }

    /// The models of which nothing is to be read.
    func complete() -> [ModelCheck] { models.indices.filter { missing[$0] == 0 }.map(check) }

    /// Takes what came out of a file, and gives the models that are complete by it.
    mutating func take(_ path: FilePath, _ outcome: Result<FileReading, any Error>) -> [ModelCheck] {
        outcomes[path] = outcome
        var done: [ModelCheck] = []
        for position in waiting[path] ?? [] {
            missing[position] -= 1
            if missing[position] == 0 { done.append(check(position)) }
        }
        return done
    }

    private func check(_ position: Int) -> ModelCheck {
        let model = models[position]
        var check = ModelCheck(model: model, result: VerificationResult(state: .ready))
        for file in model.files {
            switch outcomes[file.path] {
            case nil: check.result.state = .missing
            case .failure(let error): check.failure = error
            case .success(let reading):
                check.result.seen[file.path] = reading.status
                check.seconds += reading.seconds
                take(reading, of: file, into: &check.result)
            }
        }
        if check.result.state == .ready, !check.result.damagedRanges.isEmpty { check.result.state = .damaged }
        if check.result.state == .ready, check.failure != nil { check.result.state = .unreadable }
        return check
    }

    private func take(_ reading: FileReading, of file: StoredFile, into result: inout VerificationResult) {
        let known = file.digest.flatMap { blocks[$0] }
        guard let digest = reading.digest else {
            result.isProof = false
            if let known, let now = reading.blocks, known != now {
                result.damagedRanges += damage(of: file, known, now)
            }
            return
        }
        if let expected = file.digest, expected != digest {
            result.damagedRanges += damage(of: file, known, reading.blocks)
        } else if let blocks = reading.blocks {
            // Never read before: what it is now is what it shall be from here on. Or its block hashes were lost.
            result.learned.append(
                LearnedContent(file: file.name, digest: digest, proof: file.proof, blocks: blocks))
        }
    }

    /// Where a file is not what it was; all of it when its block hashes do not say.
    private func damage(of file: StoredFile, _ before: BlockHashes?, _ now: BlockHashes?) -> [DamagedRange] {
        var ranges: [Range<Int64>] = []
        if let before, let now { ranges = before.damage(comparedWith: now, size: file.size) }
        return (ranges.isEmpty ? [0..<file.size] : ranges).map {
            DamagedRange(file: file.name, offset: $0.lowerBound, length: Int64($0.count))
        }
    }
}

/// What the bytes of a model were found to be.
struct ModelCheck: Sendable {
    var model: StoredModel
    var result: VerificationResult
    /// Why a file could not be read.
    var failure: (any Error)?
    /// In seconds.
    var seconds = 0.0
    /// Whether the model is another one by now, or a file was replaced.
    var isSuperseded = false

    /// Whether a file was replaced since it was read.
    var isStale: Bool {
        result.seen.contains { path, status in FileStatus(of: path)?.isUnchanged(since: status) != true }
    }
}
