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
        let label = min(labelWidth, max(8, min(width / 3, width - 26)))
        // The end of an address tells more than its beginning.
        let name = displayWidth(of: ref) <= label ? ref : event.file
        return "  " + Text(name).clipped(to: label).padded(to: label) + line(event, width: width - label - 2)
    }

    /// `  total  ████████░░░░░░  58 %   1.2 GB of 2.1 GB   41 MB/s   0:21 left`: of all files together.
    static func total(_ progress: GetProgress, width: Int) -> Text {
        let language = Language.current
        let rate = progress.bytesPerSecond > 0 ? language.rate(progress.bytesPerSecond) : nil
        guard let total = progress.total, total > 0 else {
            let (known, all) = (progress.resolved, progress.models)
            let part = say(en: "\(known) of \(all) models", es: "\(known) de \(all) modelos")
            let facts = [part, language.bytes(progress.received), rate].compactMap(\.self)
            func line(_ facts: some Sequence<String>) -> Text {
                Text("  \(Labels.total)  \(facts.joined(separator: "   "))", .strong)
            }
            let whole = line(facts)
            return whole.width <= width ? whole : line(facts.dropLast())
        }
        let amount = say(
            en: "\(language.bytes(progress.received)) of \(language.bytes(total))",
            es: "\(language.bytes(progress.received)) de \(language.bytes(total))")
        return bar(
            "\(Labels.total)  ", progress.received, of: total, [amount, rate, progress.secondsLeft.map(left)],
            width: width)
    }

    /// Another sign eight times a second.
    private static func moving(_ seconds: Double) -> String { String(Array("|/-\\")[Int(seconds * 8) % 4]) }

    private static func left(_ seconds: Double) -> String {
        let clock = Language.current.clock(seconds)
        return say(en: "\(clock) left", es: "faltan \(clock)")
    }

    /// A bar between a name and facts. Where room is scarce the first facts go: the bar and the percentage stand for the
    /// amount, and the last is what one waits for.
    private static func bar(
        _ name: String, _ received: Int64, of total: Int64, _ facts: [String?], width: Int
    ) -> Text {
        let percent = Language.current.percent(received, of: total)
        let share = String(repeating: " ", count: max(0, 5 - percent.count)) + percent
        let told = facts.compactMap(\.self)
        var name = name
        func room(_ facts: ArraySlice<String>) -> Int {
            width - (4 + displayWidth(of: name) + share.count + 3 + displayWidth(of: facts.joined(separator: "   ")))
        }
        var kept = told[...]
        while kept.count > 1, room(kept) < 8 { kept.removeFirst() }
        // The row says already whose file it is.
        if room(kept) < 0 { name = "" }
        let columns = max(0, min(37, room(kept)))
        let full = Int(Double(columns) * min(1, Double(received) / Double(total)))
        let bar = String(repeating: "█", count: full)
        let rest = String(repeating: "░", count: columns - full)
        return "  \(name)\(bar, .good)\(rest, .faint) \(share)   \(kept.joined(separator: "   "))"
    }

    /// `  asking huggingface.co about hf:owner/repo …  4 s`, with something that moves.
    static func asking(_ question: ProgressLine.Question, seconds: Double, width: Int) -> Text {
        let clock = seconds < 2 ? "" : "  \(Int(seconds)) s"
        let what =
            switch (question.host, question.ref) {
            case (let host?, let ref?): say(en: "asking \(host) about \(ref)", es: "se pregunta a \(host) por \(ref)")
            case (let host?, nil): say(en: "asking \(host)", es: "se pregunta a \(host)")
            case (nil, let ref?): say(en: "reading \(ref)", es: "se lee \(ref)")
            case (nil, nil): say(en: "asking where the models come from", es: "se pregunta en el origen de los modelos")
            }
        return "  \(moving(seconds), .faint) " + Text(what).clipped(to: max(8, width - 4 - clock.count))
            + Text(clock, .faint)
    }

    /// `  looking: 12,400 files seen`
    static func looking(_ files: Int) -> Text {
        let count = Language.current.grouped(Int64(files))
        return say(en: "  looking: \(count) files seen", es: "  buscando: \(count) archivos vistos")
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
            if width > 0, width < 60 {
                return say(
                    en: "  \("next try in \(wait) s", .careful) (\(attempt) of \(tries))",
                    es: "  \("nuevo intento en \(wait) s", .careful) (\(attempt) de \(tries))")
            }
            return say(
                en: "  \(host): \(why, .careful), next try in \(wait) s (\(attempt) of \(tries)) · \(kept) kept",
                es:
                    "  \(host): \(why, .careful), nuevo intento en \(wait) s (\(attempt) de \(tries)) · \(kept) conservados"
            )
        case .connecting:
            let clock = event.silence.map { "  \(Int($0)) s" } ?? ""
            return Text("  \(moving(ProgressLine.now())) ", .faint) + say(en: "connecting …", es: "conectando …")
                + Text(clock, .faint)
        case .verifying, .done, .downloading, .mending: break
        }
        guard let total = event.total, total > 0 else {
            return "  \(facts(event, width: width).joined(separator: "   "))"
        }
        let name = event.files > 1 ? "\(event.index + 1)/\(event.files)  " : ""
        return bar(name, event.received, of: total, facts(event, width: width), width: width)
    }

    /// For logs: one whole sentence a line.
    static func plain(_ event: TransferEvent) -> Text {
        if case .waiting = event.phase {
            return Text("\(event.file): " + bar(event, width: 0).plain.drop { $0 == " " })
        }
        let share = event.total.map { Language.current.percent(event.received, of: $0) + ", " } ?? ""
        return "\(event.file): \(share)\(facts(event).joined(separator: "   "))"
    }

    private static func facts(_ event: TransferEvent, width: Int = .max) -> [String] {
        let language = Language.current
        let received = language.bytes(event.received)
        let amount = event.total.map {
            say(en: "\(received) of \(language.bytes($0))", es: "\(received) de \(language.bytes($0))")
        }
        var facts = [amount ?? received]
        switch event.phase {
        case .verifying: facts.append(say(en: "verifying the SHA-256 …", es: "comprobando el SHA-256 …"))
        case .done: facts.append(say(en: "complete and verified", es: "completo y comprobado"))
        default:
            if case .mending = event.phase {
                facts.insert(say(en: "damaged: downloading it again", es: "dañado: se vuelve a descargar"), at: 1)
            }
            if let silence = event.silence {
                let seconds = Int(silence)
                facts.append(say(en: "no data for \(seconds) s", es: "sin datos hace \(seconds) s"))
                if width >= 56, let retry = event.retry.map({ Int($0.rounded(.up)) }), retry > 0 {
                    facts[facts.count - 1] += say(en: ", next try in \(retry) s", es: ", nuevo intento en \(retry) s")
                }
            }
            if event.bytesPerSecond > 0 { facts.append(language.rate(event.bytesPerSecond)) }
            if let seconds = event.secondsLeft { facts.append(left(seconds)) }
        }
        return facts
    }
}
