import Synchronization
import Testing

@testable import ModelDownload

private final class Members: Sendable {
    private let members = Mutex<[Int]>([])

    var all: [Int] { members.withLock { $0 } }

    func add(_ member: Int) { members.withLock { $0.append(member) } }
}

@Suite struct ConnectionTests {
    @Test func `ranges merge, and gaps are what is left`() {
        var set = ByteRangeSet([0..<10, 20..<30])
        #expect(set.prefix == 10 && set.count == 20)
        #expect(set.gaps(in: 5..<40) == [10..<20, 30..<40])
        set.insert(10..<20)
        #expect(set.ranges == [0..<30])
        #expect(set.gaps(in: 0..<30).isEmpty)
        #expect(set.firstGap(to: 40) == 30..<40)
        #expect(set.clamped(to: 12).ranges == [0..<12])
    }

    @Test(arguments: [
        (8, [8], [8]), (8, [8, 8], [4, 4]), (8, [8, 8, 8], [2, 3, 3]), (8, [1, 8], [1, 7]), (8, [1, 1, 8], [1, 1, 6]),
        (2, [4, 4, 4], [1, 1, 1]), (8, [3, 8, 1], [3, 4, 1]),
    ])
    func `connections are shared by what each file can use`(total: Int, wishes: [Int], shares: [Int]) {
        let budget = ConnectionBudget(total)
        for (index, wish) in wishes.enumerated() { _ = budget.share(of: index, wish: wish) }
        let given = wishes.enumerated().map { budget.share(of: $0.offset, wish: $0.element) }
        #expect(given.sorted() == shares.sorted())
        #expect(given.reduce(0, +) <= max(total, wishes.count))
        for index in wishes.indices.dropFirst() { budget.leave(index) }
        #expect(budget.share(of: 0, wish: wishes[0]) == min(total, wishes[0]))
    }

    @Test func `no more files have a connection at once than there are, and the next in line gets one that is free`()
        async throws
    {
        let budget = ConnectionBudget(2)
        let entered = Members()
        func enter(_ member: Int) -> Task<Void, any Error> {
            Task {
                try await budget.enter(member)
                entered.add(member)
            }
        }
        try await budget.enter(1)
        try await budget.enter(2)
        let (third, fourth) = (enter(3), enter(4))
        // Who gives up leaves the line, whenever that is.
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        budget.leave(3)
        #expect(entered.all.isEmpty)
        budget.leave(1)
        try await fourth.value
        #expect(entered.all == [4])
        // More than once frees no more than one.
        budget.leave(1)
        let fifth = enter(5)
        budget.leave(4)
        try await fifth.value
        let sixth = enter(6)
        sixth.cancel()
        await #expect(throws: CancellationError.self) { try await sixth.value }
        #expect(entered.all == [4, 5])
    }

    /// How many connections are used in the end, and how long it took to find out, against a server that gives each
    /// connection so much and all together no more than a line carries.
    private func settle(most: Int, each: Double, line: Double) -> (connections: Int, seconds: Double, brought: Double) {
        var tuner = ConnectionTuner(most: most, isFixed: false)
        var (time, bytes, changed, last) = (0.0, 0.0, 0.0, tuner.desired)
        while time < 4 {
            tuner.note(time: time, bytes: Int64(bytes))
            if tuner.desired != last { (last, changed) = (tuner.desired, time) }
            bytes += min(line, Double(tuner.desired) * each) * 0.1
            time += 0.1
        }
        return (tuner.desired, changed, bytes / min(line, Double(most) * each) / 4)
    }

    @Test(arguments: [4, 8, 16])
    func `a server that limits each connection is soon asked over all of them`(most: Int) {
        let settled = settle(most: most, each: 20e6, line: 10e9)
        #expect(settled.connections == most)
        #expect(settled.seconds < 1)
        #expect(settled.brought > 0.9)
    }

    @Test func `a line that is full is not divided further`() {
        let settled = settle(most: 16, each: 100e6, line: 100e6)
        #expect(settled.connections <= 8)
        #expect(settled.brought > 0.99)
    }

    @Test func `a server that objects is asked over half as many connections`() {
        var tuner = ConnectionTuner(most: 8, isFixed: true)
        tuner.throttled(time: 0)
        #expect(tuner.desired == 4)
        for _ in 0..<5 { tuner.throttled(time: 0) }
        #expect(tuner.desired == 1)
    }
}
