import HostHardware
import LlamaMemory
import ModelFit
import Testing

/// In bytes.
private func gibibytes(_ count: Double) -> Int64 { Int64(count * 1_073_741_824) }

@Suite struct BudgetTests {
    /// A device and the budget that follows, all sizes in GiB.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var kind: DeviceClass?
        var total: Double?
        var available: Double?
        var limit: Double?
        var limitAvailable: Double?
        var gpus: [Device.GPU] = []
        var now: Double?
        var afterClosing: Double?
        var reserve: Double
    }

    @Test func `what is set aside as huge pages is not promised after closing programs`() {
        let device = Device(
            ramTotal: gibibytes(64), ramAvailable: gibibytes(10), deviceClass: .desktop, ramReserved: gibibytes(48))
        #expect(Budget(device: device).afterClosing == gibibytes(12))
        #expect(Budget(device: device).now == gibibytes(6))
    }

    @Test func `each card says what a model may take of it`() {
        func share(_ size: Double?, free: Double? = nil, isUnified: Bool = false) -> Int64? {
            Budget.share(
                of: Device.GPU(
                    name: "", vram: size.map(gibibytes), vramFree: free.map(gibibytes), backend: "cuda",
                    isUnified: isUnified))
        }
        #expect(share(24) == gibibytes(23))
        #expect(share(24, free: 20) == gibibytes(19))
        #expect(share(2, free: 1.5) == gibibytes(1))
        #expect(share(nil) == nil)
        #expect(share(24, isUnified: true) == nil)
    }

    private static let metal = Device.GPU(
        name: "Apple M4", vram: gibibytes(10.5), backend: "metal", isUnified: true)

    private static let cases = [
        Case(
            testDescription: "a laptop keeps an eighth", kind: .laptop, total: 16, available: 11, now: 9,
            afterClosing: 14, reserve: 2),
        Case(
            testDescription: "a small PC keeps one", kind: .desktop, total: 4, available: 3, now: 2, afterClosing: 3,
            reserve: 1),
        Case(
            testDescription: "a large workstation keeps four", kind: .workstation, total: 128, available: 120,
            now: 116, afterClosing: 124, reserve: 4),
        Case(
            testDescription: "a board keeps half a one", kind: .sbc, total: 4, available: 3.5, now: 3,
            afterClosing: 3.5, reserve: 0.5),
        Case(
            testDescription: "a server keeps a thirty-second", kind: .server, total: 32, available: 30, now: 29,
            afterClosing: 31, reserve: 1),
        Case(
            testDescription: "less available than is kept", kind: .laptop, total: 16, available: 1, now: 0,
            afterClosing: 14, reserve: 1),
        Case(
            testDescription: "a container's limit is the smaller bound", kind: .server, total: 32, available: 30,
            limit: 4, limitAvailable: 3, now: 2.875, afterClosing: 3.875, reserve: 0.125),
        Case(
            testDescription: "a container on a full machine", kind: .server, total: 32, available: 2, limit: 4,
            limitAvailable: 3, now: 1, afterClosing: 3.875, reserve: 1),
        Case(
            testDescription: "a limit above what the machine has", kind: .server, total: 32, available: 30, limit: 64,
            limitAvailable: 60, now: 29, afterClosing: 31, reserve: 1),
        Case(
            testDescription: "an app gets half of a phone", kind: .phone, total: 8, available: 7, now: 4,
            afterClosing: 4, reserve: 3),
        Case(
            testDescription: "a phone with many apps open", kind: .phone, total: 8, available: 3, now: 2.5,
            afterClosing: 4, reserve: 0.5),
        Case(
            testDescription: "a Mac gives what Metal takes", kind: .laptop, total: 16, available: 14, gpus: [metal],
            now: 10.5, afterClosing: 10.5, reserve: 3.5),
        Case(
            testDescription: "a busy Mac", kind: .laptop, total: 16, available: 8, gpus: [metal], now: 6,
            afterClosing: 10.5, reserve: 2),
        Case(
            testDescription: "unknown kind is treated like a PC", kind: nil, total: 8, available: 6, now: 5,
            afterClosing: 7, reserve: 1),
        Case(
            testDescription: "a profile: nothing runs", kind: .laptop, total: 16, now: 14, afterClosing: 14,
            reserve: 2),
        Case(
            testDescription: "only what is available", kind: .desktop, available: 8, now: 7, afterClosing: 7, reserve: 1
        ),
        Case(
            testDescription: "an iOS app's own rest", kind: .phone, total: 8, limitAvailable: 3.2, now: 3.1,
            afterClosing: 4, reserve: 0.1),
        Case(testDescription: "nothing known", reserve: 0),
    ]

    @Test(arguments: cases)
    func `what a device gives`(example: Case) {
        let device = Device(
            ramTotal: example.total.map(gibibytes), ramAvailable: example.available.map(gibibytes),
            memoryLimit: example.limit.map(gibibytes), memoryLimitAvailable: example.limitAvailable.map(gibibytes),
            swapTotal: gibibytes(100), swapFree: gibibytes(100), gpus: example.gpus, deviceClass: example.kind)
        let budget = Budget(device: device)
        // A byte of rounding in the table.
        #expect(near(budget.now, example.now))
        #expect(near(budget.afterClosing, example.afterClosing))
        #expect(near(budget.reserve, example.reserve))
    }

    private func near(_ bytes: Int64?, _ gib: Double?) -> Bool {
        guard let bytes, let gib else { return bytes == nil && gib == nil }
        return abs(bytes - gibibytes(gib)) <= 2
    }

    /// Cards as (total, free, unified), in GiB, and what they take together.
    private static let cards: [(cards: [(total: Double?, free: Double?, isUnified: Bool)], gpu: Double?)] = [
        ([], nil),
        ([(12, nil, false)], 11),
        ([(12, 8, false)], 7),
        ([(24, 23, false), (24, 20, false)], 41),
        ([(2, 2, false)], 1.5),
        ([(8, 0.5, false)], 0),
        ([(nil, nil, false)], nil),
        ([(nil, nil, false), (8, nil, false)], 7),
        ([(48, nil, true)], nil),
        ([(48, nil, true), (8, nil, false)], 7),
    ]

    @Test(arguments: cards)
    func `discrete cards add up and unified memory is not counted twice`(
        cards: [(total: Double?, free: Double?, isUnified: Bool)], gpu: Double?
    ) {
        let gpus = cards.map {
            Device.GPU(
                name: "card", vram: $0.total.map(gibibytes), vramFree: $0.free.map(gibibytes), backend: "vulkan",
                isUnified: $0.isUnified)
        }
        #expect(Budget(device: Device(gpus: gpus)).gpu == gpu.map(gibibytes))
    }

    @Test func `an integrated chip's share does not bound what the processor can use`() {
        let shared = Device.GPU(name: "Radeon 780M", vram: gibibytes(4), backend: "vulkan", isUnified: true)
        let budget = Budget(device: Device(ramTotal: gibibytes(16), gpus: [shared], deviceClass: .laptop))
        #expect(budget.afterClosing == gibibytes(14))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 4096, .max])
    func `absurd sizes end in a budget between nothing and all`(size: Int64) throws {
        for kind in DeviceClass.allCases {
            let gpu = Device.GPU(name: "x", vram: size, vramFree: size, backend: "cuda")
            let device = Device(
                ramTotal: size, ramAvailable: size, memoryLimit: size, memoryLimitAvailable: size, gpus: [gpu, gpu],
                deviceClass: kind)
            let budget = Budget(device: device)
            #expect(0...max(0, size) ~= (try #require(budget.now)))
            #expect(try #require(budget.now) <= (try #require(budget.afterClosing)))
            #expect(budget.reserve >= 0)
            #expect(try #require(budget.gpu) >= 0)
        }
    }
}
