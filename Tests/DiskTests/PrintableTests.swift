import Disk
import Testing

@Suite struct PrintableTests {
    @Test(arguments: HiddenCharacters.shown)
    func `text in any script is shown as it is`(text: String) { #expect(text.printable == text) }

    @Test(arguments: HiddenCharacters.all)
    func `a hidden character is shown as one question mark`(kind: String, character: String) {
        #expect("a\(character)b".printable == "a?b")
        #expect(character.printable == "?")
    }

    @Test(arguments: HiddenCharacters.breaks)
    func `a line break is a space, and stays only where lines are wanted`(text: String) {
        #expect("a\(text)b".printable == "a b")
        #expect("a\(text)b".printable(limit: .max, keepingLines: true) == (text == "\t" ? "a b" : "a\nb"))
    }

    @Test(arguments: [
        ("a\u{1B}[2Jb", "a?b"), ("\u{1B}[1;31mred\u{1B}[0m", "?red?"), ("\u{9B}31mred", "?red"),
        ("\u{1B}[?1049h", "?"), ("\u{1B}[>0 q.", "?."), ("\u{1B}c.", "?."), ("\u{1B}(B.", "?."), ("\u{1B}7.", "?."),
        ("\u{1B}]0;title\u{7}.", "?."), ("\u{1B}]52;c;ZXZpbA==\u{1B}\\.", "?."), ("\u{9D}0;title\u{9C}.", "?."),
        ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "?link?"), ("\u{1B}P1$r\u{1B}\\.", "?."),
        ("\u{1B}_G payload\u{1B}\\.", "?."), ("\u{1B}", "?"), ("\u{1B}[", "?"), ("\u{1B}[31", "?31"),
        ("\u{1B}]0;never ended", "?0;never ended"), ("\u{1B}[3\u{1B}[2J.", "?3?."), ("\u{1B}\u{1B}[2J.", "??."),
        ("\u{1B}[31\nm", "?31 m"), ("\u{1B}ñ", "?ñ"),
    ])
    func `a control sequence is shown as one question mark, and a broken one hides no text`(
        text: String, shown: String
    ) {
        #expect(text.printable == shown)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""), ("", 0, ""),
        ("ñandú", 5, "ñandú"), ("ñandú!", 5, "ñand…"), ("\u{1B}[2J\n\nab", 5, "?  ab"),
        ("\u{1B}[2J\n\nabc", 5, "?  a…"),
    ])
    func `a text too long ends in an ellipsis`(text: String, limit: Int, shown: String) {
        #expect(text.printable(limit: limit) == shown)
    }

    @Test func `what is printable stays as it is when it is shown again`() {
        let texts = (HiddenCharacters.all.map(\.character) + HiddenCharacters.breaks).map { "a\($0)❤\u{FE0F}" }
        for text in texts { #expect(text.printable.printable == text.printable) }
        #expect(!texts.joined().printable.hasHiddenCharacters)
    }

    @Test func `control strings without an end are looked through once`() {
        let text = String(repeating: "\u{1B}]", count: 200_000)
        #expect(text.printable.utf8.count == 200_000)
    }
}
