/// The memory that control groups leave to a process: a container's limit, a service's, a user session's.
struct CgroupMemory: Equatable {
    /// The smallest limit up the tree, in bytes; nil when nothing limits.
    var limit: Int64?
    /// The least that is left below any of the limits, in bytes.
    var available: Int64?

    /// Reads the groups of `process` (a number, or `self`) and of all their ancestors that can be seen.
    init(of process: String, in folder: RootFolder) {
        guard let cgroup = folder.text("/proc/\(process)/cgroup"),
            let mountinfo = folder.text("/proc/\(process)/mountinfo")
        else { return }
        for place in CgroupText.places(cgroup: cgroup, mountinfo: mountinfo) {
            for group in Self.groups(of: place, in: folder) {
                let level = Level(group, place.version, in: folder)
                guard let levelLimit = level.limit else { continue }
                limit = min(limit ?? .max, levelLimit)
                if let left = level.available { available = min(available ?? .max, left) }
            }
        }
    }

    /// The group's folder and its ancestors', innermost first.
    private static func groups(of place: CgroupText.Place, in folder: RootFolder) -> [String] {
        var path = place.path
        // A container that mounts its own group only still has the host's path: what can be seen is the mount point.
        if !path.isEmpty && !folder.exists(place.mountPoint + path) { path = "" }
        var groups: [String] = []
        while groups.count < 64 {
            groups.append(place.mountPoint + path)
            guard let slash = path.lastIndex(of: "/") else { break }
            path = String(path[..<slash])
        }
        return groups
    }

    /// One group: what it may take, what it takes.
    ///
    /// Page cache that has not been used twice (`inactive_file`) is charged to the group but given back under
    /// pressure before anything is killed, so it does not count as used; Kubernetes' "working set" is the same sum.
    /// Sources: kernel, `Documentation/admin-guide/cgroup-v2.rst` and `cgroup-v1/memory.rst`.
    private struct Level {
        var limit: Int64?
        var available: Int64?

        init(_ group: String, _ version: CgroupText.Version, in folder: RootFolder) {
            let usage: Int64?
            let cacheName: String
            var ancestors: Int64?
            let stat = folder.text(group + "/memory.stat")
            switch version {
            case .v2:
                // "max" is no number, and so no limit. Above `memory.high` the kernel slows the group down instead of
                // killing, which for a model is no better.
                limit = [folder.integer(group + "/memory.max"), folder.integer(group + "/memory.high")]
                    .compactMap(\.self).min()
                usage = folder.integer(group + "/memory.current")
                cacheName = "inactive_file"
            case .v1:
                limit = folder.integer(group + "/memory.limit_in_bytes")
                usage = folder.integer(group + "/memory.usage_in_bytes")
                cacheName = "total_inactive_file"
                // Also tells of ancestors outside a container's view.
                ancestors = stat.flatMap { ProcText.stat("hierarchical_memory_limit", in: $0) }
            }
            limit = [limit, ancestors].compactMap(\.self).filter { 0 <= $0 && $0 < Self.unlimited }.min()
            if let limit, let usage, usage >= 0 {
                let cache = stat.flatMap { ProcText.stat(cacheName, in: $0) } ?? 0
                let used = max(0, usage - max(0, min(cache, usage)))
                available = max(0, limit - used)
            }
        }

        /// Version 1 writes "no limit" as the largest number of whole pages in 63 bits, which depends on the page
        /// size: nobody has 2^60 bytes.
        private static let unlimited: Int64 = 1 << 60
    }
}
