import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import Testing

@Suite struct MemoryEstimateTests {
    private static func mebibytes(_ bytes: Int64) -> Double { Double(bytes) / 1_048_576 }

    /// How far off each part is, by architecture.
    private struct Table {
        var totals: [String: ErrorStatistics] = [:]
        var computes: [String: ErrorStatistics] = [:]
        var all = ErrorStatistics()

        func print() {
            Swift.print("architecture      rows  total: median   worst    compute: median   worst")
            for (name, total) in totals.sorted(by: { $0.key < $1.key }) {
                let compute = computes[name] ?? ErrorStatistics()
                let figures = [total.median, total.worst, compute.median, compute.worst].map {
                    String(format: "%8.4f %%", 100 * $0)
                }
                Swift.print(
                    name.padding(toLength: 16, withPad: " ", startingAt: 0), String(format: "%5d", total.count),
                    figures.joined(separator: "  "))
            }
            Swift.print(String(format: "all: median %.4f %%, worst %.4f %%", 100 * all.median, 100 * all.worst))
        }
    }

    @Test(arguments: ["truth_public", "truth_more"])
    func `estimates agree with llama.cpp's own log`(measured: String) throws {
        var table = Table()
        var files: [String: GGUFFile] = [:]
        for row in try TruthRow.read(measured) {
            let file = try files[row.header] ?? Fixtures.header(row.header)
            files[row.header] = file
            let estimate = try MemoryEstimate(file, workload: row.workload)
            let cache = Self.mebibytes(estimate.kvCache)
            let compute = Self.mebibytes(estimate.compute)
            let total = Self.mebibytes(estimate.total)
            #expect(abs(cache - row.cache - row.state) <= 0.011, "\(row)")
            // Tensors at either end that were copied for the processor are not mapped.
            if row.repacked == nil {
                #expect(abs(Self.mebibytes(estimate.weights) - row.mapped) <= 0.011, "\(row)")
            }
            #expect(abs(Self.mebibytes(estimate.output) - row.output) <= 0.011, "\(row)")
            table.all.add(total, row.total)
            table.totals[row.architecture, default: ErrorStatistics()].add(total, row.total)
            table.computes[row.architecture, default: ErrorStatistics()].add(compute, row.compute)
            if ProcessInfo.processInfo.environment["SHOW_ROWS"] != nil, abs(compute - row.compute) > 0.011 {
                print(
                    "off:", row.header, row.workload.runtime, row.workload.contextLength ?? 0,
                    row.workload.cacheTypeK.name, row.workload.flashAttention, "compute", compute, "truth", row.compute)
            }
        }
        table.print()
        #expect(table.all.median <= 0.0005)
        // The largest is a file whose first tensor was copied for the processor and so is not mapped.
        #expect(table.all.worst <= 0.002)
    }
}

/// Errors of many rows.
struct ErrorStatistics {
    private var errors: [Double] = []

    mutating func add(_ estimate: Double, _ truth: Double) {
        errors.append(truth == 0 ? abs(estimate) : abs(estimate - truth) / truth)
    }

    var count: Int { errors.count }
    var worst: Double { errors.max() ?? 0 }
    var median: Double {
        let sorted = errors.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
