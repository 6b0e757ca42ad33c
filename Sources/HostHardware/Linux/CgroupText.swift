/// Where a process stands in the control groups, from `/proc/<pid>/cgroup` and `/proc/<pid>/mountinfo`.
///
/// Formats: `man 7 cgroups`, `man 5 proc_pid_mountinfo`.
package enum CgroupText {
    /// What a hierarchy bounds.
    package enum Controller: String {
        case memory, cpu
    }

    /// The version of the interface that a folder speaks.
    package enum Version: Hashable {
        case v1, v2
    }

    /// One hierarchy as the process sees it.
    package struct Place: Hashable {
        package var version: Version
        /// Where the hierarchy is mounted: `/sys/fs/cgroup`.
        package var mountPoint: String
        /// From there to the process's own group: `/system.slice/ollama.service`, empty for the mount point itself.
        package var path: String

        package init(version: Version, mountPoint: String, path: String) {
            self.version = version
            self.mountPoint = mountPoint
            self.path = path
        }
    }

    /// The places whose limits bind the process: one, or two where both versions are mounted.
    package static func places(of controller: Controller, cgroup: String, mountinfo: String) -> [Place] {
        let mounts = mountinfo.textLines.compactMap { Mount(parsing: $0, controller) }
        return cgroup.textLines.compactMap { line in
            // `4:memory:/docker/0a1b`, `0::/user.slice`; the path may hold colons of its own.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            let controllers = parts[1].split(separator: ",")
            let version: Version
            if controllers.contains(where: { $0 == controller.rawValue }) {
                version = .v1
            } else if controllers.isEmpty && parts[0] == "0" {
                version = .v2
            } else {
                return nil
            }
            guard let mount = mounts.first(where: { $0.version == version }) else { return nil }
            return Place(
                version: version, mountPoint: mount.point, path: relative(String(parts[2]), to: mount.root))
        }
    }

    /// A group's path below the mount point.
    ///
    /// A container without a namespace of its own sees the host's path (`/docker/0a1b`) and a mount whose root is
    /// that very path. A path that leads out of the mount (`/../sibling`) cannot be followed: the mount point then.
    private static func relative(_ path: String, to root: String) -> String {
        guard !path.split(separator: "/").contains("..") else { return "" }
        let rest = root == "/" ? path : path == root ? "" : path.hasPrefix(root + "/") ? dropping(root, from: path) : ""
        return rest == "/" ? "" : rest
    }

    private static func dropping(_ prefix: String, from path: String) -> String {
        String(path.dropFirst(prefix.count))
    }

    private struct Mount {
        let root: String
        let point: String
        let version: Version

        /// `35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`
        init?(parsing line: Substring, _ controller: Controller) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
            switch fields[dash + 1] {
            case "cgroup2": version = .v2
            case "cgroup" where fields[dash + 3].split(separator: ",").contains { $0 == controller.rawValue }:
                version = .v1
            default: return nil
            }
            root = Self.unescaped(fields[3])
            point = Self.unescaped(fields[4])
        }

        /// Blanks and backslashes in paths are written in octal: `\040`.
        private static func unescaped(_ text: Substring) -> String {
            guard text.contains("\\") else { return String(text) }
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\"), rest.count >= 3,
                    let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(3)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
