internal import Crypto
package import Foundation
package import ModelCatalog

extension ModelCatalog.Digest {
    /// SHA-256 of bytes in memory.
    package init(of bytes: Data) {
        // A hash has 32 bytes, always.
        self = ModelCatalog.Digest(bytes: SHA256.hash(data: bytes)) ?? .empty
    }

    /// Of nothing at all. A constant of ours reads, or the program is wrong from its first line.
    private static let empty: ModelCatalog.Digest = {
        guard
            let digest = ModelCatalog.Digest(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        else { preconditionFailure("64 hexadecimal digits") }
        return digest
    }()
}
