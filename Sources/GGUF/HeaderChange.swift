/// What differs between two versions of a file, as far as their headers tell.
package struct HeaderChange: Hashable, Sendable {
    /// Metadata that came, went, or has another value; in the order of the newer file, then what it no longer has.
    package let keys: [String]
    /// Tensors of the newer file that the older one has not, or has in another type or shape, in its order. Whether the
    /// others hold the same numbers only their bytes tell.
    package let tensors: [String]
    /// How many tensors the newer file has.
    package let tensorCount: Int
    /// What the newer file has besides the tensors that are alike: its header and the other tensors. In bytes.
    package let otherBytes: Int64

    /// - Throws: `GGUFError` where an array that the older file keeps on disk cannot be read.
    package init(from old: GGUFFile, to new: GGUFFile) throws(GGUFError) {
        var keys: [String] = []
        for key in new.metadata.keys where try !new.hasSameValue(for: key, as: old) { keys.append(key) }
        self.keys = keys + old.metadata.keys.filter { new.metadata[$0] == nil }
        let alike = Set(new.tensorsAlike(in: old).map(\.tensor.name))
        let others = new.tensors.filter { !alike.contains($0.name) }
        tensors = others.map(\.name)
        tensorCount = new.tensors.count
        otherBytes = others.reduce(new.dataStart) { sum, tensor in
            let (total, overflow) = sum.addingReportingOverflow(tensor.byteCount)
            return overflow ? .max : total
        }
    }
}

extension GGUFFile {
    /// The tensors that another file has under the same name, in the same type and shape; in this file's order.
    ///
    /// - Returns: Each with where its data is in this file, and where it begins in the other; in bytes from a file's start.
    ///   A header may claim places that no file has.
    package func tensorsAlike(
        in other: GGUFFile
    ) -> [(tensor: TensorInfo, range: Range<Int64>, offsetThere: Int64)] {
        guard isBigEndian == other.isBigEndian else { return [] }
        let theirs = Dictionary(other.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return tensors.compactMap { tensor in
            guard let there = theirs[tensor.name], there.type == tensor.type, there.dimensions == tensor.dimensions
            else { return nil }
            let start = dataStart + tensor.offset
            return (tensor, start..<start + tensor.byteCount, other.dataStart + there.offset)
        }
    }

    fileprivate func hasSameValue(for key: String, as other: GGUFFile) throws(GGUFError) -> Bool {
        guard let mine = metadata[key], let theirs = other.metadata[key] else { return false }
        guard case .array(let mine) = mine, case .array(let theirs) = theirs else { return mine == theirs }
        guard mine.elementKind == theirs.elementKind, mine.count == theirs.count,
            mine.byteCount == theirs.byteCount
        else { return false }
        guard isBigEndian == other.isBigEndian else { return false }
        // Where they stand in their files is no difference.
        var (here, there) = (try ByteReader(source, at: mine.offset), try ByteReader(other.source, at: theirs.offset))
        var left = Int(mine.byteCount)
        while left > 0 {
            let count = min(left, 64 << 10)
            guard try here.bytes(count, key) == there.bytes(count, key) else { return false }
            left -= count
        }
        return true
    }
}
