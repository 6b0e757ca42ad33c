import Foundation
package import ModelCatalog

/// The right to put files under `.slm/partial` of which no note speaks, because they come from elsewhere on this disk:
/// as long as it is held, nobody takes them for leftovers.
package final class Intake: Sendable {
    private let token: String
    private let lock: StoreLock

    private static let prefix = "taken-"
    private static let tokenLength = 36

    init(in layout: StoreLayout) throws(StoreError) {
        token = UUID().uuidString.lowercased()
        guard let lock = try StoreLock.tryAcquire(Self.key(token), in: layout) else {
            throw .locked(key: Self.key(token))
        }
        self.lock = lock
    }

    /// A name for one more file.
    package func name() -> String { "\(Self.prefix)\(token)-\(String(UInt64.random(in: 0...(.max)), radix: 36)).part" }

    /// Ends the right. More than once does no harm.
    package func end() { lock.release() }

    static func key(_ token: String) -> String { "taking " + token }

    /// Whose file it is, by its name; nil for one that was not taken in.
    static func token(of name: String) -> String? {
        guard name.hasPrefix(prefix) else { return nil }
        let token = name.dropFirst(prefix.count).prefix(tokenLength)
        return token.count == tokenLength ? String(token) : nil
    }
}

extension Store {
    /// Begins to take in files that are here already. The store is prepared.
    ///
    /// - Throws: `StoreError`.
    package nonisolated func intake() throws(StoreError) -> Intake { try Intake(in: layout) }

    /// What two processes that want the same bytes lock, under whatever reference.
    ///
    /// - Parameters:
    ///   - digest: Of the first file, if it is known.
    ///   - origin: Where that is.
    package static func contentKey(_ digest: Digest?, _ origin: FileOrigin?, _ ref: String) -> String {
        "content " + (digest?.hex ?? origin?.withoutSecrets.url.absoluteString ?? ref)
    }
}
