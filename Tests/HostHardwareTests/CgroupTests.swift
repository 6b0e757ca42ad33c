import HostHardware
import Testing

@Suite struct CgroupTests {
    @Test func `a container's limit counts page cache in use as free`() throws {
        let device = LinuxProbe(root: try machine("container-v2")).device()
        // The container may take 2 GiB and the pod round it 4 GiB.
        #expect(device.memoryLimit == gibibytes(2))
        // 1,800 MiB are charged, of which 1,200 MiB are inactive page cache.
        #expect(device.memoryLimitAvailable == gibibytes(2) - mebibytes(600))
        #expect(device.cpu.logicalCores == 2)
        #expect(device.cpu.physicalCores == 1)
        #expect(device.deviceClass == .server)
    }

    @Test func `version 1 is read through Docker's mount of the container's own group`() throws {
        let device = LinuxProbe(root: try machine("container-v1")).device()
        #expect(device.memoryLimit == gibibytes(1))
        #expect(device.memoryLimitAvailable == gibibytes(1) - (943_718_400 - 629_145_600))
        #expect(device.deviceClass == .server)
    }

    /// Two groups on the way down, and what is expected of them.
    struct Tree: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var outer: [String: String]
        var inner: [String: String]
        var limit: Int64?
        var available: Int64?
    }

    @Test(arguments: [
        Tree(
            testDescription: "no limit anywhere", outer: ["memory.max": "max"],
            inner: ["memory.max": "max", "memory.current": "100"]),
        Tree(
            testDescription: "a parent with the smaller limit", outer: ["memory.max": "1000", "memory.current": "400"],
            inner: ["memory.max": "5000", "memory.current": "100"], limit: 1000, available: 600),
        Tree(
            testDescription: "a parent with the larger limit but less left, for a sibling fills it",
            outer: ["memory.max": "5000", "memory.current": "4900"],
            inner: ["memory.max": "1000", "memory.current": "100"], limit: 1000, available: 100),
        Tree(
            testDescription: "memory.high below memory.max", outer: [:],
            inner: ["memory.max": "5000", "memory.high": "3000", "memory.current": "1000"], limit: 3000,
            available: 2000),
        Tree(
            testDescription: "usage above the limit", outer: [:],
            inner: ["memory.max": "1000", "memory.current": "2000"], limit: 1000, available: 0),
        Tree(
            testDescription: "more cache than usage", outer: [:],
            inner: ["memory.max": "1000", "memory.current": "200", "memory.stat": "inactive_file 900"], limit: 1000,
            available: 1000),
        Tree(
            testDescription: "active cache counts as used", outer: [:],
            inner: [
                "memory.max": "1000", "memory.current": "800", "memory.stat": "inactive_file 300\nactive_file 400",
            ], limit: 1000, available: 500),
        Tree(
            testDescription: "usage that cannot be read", outer: [:], inner: ["memory.max": "1000"], limit: 1000),
        Tree(testDescription: "nonsense", outer: ["memory.max": "-5"], inner: ["memory.max": "lots"]),
    ])
    func `limits up the tree of version 2`(tree: Tree) throws {
        var files = [
            "proc/self/cgroup": "0::/outer/inner\n",
            "proc/self/mountinfo": "35 25 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "sys/fs/cgroup/outer/inner/cgroup.procs": "1\n",
        ]
        for (name, text) in tree.outer { files["sys/fs/cgroup/outer/\(name)"] = text + "\n" }
        for (name, text) in tree.inner { files["sys/fs/cgroup/outer/inner/\(name)"] = text + "\n" }
        let device = try probe(files)
        #expect(device.memoryLimit == tree.limit)
        #expect(device.memoryLimitAvailable == tree.available)
    }

    @Test(arguments: ["9223372036854771712", "9223372036854710272", "9223372036854775807"])
    func `version 1's largest number is no limit`(unlimited: String) throws {
        let device = try probe([
            "proc/self/cgroup": "4:memory:/\n",
            "proc/self/mountinfo": "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited + "\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "4096\n",
        ])
        #expect(device.memoryLimit == nil)
        #expect(device.memoryLimitAvailable == nil)
    }

    @Test func `version 1 tells of an ancestor that cannot be seen`() throws {
        let device = try probe([
            "proc/self/cgroup": "4:memory:/\n",
            "proc/self/mountinfo": "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "4096\n",
            "sys/fs/cgroup/memory/memory.stat": "hierarchical_memory_limit 1048576\ntotal_inactive_file 0\n",
        ])
        #expect(device.memoryLimit == 1_048_576)
        #expect(device.memoryLimitAvailable == 1_044_480)
    }

    @Test(arguments: [
        ("0::/a/b\n", "1 2 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup", "/a/b"),
        ("0::/\n", "1 2 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup", ""),
        ("0::/docker/x\n", "1 2 0:3 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup", ""),
        ("0::/docker/x/y\n", "1 2 0:3 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup", "/y"),
        // Not a part of the mount, though the letters begin alike.
        ("0::/docker/xy\n", "1 2 0:3 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup", ""),
        ("0::/../sibling\n", "1 2 0:3 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n", "/sys/fs/cgroup", ""),
        (
            "0::/a:b\n", "1 2 0:3 / /mnt/my\\040groups rw shared:1 master:2 - cgroup2 none rw\n", "/mnt/my groups",
            "/a:b"
        ),
    ])
    func `a group's folder is found`(cgroup: String, mountinfo: String, mountPoint: String, path: String) {
        #expect(
            CgroupText.places(of: .memory, cgroup: cgroup, mountinfo: mountinfo)
                == [CgroupText.Place(version: .v2, mountPoint: mountPoint, path: path)])
    }

    @Test(arguments: [
        ("", ""), ("0::/a\n", ""), ("0::/a\n", "1 2 0:3 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"),
        ("3:cpu:/a\n", "1 2 0:3 / /sys/fs/cgroup rw - cgroup cgroup rw,cpu\n"), ("::\n", "- - - - - - - -\n"),
    ])
    func `where there is no memory group there is no limit`(cgroup: String, mountinfo: String) {
        #expect(CgroupText.places(of: .memory, cgroup: cgroup, mountinfo: mountinfo).isEmpty)
    }
}
