import Synchronization
import Testing

@testable import ModelShare

@Suite struct GuestsTests {
    /// Connections that note when they are closed.
    private final class Room: Sendable {
        let closed = Mutex<[String]>([])
        let guests: Guests

        init(most: Int, mostPerAddress: Int) { guests = Guests(most: most, mostPerAddress: mostPerAddress) }

        func enter(_ address: String, _ name: String) -> Int? {
            guests.admit(address) { self.closed.withLock { $0.append(name) } }
        }
    }

    @Test func `the one who has waited longest makes room for a newcomer of the same address`() {
        let room = Room(most: 10, mostPerAddress: 2)
        let first = room.enter("a", "1")
        _ = room.enter("a", "2")
        #expect(room.enter("a", "3") != nil)
        #expect(room.closed.withLock { $0 } == ["1"])
        #expect(room.guests.count == 2)
        #expect(first != nil)
    }

    @Test func `who is being served stays`() {
        let room = Room(most: 10, mostPerAddress: 2)
        for name in ["1", "2"] {
            guard let number = room.enter("a", name) else { continue }
            room.guests.note(number, isResting: false)
        }
        #expect(room.enter("a", "3") == nil)
        #expect(room.closed.withLock { $0.isEmpty })
        #expect(room.enter("b", "4") != nil)
    }

    @Test func `a full house makes room at the expense of the address with the most connections`() {
        let room = Room(most: 4, mostPerAddress: 3)
        _ = room.enter("b", "b1")
        for name in ["a1", "a2", "a3"] { _ = room.enter("a", name) }
        #expect(room.enter("c", "c1") != nil)
        #expect(room.closed.withLock { $0 } == ["a1"])
    }
}
