internal import Synchronization

/// A limit on the bytes a second of several requests together: all that hold the same one share it.
package final class SharedRate: Sendable {
    /// How much may come at once after a pause, as a part of a second.
    private static let burst = 0.1

    /// In bytes a second, all requests together; at least 1.
    package let bytesPerSecond: Int64
    private let account: Mutex<(balance: Double, time: ContinuousClock.Instant)>

    /// A limit of its own.
    package init(bytesPerSecond: Int64) {
        self.bytesPerSecond = max(1, bytesPerSecond)
        account = Mutex((0, .now))
    }

    /// Whether bytes may come now. What comes then is charged afterwards, so that the balance may go below nothing.
    var isOpen: Bool { wait <= 0 }

    /// Until bytes may come again, in seconds.
    var wait: Double {
        account.withLock { account in
            let now = ContinuousClock.now
            let passed = (now - account.time) / .seconds(1)
            account.time = now
            let speed = Double(bytesPerSecond)
            account.balance = min(account.balance + passed * speed, max(1, speed * Self.burst))
            return account.balance > 0 ? 0 : (1 - account.balance) / speed
        }
    }

    func charge(_ bytes: Int) { account.withLock { $0.balance -= Double(bytes) } }
}
