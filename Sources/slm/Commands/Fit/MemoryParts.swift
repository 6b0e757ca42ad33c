import Modelteca

/// What llama.cpp allocates, part by part.
struct MemoryParts: Encodable {
    var weightsBytes: Int64
    var kvCacheBytes: Int64
    var computeBytes: Int64
    var outputBytes: Int64
    var totalBytes: Int64

    init(_ estimate: MemoryEstimate) {
        weightsBytes = estimate.weights
        kvCacheBytes = estimate.kvCache
        computeBytes = estimate.compute
        outputBytes = estimate.output
        totalBytes = estimate.total
    }
}

/// What a bar shows of them.
extension MemoryParts {
    static func shades(weights: Int64, cache: Int64, all: Int64) -> [Bar.Part] {
        [
            Bar.Part(size: weights, shade: .full), Bar.Part(size: cache, shade: .dense),
            Bar.Part(size: max(0, all - max(0, weights) - max(0, cache)), shade: .light),
        ]
    }

    /// What the shades mean.
    static var key: [Text] {
        let names: [(Bar.Shade?, String)] = [
            (.full, Labels.weights), (.dense, Labels.kvCache), (.light, say(en: "the rest", es: "lo demás")),
            (nil, say(en: "free", es: "libre")),
        ]
        return names.map { Bar.key($0.0, $0.1) }
    }

    /// `7.13 of 7.52 GB`.
    static func of(_ used: Int64, _ all: Int64?) -> String {
        let language = Language.current
        guard let all else { return language.sum(used) }
        let part = language.sum(used).split(separator: " ").first ?? ""
        return say(en: "\(part) of \(language.sum(all))", es: "\(part) de \(language.sum(all))")
    }
}

/// What comes on top of what llama.cpp allocates.
struct OutsideParts: Encodable {
    /// The process itself.
    var processBytes: Int64
    /// The second copy that the processor works with, while the first is still in memory: a peak while loading. Null
    /// where no header was read, or a graphics card takes part.
    @OrNull var repackBytes: Int64?
    /// A vision projector's file; null where there is none.
    @OrNull var projectorBytes: Int64?

    init(_ outside: OutsideMemory, repacked: RepackedWeights?) {
        processBytes = outside.process
        repackBytes = repacked?.bytes
        projectorBytes = outside.projector > 0 ? outside.projector : nil
    }
}

/// What GPUs take, and what stays in memory.
struct OffloadParts: Encodable {
    /// As for llama.cpp's `--gpu-layers`.
    var gpuLayers: Int
    /// All that there are, the output counted as one.
    var layers: Int
    var vramBytes: Int64
    var ramBytes: Int64
    /// Each card.
    var devices: [Card]
    var vram: Share
    var ram: Share
    /// All layers on the GPU, but the experts of some in memory; null for models without experts.
    @OrNull var cpuMoe: CPUMoE?

    /// As for llama.cpp's `--n-cpu-moe`.
    struct CPUMoE: Encodable {
        var layers: Int
        var vramBytes: Int64
        var ramBytes: Int64

        init(_ offload: Offload) {
            layers = offload.expertsInMemory
            vramBytes = offload.vram.total
            ramBytes = offload.ram.total
        }
    }

    struct Share: Encodable {
        var weightsBytes: Int64
        var kvCacheBytes: Int64
        var computeBytes: Int64
        var outputBytes: Int64
        var processBytes: Int64
        var projectorBytes: Int64
        /// What the driver, its context and its libraries take.
        var driverBytes: Int64

        init(_ share: Offload.Share) {
            weightsBytes = share.weights
            kvCacheBytes = share.cache
            computeBytes = share.compute
            outputBytes = share.output
            processBytes = share.process
            projectorBytes = share.projector
            driverBytes = share.driver
        }
    }

    struct Card: Encodable {
        var name: String
        /// The output counts as one.
        var layers: Int
        var weightsBytes: Int64
        var kvCacheBytes: Int64
        var computeBytes: Int64
        var outputBytes: Int64
        var projectorBytes: Int64
        var driverBytes: Int64
        var totalBytes: Int64

        init(_ device: Offload.Device) {
            name = device.name
            layers = device.layers
            weightsBytes = device.share.weights
            kvCacheBytes = device.share.cache
            computeBytes = device.share.compute
            outputBytes = device.share.output
            projectorBytes = device.share.projector
            driverBytes = device.share.driver
            totalBytes = device.share.total
        }
    }

    init(_ offload: Offload, experts: Offload?) {
        cpuMoe = experts.map(CPUMoE.init)
        gpuLayers = offload.gpuLayers
        layers = offload.places
        vramBytes = offload.vram.total
        ramBytes = offload.ram.total
        devices = offload.devices.map(Card.init)
        vram = Share(offload.vram)
        ram = Share(offload.ram)
    }

    /// Both sides in columns, each against what there is.
    func draw(on page: inout Page, gpu: Int64?, memory: Int64?) {
        let language = Language.current
        var table = Table(columns: [
            .init(title: ""), .init(title: "GPU", alignment: .right),
            .init(title: Labels.memory.uppercased(), alignment: .right),
        ])
        func row(_ name: String, _ card: Int64?, _ host: Int64?) {
            guard card != 0 || host != 0 else { return }
            let cells = [card, host].map { bytes -> Text in
                bytes == 0 ? Text("–", .faint) : Text(bytes.map(language.sum) ?? "?")
            }
            table.rows.append([Text(name)] + cells)
        }
        row(Labels.weights, vram.weightsBytes, ram.weightsBytes)
        row(Labels.kvCache, vram.kvCacheBytes, ram.kvCacheBytes)
        row(Labels.compute, vram.computeBytes, ram.computeBytes)
        row(Labels.output, vram.outputBytes, ram.outputBytes)
        row(Labels.projector, vram.projectorBytes, ram.projectorBytes)
        row(say(en: "process", es: "proceso"), vram.processBytes, ram.processBytes)
        row(say(en: "driver", es: "controlador"), vram.driverBytes, ram.driverBytes)
        row(say(en: "together", es: "en conjunto"), vramBytes, ramBytes)
        row(say(en: "available", es: "disponible"), gpu, memory)
        page.table(table)
        page.paragraph(
            say(
                en:
                    "\(gpuLayers) of \(layers) layers on the GPU, the output counted as one",
                es:
                    "\(gpuLayers) de \(layers) capas en la GPU, contando la salida como una"
            ), indent: "  ")
        guard devices.count > 1 else { return }
        for card in devices {
            let size = language.sum(card.totalBytes)
            page.paragraph(
                say(
                    en: "\(card.layers) of them on \(card.name), with \(size)",
                    es: "\(card.layers) de ellas en \(card.name), con \(size)"), indent: "  ")
        }
    }
}
