internal import Disk
internal import Foundation
internal import GGUF
package import ModelCatalog
package import ModelHub
internal import ModelStore
internal import SystemPackage

/// What a push did.
package struct Pushed: Sendable {
    /// The stored model.
    package var ref: String
    /// Where it is now: `oci://host/repository:tag`.
    package var target: String
    /// The same content under any tag: that of the manifest.
    package var digest: Digest
    /// Over the network, in bytes.
    package var sent: Int64
    /// What the registry had before, in bytes.
    package var skipped: Int64
}

extension Shelf {
    /// Puts a stored model into an OCI registry, from where `get` brings it to any other machine.
    ///
    /// - Parameter onProgress: Bytes of a file that the registry has.
    /// - Throws: `StoreError`, `RegistryError`, `HTTPError`, `HubError.unsupportedOrigin` for other targets,
    ///   `LinkError.notReady`; `CancellationError`.
    package func push(
        _ text: String, to target: ModelReference, format: PushFormat = .modelPack,
        onProgress: @escaping @Sendable (_ file: String, _ done: Int64, _ size: Int64) -> Void = { _, _, _ in }
    ) async throws -> Pushed {
        let model = try await requireStored(text, changing: true)
        let files = model.files.compactMap { file in
            file.digest.map { RegistryUpload.File(path: file.path, name: file.name, size: file.size, digest: $0) }
        }
        guard model.state == .ready, files.count == model.files.count else { throw LinkError.notReady(ref: model.ref) }
        let header = try? GGUFFile(path: model.path.string)
        let upload = RegistryUpload(
            files: files, format: format,
            architecture: header.flatMap { ModelShape($0)?.architecture }, quantization: model.identity.quantization,
            license: model.identity.license, created: model.installedAt)
        let receipt = try await registries.push(upload, to: target, notes: uploadNotes, onProgress: onProgress)
        return Pushed(
            ref: model.ref, target: target.description, digest: receipt.digest, sent: receipt.sent,
            skipped: receipt.skipped)
    }

    /// `.slm/uploads.json`: where each unfinished upload goes on.
    private var uploadNotes: UploadNotes {
        let bookkeeping = store.layout.bookkeeping
        let name = StoreLayout.uploadsName
        @Sendable func read() -> [String: String] {
            let bytes = try? Folder.root(bookkeeping)?.read(name, limit: 1 << 20)
            return bytes.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0)) } ?? [:]
        }
        return UploadNotes(
            read: { read()[$0] },
            write: { key, location in
                var all = read()
                all[key] = location
                // A note that is lost costs the bytes once more, and nothing else.
                guard let bytes = try? JSONEncoder().encode(all) else { return }
                try? Folder.root(bookkeeping)?.write(bytes, as: name, durably: false)
            })
    }
}
