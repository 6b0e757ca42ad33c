internal import Disk
internal import Foundation
package import ModelCatalog
package import SystemPackage

extension DownloadPlan {
    /// Copies the sound bytes of a damaged file to where a download of it collects its bytes: a plan made afterwards
    /// fetches the rest only, and the whole is proven as after any download.
    ///
    /// Does nothing without a digest to prove the result by, or where an earlier run has left more bytes than are sound.
    /// - Parameters:
    ///   - file: What the file should be; size and digest known.
    ///   - stored: The damaged file.
    ///   - damaged: Where it is wrong, in bytes from its start.
    ///   - folder: As for the plan.
    ///   - free: Bytes free on the disk of `folder`; nil when unknown.
    /// - Returns: What was made; nil where nothing was.
    /// - Throws: `DownloadError.noSpace`, `.cannotWrite`, `.disk`.
    @discardableResult
    package static func salvage(
        _ file: RemoteFile, from stored: FilePath, damaged: [Range<Int64>], in folder: FilePath, free: Int64?
    ) async throws -> Salvage? {
        guard let size = file.size, size > 0, file.digest != nil else { return nil }
        let plan = try DownloadPlan([file], in: folder, free: free).files[0]
        let sound = soundRanges(of: size, without: ByteRangeSet(damaged))
        let mostSound = sound.reduce(0) { $0 + Int64($1.count) }
        guard mostSound > plan.kept else { return nil }
        try await Blocking.run {
            do {
                let copied = try copy(sound, of: stored, to: plan.partial)
                try Journal(size: size, written: Journal.pairs(copied), boot: Boot.identifier)
                    .write(at: Journal.Place(of: plan.partial), durably: false)
            } catch let error as Errno where error.isDiskFull {
                try? FileManager.default.removeItem(atPath: plan.partial.string)
                throw DownloadError.noSpace(path: folder.string, needed: size, free: DiskSpace.free(at: folder) ?? 0)
            } catch let error as Errno {
                throw DownloadError.disk(path: stored.string, errno: error.rawValue)
            }
        }
        return Salvage(partial: plan.partial, size: mostSound)
    }

    /// The sound bytes of a damaged file, where a download of it collects its bytes.
    package struct Salvage: Sendable {
        let partial: FilePath
        /// In bytes.
        let size: Int64

        /// Removes it if nothing has come since: all of it is in the damaged file still.
        package func discardIfAlone() {
            guard DownloadPlan.kept(at: partial) <= size else { return }
            try? FileManager.default.removeItem(atPath: partial.string)
            Journal.Place(of: partial).remove()
        }
    }

    private static func soundRanges(of size: Int64, without damaged: ByteRangeSet) -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        var position: Int64 = 0
        while let gap = damaged.firstGap(from: position, to: size) {
            ranges.append(gap)
            position = gap.upperBound
        }
        return ranges
    }

    /// - Returns: What could be read; a file may be shorter than it should be.
    private static func copy(
        _ ranges: [Range<Int64>], of source: FilePath, to target: FilePath
    ) throws -> ByteRangeSet {
        // A journal of the bytes that were there before must not vouch for these.
        Journal.Place(of: target).remove()
        let input = try FileDescriptor.open(source, .readOnly, options: [.noFollow, .closeOnExec])
        defer { try? input.close() }
        let output = try FileDescriptor.open(
            target, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        defer { try? output.close() }
        var copied = ByteRangeSet()
        for range in ranges {
            let count = try input.copy(range, to: output)
            if count > 0 { copied.insert(range.lowerBound..<range.lowerBound + count) }
            if count < range.count { break }
        }
        return copied
    }
}
