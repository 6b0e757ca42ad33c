package import Disk
package import SystemPackage

/// The file that `hf auth login` keeps a token in: `slm login` keeps it there too, so that both programs have it.
package struct TokenFile: Sendable {
    /// Where it is.
    package let path: FilePath

    /// See ``Credentials/tokenFile(_:home:)``.
    package init(_ path: FilePath) { self.path = path }

    private var name: String { path.lastComponent?.string ?? "token" }
    private var folder: FilePath {
        let folder = path.removingLastComponent()
        return folder.isEmpty ? "." : folder
    }

    /// Keeps a token, readable by its owner only. A link in its place is replaced and not followed: what it leads to
    /// stays as it is.
    package func keep(_ token: String) throws(DiskError) {
        try Folder.creatingRoot(folder).write(Array(token.utf8), as: name, isSecret: true)
    }

    /// Removes it. False when there was none.
    package func remove() throws(DiskError) -> Bool {
        guard let folder = try Folder.root(folder), try folder.remove(name) else { return false }
        try folder.sync()
        return true
    }
}
