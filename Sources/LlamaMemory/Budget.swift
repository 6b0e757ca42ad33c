public import HostHardware

/// The memory that a device can really give to a model, in bytes.
///
/// Two answers: with the programs that run, and after closing them. Swap is never counted: a model whose weights
/// come from there writes a word in minutes. What a device would not tell stays nil.
public struct Budget: Hashable, Sendable {
    /// With everything that runs now, in bytes; nil when unknown. On a profile the same as ``afterClosing``.
    public var now: Int64?
    /// After closing programs, in bytes; nil when unknown. Never less than ``now``.
    public var afterClosing: Int64?
    /// What ``now`` leaves untouched of what is available, for the system and for surprises, in bytes.
    package var reserve: Int64
    /// The discrete graphics processors that tell their size. Unified memory is in ``now`` already.
    package var cards: [GraphicsCard]

    /// What the cards can take, all together, in bytes; nil when there is none.
    package var gpu: Int64? {
        guard let first = cards.first else { return nil }
        return cards.dropFirst().reduce(first.usable) { sum, card in
            let (total, overflow) = sum.addingReportingOverflow(card.usable)
            return overflow ? .max : total
        }
    }

    /// A part of a device's memory.
    package enum Room: CaseIterable, Sendable {
        case memory, card
        /// Where layers are split.
        case both
    }

    /// What a model can have of a part of the memory now, in bytes; nil where that is not known, or not there.
    package func bytes(of room: Room) -> Int64? {
        switch room {
        case .memory: return now
        case .card: return gpu
        case .both:
            guard let now, let gpu else { return now }
            let (sum, overflow) = now.addingReportingOverflow(gpu)
            return overflow ? .max : sum
        }
    }

    /// A budget of known sizes, in bytes.
    package init(now: Int64?, afterClosing: Int64?, reserve: Int64, cards: [GraphicsCard] = []) {
        self.now = now
        self.afterClosing = afterClosing
        self.reserve = reserve
        self.cards = cards
    }

    /// A budget of known sizes, in bytes; `gpu` is one card that takes this much.
    package init(now: Int64?, afterClosing: Int64?, reserve: Int64, gpu: Int64?) {
        self.init(
            now: now, afterClosing: afterClosing, reserve: reserve,
            cards: gpu.map { [GraphicsCard(name: "GPU", backend: "", free: $0, usable: $0)] } ?? [])
    }

    /// What this device can give.
    ///
    /// The smallest of up to four bounds, each less what has to be left alone below it:
    /// - its memory: what the kernel calls available (now), or all of it (after closing);
    /// - its container's limit: what is left below it (now), or all of it (after closing);
    /// - on phones and tablets, half of the memory, see `appShare(of:for:)`;
    /// - where Metal is used, the working set that it recommends: llama.cpp puts all layers there unless told not to.
    public init(device: Device) {
        let ramReserve = Self.reserve(of: device.ramTotal ?? device.ramAvailable ?? 0, for: device.deviceClass)
        let limitReserve = Self.containerReserve(of: device.memoryLimit ?? device.memoryLimitAvailable ?? 0)
        func less(_ reserve: Int64) -> (Int64) -> Int64 { { max(0, $0 - reserve) } }

        let metal = device.gpus.first { $0.isUnified && $0.backend == "metal" }?.vram
        let whole = [
            device.ramUsable.map(less(ramReserve)), device.memoryLimit.map(less(limitReserve)),
        ].compactMap(\.self)
        let shares = [device.ramTotal.flatMap { Self.appShare(of: $0, for: device.deviceClass) }, metal]
        let ceiling = shares.compactMap { $0.map { max(0, $0) } }.min() ?? .max
        let afterClosing = whole.min().map { min($0, ceiling) }

        let left = [
            device.ramAvailable.map(less(ramReserve)), device.memoryLimitAvailable.map(less(limitReserve)),
        ].compactMap(\.self)
        // A profile has no programs that run: both answers are one.
        let now = left.min().map { min($0, afterClosing ?? ceiling) } ?? afterClosing
        let bound = [
            device.ramAvailable ?? device.ramTotal, device.memoryLimitAvailable ?? device.memoryLimit,
        ].compactMap(\.self).min()
        self.init(
            now: now, afterClosing: afterClosing ?? now, reserve: max(0, (bound ?? 0) - (now ?? 0)),
            cards: device.gpus.compactMap { gpu in
                Self.share(of: gpu).map {
                    GraphicsCard(
                        name: gpu.name, backend: gpu.backend, free: max(0, gpu.vramFree ?? gpu.vram ?? 0), usable: $0)
                }
            })
    }

