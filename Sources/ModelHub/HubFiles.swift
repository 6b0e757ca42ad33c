internal import Foundation
internal import GGUF
internal import ModelCatalog

/// Finds the models among a repository's files: the parts of a split model together, projectors and matrices left out.
struct HubFiles {
    /// What people take unasked, best first: the order in which equal models are offered.
    private static let preferred = [
        "Q4_K_M", "Q4_K_S", "Q5_K_M", "IQ4_XS", "IQ4_NL", "Q4_0", "Q5_K_S", "Q6_K", "Q8_0", "Q3_K_L", "Q3_K_M",
        "Q3_K_S",
        "Q2_K", "MXFP4", "Q5_0", "Q5_1", "Q4_1", "BF16", "F16", "F32",
    ]

    private struct Group {
        var name: FileName
        var path: String
        var folder: String
        var parts: [(number: Int, sibling: ModelInfo.Sibling)]
    }

    let info: ModelInfo
    let reference: HubReference
    let hub: HuggingFace

    /// All models of the repository, the best known quantization first.
    func variants() throws -> [Variant] {
        let groups = groups().filter { $0.parts.count == $0.name.shard?.count ?? 1 }
        let names = groups.map { $0.name.quantization?.name }
        let variants = try groups.map { group in
            let quantization = group.name.quantization?.name
            let isAlone = quantization != nil && names.count { $0 == quantization } == 1
            return try variant(group, named: isAlone ? quantization : nil)
        }
        return variants.enumerated().sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }
            .map(\.element)
    }

    private static func rank(_ variant: Variant) -> Int {
        variant.quantization.flatMap { preferred.firstIndex(of: $0) } ?? preferred.count
    }

    private func groups() -> [Group] {
        var groups: [Group] = []
        var index: [String: Int] = [:]
        for sibling in info.siblings {
            guard let name = FileName(sibling.rfilename), name.kind == .model else { continue }
            let folder = sibling.rfilename.split(separator: "/").dropLast().joined(separator: "/")
            let key = "\(folder)/\(name.stem)/\(name.shard?.count ?? 0)"
            let part = (name.shard?.number ?? 1, sibling)
            if let known = index[key] {
                groups[known].parts.append(part)
            } else {
                index[key] = groups.count
                groups.append(Group(name: name, path: sibling.rfilename, folder: folder, parts: [part]))
            }
        }
        for position in groups.indices {
            groups[position].parts.sort { $0.number < $1.number }
            groups[position].path = groups[position].parts[0].sibling.rfilename
        }
        return groups
    }

    private func variant(_ group: Group, named quantization: String?) throws -> Variant {
        let files = try group.parts.map { part in try remoteFile(part.sibling) }
        var ref = reference
        ref.selection = quantization.map { .quantization($0) } ?? .path(group.path)
        let safe = try? FileNameRules.component(reference.repository)
        guard let repository = safe, let owner = try? FileNameRules.component(reference.owner ?? "huggingface") else {
            throw HubError.unsafeName(id: info.id, name: reference.id)
        }
        return Variant(
            ref: ModelReference.hub(ref).description, publisher: owner, repository: repository,
            quantization: group.name.quantization?.name, files: files, parameters: info.parameters,
            license: info.license.map(HubLicense.license), revision: info.sha)
    }

    private func remoteFile(_ sibling: ModelInfo.Sibling) throws -> RemoteFile {
        let path = sibling.rfilename
        guard (try? FileNameRules.relativePath(path)) != nil, let name = path.split(separator: "/").last,
            let url = hub.address(info.id, revision: info.sha, path: path)
        else { throw HubError.unsafeName(id: info.id, name: path) }
        let size = (sibling.lfs?.size ?? sibling.size).flatMap { $0 >= 0 ? $0 : nil }
        return RemoteFile(name: String(name), url: url, size: size, digest: sibling.lfs?.sha256)
    }
}

/// Licences as the Hub tags them. Only what the tag itself decides: conditions are for the reader.
enum HubLicense {
    private static let free: Set<String> = [
        "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "unlicense", "isc",
    ]

    static func license(_ tag: String) -> License {
        let id = tag.lowercased()
        let use: License.CommercialUse =
            free.contains(id) ? .yes : id.contains("-nc") || id.hasPrefix("apple-amlr") ? .no : .restricted
        return License(id: tag, name: tag, commercialUse: use)
    }
}
