import ArgumentParser
import Modelteca

/// How bytes are downloaded.
struct TransferOptions: ParsableArguments {
    @Option(help: .say(en: "How progress is shown.", es: "Cómo se muestra el avance.", value: "auto|json"))
    var progress = Style.auto

    @Option(help: .say(en: "Connections at the same time.", es: "Conexiones a la vez.", value: "n"))
    var connections: Int?

    @Option(
        help: .say(en: "Maximum speed per second: 5MB.", es: "Velocidad máxima por segundo: 5MB.", value: Labels.size))
    var limitRate: ByteSize?

    @Option(
        help: .say(
            en: "Stop after this many seconds; the next run resumes.",
            es: "Se detiene a los N segundos; la próxima vez continúa.", value: say(en: "seconds", es: "segundos")))
    var maxTime: Int?

    enum Style: String, ExpressibleByArgument, CaseIterable { case auto, json }

    func validate() throws {
        if let connections, !Self.isCount(connections) {
            throw invalid(en: "`--connections` is from 1 to 64", es: "`--connections` va de 1 a 64")
        }
        if let limitRate, !Self.isRate(limitRate) {
            throw invalid(en: "`--limit-rate` is at least 1kB", es: "`--limit-rate` es al menos 1kB")
        }
        if let maxTime, maxTime < 1 {
            throw invalid(en: "`--max-time` is at least one second", es: "`--max-time` es al menos un segundo")
        }
    }

    static func isCount(_ connections: Int) -> Bool { (1...64).contains(connections) }

    static func isRate(_ rate: ByteSize) -> Bool { rate.bytes >= 1000 }

    func apply(to settings: inout Shelf.Settings) {
        apply(to: &settings.transfer)
        // JSON lines have standard error to themselves.
        if progress == .json { settings.onExchange = nil }
    }

    private func apply(to options: inout Downloader.Options) {
        let always = ConfigFile.current?.values ?? [:]
        if let connections = connections ?? always[.connections].flatMap({ Int($0) }) {
            options.connections = connections
            options.connectionsAreFixed = true
        }
        let rate = limitRate ?? always[.limitRate].flatMap { ByteSize(argument: $0) }
        if let rate { options.bytesPerSecond = rate.bytes }
        if let maxTime { options.maxTime = maxTime }
    }
}
