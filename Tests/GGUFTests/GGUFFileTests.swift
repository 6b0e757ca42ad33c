import Foundation
import GGUF
import Testing

@Suite struct GGUFFileTests {
    private func header(version: UInt32 = 3, isBigEndian: Bool = false, words: Int = 200) -> [UInt8] {
        var header = HeaderBytes(version: version, isBigEndian: isBigEndian, tensors: 2, keys: 4)
        header.pair("general.architecture", "llama")
        header.pair("llama.block_count", 2)
        header.array("tokenizer.ggml.tokens", kind: 8, count: UInt64(words))
        for word in 0..<words { header.text("word\(word)") }
        header.array("tokenizer.ggml.scores", kind: 6, count: UInt64(5000))
        for score in 0..<5000 { header.integer(Float(score).bitPattern) }
        header.tensor("token_embd.weight", [256, 200], type: 12)
        header.tensor("output_norm.weight", [256], offset: 28800)
        return header.bytes
    }

    @Test(arguments: [UInt32(1), 2, 3], [false, true])
    func `a header is read in every version and byte order`(version: UInt32, isBigEndian: Bool) throws {
        let bytes = header(version: version, isBigEndian: isBigEndian)
        let file = try GGUFFile(bytes: bytes)
        #expect(file.version == version)
        #expect(file.isBigEndian == isBigEndian)
        #expect(file.architecture == "llama")
        #expect(file.integer(ofModel: "block_count") == 2)
        #expect(file.metadata.arrayCount("tokenizer.ggml.tokens") == 200)
        #expect(file.metadata["tokenizer.ggml.tokens"]?.array?.elements == nil)
        #expect(try file.array(of: "tokenizer.ggml.tokens")[199].string == "word199")
        #expect(try file.array(of: "tokenizer.ggml.scores")[4999].double == 4999)
        #expect(file.headerLength == Int64(bytes.count))
        #expect(file.tensors.map(\.byteCount) == [28800, 1024])
        #expect(file.dataSpan == 0..<29824)
        #expect(file.dataStart % 32 == 0)
        #expect(file.expectedLength == file.dataStart + 29824)
        #expect(!file.isComplete)
        #expect(file.parameterCount == 256 * 200 + 256)
        #expect(file.quantizationMix.first?.type == .q4K)
    }

    @Test func `every cut of a header says how much more it needs`() throws {
        let bytes = header(words: 80)
        for length in 0..<bytes.count {
            #expect {
                _ = try GGUFFile(bytes: Array(bytes[..<length]))
            } throws: { error in
                guard case GGUFError.truncated(_, let at, let needed, let estimate) = error else { return false }
                return at <= length && needed > length && needed <= bytes.count && estimate >= needed
            }
        }
        _ = try GGUFFile(bytes: bytes)
    }

    @Test func `a remote header is had in few requests`() throws {
        let bytes = header(words: 100_000)
        var length = 64 << 10
        var requests = 1
        while requests < 20 {
            do throws(GGUFError) {
                _ = try GGUFFile(bytes: Array(bytes.prefix(length)))
                break
            } catch {
                guard case .truncated(_, _, _, let estimate) = error else { throw error }
                length = Int(estimate)
                requests += 1
            }
        }
        #expect(requests <= 4)
        #expect(length < bytes.count + 1 << 20)
    }

    @Test func `a sparse file of 40 GB is read by its header`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "gguf-\(UUID().uuidString).bin").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = header(words: 50_000)
        try Data(bytes).write(to: URL(filePath: path))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 40 << 30)
        try handle.close()
        let file = try GGUFFile(path: path)
        #expect(file.isComplete)
        #expect(file.availableLength == 40 << 30)
        #expect(try file.array(of: "tokenizer.ggml.tokens").last?.string == "word49999")
    }

    @Test func `what is no file is an error with the system's number`() {
        #expect(throws: GGUFError.unreadable(path: "/nowhere/m.gguf", errno: ENOENT)) {
            try GGUFFile(path: "/nowhere/m.gguf")
        }
        #expect(throws: GGUFError.unreadable(path: "/", errno: EISDIR)) { try GGUFFile(path: "/") }
    }

    @Test func `an alignment moves the data`() throws {
        var header = HeaderBytes(tensors: 1, keys: 1)
        header.pair("general.alignment", 4096)
        header.tensor("a", [32], offset: 4096)
        let file = try GGUFFile(bytes: header.bytes)
        #expect(file.alignment == 4096)
        #expect(file.dataStart == 4096)
        #expect(file.dataSpan == 4096..<4224)
    }

    @Test func `parts of a split model say which they are`() throws {
        var header = HeaderBytes(tensors: 0, keys: 3)
        header.pair("split.no", 1)
        header.pair("split.count", 3)
        header.pair("split.tensors.count", 291)
        let split = try #require(try GGUFFile(bytes: header.bytes).split)
        #expect(split.index == 1)
        #expect(split.count == 3)
        #expect(split.tensorCount == 291)
    }
}
