public import CurlHTTP
internal import Foundation
internal import GGUF
public import ModelCatalog

/// Turns references into candidates by asking the origins they name.
public struct Hub: Sendable {
    let http: HTTPClient
    private let huggingFace: HuggingFace

    /// Asks through `http`, with the endpoint and token of `credentials`.
    public init(http: HTTPClient, credentials: Credentials) {
        self.http = http
        huggingFace = HuggingFace(http: http, credentials: credentials)
    }

    /// What a reference of the Hub means now: one commit, its models, each file with size and SHA-256.
    ///
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    public func resolve(_ reference: HubReference) async throws -> Candidate {
        let info = try await huggingFace.model(reference.id, revision: reference.revision)
        let all = try HubFiles(info: info, reference: reference, hub: huggingFace).variants()
        guard !all.isEmpty else { throw HubError.noModelFiles(id: reference.id) }
        return Candidate(
            reference: .hub(reference), name: reference.id, variants: try select(reference, from: all, info))
    }

    private func select(_ reference: HubReference, from all: [Variant], _ info: ModelInfo) throws -> [Variant] {
        switch reference.selection {
        case .best: return all
        case .quantization(let wanted):
            let name = Quantization(parsing: wanted)?.name ?? wanted.uppercased()
            let matches = all.filter { $0.quantization == name }
            guard !matches.isEmpty else {
                throw HubError.noQuantization(
                    id: reference.id, quantization: wanted, available: all.compactMap(\.quantization))
            }
            return matches
        case .path(let path):
            // Any part of a split model means the whole.
            let url = huggingFace.address(info.id, revision: info.sha, path: path)
            let matches = all.filter { variant in variant.files.contains { $0.url == url } }
            guard !matches.isEmpty else { throw HubError.noFile(id: reference.id, path: path) }
            return matches
        }
    }

    /// Repositories with GGUF files of a model of which only the original is known, the most trusted first: those that
    /// name it as their base model, then those that a search for its name finds, each by downloads.
    ///
    /// - Parameter upstream: Hub ids of the original, the preferred first.
    /// - Throws: `HubError.noQuantizationsOf`, `HTTPError`, `CancellationError`.
    public func quantizations(of upstream: [String]) async throws -> [FoundRepository] {
        var found: [FoundRepository] = []
        func add(_ rows: [ModelSummary], _ basis: FoundRepository.Basis) {
            for row in rows where !found.contains(where: { $0.id == row.id }) {
                guard (try? HubReference(parsing: row.id)) != nil else { continue }
                found.append(FoundRepository(id: row.id, downloads: row.downloads, basis: basis))
            }
        }
        for id in upstream {
            let filters = ["base_model:quantized:\(id)", "gguf"]
            add(try await huggingFace.models(filters: filters, search: nil, limit: 20), .namesItAsBase(id))
        }
        for id in upstream {
            let name = id.split(separator: "/").last.map(String.init) ?? id
            add(try await huggingFace.models(filters: ["gguf"], search: name, limit: 20), .hasItsName(name))
        }
        guard !found.isEmpty else { throw HubError.noQuantizationsOf(upstream: upstream) }
        return found
    }

    /// Repositories with GGUF files that the Hub finds for words, the most downloaded first.
    ///
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    public func search(_ words: String, limit: Int = 20) async throws -> [FoundRepository] {
        try await huggingFace.models(filters: ["gguf"], search: words, limit: limit).map {
            FoundRepository(id: $0.id, downloads: $0.downloads, basis: .hasItsName(words))
        }
    }

    /// Adds what a catalog does not know of a file of the Hub: its size and SHA-256 now, and the commit they hold for.
    ///
    /// - Parameter reference: The file; its selection is a path.
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    public func currentFile(_ reference: HubReference) async throws -> (file: RemoteFile, commit: String)? {
        guard case .path(let path) = reference.selection else { return nil }
        let info = try await huggingFace.model(reference.id, revision: reference.revision)
        guard let sibling = info.siblings.first(where: { $0.rfilename == path }) else {
            throw HubError.noFile(id: reference.id, path: path)
        }
        guard let url = huggingFace.address(info.id, revision: info.sha, path: path) else { return nil }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let file = RemoteFile(
            name: name, url: url, size: sibling.lfs?.size ?? sibling.size, digest: sibling.lfs?.sha256)
        return (file, info.sha)
    }
}

/// A repository that the Hub offers for a model.
public struct FoundRepository: Hashable, Sendable {
    /// `owner/name`.
    public var id: String
    /// In the last month; nil when the Hub does not say.
    public var downloads: Int?
    /// Why it is offered.
    public var basis: Basis

    /// A repository as somebody names it.
    public init(id: String, downloads: Int?, basis: Basis) {
        self.id = id
        self.downloads = downloads
        self.basis = basis
    }

    /// How sure it is that these files are of the model asked for.
    public enum Basis: Hashable, Sendable {
        /// Its card names the original as what it was quantized from.
        case namesItAsBase(String)
        /// Only its name resembles.
        case hasItsName(String)
    }
}