    // MARK: Rules

    /// What the system itself needs, in bytes.
    ///
    /// Our own rule, by what runs on such a machine when no program is open:
    /// - with a desktop (laptop, PC, and when nothing is known): an eighth, between 1 and 4 GiB. The least is the
    ///   margin that llama.cpp keeps by default when it fits a model to memory (`fit_params_target`,
    ///   `common/common.h`: 1,024 MiB);
    /// - boards, mostly without a desktop: an eighth, between 256 MiB and 1 GiB;
    /// - phones and tablets: a sixteenth, between 256 MiB and 1 GiB, so that Android's low-memory killer stays away
    ///   (its highest stock threshold is 180 MiB before scaling: AOSP, `ProcessList.java`, `mOomMinFreeHigh`);
    /// - servers: a thirty-second, between 256 MiB and 2 GiB.
    ///
    /// Never more than half.
    package static func reserve(of total: Int64, for kind: DeviceClass?) -> Int64 {
        let (share, least, most): (Int64, Int64, Int64) =
            switch kind {
            case .laptop, .desktop, .workstation, nil: (8, 1 << 30, 4 << 30)
            case .sbc: (8, 256 << 20, 1 << 30)
            case .phone, .tablet: (16, 256 << 20, 1 << 30)
            case .server: (32, 256 << 20, 2 << 30)
            }
        return bounded(total, share: share, least: least, most: most)
    }

    /// What to leave free below a container's limit, in bytes: a thirty-second, between 64 MiB and 1 GiB.
    ///
    /// No system lives in there, but reaching the limit ends the process at once.
    package static func containerReserve(of limit: Int64) -> Int64 {
        bounded(limit, share: 32, least: 64 << 20, most: 1 << 30)
    }

    /// The most that one app gets on a phone or tablet, in bytes: half of the memory; nil for other devices.
    ///
    /// No maker publishes a figure. Android limits an app's Java heap but not native memory; it ends apps when memory
    /// runs out, and what the system and the launcher hold cannot be closed. iOS has a limit per app that depends on
    /// the device (Apple, "Reducing your app's memory use"); developers report between three eighths and three
    /// quarters of the memory, by system version and entitlement (developer.apple.com/forums/thread/826325).
    /// Half is our rule between these.
    package static func appShare(of total: Int64, for kind: DeviceClass?) -> Int64? {
        kind == .phone || kind == .tablet ? max(0, total) / 2 : nil
    }

    /// What a model may take of a discrete card, in bytes; nil of others, and of a card that does not tell its size.
    ///
    /// What is free there, less 1 GiB (a quarter on cards under 4 GiB): the margin that llama.cpp keeps on every device
    /// by default (`fit_params_target`), for the screen and for surprises. The driver's own needs are not in it: see
    /// `CardDriver`.
    package static func share(of gpu: Device.GPU) -> Int64? {
        guard !gpu.isUnified, let free = gpu.vramFree ?? gpu.vram else { return nil }
        return max(0, free - min(1 << 30, max(0, gpu.vram ?? free) / 4))
    }

    private static func bounded(_ total: Int64, share: Int64, least: Int64, most: Int64) -> Int64 {
        let total = max(0, total)
        return min(min(max(total / share, least), most), total / 2)
    }
}
