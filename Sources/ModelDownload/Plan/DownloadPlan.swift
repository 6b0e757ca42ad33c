internal import Crypto
internal import Disk
internal import Foundation
package import ModelCatalog
package import SystemPackage

/// What will be fetched, and from where it goes on: made before a byte moves.
package struct DownloadPlan: Sendable {
    /// In the order of the variant's files.
    package let files: [FilePlan]
    let refused: Set<ModelCatalog.Digest>

    /// One file of a plan.
    package struct FilePlan: Sendable {
        /// What to fetch.
        package let file: RemoteFile
        /// Where its bytes collect.
        package let partial: FilePath
        /// The bytes that an earlier run left there and that can be trusted, in bytes.
        package var kept: Int64 { finished.count }
        let finished: ByteRangeSet
        /// Those of them that are known to be on disk.
        let durable: ByteRangeSet
        let journal: Journal?
        /// What may be taken from other files on this disk; nil where there is none, or nothing to prove the whole by.
        let local: LocalPieces?
    }

    /// Plans `files` with the partial files in `folder`, which is made when it is missing.
    ///
    /// - Parameters:
    ///   - refused: Digests that can never verify anything: they belong to error pages.
    ///   - free: Bytes free on the disk of `folder`; nil when unknown.
    ///   - local: What of them may be on this disk already, by their names.
    /// - Throws: `DownloadError.noSpace`, `.knownBadDigest`, `.cannotWrite`.
    package init(
        _ files: [RemoteFile], in folder: FilePath, free: Int64?, refusing refused: Set<ModelCatalog.Digest> = [],
        reusing local: [String: LocalPieces] = [:]
    ) throws(DownloadError) {
        for file in files {
            if let digest = file.digest, refused.contains(digest) {
                throw .knownBadDigest(file: file.name, digest: digest)
            }
        }
        do {
            _ = try Folder.creatingRoot(folder)
        } catch {
            throw .cannotWrite(path: error.path.string, errno: error.errno.rawValue)
        }
        self.refused = refused
        var taken: [String: Int] = [:]
        var plans: [FilePlan] = []
        for file in files {
            let key = Self.key(of: file)
            let number = taken[key, default: 0]
            taken[key] = number + 1
            // Two files of a plan may have the same content: each has its own partial file.
            let partial = folder.appending(number == 0 ? "\(key).part" : "\(key)-\(number).part")
            plans.append(Self.plan(file, at: partial, local[file.name]))
        }
        self.files = plans
        try checkSpace(free: free, folder: folder)
    }

    /// Bytes that still have to come; nil when a size is unknown.
    package var missing: Int64? {
        files.reduce(0) { sum, plan in
            guard let sum, let size = plan.file.size else { return nil }
            return sum.saturatingAdd(max(0, size - plan.kept))
        }
    }

    /// How many bytes an earlier run has left in a partial file that can be trusted.
    package static func kept(at partial: FilePath) -> Int64 { there(at: partial).count }

    /// Which bytes these are.
    package static func there(at partial: FilePath) -> ByteRangeSet {
        let length = FileStatus.size(ofFile: partial) ?? 0
        return Journal.read(at: Journal.Place(of: partial))?.trusted(length: length, boot: Boot.identifier)
            ?? ByteRangeSet()
    }

    /// What an unfinished download remembers lies beside its partial file under this name.
    package static func journalName(of partial: String) -> String { partial + ".journal" }

    /// The name of the partial file beside which something of this name lies; the name itself where it is the file.
    package static func partial(ofCompanion name: String) -> String {
        let name = name.hasSuffix(".journal.tmp") ? String(name.dropLast(4)) : name
        return name.hasSuffix(".journal") ? String(name.dropLast(8)) : name
    }

    /// Removes what only an unfinished download needs. For when the store has taken the files.
    package func discardJournals() {
        for plan in files { Journal.Place(of: plan.partial).remove() }
    }

    private func checkSpace(free: Int64?, folder: FilePath) throws(DownloadError) {
        guard let free else { return }
        var needed: Int64 = 0
        for plan in files {
            // What the partial file occupies already is not needed again.
            needed = needed.saturatingAdd(
                max(0, (plan.file.size ?? 0) - (FileStatus(of: plan.partial)?.allocated ?? 0)))
        }
        guard needed <= free else { throw .noSpace(path: folder.string, needed: needed, free: free) }
    }

    private static func plan(_ file: RemoteFile, at partial: FilePath, _ local: LocalPieces?) -> FilePlan {
        var file = file
        // Sizes come from listings of others.
        if let size = file.size, size < 0 { file.size = nil }
        clear(partial)
        var journal = Journal.read(at: Journal.Place(of: partial))
        let length = FileStatus.size(ofFile: partial) ?? 0
        if let size = file.size, let known = journal?.size, known != size { journal = nil }
        var finished = journal?.trusted(length: length, boot: Boot.identifier) ?? ByteRangeSet()
        if file.digest == nil, let size = journal?.size, finished.prefix >= size {
            // Nothing here can tell whether this is still the content. Leaving the last byte out means asking the
            // origin, and its validator tells.
            finished = finished.clamped(to: max(0, size - 1))
        }
        let durable =
            journal?.durable(length: length).clamped(to: finished.ranges.last?.upperBound ?? 0) ?? ByteRangeSet()
        let isProvable = file.digest != nil && file.size != nil
        return FilePlan(
            file: file, partial: partial, finished: finished, durable: durable, journal: journal,
            local: isProvable ? local : nil)
    }

    /// Removes what has the partial file's name and is not a file of this user alone: bytes that somebody else can still
    /// write to prove nothing, and a link is never followed.
    private static func clear(_ partial: FilePath) {
        guard let status = FileStatus(of: partial), !(status.kind == .file && status.isOwn && status.links == 1),
            let name = partial.lastComponent?.string, let folder = try? Folder.root(partial.removingLastComponent())
        else { return }
        _ = try? folder.remove(name)
        _ = try? folder.remove(journalName(of: name))
    }

    /// A partial file is named by the digest it should have: a changed remote file is another file. Without a digest
    /// by its address, whose signature may be a newer one; the validator inside its journal then tells whether the content is still the same.
    package static func key(of file: RemoteFile) -> String {
        if let digest = file.digest { return digest.hex }
        let hash = SHA256.hash(data: Data(file.url.withoutSecrets.absoluteString.utf8))
        return "address-" + (ModelCatalog.Digest(bytes: hash)?.hex ?? "unknown")
    }
}

extension Int64 {
    /// The sum, or the largest number there is: sizes come from outside.
    func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
