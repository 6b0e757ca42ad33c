import GGUF
import TestSupport
import Testing

@Suite struct HeaderChangeTests {
    private func change(_ old: GGUFBuilder, _ new: GGUFBuilder) throws -> HeaderChange {
        try HeaderChange(from: GGUFFile(bytes: old.build()), to: GGUFFile(bytes: new.build()))
    }

    @Test func `a new chat template is one key and no tensor`() throws {
        let old = GGUFBuilder.tinyLlama(chatTemplate: "old")
        let new = GGUFBuilder.tinyLlama(chatTemplate: String(repeating: "new ", count: 500))
        let found = try change(old, new)
        #expect(found.keys == ["tokenizer.chat_template"])
        #expect(found.keys.contains("tokenizer.chat_template"))
        #expect(found.tensors.isEmpty)
        #expect(found.tensorCount == new.tensors.count)
        #expect(found.otherBytes == Int64(new.header().count))
    }

    @Test func `keys that come, go, or change are named, and arrays are compared element by element`() throws {
        var (old, new) = (GGUFBuilder.tinyLlama(), GGUFBuilder.tinyLlama())
        old.metadata.append(("old.key", .bool(true)))
        new.metadata.insert(("new.key", .string("before everything, so that all arrays move")), at: 0)
        let position = try #require(new.metadata.firstIndex { $0.key == "tokenizer.ggml.tokens" })
        guard case .strings(var tokens) = new.metadata[position].value else { return }
        tokens[200] = String(tokens[200].reversed())
        new.metadata[position].value = .strings(tokens)
        #expect(try change(old, new).keys == ["new.key", "tokenizer.ggml.tokens", "old.key"])
        #expect(try change(old, old).keys.isEmpty)
    }

    @Test func `a tensor in another type or shape is another, and so is a new one`() throws {
        let old = GGUFBuilder.tinyLlama()
        var new = old
        new.tensors[1].dimensions += [1]
        new.tensors[2].type = .q40
        new.tensors[3].name = "other"
        let found = try change(old, new)
        #expect(found.tensors == [new.tensors[1].name, new.tensors[2].name, "other"])
        #expect(found.keys.isEmpty)
        let bytes = [1, 2, 3].reduce(new.header().count) { $0 + new.tensors[$1].size }
        #expect(found.otherBytes == Int64(bytes))
    }

    @Test func `where alike tensors are is told for both files`() throws {
        let (old, new) = (GGUFBuilder.tinyLlama(chatTemplate: nil), GGUFBuilder.tinyLlama())
        let (oldBytes, newBytes) = (old.build(), new.build())
        let alike = try GGUFFile(bytes: newBytes).tensorsAlike(in: GGUFFile(bytes: oldBytes))
        #expect(alike.count == new.tensors.count)
        for (_, range, there) in alike {
            let mine = newBytes[Int(range.lowerBound)..<Int(range.upperBound)]
            #expect(mine.elementsEqual(oldBytes[Int(there)..<Int(there) + range.count]))
        }
    }
}
