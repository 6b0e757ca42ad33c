import Modelteca

/// A transfer's state in words.
enum TransferWords {
    /// Columns for whose file it is, where there are several models.
    private static let labelWidth = 24

    /// `  ████████░░░░░░  58 %   988 MB of 1.7 GB   41 MB/s   0:17 left`, within a width.
    ///
    /// - Parameter ref: Whose file it is; nil where that is clear.
    static func bar(_ event: TransferEvent, of ref: String? = nil, width: Int) -> Text {
        guard let ref else { return line(event, width: width) }
        // The end of an address tells more than its beginning.
        let name = displayWidth(of: ref) <= labelWidth ? ref : event.file
        return "  " + Text(name).clipped(to: labelWidth).padded(to: labelWidth)
            + line(event, width: width - labelWidth - 2)
    }

    /// `  reading  45 %  2.1 GB of 4.6 GB  1.8 GB/s  0:02 left`
    static func reading(_ name: String, _ read: Int64, of size: Int64, seconds: Double) -> Text {
        let language = Language.current
        let percent = language.percent(read, of: size)
        let (done, all) = (language.bytes(read), language.bytes(size))
        var line: Text = "  \(name)  \(percent)  "
        line += Text(say(en: "\(done) of \(all)", es: "\(done) de \(all)"), .faint)
        guard seconds > 0.5, read > 0 else { return line }
        let rate = Double(read) / seconds
        let left = language.clock(Double(max(0, size - read)) / rate)
        let pace = language.rate(rate)
        return line + Text(say(en: "  \(pace)  \(left) left", es: "  \(pace)  faltan \(left)"), .faint)
    }

    private static func line(_ event: TransferEvent, width: Int) -> Text {
        let language = Language.current
        switch event.phase {
        case .waiting(let host, let seconds, let attempt, let tries, let cause):
            let wait = language.decimal(max(0, seconds).rounded(.up), digits: 0)
            let kept = language.bytes(event.received)
            let why = ConnectionWords.translated(cause)
            return say(
                en: "  \(host): \(why, .careful), next try in \(wait) s (\(attempt) of \(tries)) · \(kept) kept",
                es:
                    "  \(host): \(why, .careful), nuevo intento en \(wait) s (\(attempt) de \(tries)) · \(kept) conservados"
            )
        case .connecting: return say(en: "  connecting …", es: "  conectando …")
        case .verifying, .done, .downloading, .mending: break
        }
        guard let total = event.total, total > 0 else { return "  \(facts(event))" }
        let name = event.files > 1 ? "\(event.index + 1)/\(event.files)  " : ""
        let percent = language.percent(event.received, of: total)
        let share = String(repeating: " ", count: max(0, 5 - percent.count)) + percent
        func room(beside facts: String) -> Int {
            width - (4 + displayWidth(of: name) + share.count + 3 + displayWidth(of: facts))
        }
        // Where room is scarce the bar and the percentage stand for the amount.
        let all = facts(event)
        let facts = room(beside: all) < 8 ? facts(event, withAmount: false) : all
        let columns = max(0, min(37, room(beside: facts)))
        let full = Int(Double(columns) * min(1, Double(event.received) / Double(total)))
        let bar = String(repeating: "█", count: full)
        let rest = String(repeating: "░", count: columns - full)
        return "  \(name)\(bar, .good)\(rest, .faint) \(share)   \(facts)"
    }

    /// For logs: one whole sentence a line.
    static func plain(_ event: TransferEvent) -> Text {
        if case .waiting = event.phase {
            return Text("\(event.file): " + bar(event, width: 0).plain.drop { $0 == " " })
        }
        let share = event.total.map { Language.current.percent(event.received, of: $0) + ", " } ?? ""
        return "\(event.file): \(share)\(facts(event))"
    }

    private static func facts(_ event: TransferEvent, withAmount: Bool = true) -> String {
        let language = Language.current
        let received = language.bytes(event.received)
        let amount = event.total.map {
            say(en: "\(received) of \(language.bytes($0))", es: "\(received) de \(language.bytes($0))")
        }
        var facts = withAmount ? [amount ?? received] : []
        switch event.phase {
        case .verifying: facts.append(say(en: "verifying the SHA-256 …", es: "comprobando el SHA-256 …"))
        case .done: facts.append(say(en: "complete and verified", es: "completo y comprobado"))
        default:
            if case .mending = event.phase {
                facts.insert(say(en: "damaged: downloading it again", es: "dañado: se vuelve a descargar"), at: 0)
            }
            if event.bytesPerSecond > 0 { facts.append(language.rate(event.bytesPerSecond)) }
            if let left = event.secondsLeft {
                facts.append(say(en: "\(language.clock(left)) left", es: "faltan \(language.clock(left))"))
            }
        }
        return facts.joined(separator: "   ")
    }
}
