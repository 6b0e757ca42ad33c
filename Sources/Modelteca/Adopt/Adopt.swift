internal import Disk
internal import Foundation
package import ModelCatalog
internal import ModelDownload
package import ModelStore
package import SystemPackage

/// What became of a model that another program has.
package struct Adoption: Sendable {
    /// Who has it.
    package var program: OtherProgram
    /// Where the other program has its first file.
    package var source: FilePath
    /// What it is called here.
    package var ref: String
    /// All its files, in bytes.
    package var size: Int64
    /// What was done.
    package var outcome: Outcome

    /// How it ended.
    package enum Outcome: Sendable {
        /// It is in the store now.
        case adopted(StoredModel)
        /// The store had all of it before.
        case alreadyHere
        /// It would be taken in.
        case found
        /// A file is not what its program says it is.
        case corrupt(file: String, path: FilePath, expected: Digest, actual: Digest)
        /// Its files lie on another disk: taking it in would take as much space again.
        case needsCopy
        /// It cannot be had.
        case failed(any Error)
    }
}

/// How models of other programs are taken in.
package struct AdoptOptions: Sendable {
    /// Whose models.
    package var programs: [OtherProgram]
    /// Whether a copy is made where space cannot be shared.
    package var copies: Bool
    /// Whether nothing is to be done.
    package var isDry: Bool

    /// Everybody's, without copies.
    package init(programs: [OtherProgram] = OtherProgram.allCases, copies: Bool = false, isDry: Bool = false) {
        (self.programs, self.copies, self.isDry) = (programs, copies, isDry)
    }
}

extension Shelf {
    /// Takes in what other programs have on this disk: every file is hashed, and then shares its space with theirs, by
    /// copy-on-write or as a second name. Nothing is fetched, and nothing of theirs is written.
    ///
    /// - Parameter onModel: Each model as it is done.
    /// - Throws: `StoreError` where the store cannot be used; `CancellationError`. What concerns one model is its outcome.
    package func adopt(
        _ options: AdoptOptions = AdoptOptions(), onModel: @Sendable (Adoption) -> Void = { _ in }
    ) async throws -> [Adoption] {
        var adoptions: [Adoption] = []
        var inodes = try await options.isDry ? [] : storedInodes()
        for model in await settings.otherStores.models(of: options.programs, registries) {
            try Task.checkCancellation()
            var adoption = Adoption(
                program: model.program, source: model.paths.first ?? "", ref: model.variant.ref,
                size: model.paths.reduce(0) { $0 + (FileStatus.size(ofFile: $1) ?? 0) }, outcome: .found)
            if model.paths.contains(where: { FileStatus.size(ofFile: $0) == nil }) {
                adoption.outcome = .failed(
                    DownloadError.missing(file: model.variant.ref, url: model.variant.files[0].url, status: 0))
            } else if !options.isDry {
                adoption.outcome = try await adopt(model, options, known: inodes)
                if case .adopted(let stored) = adoption.outcome {
                    adoption.ref = stored.ref
                    inodes.formUnion(stored.files.compactMap { FileStatus(of: $0.path)?.identity })
                }
            }
            onModel(adoption)
            adoptions.append(adoption)
        }
        return adoptions
    }

    /// The files of the store that others may have a name for too.
    private func storedInodes() async throws -> Set<FileIdentity> {
        Set(try await store.models().flatMap(\.files).compactMap { FileStatus(of: $0.path)?.identity })
    }

    private func adopt(
        _ model: OtherModel, _ options: AdoptOptions, known: Set<FileIdentity>
    ) async throws -> Adoption.Outcome {
        if model.paths.allSatisfy({ FileStatus(of: $0).map { known.contains($0.identity) } ?? false }) {
            return .alreadyHere
        }
        do {
            try await store.prepare()
            let lock = try await store.lock("adopt " + model.variant.ref)
            defer { lock.release() }
            let intake = try store.intake()
            defer { intake.end() }
            return try await take(model, options, intake)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .failed(error)
        }
    }

    private func take(
        _ model: OtherModel, _ options: AdoptOptions, _ intake: Intake
    ) async throws -> Adoption.Outcome {
        var stored = try await store.files(with: model.variant.files.compactMap(\.digest))
        if isStored(model.variant, in: stored) { return .alreadyHere }
        var incoming: [IncomingFile] = []
        var variant = model.variant
        for (index, path) in model.paths.enumerated() {
            let file = variant.files[index]
            if let digest = file.digest, stored[digest] != nil {
                incoming.append(.stored(digest, name: file.name, origin: file.origin))
                continue
            }
            do {
                guard let proven = try await proven(path, as: file, copies: options.copies, intake) else {
                    return .needsCopy
                }
                variant.files[index].digest = proven.digest
                stored.merge(try await store.files(with: [proven.digest])) { $1 }
                if stored[proven.digest] != nil {
                    try? FileManager.default.removeItem(atPath: proven.path.string)
                    incoming.append(.stored(proven.digest, name: file.name, origin: file.origin))
                } else {
                    incoming.append(.verified(proven))
                }
            } catch DownloadError.digestMismatch(_, let expected, let actual) {
                return .corrupt(file: file.name, path: path, expected: expected, actual: actual)
            }
        }
        if let known = catalogued(variant) {
            // The catalog knows this content: then it has its name, and its origin.
            return .adopted(
                try await store.keep(zip(incoming, known.files).map { $0.from($1.origin) }, as: known.identity))
        }
        if isStored(variant, in: stored) { return .alreadyHere }
        return .adopted(try await store.keep(incoming, as: variant.identity))
    }

    /// Whether the store has all of it, under whatever name.
    private func isStored(_ variant: Variant, in stored: [Digest: StoredFile]) -> Bool {
        variant.files.allSatisfy { $0.digest.map { stored[$0] != nil } ?? false }
    }

    /// A file of another program under `.slm/partial`, sharing its space, and hashed there.
    ///
    /// - Returns: Nil when it cannot share and no copy is wanted.
    /// - Throws: `DownloadError.digestMismatch` when it is not what it should be.
    func proven(
        _ path: FilePath, as file: RemoteFile, copies: Bool, _ intake: Intake
    ) async throws -> VerifiedFile? {
        guard let size = FileStatus.size(ofFile: path), let folder = try Folder.root(store.layout.partials) else {
            return nil
        }
        let name = intake.name()
        do {
            if copies {
                try folder.duplicate(path, size: size, as: name)
            } else if try !folder.share(path, as: name) {
                return nil
            }
            return try await VerifiedFile.proving(
                folder.path.appending(name), as: file, refusing: catalog.knownBad)
        } catch {
            _ = try? folder.remove(name)
            throw error
        }
    }
}

/// What is the same file under any name.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
}

extension FileStatus {
    var identity: FileIdentity { FileIdentity(device: device, inode: inode) }
}

extension IncomingFile {
    /// The same content, from somewhere else.
    fileprivate func from(_ origin: FileOrigin) -> IncomingFile {
        switch self {
        case .verified(let file): .verified(file.from(origin))
        case .stored(let digest, let name, _): .stored(digest, name: name, origin: origin)
        }
    }
}
