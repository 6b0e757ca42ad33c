/// Hands out places in one growing block of memory, as ggml does for the intermediate results of a graph.
///
/// The smallest free stretch that is large enough is taken; only when there is none the block grows. That decides
/// how large it gets in the end.
/// Source: ggml, `ggml-alloc.c` (`ggml_dyn_tallocr_alloc`, `ggml_dyn_tallocr_free_bytes`).
struct GraphArena {
    /// Places are multiples of this, in bytes: 32 in memory (ggml, `TENSOR_ALIGNMENT`), 128 on cards.
    let alignment: Int

    private struct Stretch {
        var offset: Int
        var size: Int
    }

    /// By offset; the last one has no end.
    private var free = [Stretch(offset: 0, size: Int.max / 2)]
    /// How large the block has become, in bytes.
    private(set) var peak = 0

    init(alignment: Int) { self.alignment = alignment }

    private func padded(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

    /// Takes a place; returns where it begins.
    mutating func take(_ bytes: Int) -> Int {
        let size = padded(bytes)
        var best = free.count - 1
        var bestSize = Int.max
        for index in free.indices.dropLast() where free[index].size >= size && free[index].size <= bestSize {
            best = index
            bestSize = free[index].size
        }
        let offset = free[best].offset
        free[best].offset += size
        free[best].size -= size
        if free[best].size == 0 { free.remove(at: best) }
        peak = max(peak, offset + size)
        return offset
    }

    /// Gives a place back.
    mutating func release(_ offset: Int, _ bytes: Int) {
        let size = padded(bytes)
        let next = free.firstIndex { $0.offset > offset } ?? free.count
        let joinsNext = next < free.count && offset + size == free[next].offset
        let joinsPrevious = next > 0 && free[next - 1].offset + free[next - 1].size == offset
        switch (joinsPrevious, joinsNext) {
        case (true, true):
            free[next - 1].size += size + free[next].size
            free.remove(at: next)
        case (true, false): free[next - 1].size += size
        case (false, true):
            free[next].offset = offset
            free[next].size += size
        case (false, false): free.insert(Stretch(offset: offset, size: size), at: next)
        }
    }
}
