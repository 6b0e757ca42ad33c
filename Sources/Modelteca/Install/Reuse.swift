internal import Disk
internal import Foundation
internal import GGUF
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub
internal import ModelStore
internal import SystemPackage

/// A file on this disk that may have tensors of one that is wanted: its forerunner, a sibling, what an earlier download
/// left, or what another program has.
struct Lookalike {
    let path: FilePath
    /// The bytes that are there, of a file that is half here; nil for all.
    var there: ByteRangeSet?

    /// Its header, if it can be read and is there.
    var header: GGUFFile? {
        guard let header = try? GGUFFile(path: path.string), there?.prefix ?? .max >= header.dataStart else {
            return nil
        }
        return header
    }
}

extension Shelf {
    /// Of what is smaller a header, and the question what it shares with others, would be too large a part. In bytes.
    static let worthComparing: Int64 = 4 << 20
    /// The most files that one is compared with.
    private static let mostLookalikes = 6

    /// What of these files may be on this disk already, in other versions of them: the header of each is read at its origin
    /// and held against theirs. What cannot be read costs no more than that chance.
    ///
    /// - Throws: `StoreError`, `CancellationError`.
    func reusable(
        _ wanted: [RemoteFile], of ref: String, before: StoredModel?
    ) async throws -> [String: LocalPieces] {
        guard wanted.contains(where: { $0.size ?? 0 >= Self.worthComparing }) else { return [:] }
        let here = try await store.models()
        let left = try await store.partials(of: ref)
        var found: [String: LocalPieces] = [:]
        for file in wanted {
            found[file.name] = try await comparison(of: file, lookalikes(of: file, before, here, left))?.pieces
        }
        return found
    }

    /// What a wanted file has in common with others.
    struct Comparison {
        let header: RemoteHeader
        let others: [(file: Lookalike, header: GGUFFile)]
        let pieces: LocalPieces
    }

    /// Reads the header of a file at its origin; nil where that tells nothing, or cannot be had.
    ///
    /// - Throws: `CancellationError`.
    func comparison(of file: RemoteFile, _ lookalikes: [Lookalike]) async throws -> Comparison? {
        guard file.digest != nil, let size = file.size, size >= Self.worthComparing,
            file.name.lowercased().hasSuffix(".gguf"), !file.url.isFileURL
        else { return nil }
        let others = lookalikes.compactMap { other in other.header.map { (file: other, header: $0) } }
        guard !others.isEmpty else { return nil }
        do {
            // Its bytes become the file's.
            let header = try await hub.header(of: file, isFresh: true)
            return Comparison(header: header, others: others, pieces: Self.pieces(of: header, size, in: others))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return nil
        }
    }

    private static func pieces(
        of header: RemoteHeader, _ size: Int64, in others: [(file: Lookalike, header: GGUFFile)]
    ) -> LocalPieces {
        var taken: Set<String> = []
        var pieces: [LocalPiece] = []
        for (file, other) in others {
            for (tensor, range, offset) in header.file.tensorsAlike(in: other) where !taken.contains(tensor.name) {
                if let there = file.there, there.firstGap(from: offset, to: offset + tensor.byteCount) != nil {
                    continue
                }
                taken.insert(tensor.name)
                pieces.append(LocalPiece(path: file.path, offset: offset, range: range))
            }
        }
        return LocalPieces(pieces, of: size, head: header.bytes, fetched: header.fetched)
    }

    /// Files of this disk that may have tensors of a wanted one, the likeliest first.
    func lookalikes(
        of file: RemoteFile, _ before: StoredModel?, _ here: [StoredModel], _ left: [String: FilePath]
    ) -> [Lookalike] {
        var found: [Lookalike] = []
        func add(_ path: FilePath, _ there: ByteRangeSet? = nil) {
            guard found.count < Self.mostLookalikes, !found.contains(where: { $0.path == path }),
                FileStatus.size(ofFile: path) ?? 0 >= Self.worthComparing
            else { return }
            found.append(Lookalike(path: path, there: there))
        }
        if let forerunner = before?.files.first(where: { $0.name == file.name }) { add(forerunner.path) }
        if let partial = left[file.name], partial.lastComponent?.stem != file.digest?.hex {
            add(partial, DownloadPlan.there(at: partial))
        }
        let kind = FileName(file.name)?.kind
        for other in here.flatMap(\.files) where FileName(other.name)?.kind == kind {
            if other.name == file.name || other.origin?.isBeside(file.origin) == true { add(other.path) }
        }
        for (_, path) in settings.otherStores.versions(of: file) { add(path) }
        return found
    }
}

extension FileOrigin {
    /// Whether both are in one repository.
    fileprivate func isBeside(_ other: FileOrigin) -> Bool {
        guard let mine = hubFile?.reference.id, let theirs = other.hubFile?.reference.id else { return false }
        return mine.lowercased() == theirs.lowercased()
    }
}
