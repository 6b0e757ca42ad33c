package import CurlHTTP
internal import Foundation
internal import GGUF
package import ModelCatalog

/// Turns references into offers by asking the origins they name.
package struct Hub: Sendable {
    let http: HTTPClient
    let huggingFace: HuggingFace
    /// The registries, where files may be as well; nil when none was given.
    let registries: Registries?
    /// What was read before; nil keeps nothing.
    package let headers: HeaderCache?

    /// Asks through `http`, with the endpoint and token of `credentials`.
    package init(
        http: HTTPClient, credentials: Credentials, retry: RetryPolicy = .metadata, registries: Registries? = nil,
        headers: HeaderCache? = nil
    ) {
        self.headers = headers
        self.http = http
        self.registries = registries
        huggingFace = HuggingFace(http: http, credentials: credentials, retry: retry)
    }

    /// Whose the token is.
    ///
    /// - Throws: `HubError.tokenRefused`, other `HubError`s, `HTTPError`, `CancellationError`.
    package func account() async throws -> Account { try await huggingFace.account() }

    /// What a reference of the Hub means now: one commit, its models, each file with size and SHA-256.
    ///
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    package func resolve(_ reference: HubReference) async throws -> Offer {
        let info = try await huggingFace.model(reference.id, revision: reference.revision)
        return try HubFiles(info, for: reference, named: { .hub($0) }) { path in
            huggingFace.file(info, path: path).map { .hub($0) }
        }.offer()
    }

    /// What a repository's card says.
    ///
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    package func card(of reference: HubReference) async throws -> RepositoryCard {
        RepositoryCard(try await huggingFace.model(reference.id, revision: reference.revision))
    }

    /// Repositories with GGUF files of a model whose original alone is known, the most trusted first: those that name it
    /// as their base model, then those that a search for its name finds, each group by downloads.
    ///
    /// - Parameter upstream: Hub ids of the original, the preferred first.
    /// - Throws: `HubError.noQuantizationsOf`, `HTTPError`, `CancellationError`.
    package func quantizations(of upstream: [String]) async throws -> [FoundRepository] {
        var found: [FoundRepository] = []
        func add(_ rows: [ModelSummary], _ basis: FoundRepository.Basis) {
            for row in rows where !found.contains(where: { $0.id == row.id }) {
                guard row.isNameable else { continue }
                found.append(FoundRepository(id: row.id, downloads: row.downloads, basis: basis))
            }
        }
        for id in upstream {
            let filters = ["base_model:quantized:\(id)", "gguf"]
            let rows = try await huggingFace.models(filters: filters, search: nil, about: id, limit: 20)
            add(rows, .namesItAsBase(id))
        }
        for id in upstream {
            let name = id.split(separator: "/").last.map(String.init) ?? id
            let rows = try await huggingFace.models(filters: ["gguf"], search: name, about: id, limit: 20)
            add(rows, .hasItsName(name))
        }
        guard !found.isEmpty else { throw HubError.noQuantizationsOf(upstream: upstream) }
        return found
    }

    /// Repositories with GGUF files that the Hub finds for words, the most downloaded first.
    ///
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    package func search(_ words: String, limit: Int = 20) async throws -> [FoundRepository] {
        let rows = try await huggingFace.models(filters: ["gguf"], search: words, about: words, limit: max(1, limit))
        return rows.filter(\.isNameable).map {
            FoundRepository(id: $0.id, downloads: $0.downloads, basis: .hasItsName(words))
        }
    }

    /// What files of the Hub are now: their size and SHA-256, at the commit that is current.
    ///
    /// - Parameters:
    ///   - files: Those of one repository are answered from one commit.
    ///   - revision: Branch, tag or commit to look at; nil means the default branch.
    ///   - survey: What repositories have said before.
    /// - Returns: In the order of `files`, each with the commit as its revision.
    /// - Throws: `HubError`, `HTTPError`, `CancellationError`.
    package func currentFiles(
        _ files: [HubFile], at revision: String?, in survey: HubSurvey = HubSurvey()
    ) async throws -> [RemoteFile] {
        var known: [String: ModelInfo] = [:]
        var current: [RemoteFile] = []
        for file in files {
            let id = file.reference.id
            let info: ModelInfo
            if let before = known[id] {
                info = before
            } else if let answer = survey.answers[HubSurvey.Place(id: id, revision: revision)] {
                info = try answer.get()
            } else {
                info = try await huggingFace.model(id, revision: revision)
                known[id] = info
            }
            guard let sibling = info.siblings.first(where: { $0.rfilename == file.path }),
                let name = file.path.split(separator: "/").last,
                let hubFile = huggingFace.file(info, path: file.path)
            else { throw HubError.noFile(id: id, path: file.path) }
            current.append(
                RemoteFile(
                    name: String(name), origin: .hub(hubFile), size: sibling.knownSize, digest: sibling.lfs?.sha256))
        }
        return current
    }
}

extension ModelSummary {
    /// Whether a reference can be made of its id.
    fileprivate var isNameable: Bool { (try? HubReference(parsing: id)) != nil }
}

/// A repository that the Hub offers for a model.
public struct FoundRepository: Hashable, Sendable {
    /// `owner/name`.
    public var id: String
    /// In the last month; nil when the Hub does not say.
    public var downloads: Int?
    /// Why it is offered.
    package var basis: Basis

    /// A repository as somebody names it.
    package init(id: String, downloads: Int?, basis: Basis) {
        self.id = id
        self.downloads = downloads
        self.basis = basis
    }

    /// How sure it is that these files are of the model asked for.
    package enum Basis: Hashable, Sendable {
        /// Its card names the original as what it was quantized from.
        case namesItAsBase(String)
        /// Only its name resembles.
        case hasItsName(String)
    }
}
