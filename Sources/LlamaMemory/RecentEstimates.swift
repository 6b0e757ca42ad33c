internal import GGUF
internal import Synchronization

/// What was estimated last: all files of a model, each page about it and each try at a context ask for the same numbers,
/// and only the weights differ.
enum RecentEstimates {
    private struct Question: Hashable {
        let shape: ModelShape
        let workload: Workload
    }

    /// Some hundred bytes each; beyond that all are forgotten.
    private static let most = 1024
    private static let known = Mutex<[Question: MemoryEstimate]>([:])

    /// What was estimated for this shape and workload, or else is now.
    ///
    /// - Throws: What `estimate` throws, which is not kept.
    static func estimate(
        _ shape: ModelShape, _ workload: Workload,
        _ estimate: () throws(MemoryEstimateError) -> MemoryEstimate
    ) throws(MemoryEstimateError) -> MemoryEstimate {
        let question = Question(shape: shape, workload: workload)
        if let said = known.withLock({ $0[question] }) { return said }
        let new = try estimate()
        known.withLock {
            if $0.count >= most { $0.removeAll() }
            $0[question] = new
        }
        return new
    }
}
