import ModelCatalog
import Testing

@Suite struct FileNameRulesTests {
    @Test(arguments: ["a", "model-Q4_K_M.gguf", "apple_-_OpenELM-270M-gguf", "modelo ñandú.gguf", "~x", "-x", "a..b"])
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
    ])
    func `a name that could leave its folder or deceive is refused`(name: String, code: String) {
        #expect { try FileNameRules.component(name) } throws: { ($0 as? FileNameFault)?.code == code }
    }

    @Test(arguments: ["/a", "a//b", "a/../b", "../a", "a/", "a/./b", ".git/a"])
    func `a relative path stays inside`(path: String) {
        #expect(throws: FileNameFault.self) { try FileNameRules.relativePath(path) }
    }

    @Test func `255 bytes are counted, not letters`() throws {
        let name = String(repeating: "ñ", count: 127)
        #expect(try FileNameRules.component(name) == name)
        #expect(throws: FileNameFault.tooLong(bytes: 256)) { try FileNameRules.component(name + "ñ") }
    }
}
