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

    /// Gives a place back. It joins the first free stretch that it touches; places of nothing are given back too, and
    /// may leave a stretch of nothing behind.
    mutating func release(_ offset: Int, _ bytes: Int) {
        let size = padded(bytes)
        for index in free.indices {
            if free[index].offset + free[index].size == offset {
                free[index].size += size
                joinNext(index)
                return
            }
            if offset + size == free[index].offset {
                free[index].offset = offset
                free[index].size += size
                if index > 0 { joinNext(index - 1) }
                return
            }
        }
        free.insert(Stretch(offset: offset, size: size), at: free.firstIndex { $0.offset >= offset } ?? free.count)
    }

    private mutating func joinNext(_ index: Int) {
        let next = index + 1
        guard next < free.count, free[index].offset + free[index].size == free[next].offset else { return }
        free[index].size += free[next].size
        free.remove(at: next)
    }
}
