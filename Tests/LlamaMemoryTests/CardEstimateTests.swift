import Foundation
import GGUF
import LlamaMemory
import MeasuredModels
import Testing

/// Estimates with a graphics card against llama.cpp's own log.
@Suite struct CardEstimateTests {
    /// Errors of one column, as parts of the whole on its side.
    private struct Column {
        var errors: [Double] = []

        var worst: Double { errors.max() ?? 0 }
        var sorted: [Double] { errors.sorted() }
        var median: Double { errors.isEmpty ? 0 : sorted[errors.count / 2] }
        var exact: Int { errors.count { $0 < 0.00002 } }

        func print(_ name: String) {
            let ninth = errors.isEmpty ? 0 : sorted[min(errors.count - 1, errors.count * 9 / 10)]
            Swift.print(
                name.padding(toLength: 16, withPad: " ", startingAt: 0),
                String(
                    format: "median %8.4f %%  90th %8.4f %%  worst %8.4f %%  exact %d of %d", 100 * median,
                    100 * ninth, 100 * worst, exact, errors.count))
        }
    }

    private static let card = GraphicsCard(name: "H100", backend: "cuda", free: 80 << 30, usable: 79 << 30)

    private func offload(_ row: CardRow, _ file: GGUFFile, cards: Int = 1) throws -> Offload? {
        let shape = try #require(ModelShape(file))
        guard let memory = try? MemoryEstimate(file, workload: row.workload) else { return nil }
        let plan = OffloadPlan(
            memory, try #require(LayerWeights(file)), shape: shape, workload: row.workload,
            outside: OutsideMemory(process: 0))
        return plan.offload(
            gpuLayers: row.workload.gpuLayers ?? 0, to: Array(repeating: Self.card, count: cards))
    }

    @Test func `several cards`() throws {
        var columns: [String: Column] = [:]
        let name = ProcessInfo.processInfo.environment["MANY_ROWS"] ?? "truth_many"
        for row in try CardRow.read(name) {
            let file = try Fixtures.header(row.header)
            guard let offload = try offload(row, file, cards: row.cards.count) else { continue }
            for (place, (card, truth)) in zip(offload.devices, row.cards).enumerated() {
                let whole = truth.weights + truth.cache + truth.compute
                for (column, estimate, truth) in [
                    ("weights", card.share.weights, truth.weights), ("cache", card.share.cache, truth.cache),
                    ("compute", card.share.compute, truth.compute),
                ] {
                    let error = Double(estimate) / 1_048_576 - truth
                    columns[column, default: Column()].errors.append(abs(error) <= 0.011 ? 0 : abs(error) / whole)
                    if abs(error) > 0.02 { print("many:", column, place, row, Double(estimate) / 1_048_576, truth) }
                }
            }
            let error = abs(Double(offload.ram.compute) / 1_048_576 - row.memoryCompute)
            columns["memory", default: Column()].errors.append(error <= 0.011 ? 0 : error / row.memoryTotal)
            if error > 0.02 { print("many: memory", row, Double(offload.ram.compute) / 1_048_576, row.memoryCompute) }
        }
        for (name, column) in columns.sorted(by: { $0.key < $1.key }) { column.print(name) }
    }

    @Test func `both sides agree with llama.cpp's own log, and the process with the driver`() throws {
        var columns: [String: Column] = [:]
        var files: [String: GGUFFile] = [:]
        let showsRows = ProcessInfo.processInfo.environment["SHOW_ROWS"] != nil
        for row in try CardRow.read(ProcessInfo.processInfo.environment["CARD_ROWS"] ?? "truth_gpu") {
            let file = try files[row.header] ?? Fixtures.header(row.header)
            files[row.header] = file
            let shape = try #require(ModelShape(file))
            guard let memory = try? MemoryEstimate(file, workload: row.workload) else {
                print("none:", row)
                continue
            }
            let weights = try #require(LayerWeights(file))
            let plan = OffloadPlan(
                memory, weights, shape: shape, workload: row.workload, outside: OutsideMemory(process: 0))
            let offload = plan.offload(gpuLayers: row.workload.gpuLayers ?? 0, to: [Self.card])
            func mebibytes(_ bytes: Int64) -> Double { Double(bytes) / 1_048_576 }
            func note(_ name: String, _ estimate: Int64, _ truth: Double, of whole: Double) {
                let error = mebibytes(estimate) - truth
                columns[name, default: Column()].errors.append(abs(error) <= 0.011 ? 0 : abs(error) / whole)
                if showsRows, abs(error) > 0.02 {
                    print("off:", name, row, String(format: "%.2f, not %.2f", mebibytes(estimate), truth))
                }
            }
            let (card, host) = (offload.vram, offload.ram)
            note("card weights", card.weights, row.cardWeights, of: row.cardTotal)
            note("card cache", card.cache, row.cardCache, of: row.cardTotal)
            note("card compute", card.compute, row.cardCompute, of: row.cardTotal)
            note("card all", card.total - card.driver, row.cardTotal, of: row.cardTotal)
            note("memory weights", host.weights, row.memoryWeights, of: row.memoryTotal)
            note("memory cache", host.cache, row.memoryCache, of: row.memoryTotal)
            note("memory compute", host.compute, row.memoryCompute, of: row.memoryTotal)
            note("memory output", host.output, row.output, of: row.memoryTotal)
            note("memory all", host.total, row.memoryTotal, of: row.memoryTotal)
            if row.fixed > 500 {
                let error = mebibytes(card.total) / row.process - 1
                columns["process", default: Column()].errors.append(abs(error))
                columns["process too little", default: Column()].errors.append(max(0, -error))
            }
        }
        for (name, column) in columns.sorted(by: { $0.key < $1.key }) { column.print(name) }
        for name in ["card all", "memory all"] {
            #expect(columns[name]?.median == 0)
        }
        #expect(columns["card all"]?.worst ?? 1 <= 0.006)
        // Copies for the processor, with `--no-host`, are not followed.
        #expect(columns["memory all"]?.worst ?? 1 <= 0.07)
        #expect(columns["process"]?.median ?? 1 <= 0.05)
        #expect(columns["process too little"]?.worst ?? 1 <= 0.05)
    }
}
