import Disk
import Testing

@Suite struct FileNameRulesTests {
    @Test(arguments: [
        "a", "model-Q4_K_M.gguf", "apple_-_OpenELM-270M-gguf", "modelo ñandú.gguf", "~x", "-x", "a..b", "console.gguf",
        "com0.gguf", "com10.gguf", "auxiliary", "nul-Q8_0.gguf", "a.con",
    ])
    func `an ordinary name passes unchanged`(name: String) throws {
        #expect(try FileNameRules.component(name) == name)
    }

    @Test(arguments: [
        ("", "name-empty"), (String(repeating: "a", count: 256), "name-too-long"), ("a/b", "name-has-separator"),
        ("a\\b", "name-has-separator"), ("a/\u{301}b", "name-has-separator"), (".", "name-starts-with-dot"),
        ("..", "name-starts-with-dot"), (".ssh", "name-starts-with-dot"), ("a.", "name-ends-with-dot-or-space"),
        ("a ", "name-ends-with-dot-or-space"), ("a\u{0}", "name-has-hidden-character"),
        ("a\u{1B}[31m", "name-has-hidden-character"), ("a\u{7F}", "name-has-hidden-character"),
        ("a\u{202E}fugg", "name-has-hidden-character"), ("a\u{200B}b", "name-has-hidden-character"),
        ("a\nb", "name-has-hidden-character"), ("a\r\nb", "name-has-hidden-character"),
        ("\u{202E}ffug.gguf", "name-has-hidden-character"), (" a", "name-starts-with-space"),
        ("CON", "name-is-reserved"), ("nul.gguf", "name-is-reserved"), ("Aux.Q4_K_M.gguf", "name-is-reserved"),
        ("com1.gguf", "name-is-reserved"), ("LPT³", "name-is-reserved"), ("prn .gguf", "name-is-reserved"),
        ("\u{A0}a", "name-starts-with-space"), ("a\u{3000}", "name-ends-with-dot-or-space"),
    ])
    func `a name that could leave its folder or deceive is refused`(name: String, code: String) {
        #expect { try FileNameRules.component(name) } throws: { ($0 as? FileNameFault)?.code == code }
    }

    @Test(arguments: HiddenCharacters.all)
    func `a hidden character is refused wherever it stands, and the message shows it`(kind: String, character: String) {
        for name in ["a\(character)b", "a\(character)", "\(character)b"] {
            #expect(throws: FileNameFault.hiddenCharacter(name.printable)) { try FileNameRules.component(name) }
            #expect(throws: FileNameFault.hiddenCharacter(name.printable)) {
                try FileNameRules.relativePath("d/\(name)")
            }
            #expect(!FileNameRules.isSafe(name) && name.hasHiddenCharacters)
        }
    }

    @Test(arguments: HiddenCharacters.breaks)
    func `a line break is no part of a name`(text: String) {
        #expect(!FileNameRules.isSafe("a\(text)b") && text.hasHiddenCharacters)
    }

    @Test(arguments: HiddenCharacters.shown)
    func `a name in any script passes`(name: String) {
        #expect(!name.hasHiddenCharacters)
        #expect(FileNameRules.isSafe(name) == !name.isEmpty)
    }

    @Test(arguments: [
        "", "/", "/a", "a//b", "a/../b", "../a", "a/", "a/./b", ".git/a", "/etc/passwd", "../m-Q4_K_M.gguf",
        "a/../b.gguf", "./m.gguf", "a\u{0}.gguf", "a\\b.gguf", String(repeating: "a", count: 256),
        String(repeating: "a/", count: 512) + "b",
    ])
    func `a relative path stays inside`(path: String) {
        #expect(throws: FileNameFault.self) { try FileNameRules.relativePath(path) }
    }

    @Test func `255 bytes are counted, not letters`() throws {
        let name = String(repeating: "ñ", count: 127)
        #expect(try FileNameRules.component(name) == name)
        #expect(throws: FileNameFault.tooLong(bytes: 256)) { try FileNameRules.component(name + "ñ") }
    }
}
