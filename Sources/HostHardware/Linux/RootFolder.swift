import CHost

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#elseif canImport(Darwin)
    import Darwin
#endif

/// The tree that a probe reads `/proc` and `/sys` from: the machine's own, or a test's fixture.
///
/// Everything in it is somebody else's text: reads are bounded, and what cannot be read is nil.
struct RootFolder: Sendable {
    /// Without a slash at the end, so that the machine's own tree is the empty string.
    private let prefix: String

    private let environment: [String: String]?

    /// - Parameter environment: The variables; nil for the process's own, and for none where another tree is read.
    init(_ path: String, environment: [String: String]? = nil) {
        var path = path[...]
        while path.hasSuffix("/") { path = path.dropLast() }
        prefix = String(path)
        self.environment = environment
    }

    /// Whether this is the running machine's own tree.
    var isMachine: Bool { prefix.isEmpty }

    /// A variable of the environment.
    func variable(_ name: String) -> String? {
        if let environment { return environment[name] }
        return isMachine ? getenv(name).map { String(cString: $0) } : nil
    }

    /// What the kernel answers without `/proc`, in bytes; nil for another tree.
    func memory() -> (total: Int64, available: Int64)? {
        var (total, available): (UInt64, UInt64) = (0, 0)
        guard isMachine, chost_system_memory(&total, &available) != 0 else { return nil }
        return (Int64(clamping: total), Int64(clamping: available))
    }

    func exists(_ path: String) -> Bool {
        access(prefix + path, F_OK) == 0
    }

    /// The file's first `limit` bytes as text.
    func text(_ path: String, limit: Int = 1 << 20) -> String? {
        let file = open(prefix + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // Files of /proc and /sys claim no size: read until they end.
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let count = block.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += block[..<min(count, limit - bytes.count)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The file's first line without the blanks round it and the NUL that device-tree strings end with;
    /// nil when it is empty.
    func line(_ path: String) -> String? {
        guard let text = text(path, limit: 4096), let line = text.textLines.first else {
            return nil
        }
        let trimmed = line.trimmingBlanks
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// The number on the file's first line.
    func integer(_ path: String) -> Int64? {
        line(path).flatMap { Int64($0) }
    }

    /// What is in the folder, sorted; empty when it cannot be read.
    func names(in path: String) -> [String] {
        guard let folder = opendir(prefix + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < 4096, let entry = readdir(folder) {
            // `d_name` is a C array inside a struct that may be shorter than the array's type says:
            // take its address instead of its value.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
            let name = String(
                cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
