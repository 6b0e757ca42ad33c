import CHost

/// NVIDIA's cards, asked of the driver's own library.
enum NVIDIA {
    /// The cards, or nil when the library is not on this machine.
    static func gpus() -> [Device.GPU]? {
        var cards = [chost_nvidia_gpu](repeating: chost_nvidia_gpu(), count: 16)
        let count = cards.withUnsafeMutableBufferPointer { chost_nvidia_gpus($0.baseAddress, Int32($0.count)) }
        guard count >= 0 else { return nil }
        return cards.prefix(Int(count)).map { card in
            let name = withUnsafeBytes(of: card.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            return Device.GPU(
                name: name.isEmpty ? "NVIDIA GPU" : name, vram: size(card.memory_total),
                vramFree: card.memory_total == 0 ? nil : size(card.memory_free), backend: "cuda",
                // Chips that have no memory of their own (GB10, Tegra) do not answer the question for it.
                isUnified: card.memory_total == 0)
        }
    }

    private static func size(_ bytes: UInt64) -> Int64? {
        Int64(exactly: bytes).flatMap { $0 == 0 ? nil : $0 }
    }

    /// The driver's file for one card: `Model: 		 NVIDIA GeForce RTX 3060`.
    static func model(information text: String) -> String? {
        ProcText.fields(text, separator: ":")["Model"].flatMap { $0.isEmpty ? nil : $0 }
    }
}
