internal import Synchronization

/// Who is connected, and who has to go when there are too many: the one who has waited longest without asking for
/// anything. So a crowd of idle connections stops nobody, and a download on its way is never cut.
final class Guests: Sendable {
    private struct Guest {
        var address: String
        var isResting = true
        var close: @Sendable () -> Void
    }

    private struct State {
        var next = 0
        /// In the order they came: numbers only grow.
        var guests: [Int: Guest] = [:]
        var isClosed = false
    }

    private let most: Int
    private let mostPerAddress: Int
    private let state = Mutex(State())

    init(most: Int, mostPerAddress: Int) {
        self.most = most
        self.mostPerAddress = mostPerAddress
    }

    var count: Int { state.withLock { $0.guests.count } }

    /// Lets somebody in.
    ///
    /// - Parameter close: Ends that connection; called when another needs the place.
    /// - Returns: The number for the other calls; nil when there is no place.
    func admit(_ address: String, close: @escaping @Sendable () -> Void) -> Int? {
        let (number, leaves) = state.withLock { state -> (Int?, (@Sendable () -> Void)?) in
            if state.isClosed { return (nil, nil) }
            let same = state.guests.filter { $0.value.address == address }
            var leaves: (@Sendable () -> Void)?
            if same.count >= mostPerAddress || state.guests.count >= most {
                // Whoever holds the most places makes room.
                let crowd = Dictionary(grouping: state.guests) { $0.value.address }.values
                let candidates =
                    same.count >= mostPerAddress
                    ? Array(same)
                    : crowd.sorted { $0.count > $1.count }.first { $0.contains(where: \.value.isResting) } ?? []
                guard let oldest = candidates.filter(\.value.isResting).map(\.key).min() else { return (nil, nil) }
                leaves = state.guests.removeValue(forKey: oldest)?.close
            }
            defer { state.next += 1 }
            state.guests[state.next] = Guest(address: address, close: close)
            return (state.next, leaves)
        }
        leaves?()
        return number
    }

    /// A request has come, or its answer is complete.
    func note(_ number: Int, isResting: Bool) {
        state.withLock { $0.guests[number]?.isResting = isResting }
    }

    /// Sends everybody away, and lets nobody in any more.
    func closeAll() {
        let all = state.withLock { state in
            state.isClosed = true
            return state.guests.values.map(\.close)
        }
        for close in all { close() }
    }

    func leave(_ number: Int) {
        state.withLock { _ = $0.guests.removeValue(forKey: number) }
    }
}
