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
        var ninth: Double { errors.isEmpty ? 0 : sorted[min(errors.count - 1, errors.count * 9 / 10)] }
        var exact: Int { errors.count { $0 < 0.00002 } }

        func print(_ name: String) {
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

    /// What the estimates of a table's rows are off, by column.
    private func errors(of rows: [CardRow]) throws -> [String: Column] {
        var columns: [String: Column] = [:]
        var files: [String: GGUFFile] = [:]
        let showsRows = ProcessInfo.processInfo.environment["SHOW_ROWS"] != nil
        func mebibytes(_ bytes: Int64) -> Double { Double(bytes) / 1_048_576 }
        for row in rows {
            let file = try files[row.header] ?? Fixtures.header(row.header)
            files[row.header] = file
            guard let offload = try offload(row, file, cards: max(1, row.cards.count)) else { continue }
            func note(_ name: String, _ estimate: Int64, _ truth: Double, of whole: Double) {
                let error = mebibytes(estimate) - truth
                columns[name, default: Column()].errors.append(abs(error) <= 0.011 ? 0 : abs(error) / whole)
                if showsRows, abs(error) > 0.02 {
                    print("off:", name, row, String(format: "%.2f, not %.2f", mebibytes(estimate), truth))
                }
            }
            let (card, host) = (offload.vram, offload.ram)
            for (device, truth) in zip(offload.devices, row.cards) {
                let whole = truth.weights + truth.cache + truth.compute
                note("each card", device.share.total - device.share.driver, whole, of: whole)
            }
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
        return columns
    }

    @Test func `both sides agree with llama.cpp's own log, and the process with the driver`() throws {
        let columns = try errors(of: CardRow.read("truth_gpu"))
        for name in ["card all", "memory all"] {
            #expect(columns[name]?.median == 0)
        }
        #expect(columns["card all"]?.worst ?? 1 <= 0.006)
        // Copies for the processor, with `--no-host`, are not followed.
        #expect(columns["memory all"]?.worst ?? 1 <= 0.07)
        #expect(columns["process"]?.median ?? 1 <= 0.05)
        #expect(columns["process too little"]?.worst ?? 1 <= 0.05)
    }

    /// Planned and not loaded, so weights in memory are not mapped there as they are here, and not compared.
    @Test func `fifty architectures on a card`() throws {
        let columns = try errors(of: CardRow.read("truth_cards"))
        #expect(columns["card weights"]?.worst == 0)
        // Sums of figures with two decimals.
        #expect(columns["card cache"]?.worst ?? 1 <= 0.0001)
        #expect(columns["card all"]?.worst ?? 1 <= 0.0001)
        #expect(columns["memory compute"]?.worst ?? 1 <= 0.0001)
    }

    @Test func `whole layers on two and three cards, each with buffers of its own`() throws {
        let columns = try errors(of: CardRow.read("truth_many_cards"))
        #expect(columns["each card"]?.worst ?? 1 <= 0.0001)
        #expect(columns["memory compute"]?.worst ?? 1 <= 0.0001)
    }

    @Test func `loaded for real, the process takes what the driver says`() throws {
        let columns = try errors(of: CardRow.read("truth_processes"))
        #expect(columns["card all"]?.worst ?? 1 <= 0.0001)
        #expect(columns["memory all"]?.worst ?? 1 <= 0.005)
        #expect(columns["process"]?.median ?? 1 <= 0.01)
        #expect(columns["process too little"]?.worst ?? 1 <= 0.05)
    }
}
