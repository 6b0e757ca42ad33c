import Modelteca

extension Shelf {
    /// Measures this machine where that was never done, and tells it: it takes a third of a second, once.
    func measure(_ device: Device, _ console: Console) async {
        guard device == self.device, await speed(of: device, measuring: false) == nil else { return }
        let start = ContinuousClock.now
        guard let speed = await speed(of: device, measuring: true), console.format == .page, Terminal.errorIsTerminal
        else { return }
        let took = ContinuousClock.now - start
        let language = Language.current
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        let (time, rate) = (language.duration(seconds), language.rate(speed.memoryBandwidth))
        console.say(
            Text(
                say(
                    en: "Measured this machine, once and in \(time): its memory reads \(rate). Speeds rest on that.",
                    es:
                        "Se midió este equipo, una sola vez y en \(time): su memoria lee \(rate). De ahí las velocidades."
                )))
    }
}
