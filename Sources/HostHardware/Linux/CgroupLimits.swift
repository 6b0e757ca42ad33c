/// What control groups leave to a process: a container's limits, a service's, a user session's.
struct CgroupLimits: Equatable {
    /// The smallest limit of memory up the tree, in bytes; nil when nothing limits.
    var memory: Int64?
    /// The least that is left below any of the limits, in bytes.
    var memoryAvailable: Int64?
    /// The processors' time that can be had, in processors: 1.5; nil when nothing limits.
    var processors: Double?

    /// Reads the groups of `process` (a number, or `self`) and of all their ancestors that can be seen.
    ///
    /// - Parameter ramTotal: What the machine has, in bytes: a limit that is not below that is none.
    init(of process: String, in folder: RootFolder, ramTotal: Int64?) {
        guard let cgroup = folder.text("/proc/\(process)/cgroup"),
            let mountinfo = folder.text("/proc/\(process)/mountinfo")
        else { return }
        for place in CgroupText.places(of: .memory, cgroup: cgroup, mountinfo: mountinfo) {
            for group in Self.groups(of: place, in: folder) {
                let level = Level(group, place.version, in: folder)
                guard let limit = level.limit, limit < ramTotal ?? .max else { continue }
                memory = min(memory ?? .max, limit)
                if let left = level.available { memoryAvailable = min(memoryAvailable ?? .max, left) }
            }
        }
        for place in CgroupText.places(of: .cpu, cgroup: cgroup, mountinfo: mountinfo) {
            for group in Self.groups(of: place, in: folder) {
                guard let quota = Self.quota(group, place.version, in: folder) else { continue }
                processors = min(processors ?? .infinity, quota)
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

    /// Processor time of one group by the clock: `200000 100000` microseconds are two processors.
    ///
    /// Sources: kernel, `Documentation/admin-guide/cgroup-v2.rst` (`cpu.max`), `Documentation/scheduler/sched-bwc.rst`.
    private static func quota(_ group: String, _ version: CgroupText.Version, in folder: RootFolder) -> Double? {
        let time: Int64?
        let period: Int64?
        switch version {
        case .v2:
            // "max" is no number, and so no limit.
            let words = folder.line(group + "/cpu.max")?.split(separator: " ") ?? []
            time = words.first.flatMap { Int64($0) }
            period = words.count > 1 ? Int64(words[1]) : nil
        case .v1:
            // -1 is no limit.
            time = folder.integer(group + "/cpu.cfs_quota_us")
            period = folder.integer(group + "/cpu.cfs_period_us")
        }
        guard let time, let period, time > 0, period > 0 else { return nil }
        return Double(time) / Double(period)
    }

    /// One group: what memory it may take, what it takes.
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
