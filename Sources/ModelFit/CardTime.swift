import LlamaMemory

/// What a graphics card takes for a token: being told of each calculation, reading the weights, unpacking them.
///
/// The costs are fitted to an H100 (CUDA 13, llama.cpp 0c1e570): 11 files with llama-bench (`bench_gpu.jsonl`) and 66
/// models of 40 architectures with its C API (`bench_cards.csv`), from 111 million to 9 billion weights. The middle of
/// the range is within 20 % of all of them, of half within 5 %. Each left out of the fit, none of 65 is off by more than
/// 28 %; one alone, MiniCPM 3, has attention that CUDA has no kernel for, and sets what that costs.
struct CardTime {
    /// Being told what to do, in seconds.
    let telling: Double
    /// Reading, if the memory did what its specification says, in seconds.
    let reading: Double
    /// Unpacking weights of few bits, in seconds.
    let unpacking: Double

    init(_ work: TokenWork, _ steps: StepCount, bytes: Int64, bandwidth: Double) {
        func cost(_ count: Int, _ seconds: Double) -> Double { Double(min(max(count, 0), 1 << 20)) * seconds }
        telling =
            0.14e-3 + cost(steps.products, 4.5e-6) + cost(steps.others, 1.25e-6)
            + cost(steps.wideAttention, 9e-6) + cost(steps.unusualAttention, 20.5e-6)
            + cost(steps.steppedAttention, 77e-6) + Double(steps.logits) * 0.2e-9
        reading = Double(bytes) / bandwidth
        unpacking = work.parts.reduce(0) { sum, part in
            let perByte: Double =
                switch part.type {
                case .f32, .f16, .bf16: 0
                case .q80: 0.12e-12
                default: 0.25e-12
                }
            return sum + Double(part.count) * part.type.bitsPerWeight / 8 * perByte
        }
    }

    /// From quick to slow.
    ///
    /// Other cards than the measured one hold for 16 of NVIDIA's with a Llama 3 of 8B in Q4_K_M and F16, by llama.cpp of
    /// May 2024 (https://github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference); what a desktop's driver takes for each
    /// token beside is chosen, not measured. AMD's and Intel's cards were not looked at.
    func seconds(onMeasuredCard isMeasured: Bool) -> ClosedRange<Double> {
        isMeasured
            ? seconds(orders: 0.85, memory: 0.95)...seconds(orders: 1.25, memory: 1.25)
            : Self.desktop + seconds(orders: 0.9, memory: 1)...Self.desktop + seconds(orders: 2.2, memory: 1.35)
    }

    private static let desktop = 0.45e-3

    private func seconds(orders: Double, memory: Double) -> Double {
        (telling + unpacking) * orders + reading * memory
    }
}

/// What cards' memory delivers by specification, where a driver tells only their name.
enum CardBandwidth {
    /// NVIDIA's data sheets, in bytes per second; the longest name that is in the driver's counts.
    private static let servers: [(name: String, rate: Double)] = [
        ("H200", 4.8e12), ("H100 80GB HBM3", 3.35e12), ("H100 PCIe", 2.04e12), ("H100 NVL", 3.94e12),
        ("A100-SXM4-80GB", 2.039e12), ("A100-SXM4-40GB", 1.555e12), ("A100-PCIE-40GB", 1.555e12),
        ("A100 80GB PCIe", 1.935e12), ("L40S", 864e9), ("NVIDIA L4", 300e9), ("NVIDIA A10G", 600e9),
        ("Tesla T4", 320e9), ("V100", 900e9),
    ]

    static func named(_ name: String) -> Double? {
        if let exact = DeviceProfile.all.first(where: { $0.graphics?.name == name })?.graphics?.bandwidth {
            return exact
        }
        return servers.filter { name.firstRange(of: $0.name) != nil }.max { $0.name.count < $1.name.count }?.rate
    }
}
