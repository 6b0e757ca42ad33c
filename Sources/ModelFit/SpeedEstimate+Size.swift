import GGUF
package import HostHardware
import LlamaMemory

extension SpeedEstimate {
    /// Of a model of which only the files' size is known: each token reads all of it, or its share of experts.
    ///
    /// - Parameter activeShare: The part of the weights that works on one token, 0 to 1.
    /// - Returns: Nil when it cannot run, lies partly on a card, or a rate that matters is unknown.
    package init?(bySizeOf report: FitReport, activeShare: Double, device: Device, machine: MachineSpeed?) {
        guard report.memory == nil, report.verdict != .tooLarge, report.verdict != .partial else { return nil }
        let models = report.variant.files.filter { !FileName.isProjector($0.name) }.compactMap(\.size)
        guard let size = models.isEmpty ? report.variant.estimatedSize : models.reduce(0, { $0 + max(0, $1) / 2 }) * 2
        else { return nil }
        let type = report.variant.quantization.flatMap { Quantization(parsing: $0) }?.fileType.baseType ?? .q80
        let work = TokenWork(bytes: Int64(Double(size) * min(max(activeShare, 0.02), 1)), of: type)
        let bandwidths = device.gpus.filter { !$0.isUnified }.map(\.bandwidth)
        let slowest = bandwidths.contains(nil) ? nil : bandwidths.compactMap(\.self).min()
        // As many layers as a model of some billion weights has.
        self.init(
            work, layers: 32, steps: StepCount(plainLayers: 32), cache: 0, on: machine,
            gpu: report.placement == .gpu ? (1, slowest) : nil)
    }
}

extension ClosedRange<Double> {
    /// So many times the lower bound as the upper one is of it.
    package var middle: Double { (lowerBound * upperBound).squareRoot() }
}

extension SpeedEstimate {
    /// What reads more than this for a token surely writes slower than `pace`, in bytes; nil where a graphics card may
    /// take part, or nothing is known of the memory.
    package static func mostBytes(forPace pace: Double, device: Device, machine: MachineSpeed?) -> Int64? {
        // Of all types these numbers take the least work for their bytes.
        let sample = TokenWork(bytes: 1 << 30, of: .f32)
        guard !device.gpus.contains(where: { !$0.isUnified }), pace > 0,
            let speed = SpeedEstimate(sample, layers: 0, steps: StepCount(), cache: 0, on: machine)?.tokensPerSecond
        else { return nil }
        let bytes = Double(sample.bytes) * speed.middle / pace
        return bytes < 0x1p62 ? Int64(bytes) : nil
    }
}
