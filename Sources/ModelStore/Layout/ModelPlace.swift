import Disk
import Foundation
import ModelCatalog

/// Which folder a model's files belong into: `publisher/repository` as they are called at their origin, as long as no
/// other reference, whose bytes may differ, has files there; else a folder of the model's own beside it.
///
/// A reference that names another revision than `main` has `repository@revision` from the start, so that its path does not depend on what
/// else is stored. Another address with the same last folder and name has `repository@` and a hash of the reference.
struct ModelPlace {
    /// A file that is to come, as far as its place depends on it.
    struct File {
        var name: String
        var origin: FileOrigin?
    }

    let identity: ModelIdentity
    let files: [File]

    /// Every folder that may be chosen, in the order of preference.
    private var candidates: [String] { [preferred, own] }

    /// The paths that are looked at, as keys of the index.
    var keys: [String] {
        candidates.flatMap { repository in files.map { "\(identity.publisher)/\(repository)/\($0.name)" } }
    }

    /// The identity with the folder that it has among these models.
    ///
    /// - Parameter records: All that have one of the `keys`, and the model's own.
    func settled(among records: [ModelRecord]) -> ModelIdentity {
        var settled = identity
        let before = records.first { $0.ref == identity.ref && $0.publisher == identity.publisher }
        // Where a model is, it stays: also what a release without such folders has stored.
        let kept = before.map(\.repository).flatMap { [identity.repository, preferred, own].contains($0) ? $0 : nil }
        settled.repository = ([kept].compactMap(\.self) + candidates).first { isFree($0, among: records) } ?? own
        return settled
    }

    private func isFree(_ repository: String, among records: [ModelRecord]) -> Bool {
        !records.contains { other in
            other.ref != identity.ref && other.publisher.isSameName(as: identity.publisher)
                && other.repository.isSameName(as: repository) && !mayShare(with: other)
        }
    }

    /// Whether the other model's files of the same names are, and stay, the same ones: both follow one file of one
    /// origin. What somebody has put there by hand is judged by its content.
    private func mayShare(with other: ModelRecord) -> Bool {
        let common = files.compactMap { file in
            other.files.first { $0.name.isSameName(as: file.name) }.map { (file, $0) }.map { mine, theirs in
                (mine: mine.origin, theirs: theirs.origin, isSame: mine.name.utf8.elementsEqual(theirs.name.utf8))
            }
        }
        if common.isEmpty || other.isFound { return true }
        guard common.allSatisfy(\.isSame) else { return false }
        guard !identity.isPinned, !other.isPinned else { return false }
        return common.allSatisfy { ($0.mine?.isSameFile(as: $0.theirs)) ?? false }
    }

    private var preferred: String {
        guard identity.isPinned, let revision = (try? ModelReference(parsing: identity.ref))?.revision else {
            return identity.repository
        }
        return beside(StoreLayout.fileName(for: revision))
    }

    private var own: String { beside(String(fnv1a(identity.ref.utf8), radix: 16)) }

    /// A folder's name that no repository of the Hub can have, and that fits. An exported model brings its own.
    private func beside(_ mark: String) -> String {
        let name = identity.repository.hasSuffix("@\(mark)") ? identity.repository : "\(identity.repository)@\(mark)"
        return FileNameRules.isSafe(name) ? name : "@\(String(fnv1a(name.utf8), radix: 16))"
    }
}

extension String {
    /// Whether some disk takes both for one name: case, and how accents are put together, do not count on all.
    fileprivate func isSameName(as other: String) -> Bool { self == other || lowercased() == other.lowercased() }
}

extension ModelIdentity {
    /// Whether the reference names a revision, and so does not follow what the default branch becomes.
    var isPinned: Bool { ref.holds("@") && !ref.hasSuffix("@main") }
}

extension FileOrigin {
    /// Whether both are the same file of the same place, at whatever revision.
    fileprivate func isSameFile(as other: FileOrigin?) -> Bool {
        switch (self, other) {
        case (.hub(let mine), .hub(let theirs)):
            mine.endpoint == theirs.endpoint && mine.path == theirs.path
                && mine.reference.id.lowercased() == theirs.reference.id.lowercased()
        default: withoutSecrets == other?.withoutSecrets
        }
    }
}
