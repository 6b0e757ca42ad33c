package import ModelCatalog
internal import ModelDownload
package import ModelFit
internal import ModelStore
package import SystemPackage

/// What a `get` would bring.
package struct GetPreview: Sendable {
    /// The form that would be chosen, as its origin has it now.
    package var variant: Variant
    package var fit: FitReport
    /// Whether just this is stored.
    package var isStored: Bool
    /// Why the origin could not be asked; nil when it was.
    package var originFailure: (any Error)?
    package var files: [File]

    package struct File: Sendable {
        package var remote: RemoteFile
        /// Where it is, or would be.
        package var path: FilePath
        /// The most that would come over the network, in bytes; nil when no size is known.
        package var fetch: Int64?
        /// Who seems to have it on this disk; it is proven only when it is taken.
        package var program: OtherProgram?
    }

    /// The most that would come over the network, in bytes; nil when a size is not known.
    package var fetch: Int64? {
        files.reduce(0) { sum, file in
            sum.flatMap { sum in file.fetch.map { sum.addingReportingOverflow($0).partialValue } }
        }
    }
}

extension Shelf {
    /// What ``get(_:options:onEvent:)`` would do. Nothing is written and no file's bytes are fetched.
    ///
    /// - Throws: what `get` throws before the first byte.
    package func preview(
        of reference: ModelReference, options: GetOptions = GetOptions()
    ) async throws -> GetPreview {
        // As `get`, which makes a store where there is none.
        try checkMount()
        let chosen = try await choose(reference, options)
        let (fit, variant) = (chosen.fit, chosen.variant)
        let report = await judged(fit, variant, options)
        if let here = try await store.model(named: variant.ref), here.holds(variant) {
            let files = zip(variant.files, here.files).map { remote, file in
                GetPreview.File(remote: remote, path: file.path, fetch: 0)
            }
            return GetPreview(
                variant: variant, fit: report, isStored: true, originFailure: chosen.originFailure, files: files)
        }
        let known = try await store.files(with: variant.files.compactMap(\.digest))
        let left = try await store.partials(of: variant.ref)
        let files = try variant.files.map { remote in
            let isHere = remote.digest.map { known[$0] != nil } ?? false
            let kept = left[remote.name].map { DownloadPlan.kept(at: $0) } ?? 0
            return GetPreview.File(
                remote: remote,
                path: try store.layout.path(
                    publisher: variant.publisher, repository: variant.repository, name: remote.name),
                fetch: isHere ? 0 : remote.size.map { max(0, $0 - kept) },
                program: isHere ? nil : settings.otherStores.candidates(for: remote).first?.program)
        }
        return GetPreview(variant: variant, fit: report, isStored: false, files: files)
    }
}
