import Foundation
import HostHardware
import LlamaMemory
import ModelCatalog
import ModelFit
import Modelteca
import Testing

@testable import ModelDownload
@testable import slm

@Suite struct OutputTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_767_225_600, "2026-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ])
    func `times are RFC 3339`(seconds: Int, text: String) {
        #expect(Timestamp(Date(timeIntervalSince1970: Double(seconds))).text == text)
    }

    @Test(arguments: [
        ("abc", 3), ("españa", 6), ("⚠", 1), ("✗ ✓ ●", 5), ("日本", 4), ("e\u{301}", 1), ("", 0), ("👍", 2), ("🇪🇸", 2),
        ("⌚", 2), ("\u{200D}", 0), ("\u{20DD}", 0),
    ])
    func `width is counted in columns`(text: String, width: Int) {
        #expect(displayWidth(of: text) == width)
    }

    @Test(arguments: [
        (7_615_616_512, "7.6 B", "7,6 B"), (494_032_768, "494 M", "494 M"), (1_543_714_304, "1.5 B", "1,5 B"),
        (135_000_000, "135 M", "135 M"), (12_247_782_400, "12.2 B", "12,2 B"), (999_600_000, "1.0 B", "1,0 B"),
    ])
    func `parameters are counted as each language counts`(count: Int64, english: String, spanish: String) {
        #expect(Language.en.parameters(count) == english)
        #expect(Language.es.parameters(count) == spanish)
    }

    @Test func `a table gives up first what matters least`() {
        let table = Table(
            columns: [
                .init(title: "MODEL", least: 6), .init(title: "EXTRA", sacrifice: 2),
                .init(title: "SIZE", alignment: .right),
            ],
            rows: [["a-long-model-name", "something", "12 GB"], ["b", "", "1 MB"]])
        let paint = Paint(isOn: false)
        #expect(
            table.lines(width: 60, paint: paint) == [
                "MODEL              EXTRA       SIZE", "a-long-model-name  something  12 GB",
                "b                              1 MB",
            ])
        // What stays is cut last of all.
        #expect(table.lines(width: 31, paint: paint)[1] == "a-long-model-name  12 GB")
        #expect(
            table.lines(width: 23, paint: paint) == [
                "MODEL              SIZE", "a-long-model-na…  12 GB", "b                  1 MB",
            ])
        #expect(table.lines(width: 16, paint: paint).allSatisfy { $0.count <= 16 })
        #expect(table.lines(width: 16, paint: paint)[1] == "a-long-m…  12 GB")
    }

    @Test func `a name that leaves the rest no room has a line of its own`() {
        func lines(_ width: Int, _ columns: [Table.Column], _ rows: [[Text]]) -> [String] {
            var page = Page(width: width, paint: Paint(isOn: false))
            page.table(Table(columns: columns, rows: rows))
            return page.text.split(separator: "\n").map(String.init)
        }
        let needs = Table.Column(title: "NEEDS", alignment: .right)
        let rows: [[Text]] = [["", "a-model:30b-a3b", "20 GB", "fits"], ["●", "b", "1 GB", "tight"]]
        #expect(
            lines(30, [.init(title: ""), .init(title: "MODEL"), needs, .init(title: "VERDICT")], rows) == [
                "     MODEL      NEEDS  VERDICT", "     a-model:30b-a3b", "                20 GB  fits",
                "  ●  b           1 GB  tight",
            ])
        // Several devices at a time: what one has to say stays together.
        let devices: [Table.Column] = [
            .init(title: "phone", alignment: .right), .init(title: ""), .init(title: "laptop", alignment: .right),
            .init(title: ""),
        ]
        #expect(
            lines(24, [.init(title: "MODEL")] + devices, [["a-model", "1 GB", "too large", "2 GB", "fits"]]) == [
                "  MODEL", "      phone", "      laptop", "  a-model", "       1 GB  too large", "        2 GB  fits",
            ])
    }

    @Test func `what has no room beside a name stands below it, and pieces stay whole`() {
        var page = Page(width: 30, paint: Paint(isOn: false))
        page.pairs([("certificates", "/etc/ssl/certs/one.crt"), ("a name as long as half the screen", "x y")])
        page.pieces(["# weights", "= KV cache", "- the rest"], gap: "  ", indent: "  ")
        page.line("  one sentence that is longer than the screen")
        page.whole("  ./a folder/with blanks in its name")
        #expect(
            page.text == """
                  certificates
                    /etc/ssl/certs/one.crt
                  a name as long as half
                  the screen
                                x y
                  # weights  = KV cache
                  - the rest
                  one sentence that is longer
                  than the screen
                  ./a folder/with blanks in its name

                """)
    }

    @Test func `no line ends in blanks`() {
        let table = Table(columns: [.init(title: "A"), .init(title: "B")], rows: [["x", ""], ["", "y"]])
        #expect(table.lines(width: 40, paint: Paint(isOn: false)) == ["A  B", "x", "   y"])
    }

    @Test func `a tone never replaces words`() {
        let text: Text = "one \("two", .good) three"
        #expect(text.plain == "one two three")
        #expect(Paint(isOn: false)(text) == "one two three")
        #expect(Paint(isOn: true)(text) == "one \u{1B}[32mtwo\u{1B}[0m three")
        #expect(text.clipped(to: 6).plain == "one t…")
    }

    @Test func `names from other people's files cannot move the cursor`() {
        let name = "a\u{1B}[2Jb\nc\u{202E}d\u{9B}31me\u{200B}\u{E0041}"
        let texts: [Text] = [Text(name), "\(name)", "\(name, .bad)", Text(name).clipped(to: 40)]
        for text in texts + Text(name).wrapped(to: 3) {
            for scalar in text.plain.unicodeScalars {
                #expect(scalar.value >= 0x20 && ![0x9B, 0x200B, 0x202E, 0xE0041].contains(scalar.value))
            }
        }
        #expect(displayWidth(of: Text(name).plain) == Text(name).width)
    }

    @Test func `JSON keeps every character, and none of them can move the cursor`() throws {
        let name = "a\u{1B}[2J\u{7F}\u{9B}31m\u{202E}ñ\u{E0041}"
        let document = try JSONOutput.document(["name": name])
        #expect(document.unicodeScalars.allSatisfy { $0 == "\n" || Text(String($0)).plain == String($0) })
        #expect(try JSONDecoder().decode([String: String].self, from: Data(document.utf8)) == ["name": name])
    }

    @Test(arguments: [
        ("2GB", 2_000_000_000), ("500 MB", 500_000_000), ("1,5GB", 1_500_000_000), ("4GiB", 4 << 30), ("1024", 1024),
        ("3k", 3000),
    ])
    func `sizes are read as people write them`(text: String, bytes: Int64) {
        #expect(ByteSize(argument: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "GB", "-1GB", "1XB", "99999999TB", "1e9", "١GB"])
    func `what is no size is refused`(text: String) {
        #expect(ByteSize(argument: text) == nil)
    }

    @Test func `a value that is not known is null`() throws {
        struct Answer: Encodable {
            @OrNull var known: Int?
            @OrNull var unknown: Int?
        }
        #expect(
            try JSONOutput.document(Answer(known: 1, unknown: nil), onOneLine: true) == #"{"known":1,"unknown":null}"#)
    }

    @Test func `words are wrapped where the screen ends`() {
        func lines(_ text: Text, _ width: Int) -> [String] { text.wrapped(to: width).map(\.plain) }
        #expect(lines("one two three", 8) == ["one two", "three"])
        #expect(lines("incomprehensible", 4) == ["incomprehensible"])
        #expect(lines("", 4) == [""])
        // A command is copied, so it stays on a line where one has room for it.
        #expect(lines("say `slm get one` now", 14) == ["say", "`slm get one`", "now"])
        #expect(lines("`slm get one` now", 8) == ["`slm get", "one` now"])
        #expect(lines("an open ` is a word", 10) == ["an open `", "is a word"])
        // A mere rest takes a clause along, or some words; a dot never begins a line.
        #expect(lines("one two six, three four five", 23) == ["one two six,", "three four five"])
        #expect(lines("one two three four five", 20) == ["one two three", "four five"])
        #expect(lines("one two · three", 9) == ["one two ·", "three"])
        let painted: Text = "one \("two", .good), three"
        #expect(painted.wrapped(to: 8).map { Paint(isOn: true)($0) } == ["one \u{1B}[32mtwo\u{1B}[0m,", "three"])
    }

    @Test(arguments: [
        ([:], true, true), ([:], false, false), (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true),
        (["CLICOLOR": "0"], true, false), (["CLICOLOR": "1"], false, false), (["CLICOLOR_FORCE": "1"], false, true),
        (["CLICOLOR_FORCE": "0"], false, false), (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], true, false),
        (["TERM": "dumb"], true, false), (["TERM": "dumb", "CLICOLOR_FORCE": "1"], true, true),
        (["FORCE_COLOR": "1"], false, true), (["FORCE_COLOR": "0"], true, false),
        (["FORCE_COLOR": "1", "NO_COLOR": "1"], true, false),
        (["TERM": "xterm"], true, true), (["CLICOLOR": "0", "CLICOLOR_FORCE": "1"], false, true),
    ])
    func `colours follow the terminal and what the environment says`(
        environment: [String: String], isTerminal: Bool, isPainted: Bool
    ) {
        #expect(Paint.isWanted(onTerminal: isTerminal, environment: environment) == isPainted)
    }

    @Test(arguments: [Language.en, .es], [30, 40, 60, 80, 100])
    func `a progress line fits the screen and keeps the time that is left`(language: Language, columns: Int) {
        let event = TransferEvent(
            file: "model-00001-of-00003.gguf", index: 0, files: 3, phase: .downloading, received: 988_000_000,
            resumed: 0, verified: 0, total: 1_700_000_000, bytesPerSecond: 41_000_000, secondsLeft: 17, connections: 4)
        let line = Language.$current.withValue(language) { TransferWords.bar(event, width: columns - 1) }
        #expect(line.clipped(to: columns - 1).width < columns)
        #expect(line.width < columns)
        #expect(line.plain.contains("0:17") && line.plain.contains("58 %"))
        let named = Language.$current.withValue(language) {
            TransferWords.bar(event, of: "qwen2.5-coder:7b", width: columns - 1)
        }
        #expect(named.width < columns || columns < 40)
        #expect(named.plain.contains("0:17") && named.plain.contains("58 %") || columns < 40)
    }

    @Test(arguments: [Language.en, .es], [40, 60, 80])
    func `the line for all files says how far they are, whatever failed, and no time left that nobody knows`(
        language: Language, columns: Int
    ) {
        func event(_ file: String, silence: Double? = nil) -> TransferEvent {
            TransferEvent(
                file: file, index: 0, files: 1, phase: .downloading, received: 600_000_000, resumed: 0, verified: 0,
                total: 1_000_000_000, bytesPerSecond: silence == nil ? 20_000_000 : 0,
                secondsLeft: silence == nil ? 20 : nil, connections: 4, silence: silence)
        }
        func line(_ progress: GetProgress) -> String {
            Language.$current.withValue(language) { TransferWords.total(progress, width: columns - 1) }
                .clipped(to: columns - 1).plain
        }
        var progress = GetProgress(models: 3)
        for (model, name) in ["a", "b"].enumerated() {
            let variant = Self.variant(name, size: 1_000_000_000)
            let fit = FitReport(
                variant, budget: Budget(device: Device(ramTotal: 1, ramAvailable: 1)), workload: Workload())
            progress.note(.resolved(variant, fit), of: model)
            progress.note(.transfer(event(name)), of: model)
        }
        #expect(line(progress).contains(language == .en ? "2 of 3 models" : "2 de 3 modelos"))
        #expect(!line(progress).contains("…"))
        progress.giveUp(2)
        #expect(line(progress).contains("60 %") && line(progress).contains("0:20"))
        progress.note(.transfer(event("b", silence: 8)), of: 1)
        #expect(line(progress).contains("60 %") && !line(progress).contains("0:"))
        progress.giveUp(1)
        #expect(line(progress).contains("60 %") && line(progress).contains("0:20"))
    }

    private static func variant(_ name: String, size: Int64) -> Variant {
        let file = RemoteFile(name: name, url: URL(filePath: "/\(name)"), size: size)
        return Variant(ref: name, publisher: "p", repository: "r", quantization: nil, files: [file])
    }

    @Test func `a sentence is broken between words, under where it began`() {
        let text = Text("  one two three")
        #expect(text.folded(to: 20).map(\.plain) == ["  one two three"])
        #expect(text.folded(to: 10).map(\.plain) == ["  one two", "  three"])
    }

    @Test func `a silence is told as one, with no time left`() {
        let event = TransferEvent(
            file: "m.gguf", index: 0, files: 1, phase: .downloading, received: 1, resumed: 0, verified: 0, total: 100,
            bytesPerSecond: 0, secondsLeft: nil, connections: 4, silence: 8.4, retry: 21.6)
        let lines = Language.allCases.map { language in
            Language.$current.withValue(language) { TransferWords.bar(event, width: 79).plain }
        }
        #expect(lines[0].hasSuffix("1 B of 100 B   no data for 8 s, next try in 22 s"))
        #expect(lines[1].hasSuffix("1 B de 100 B   sin datos hace 8 s, nuevo intento en 22 s"))
        for (language, columns) in Language.allCases.flatMap({ language in [40, 60].map { (language, $0) } }) {
            let line = Language.$current.withValue(language) { TransferWords.bar(event, width: columns - 1) }
            #expect(line.width < columns && line.plain.contains(language == .en ? "no data for 8 s" : "hace 8 s"))
        }
    }

    @Test(arguments: [
        (0, 100, "░░░░░░░░░░", "[........]"), (1, 100, "█░░░░░░░░░", "[#.......]"),
        (50, 100, "█████░░░░░", "[####....]"), (99, 100, "█████████░", "[#######.]"),
        (100, 100, "██████████", "[########]"), (250, 100, "██████████", "[########]"),
        (5, 0, "██████████", "[########]"), (Int64.max, 1, "██████████", "[########]"),
    ])
    func `a bar shows how much is taken, in ASCII too`(used: Int64, whole: Int64, blocks: String, ascii: String) {
        var bar = Bar(used, of: whole, width: 10)
        bar.isASCII = false
        #expect(bar.cells == blocks)
        bar.isASCII = true
        #expect(bar.cells == ascii)
    }

    @Test func `the parts of a bar are told apart by their shades`() {
        let parts = MemoryParts.shades(weights: 50, cache: 25, all: 90)
        var bar = Bar(parts, of: 100, width: 20)
        bar.isASCII = false
        #expect(bar.cells == "██████████▓▓▓▓▓▒▒▒░░")
        bar.isASCII = true
        #expect(bar.cells == "[#########=====--..]" && bar.cells.count == 20)
        #expect(MemoryParts.shades(weights: -1, cache: .max, all: 5).allSatisfy { $0.size >= -1 })
    }

    @Test(arguments: [
        ([:], true), (["LANG": "C"], true), (["LANG": "es_ES.UTF-8"], false), (["LC_CTYPE": "UTF-8"], false),
        (["LC_ALL": "C", "LANG": "es_ES.UTF-8"], true), (["LC_ALL": "", "LANG": "en_US.utf8"], false),
        (["LANG": "es_ES.UTF-8", "TERM": "dumb"], true), (["LANG": "es_ES.ISO-8859-1"], true),
    ])
    func `bars are of ASCII where the terminal has no more`(environment: [String: String], isASCII: Bool) {
        #expect(Bar.isASCIIWanted(in: environment) == isASCII)
    }

    @Test(arguments: [
        (Int64(16) << 30, "16 GB"), (Int64(8) << 30, "8 GB"), (Int64(3) << 29, "1.5 GB"), (Int64(512) << 20, "0.5 GB"),
    ])
    func `memory has the name that it is sold under`(bytes: Int64, name: String) {
        #expect(Language.en.sold(bytes) == name)
    }

    @Test(arguments: [
        ("Q8_0", QuantGrade.nearlyExact), ("q6_k", .nearlyExact), ("Q5_K_M", .fine), ("Q4_K_M", .usual),
        ("MXFP4", .usual), ("IQ4_XS", .usual), ("UD-Q3_K_XL", .lossy), ("Q2_K", .rough), ("IQ1_S", .rough),
        ("F16", .original), ("BF16", .original),
    ])
    func `a quantization is told in a word`(name: String, grade: QuantGrade) {
        #expect(QuantGrade(name) == grade)
        #expect(QuantGrade("nothing") == nil && QuantGrade(nil) == nil)
    }

    @Test func `lines that a narrower window has broken are taken away whole`() {
        var screen = LiveLines()
        let long = Text(String(repeating: "x", count: 2 * Terminal.columns + 1))
        #expect(screen.draw([long, "y"], Paint(isOn: false)) == long.plain + "\ny")
        #expect(screen.erase() == "\r\u{1B}[3A\u{1B}[J")
        #expect(screen.erase().isEmpty)
    }
}
