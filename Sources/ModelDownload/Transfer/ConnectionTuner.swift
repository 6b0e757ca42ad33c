/// How many connections one file uses: more while each new one brings more bytes, fewer when the server objects.
struct ConnectionTuner {
    /// Connections that are tried at first, before anything is known of the server.
    private static let first = 8
    /// How long a change is given to show what it brings, in seconds.
    private static let trial = 0.2
    /// How long a verdict holds before more connections are tried again, in seconds.
    private static let rest = 5.0

    private let most: Int
    private(set) var desired: Int
    private var previous: (desired: Int, rate: Double)?
    private var nextLook = 0.0
    private var window: (time: Double, bytes: Int64)?

    /// - Parameters:
    ///   - most: Never more than this.
    ///   - isFixed: The user named the number: use it at once.
    init(most: Int, isFixed: Bool) {
        self.most = max(1, most)
        desired = isFixed ? self.most : min(Self.first, self.most)
    }

    /// Looks at what has come, and decides.
    mutating func note(time: Double, bytes: Int64) {
        guard let window else {
            window = (time, bytes)
            nextLook = time + Self.trial
            return
        }
        guard time >= nextLook, desired < most || previous != nil else { return }
        let rate = Double(bytes - window.bytes) / max(time - window.time, 0.001)
        self.window = (time, bytes)
        nextLook = time + Self.trial
        if let previous {
            let gained =
                rate > previous.rate * (1 + 0.3 * Double(desired - previous.desired) / Double(previous.desired))
            if !gained {
                desired = previous.desired
                self.previous = nil
                nextLook = time + Self.rest
                return
            }
        }
        previous = desired < most ? (desired, rate) : nil
        desired = min(most, desired * 2)
    }

    /// The server refused a connection or asked to slow down (429, 503).
    mutating func throttled(time: Double) {
        desired = max(1, desired / 2)
        previous = nil
        nextLook = time + 2 * Self.rest
    }
}
