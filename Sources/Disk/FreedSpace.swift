import CDisk
package import SystemPackage

/// What becomes free when files are removed one after the other: a file that keeps another name frees nothing, and
/// blocks that a file shares with another (Btrfs, XFS, APFS) are free when the last that has them goes.
///
/// Nothing is removed by this. Blocks that two of the files share are taken to be no third one's, unless that is known to
/// stay.
package struct FreedSpace {
    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private var paths: Set<FilePath> = []
    private var names: [Identity: Int] = [:]
    /// By disk: shared blocks of which one owner is gone, and those that are free by now. In bytes of the disk.
    private var leaving: [UInt64: RangeSet<UInt64>] = [:]
    private var free: [UInt64: RangeSet<UInt64>] = [:]
    /// Files that stay, and by disk what they share with others; read when it is asked for.
    private let staying: [FilePath]
    private var held: [UInt64: RangeSet<UInt64>]?

    /// Of all files so far.
    package private(set) var bytes: Int64 = 0

    /// - Parameter staying: Files that stay, and may have blocks of those that go.
    package init(beside staying: [FilePath] = []) { self.staying = staying }

    /// Takes one more name to be removed.
    ///
    /// - Returns: What is free by that, in bytes.
    @discardableResult
    package mutating func remove(_ path: FilePath) -> Int64 {
        guard paths.insert(path).inserted, let status = FileStatus(of: path), status.kind != .folder else { return 0 }
        let identity = Identity(device: status.device, inode: status.inode)
        names[identity, default: 0] += 1
        guard names[identity, default: 0] >= status.links else { return 0 }
        let freed = min(status.size, status.allocated) - (status.kind == .file ? kept(path, status) : 0)
        bytes += max(0, freed)
        return max(0, freed)
    }

    /// What removing a file frees as things are now, in bytes.
    package static func bytes(byRemoving path: FilePath) -> Int64 {
        var space = FreedSpace()
        return space.remove(path)
    }

    /// The file's bytes that others still have.
    private mutating func kept(_ path: FilePath, _ status: FileStatus) -> Int64 {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        else { return 0 }
        defer { try? file.close() }
        let own = modelteca_private_size(file.rawValue)
        if own >= 0 { return max(0, status.allocated - own) }
        var kept: Int64 = 0
        for range in file.sharedExtents() {
            let range = RangeSet(range)
            let seen = leaving[status.device, default: RangeSet()]
            var last = range.intersection(seen).subtracting(free[status.device, default: RangeSet()])
            if !last.isEmpty { last = last.subtracting(heldBlocks()[status.device, default: RangeSet()]) }
            free[status.device, default: RangeSet()].formUnion(last)
            leaving[status.device] = seen.union(range)
            kept += range.length - last.length
        }
        return kept
    }

    private mutating func heldBlocks() -> [UInt64: RangeSet<UInt64>] {
        if let held { return held }
        var found: [UInt64: RangeSet<UInt64>] = [:]
        for path in staying {
            guard let status = FileStatus(of: path), status.kind == .file,
                let file = try? FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
            else { continue }
            defer { try? file.close() }
            for range in file.sharedExtents() { found[status.device, default: RangeSet()].formUnion(RangeSet(range)) }
        }
        held = found
        return found
    }
}

/// What files take together, in bytes: one that is met twice, by whatever names, counts once.
package struct DiskUse {
    private var files: [(device: UInt64, inode: UInt64, size: Int64)] = []

    package init() {}

    /// Takes one more in; what is no plain file counts nothing.
    package mutating func add(_ status: FileStatus) {
        if status.kind == .file { files.append((status.device, status.inode, status.size)) }
    }

    package var bytes: Int64 {
        var sum: Int64 = 0
        var last: (device: UInt64, inode: UInt64)?
        for (device, inode, size) in files.sorted(by: { ($0.inode, $0.device) < ($1.inode, $1.device) }) {
            if let last, last == (device, inode) { continue }
            sum = sum.addingReportingOverflow(size).partialValue
            last = (device, inode)
        }
        return sum
    }
}

extension FileDescriptor {
    /// Where on the disk this file has blocks that others have too; none where nobody can say.
    fileprivate func sharedExtents() -> [Range<UInt64>] {
        let room = 1024
        var place: UInt64 = 0
        var found: [Range<UInt64>] = []
        let extents = UnsafeMutablePointer<modelteca_extent>.allocate(capacity: room)
        defer { extents.deallocate() }
        while place != .max {
            let count = modelteca_shared_extents(rawValue, &place, extents, Int32(room))
            guard count >= 0 else { break }
            for index in 0..<Int(count) {
                let (end, overflow) = extents[index].start.addingReportingOverflow(extents[index].length)
                if !overflow { found.append(extents[index].start..<end) }
            }
        }
        return found
    }
}

extension RangeSet<UInt64> {
    /// In bytes.
    fileprivate var length: Int64 { ranges.reduce(0) { $0 + Int64(clamping: $1.upperBound - $1.lowerBound) } }
}
