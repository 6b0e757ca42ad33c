import CHost

/// NVIDIA's cards, asked of the driver's own library.
package enum NVIDIA {
    /// A card, or a slice of one (MIG).
    package struct Card {
        package var gpu: Device.GPU
        /// `GPU-…`, `MIG-…`; empty when the library would not say.
        package var uuid: String
        /// Whether the card is divided: then only its slices can be used.
        package var isDivided: Bool
        package var slices: [Card]

        package init(gpu: Device.GPU, uuid: String = "", isDivided: Bool = false, slices: [Card] = []) {
            self.gpu = gpu
            self.uuid = uuid
            self.isDivided = isDivided
            self.slices = slices
        }
    }

    /// The cards, or nil when the library is not on this machine.
    static func cards() -> [Card]? {
        var answers = [chost_nvidia_gpu](repeating: chost_nvidia_gpu(), count: 64)
        let count = answers.withUnsafeMutableBufferPointer { chost_nvidia_gpus($0.baseAddress, Int32($0.count)) }
        guard count >= 0 else { return nil }
        let found = answers.prefix(Int(count))
        return found.indices.filter { found[$0].card < 0 }.map { index in
            var card = card(found[index])
            card.slices = found.filter { $0.card == Int32(index) }.map(Self.card)
            return card
        }
    }

    private static func card(_ answer: chost_nvidia_gpu) -> Card {
        func size(_ bytes: UInt64) -> Int64? { answer.memory_total == 0 ? nil : Int64(exactly: bytes) }
        func text(_ bytes: UnsafeRawBufferPointer) -> String {
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let name = withUnsafeBytes(of: answer.name, text)
        return Card(
            gpu: Device.GPU(
                name: name.isEmpty ? "NVIDIA GPU" : name, vram: size(answer.memory_total),
                vramFree: size(answer.memory_free), backend: "cuda", isUnified: answer.shares_memory != 0),
            uuid: withUnsafeBytes(of: answer.uuid, text), isDivided: answer.is_divided != 0)
    }

    /// What a program finds of the cards, and what it does not.
    ///
    /// CUDA gives a process one slice of one divided card, and then no whole card beside it (NVIDIA, "Multi-Instance GPU
    /// User Guide", "Device enumeration"). Its numbers are taken in the order of this list, which is that of the PCI
    /// bus; CUDA's own default is the fastest card first, which nobody can foresee (`CUDA_DEVICE_ORDER`).
    /// - Parameter visible: `CUDA_VISIBLE_DEVICES`; nil when it is not set.
    static func split(_ cards: [Card], visible: String?) -> (used: [Device.GPU], unused: [Device.UnusedGPU]) {
        let slices = cards.indices.flatMap { card in cards[card].slices.map { (card: card, slice: $0) } }
        // Cards first, which have numbers.
        let all = cards + slices.map(\.slice)
        let chosen =
            visible.map { VisibleDevices.indices($0, numbered: cards.count, ids: all.map(\.uuid)) }
            ?? Array(cards.indices)
        let seen = chosen.compactMap { index in
            // A divided card's own number stands for its first slice.
            guard index < cards.count, cards[index].isDivided else { return index }
            return slices.firstIndex { $0.card == index }.map { cards.count + $0 }
        }
        let used = seen.first { $0 >= cards.count }.map { [$0] } ?? seen
        let unused = all.indices.compactMap { index -> Device.UnusedGPU? in
            // Its slices stand for a divided card.
            guard !used.contains(index), all[index].slices.isEmpty else { return nil }
            let card = index < cards.count ? index : slices[index - cards.count].card
            let reason: Device.UnusedGPU.Reason =
                if !chosen.contains(index), !chosen.contains(card) {
                    .hidden(by: VisibleDevices.cuda)
                } else {
                    all[index].isDivided ? .noSlice : .besideSlice
                }
            return Device.UnusedGPU(name: all[index].gpu.name, reason: reason)
        }
        return (used.map { all[$0].gpu }, unused)
    }

    /// The driver's file for one card: `Model: 		 NVIDIA GeForce RTX 3060`.
    static func card(information text: String) -> Card {
        let fields = ProcText.fields(text, separator: ":")
        let name = fields["Model"].flatMap { $0.isEmpty ? nil : $0 }
        return Card(
            gpu: Device.GPU(name: name ?? "NVIDIA GPU", vram: nil, backend: "cuda"), uuid: fields["GPU UUID"] ?? "")
    }
}
