import CDisk
package import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Bytes that go from one file to another, as cheaply as the file system has it.
extension FileDescriptor {
    /// What file systems share is whole blocks; of those that can share, none has smaller ones by default, and where they
    /// are larger the kernel says so. In bytes.
    private static let block: Int64 = 4096
    /// The most that is copied in one call, in bytes: whoever waits for it, or wants it to stop, waits no longer.
    private static let piece: Int64 = 1 << 20

    /// Shares all of this file's blocks with an empty one. False where the file system cannot.
    func shareAll(with target: FileDescriptor) -> Bool { modelteca_share_file(rawValue, target.rawValue) == 0 }

    /// Puts the first of these bytes into another file without passing them through this process: shared where the file
    /// system can and the two places allow it, else copied.
    ///
    /// - Parameter offset: Where in the other file; at the same place if it is not said.
    /// - Returns: How many came over, which may be fewer, 0 at this file's end; nil where the kernel cannot do it between
    ///   these two.
    package func copyInKernel(
        _ range: Range<Int64>, to target: FileDescriptor, at offset: Int64? = nil
    ) throws(Errno) -> Int? {
        let offset = offset ?? range.lowerBound
        if let shared = share(range, with: target, at: offset) { return shared }
        var count = min(Int64(range.count), Self.piece)
        // What is left after a copy up to the next block may be shared.
        let toBlock = (Self.block - offset % Self.block) % Self.block
        if toBlock > 0, (offset - range.lowerBound) % Self.block == 0 { count = min(count, toBlock) }
        let copied = modelteca_copy_range(rawValue, range.lowerBound, target.rawValue, offset, count)
        if copied >= 0 { return Int(copied) }
        let error = Errno(rawValue: Int32(truncatingIfNeeded: -copied))
        let impossible: [Errno] = [.notSupported, .noFunction, .improperLink, .invalidArgument]
        // On Linux the two codes for "not supported" are one.
        if impossible.contains(error) || error.rawValue == EOPNOTSUPP { return nil }
        throw error
    }

    /// Shares as many whole blocks as there are from the range's start on; nil where there are none, or none can be shared.
    private func share(_ range: Range<Int64>, with target: FileDescriptor, at offset: Int64) -> Int? {
        let count = Int64(range.count) / Self.block * Self.block
        guard count > 0, range.lowerBound % Self.block == 0, offset % Self.block == 0,
            modelteca_share_range(rawValue, range.lowerBound, target.rawValue, offset, count) == 0
        else { return nil }
        return Int(count)
    }

    /// Copies bytes to the same place in another file, inside the kernel where it can.
    ///
    /// - Returns: How many came over: fewer than asked for when this file ends before.
    package func copy(_ range: Range<Int64>, to target: FileDescriptor) throws -> Int64 {
        var buffer: UnsafeMutableRawBufferPointer?
        defer { buffer?.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            if buffer == nil, let count = try copyInKernel(position..<range.upperBound, to: target) {
                // Some special file systems have an answer of 0 bytes to this call alone: only reading tells.
                if count > 0 {
                    position += Int64(count)
                    continue
                }
            }
            let space = buffer ?? .allocate(byteCount: Int(Self.piece), alignment: 64)
            buffer = space
            let rest = min(Int(Self.piece), Int(range.upperBound - position))
            let count = try read(
                fromAbsoluteOffset: position, into: UnsafeMutableRawBufferPointer(rebasing: space[..<rest]))
            if count == 0 { break }
            try target.writeAll(
                toAbsoluteOffset: position, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(space)[..<count]))
            position += Int64(count)
        }
        return position - range.lowerBound
    }
}
