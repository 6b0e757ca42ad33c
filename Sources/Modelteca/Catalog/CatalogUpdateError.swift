public import Foundation
public import ModelCatalog
public import SystemPackage

/// Why a catalog was not taken. The one that was used before stays.
public enum CatalogUpdateError: Error, Equatable, Sendable {
    /// It does not begin with the line that a signed catalog begins with.
    case notSigned
    /// No key that counts has signed what it says.
    case notTrusted
    /// It was to be used until then.
    case expired(version: Int, on: Date)
    /// In bytes.
    case truncated(expected: Int, actual: Int)
    /// The document is not the one that was signed.
    case damaged(expected: Digest, actual: Digest)
    /// What is here is newer.
    case older(version: Int, have: Int)
    /// Another document has the number of the one that is here.
    case sameVersion(Int)
    /// The number that was signed is not the document's own.
    case versionDisagrees(signed: Int, document: Int)
    /// This program knows no key, and none was given.
    case noKey
    /// It is not known where to ask.
    case noAddress
    /// An address that anybody on the way could answer.
    case insecureAddress(String)
    /// A file that holds no public key of Ed25519.
    case badKey(path: String)
    /// Another program is storing a catalog.
    case busy
    /// The folder of the stored catalog cannot be written.
    case cannotWrite(path: String, errno: Errno)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .notSigned: "catalog-not-signed"
        case .notTrusted: "catalog-not-trusted"
        case .expired: "catalog-expired"
        case .truncated: "catalog-truncated"
        case .damaged: "catalog-damaged"
        case .older: "catalog-older"
        case .sameVersion: "catalog-same-version"
        case .versionDisagrees: "catalog-version-disagrees"
        case .noKey: "catalog-no-key"
        case .noAddress: "catalog-no-address"
        case .insecureAddress: "catalog-insecure-address"
        case .badKey: "catalog-bad-key"
        case .busy: "catalog-busy"
        case .cannotWrite: "catalog-cannot-write"
        }
    }
}

extension CatalogUpdateError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .notSigned: "This is no signed catalog."
        case .notTrusted: "No key that counts has signed the catalog."
        case .expired(let version, let date): "Version \(version) of the catalog was to be used until \(date)."
        case .truncated(let expected, let actual): "The catalog has \(actual) bytes instead of \(expected)."
        case .damaged: "The catalog is not the one that was signed."
        case .older(let version, let have): "The catalog has version \(version), older than \(have)."
        case .sameVersion(let version): "Another catalog has version \(version)."
        case .versionDisagrees(let signed, let document): "Signed as version \(signed), the catalog is \(document)."
        case .noKey: "No key is known to check a catalog with."
        case .noAddress: "It is not known where to ask for a catalog."
        case .insecureAddress(let address): "\(address) is no https address."
        case .badKey(let path): "\(path) holds no public key of Ed25519."
        case .busy: "Another program is storing a catalog."
        case .cannotWrite(let path, _): "\(path) cannot be written."
        }
    }
}
