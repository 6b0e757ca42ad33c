import ModelCatalog

/// Versions that were kept, and models that are held at theirs.
extension Store {
    /// The version of a model that an update has kept, with its files where they are now; nil when there is none.
    package func keptVersion(of ref: String) throws -> StoredModel? {
        do {
            guard let versions = try KeptVersions(in: layout), let record = try versions.record(of: ref) else {
                return nil
            }
            var model = record.model(in: layout)
            for position in model.files.indices {
                guard let digest = model.files[position].digest else { return nil }
                model.files[position].path = versions.path(of: digest)
            }
            return model
        } catch {
            throw StoreError.from(error)
        }
    }

    /// All versions that updates have kept, with their files where they are now.
    package func keptVersions() throws -> [StoredModel] {
        do {
            return try (KeptVersions(in: layout)?.records() ?? []).compactMap { try keptVersion(of: $0.ref) }
        } catch {
            throw StoreError.from(error)
        }
    }

    /// Gives a model the version back that it had before its last update, and keeps the present one in its place.
    ///
    /// - Throws: `.notStored`, `.nothingKept`, and as `keep`.
    package func rollBack(_ ref: String) async throws -> StoredModel {
        guard let present = try await model(named: ref) else { throw StoreError.notStored(ref: ref) }
        guard let kept = try keptVersion(of: present.ref), kept.files.map(\.digest) != present.files.map(\.digest)
        else {
            throw StoreError.nothingKept(ref: present.ref)
        }
        let files = kept.files.compactMap { file in
            file.digest.map { digest in
                IncomingFile.stored(digest, name: file.name, origin: file.origin ?? .local(file.path))
            }
        }
        return try await keep(files, as: kept.identity, replacing: .model(present), keepingOld: true)
    }

    /// The models that are held at the version that they have.
    package func held() throws -> Set<String> {
        do { return try HeldModels.read(in: layout) } catch { throw StoreError.from(error) }
    }

    /// Holds a model at its version, or lets it go.
    package func setHeld(_ isHeld: Bool, _ ref: String) async throws {
        try await writing(about: { _ in [] }) { _, _ in try HeldModels.set(isHeld, ref, in: layout) }
    }
}
