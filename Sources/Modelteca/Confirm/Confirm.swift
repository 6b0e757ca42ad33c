internal import CurlHTTP
internal import Disk
internal import Foundation
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub
internal import ModelStore
internal import SystemPackage

extension Shelf {
    /// A variant as its origin has it now: size, digest, revision, mirrors. One without files becomes what somebody on
    /// the Hub has of the model and the user agrees to.
    ///
    /// - Throws: `HubError`, `HTTPError`, `ModeltecaError`; `DownloadError.digestMismatch` when the origin publishes
    ///   another digest than the one the user gave.
    func confirm(_ variant: Variant, of offer: Offer, _ options: GetOptions) async throws -> Variant {
        var variant = variant
        if variant.files.isEmpty {
            variant = try await found(variant, of: offer, options)
        } else if variant.entry != nil {
            variant = try await asPublished(variant)
        } else if variant.files.count == 1, variant.files[0].digest == nil, options.digest == nil {
            variant.files[0] = try await asStoredBefore(variant.files[0], variant.ref)
        }
        return withMirrors(try variant.expecting(options.digest))
    }

    /// Holds what the catalog says of a file against what the Hub has now, and adds what the catalog does not know.
    ///
    /// A Hub that cannot be asked is no obstacle where the catalog knows the digest, or an earlier download pinned it:
    /// the bytes prove themselves.
    private func asPublished(_ variant: Variant) async throws -> Variant {
        var variant = variant
        for index in variant.files.indices {
            let known = variant.files[index]
            guard let hubFile = known.origin.hubFile else { continue }
            do {
                guard var now = try await hub.currentFiles([hubFile], at: hubFile.revision).first else { continue }
                if let expected = known.digest, let digest = now.digest, expected != digest {
                    guard try await isTaken(digest, as: variant.ref) else {
                        throw ModeltecaError.changedUpstream(
                            ref: variant.ref, repository: hubFile.reference.id, expected: expected, now: digest)
                    }
                } else {
                    now.mirrors = known.mirrors
                }
                (now.name, now.size, now.digest) = (known.name, now.size ?? known.size, now.digest ?? known.digest)
                variant.files[index] = now
                // A projector may come from another repository; the model's own commit is the variant's.
                if index == 0 { variant.revision = now.origin.hubFile?.revision }
            } catch HTTPError.offline(let url) where known.digest == nil {
                // Without a network, only what an earlier download pinned can be had.
                let pins = (try? await store.pins(for: variant.ref)) ?? []
                guard let pin = pins.first(where: { $0.file == known.name }) else { throw HTTPError.offline(url: url) }
                (variant.files[index].digest, variant.files[index].size) = (pin.digest, pin.size)
            } catch let error where known.digest != nil && Self.isPassing(error, hasMirrors: !known.mirrors.isEmpty) {
                continue
            }
        }
        return variant
    }

    /// Whether the user has taken this content by an update, whatever the catalog expects.
    private func isTaken(_ digest: Digest, as ref: String) async throws -> Bool {
        try await store.model(named: ref)?.files.contains { $0.digest == digest } ?? false
    }

    /// Whether the file itself may come all the same: its own host, or a mirror, may answer.
    private static func isPassing(_ error: any Error, hasMirrors: Bool) -> Bool {
        switch error {
        case HTTPError.unreachable: hasMirrors
        case is HTTPError: true
        case HubError.rateLimited, HubError.unexpectedAnswer: true
        case is HubError: hasMirrors
        default: false
        }
    }

    /// With the addresses at which ModelScope would have the same files, where the user names it.
    func withMirrors(_ variant: Variant) -> Variant {
        guard settings.modelScope.isMirror else { return variant }
        var variant = variant
        for index in variant.files.indices where variant.files[index].digest != nil {
            guard let mirror = variant.files[index].origin.hubFile.flatMap(settings.modelScope.address) else {
                continue
            }
            variant.files[index].mirrors.append(mirror)
        }
        return variant
    }

    // MARK: Plain origins

    /// Gives a plain origin's file the digest that it has in the store, when nothing says that it has changed since: a
    /// second `get` then fetches nothing.
    ///
    /// Plain origins publish no digest. Size and date tell most changes; who wants to be sure gives `--sha256`.
    private func asStoredBefore(_ file: RemoteFile, _ ref: String) async throws -> RemoteFile {
        guard let model = try await store.model(named: ref), model.state == .ready, model.verifiedAt != nil,
            let stored = model.files.first, model.files.count == 1, let digest = stored.digest
        else { return file }
        let isSame =
            switch file.origin {
            case .local(let path): Self.isUnchanged(path, size: stored.size, since: model.installedAt)
            case .address(let url): try await hub.seemsUnchanged(url, size: stored.size, since: model.installedAt)
            case .hub, .registry: false
            }
        guard isSame else { return file }
        return RemoteFile(
            name: file.name, origin: file.origin, mirrors: file.mirrors, size: stored.size, digest: digest)
    }

    private static func isUnchanged(_ path: FilePath, size: Int64, since date: Date) -> Bool {
        guard let status = FileStatus(of: path), status.size == size else { return false }
        return Double(status.modified) / 1e9 < date.timeIntervalSince1970
    }
}

extension Variant {
    /// With the digest that the user gave for it.
    fileprivate func expecting(_ digest: Digest?) throws -> Variant {
        guard let digest else { return self }
        guard files.count == 1 else { throw ModeltecaError.digestNotPossible(ref: ref, files: files.count) }
        var variant = self
        if let known = files[0].digest, known != digest {
            throw DownloadError.digestMismatch(file: files[0].name, expected: digest, actual: known)
        }
        variant.files[0].digest = digest
        return variant
    }
}
