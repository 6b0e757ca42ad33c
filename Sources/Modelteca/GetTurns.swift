internal import ModelDownload
internal import Synchronization

/// Whose turn it is to be fetched: models in their order, some at a time. Many small ones go beside the others: what waits
/// together costs one wait.
final class GetTurns: Sendable {
    /// Small ones and others together are at most this many times the width.
    private static let mostBeside = 16

    private enum Size { case unknown, small, large }

    private struct State {
        /// Those that have not begun.
        var line: ArraySlice<Int>
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var underWay: [Int: Size] = [:]
        var isClosed = false
    }

    private let width: Int
    private let state: Mutex<State>

    init(of positions: [Int], width: Int) {
        self.width = width
        state = Mutex(State(line: positions[...]))
    }

    /// Waits until a model may begin. False when it may not any more; otherwise `end` has to follow.
    func take(_ position: Int) async -> Bool {
        await withCheckedContinuation { turn in change { $0.waiting[position] = turn } }
    }

    /// A model is done with.
    func end(_ position: Int) { change { $0.underWay[position] = nil } }

    /// Nobody else may begin.
    func close() { change { $0.isClosed = true } }

    /// Learns how large a model is.
    func note(_ event: GetEvent, of position: Int) {
        guard case .transfer(let event) = event, let size = event.total else { return }
        change { state in
            guard state.underWay[position] != nil else { return }
            if size > Downloader.mostOfSmall {
                state.underWay[position] = .large
            } else if state.underWay[position] == .unknown {
                // One large file makes it a large model, whatever the others are.
                state.underWay[position] = .small
            }
        }
    }

    /// Changes something, and lets those begin whose turn it is then.
    private func change(_ what: (inout State) -> Void) {
        let answers = state.withLock { state in
            what(&state)
            var answers: [(turn: CheckedContinuation<Bool, Never>, mayBegin: Bool)] = []
            while !state.isClosed, mayBegin(beside: state.underWay), let next = state.line.first,
                let turn = state.waiting.removeValue(forKey: next)
            {
                state.line.removeFirst()
                state.underWay[next] = .unknown
                answers.append((turn, true))
            }
            if state.isClosed {
                answers += state.waiting.values.map { ($0, false) }
                state.waiting = [:]
            }
            return answers
        }
        for answer in answers { answer.turn.resume(returning: answer.mayBegin) }
    }

    private func mayBegin(beside underWay: [Int: Size]) -> Bool {
        // One after the other means just that.
        guard width > 1 else { return underWay.isEmpty }
        return underWay.values.count { $0 != .small } < width && underWay.count < width * Self.mostBeside
    }
}
