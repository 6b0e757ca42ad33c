/// Texts of the Linux kernel, as numbers. Compiled on every system, so that a Mac tests them too.
///
/// Format of each: the kernel's `Documentation/filesystems/proc.rst` and `Documentation/ABI`.
package enum ProcText {
    /// What `/proc/meminfo` says, in bytes.
    package struct Memory: Equatable {
        package var total: Int64?
        package var available: Int64?
        package var swapTotal: Int64?
        package var swapFree: Int64?
        /// Set aside for huge pages, whether in use or not.
        package var hugePages: Int64?
    }

    /// Reads `/proc/meminfo`.
    ///
    /// Kernels before 3.14 have no `MemAvailable`: free memory and page cache without shared memory stand in,
    /// which is what programs added up before.
    package static func memory(_ text: String) -> Memory {
        let fields = fields(text, separator: ":")
        func value(_ name: String) -> Int64? { fields[name].flatMap(bytes) }
        var memory = Memory(
            total: value("MemTotal"), available: value("MemAvailable"), swapTotal: value("SwapTotal"),
            swapFree: value("SwapFree"), hugePages: hugePages(value))
        if memory.available == nil, let free = value("MemFree"), let cached = value("Cached") {
            let (sum, overflow) = free.addingReportingOverflow(cached)
            if !overflow { memory.available = max(free, sum - (value("Shmem") ?? 0)) }
        }
        return memory
    }

    /// Pages that are part of the total, but that no program gets that does not ask for just these.
    ///
    /// `Hugetlb` (since kernel 4.19) counts all sizes of page; those made on demand (surplus) go back by themselves.
    /// Source: kernel, `Documentation/admin-guide/mm/hugetlbpage.rst`.
    private static func hugePages(_ value: (String) -> Int64?) -> Int64? {
        let size = value("Hugepagesize") ?? 0
        func pages(_ name: String) -> Int64? {
            value(name).flatMap { count in
                let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
                return overflow ? nil : bytes
            }
        }
        guard let all = value("Hugetlb") ?? pages("HugePages_Total"), all > 0 else { return nil }
        return max(0, all - (pages("HugePages_Surp") ?? 0))
    }

    /// What ZFS's cache gives back when programs want memory, in bytes, from `arcstats`: what it holds above its
    /// minimum. The kernel does not count it as available, as it does its own cache.
    ///
    /// Source: OpenZFS, `module/zfs/arc.c` (`c_min`, `size`).
    package static func zfsCache(_ text: String) -> Int64? {
        let fields = fields(text, separator: " ")
        // `size 4 8589934592`: a name, the number's type, the number.
        func value(_ name: String) -> Int64? {
            fields[name]?.split(separator: " ").last.flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
        }
        guard let size = value("size"), let least = value("c_min") else { return nil }
        return max(0, size - least)
    }

    /// A size as `/proc/meminfo` writes it (`16234512 kB`, where kB means 1,024 bytes), in bytes.
    private static func bytes(_ text: String) -> Int64? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let number = words.first.flatMap({ Int64($0) }), number >= 0 else { return nil }
        guard words.count > 1 else { return number }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1024)
        return words[1].lowercased() == "kb" && !overflow ? product : nil
    }

    /// Lines of `name<separator>value`; of a repeated name the first counts.
    package static func fields(_ text: String, separator: Unicode.Scalar) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.textLines {
            guard let (name, value) = line.halves(at: separator) else { continue }
            if fields[String(name)] == nil { fields[String(name)] = String(value) }
        }
        return fields
    }

    /// A list of processors as the kernel writes it: `0-3,8,10-11`.
    ///
    /// Empty when the text is no such list. At most 65,536 processors, eight times what the kernel is built for.
    package static func processorList(_ text: String) -> Set<Int> {
        var processors: Set<Int> = []
        for part in text.trimmingBlanks.split(separator: ",") {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                .map { Int($0.trimmingBlanks) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, 0 <= first, first <= last, last < 65_536
            else { return [] }
            processors.formUnion(first...last)
        }
        return processors
    }

    /// The number behind `name` in a `memory.stat` (`inactive_file 123`), in bytes.
    package static func stat(_ name: String, in text: String) -> Int64? {
        fields(text, separator: " ")[name].flatMap { Int64($0) }
    }

    /// A `uevent` file: `PCI_SLOT_NAME=0000:03:00.0`.
    package static func uevent(_ text: String) -> [String: String] {
        fields(text, separator: "=")
    }
}
