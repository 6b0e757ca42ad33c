internal import Crypto
package import Foundation
package import ModelCatalog

extension ModelCatalog.Digest {
    /// SHA-256 of bytes in memory.
    package init(of bytes: Data) {
        guard let digest = ModelCatalog.Digest(bytes: SHA256.hash(data: bytes)) else {
            // A hash has 32 bytes, always: another number would be a fault of the library, and nothing to go on with.
            preconditionFailure("SHA-256 of \(SHA256.byteCount) bytes")
        }
        self = digest
    }
}
