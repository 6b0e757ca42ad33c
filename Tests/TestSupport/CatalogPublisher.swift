internal import Crypto
public import Foundation

/// Somebody who signs catalogs, with a key that is made for the test.
public struct CatalogPublisher: Sendable {
    private let key = Curve25519.Signing.PrivateKey()

    /// A publisher like no other.
    public init() {}

    /// The public half of its key, in Base64.
    public var publicKey: String { key.publicKey.rawRepresentation.base64EncodedString() }

    /// A catalog as `slm catalog update` takes it.
    ///
    /// - Parameters:
    ///   - lifetime: In seconds from now; less than zero for one that has expired.
    ///   - size: What is signed as the document's size, where that is to be wrong.
    ///   - program: The newest version of the program.
    ///   - changes: Made with `handOver`.
    /// - Throws: When Ed25519 cannot sign.
    public func sign(
        _ catalog: Data, version: Int, lifetime: TimeInterval = 86_400, size: Int? = nil,
        program: String? = nil, changes: [String] = []
    ) throws -> Data {
        let dates = [Date(), Date().addingTimeInterval(lifetime)].map { $0.formatted(.iso8601) }
        let statement =
            #"{"version":\#(version),"signed":"\#(dates[0])","expires":"\#(dates[1])","bytes":\#(size ?? catalog.count),"#
            + (program.map { #""program":"\#($0)","# } ?? "") + #""sha256":"\#(sha256(of: catalog))"}"#
        let signed = try signed(statement, as: "slm-catalog-1")
        let head = #"{"format":"slm-catalog-1","catalog":\#(signed),"handovers":[\#(changes.joined(separator: ","))]}"#
        return Data((head + "\n").utf8) + catalog
    }

    /// Says that from now on others sign.
    ///
    /// - Throws: When Ed25519 cannot sign.
    public func handOver(to keys: [String], generation: Int) throws -> String {
        let list = keys.map { "\"\($0)\"" }.joined(separator: ",")
        return try signed(#"{"generation":\#(generation),"keys":[\#(list)]}"#, as: "slm-catalog-keys-1")
    }

    private func signed(_ statement: String, as purpose: String) throws -> String {
        let signature = try key.signature(for: Data("\(purpose)\n\(statement)".utf8)).base64EncodedString()
        let text = statement.replacing("\"", with: "\\\"")
        return #"{"statement":"\#(text)","signatures":[{"key":"\#(publicKey)","signature":"\#(signature)"}]}"#
    }
}
