internal import ModelCatalog
internal import ModelDownload
internal import ModelStore

/// A variant's files, each either in the store under some name or still to be fetched; in the variant's order.
struct InstallParts {
    private let rows: [(file: RemoteFile, stored: Digest?)]

    init(_ variant: Variant, in digests: [Digest: StoredFile]) {
        rows = variant.files.map { file in (file, file.digest.flatMap { digests[$0] == nil ? nil : $0 }) }
    }

    /// The files that have to come.
    var missing: [RemoteFile] { rows.filter { $0.stored == nil }.map(\.file) }

    /// All files, now that the missing ones have come.
    func completed(by verified: [String: VerifiedFile]) -> [IncomingFile] {
        rows.compactMap { file, stored in
            stored.map { .stored($0, name: file.name, origin: file.origin) }
                ?? verified[file.name].map { .verified($0) }
        }
    }
}
