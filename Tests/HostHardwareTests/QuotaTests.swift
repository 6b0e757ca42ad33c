import HostHardware
import Testing

/// A container's limits beside those of memory's group tree, and memory that is not what it seems.
@Suite struct QuotaTests {
    private static let mounts = """
        35 25 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
        36 25 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct

        """

    private static func processors(_ count: Int) -> String {
        (0..<count).map { "processor : \($0)\nphysical id : 0\ncore id : \($0 / 2)\n" }.joined(separator: "\n")
    }

    private func cpu(_ files: [String: String], cgroup: String, threads: Int = 16) throws -> Device.CPU {
        var files = files
        files["proc/cpuinfo"] = Self.processors(threads)
        files["proc/self/cgroup"] = cgroup
        files["proc/self/mountinfo"] = Self.mounts
        files["sys/fs/cgroup/outer/inner/cgroup.procs"] = "1\n"
        return try probe(files).cpu
    }

    /// `cpu.max` of a group and of the one above it, and what follows.
    struct Quota: Sendable {
        var inner: String
        var outer: String
        var quota: Double?
        var logical: Int
        var physical: Int
    }

    @Test(arguments: [
        Quota(inner: "200000 100000", outer: "max 100000", quota: 2, logical: 2, physical: 2),
        Quota(inner: "max 100000", outer: "200000 100000", quota: 2, logical: 2, physical: 2),
        Quota(inner: "800000 100000", outer: "150000 50000", quota: 3, logical: 3, physical: 3),
        Quota(inner: "150000 100000", outer: "max", quota: 1.5, logical: 2, physical: 2),
        Quota(inner: "10000 100000", outer: "max", quota: 0.1, logical: 1, physical: 1),
        Quota(inner: "1200000 100000", outer: "max", quota: 12, logical: 12, physical: 8),
        Quota(inner: "1600000 100000", outer: "max", quota: nil, logical: 16, physical: 8),
        Quota(inner: "max 100000", outer: "max 100000", quota: nil, logical: 16, physical: 8),
        Quota(inner: "-5 0", outer: "200000", quota: nil, logical: 16, physical: 8),
    ])
    func `the smallest quota up the tree bounds the cores that count`(example: Quota) throws {
        let cpu = try cpu(
            [
                "sys/fs/cgroup/outer/inner/cpu.max": example.inner + "\n",
                "sys/fs/cgroup/outer/cpu.max": example.outer + "\n",
            ], cgroup: "0::/outer/inner\n")
        #expect(cpu.quota == example.quota)
        #expect(cpu.logicalCores == example.logical)
        #expect(cpu.physicalCores == example.physical)
    }

    private static let quotas: [(time: String, period: String, quota: Double?)] = [
        ("400000", "100000", 4), ("-1", "100000", nil),
    ]

    @Test(arguments: quotas)
    func `version 1 bounds processors in a hierarchy of its own`(
        time: String, period: String, quota: Double?
    ) throws {
        let cpu = try cpu(
            [
                "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": time + "\n",
                "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": period + "\n",
            ], cgroup: "3:cpu,cpuacct:/box\n2:memory:/\n")
        #expect(cpu.quota == quota)
        #expect(cpu.logicalCores == quota.map { Int($0) } ?? 16)
    }

    @Test func `a limit that is not below the machine's memory is none`() throws {
        let device = try probe([
            "proc/meminfo": "MemTotal: 4194304 kB\nMemAvailable: 3145728 kB\n",
            "proc/self/cgroup": "0::/outer/inner\n", "proc/self/mountinfo": Self.mounts,
            "sys/fs/cgroup/outer/inner/memory.max": "\(gibibytes(8))\n",
            "sys/fs/cgroup/outer/inner/memory.current": "\(gibibytes(7))\n",
            "sys/fs/cgroup/outer/memory.max": "\(gibibytes(4))\n",
        ])
        #expect(device.memoryLimit == nil)
        #expect(device.memoryLimitAvailable == nil)
        #expect(device.ramTotal == gibibytes(4))
    }

    private static let hugePages: [(text: String, reserved: Int64?)] = [
        ("HugePages_Total: 24576\nHugePages_Surp: 0\nHugepagesize: 2048 kB\nHugetlb: 50331648 kB\n", gibibytes(48)),
        ("HugePages_Total: 512\nHugePages_Surp: 256\nHugepagesize: 2048 kB\n", mebibytes(512)),
        ("HugePages_Total: 0\nHugepagesize: 2048 kB\nHugetlb: 0 kB\n", nil),
        ("HugePages_Total: 9223372036854775807\nHugepagesize: 2048 kB\n", nil), ("", nil),
    ]

    @Test(arguments: hugePages)
    func `huge pages are set aside`(text: String, reserved: Int64?) throws {
        let device = try probe(["proc/meminfo": "MemTotal: 67108864 kB\n" + text])
        #expect(device.ramReserved == reserved)
        #expect(device.ramUsable == gibibytes(64) - (reserved ?? 0))
    }

    /// Of ZFS's cache; and of memory, what is available with it. In GiB.
    private static let caches: [(size: Int64, least: Int64, available: Int64)] = [
        // What the cache holds above its least size is given back.
        (20, 2, 24), (1, 2, 6),
        // Never more than there is.
        (90, 0, 32),
    ]

    @Test(arguments: caches)
    func `ZFS's cache above its minimum is available`(size: Int64, least: Int64, available: Int64) throws {
        let device = try probe([
            "proc/meminfo": "MemTotal: 33554432 kB\nMemAvailable: 6291456 kB\n",
            "proc/spl/kstat/zfs/arcstats": """
            13 1 0x01 147 39984 8413418147 3262183628394
            name                            type data
            hits                            4    23
            c_min                           4    \(gibibytes(least))
            c_max                           4    \(gibibytes(16))
            size                            4    \(gibibytes(size))
            """,
        ])
        #expect(device.ramAvailable == gibibytes(available))
    }
}
