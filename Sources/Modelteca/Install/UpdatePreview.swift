internal import Foundation
internal import GGUF
internal import ModelCatalog
internal import ModelDownload
internal import ModelHub
internal import ModelStore
internal import SystemPackage

/// What an update would bring, told beforehand from the headers of both versions and a few samples.
package struct UpdatePreview: Sendable {
    /// Metadata that came, went, or has another value.
    package var keys: [String] = []
    /// Tensors that are others, as far as headers and samples tell.
    package var changedTensors = 0
    /// Of the new files whose headers were read.
    package var tensors = 0
    /// About how much would be fetched, in bytes.
    package var fetch: Int64 = 0
}

extension Shelf {
    /// How many tensors are sampled to tell whether what has the same shape has the same numbers.
    private static let fewProbes = 8
    /// The most where it is to be told closely: each is a request.
    private static let manyProbes = 512

    /// Holds the files that an origin has now against those of a stored model.
    ///
    /// - Parameter closely: Whether every tensor is sampled, or only some.
    /// - Returns: Nil when a size is not known.
    /// - Throws: `StoreError`, `CancellationError`.
    func preview(
        of files: [RemoteFile], for model: StoredModel, closely: Bool
    ) async throws -> UpdatePreview? {
        let digests = try await store.files(with: files.compactMap(\.digest))
        let (here, left) = (try await store.models(), try await store.partials(of: model.ref))
        var preview = UpdatePreview()
        for file in files {
            guard let size = file.size else { return nil }
            if let digest = file.digest, digests[digest] != nil { continue }
            guard let compared = try await comparison(of: file, lookalikes(of: file, model, here, left)) else {
                preview.fetch += size
                continue
            }
            let agreeing = try await agreement(
                of: compared.pieces, with: file, probes: closely ? Self.manyProbes : Self.fewProbes)
            let alike = compared.pieces.pieces.count
            let others = alike - Int((Double(alike) * agreeing).rounded())
            preview.fetch += min(size, compared.pieces.expected(of: size, agreeing: agreeing))
            preview.tensors += compared.header.file.tensors.count
            preview.changedTensors += others
            let forerunner = model.files.first { $0.name == file.name }?.path
            if let old = compared.others.first(where: { $0.file.path == forerunner })?.header,
                let change = try? HeaderChange(from: old, to: compared.header.file)
            {
                preview.keys += change.keys.filter { !preview.keys.contains($0) }
                preview.changedTensors += change.tensors.count
            }
        }
        return preview
    }

    /// The part of the pieces, by their bytes, of which samples are the same here and at the origin.
    private func agreement(
        of pieces: LocalPieces, with file: RemoteFile, probes: Int
    ) async throws -> Double {
        let all = pieces.pieces
        guard !all.isEmpty else { return 1 }
        let step = max(1, all.count / probes)
        let probed = stride(from: step / 2, to: all.count, by: step).map { all[$0] }
        let agreeing = await withTaskGroup(of: Int64.self) { group in
            var waiting = probed.makeIterator()
            func addNext() {
                guard let piece = waiting.next() else { return }
                group.addTask {
                    let sample = piece.sample
                    guard let there = try? await hub.bytes(sample, of: file), there == piece.bytes(of: sample) else {
                        return 0
                    }
                    return Int64(piece.range.count)
                }
            }
            for _ in 0..<Self.fewProbes { addNext() }
            var sum: Int64 = 0
            while let bytes = await group.next() {
                sum += bytes
                addNext()
            }
            return sum
        }
        try Task.checkCancellation()
        return Double(agreeing) / Double(max(1, probed.reduce(0) { $0 + Int64($1.range.count) }))
    }
}
