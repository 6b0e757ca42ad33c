import Foundation
import GGUF
import TestSupport
import Testing

/// Headers that lie. Each must end in an error that names what was wrong, at once and without memory.
@Suite struct HostileHeaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let bytes: [UInt8]

        init(
            _ description: String, _ code: String, _ build: (inout HeaderBytes) -> Void, tensors: UInt64 = 0,
            keys: UInt64 = 1
        ) {
            testDescription = description
            self.code = code
            var header = HeaderBytes(tensors: tensors, keys: keys)
            build(&header)
            bytes = header.bytes
        }

        init(_ description: String, _ code: String, bytes: [UInt8]) {
            (testDescription, self.code, self.bytes) = (description, code, bytes)
        }
    }

    static let cases: [Case] = [
        Case("a web page", "not-gguf", bytes: Array("<!DOCTYPE html>".utf8)),
        Case("no bytes", "gguf-truncated", bytes: []),
        Case("version 4", "gguf-version", bytes: Array("GGUF".utf8) + [4, 0, 0, 0] + Array(repeating: 0, count: 16)),
        Case("version 0", "gguf-version", bytes: Array("GGUF".utf8) + [0, 0, 0, 0] + Array(repeating: 0, count: 16)),
        Case("all tensors there are", "gguf-too-large", { _ in }, tensors: .max, keys: 0),
        Case("all keys there are", "gguf-too-large", { _ in }, keys: .max),
        Case("a key of 2^63 bytes", "gguf-too-large", { $0.size(1 << 63) }),
        Case("a key without a name", "gguf-bad-name", { $0.pair("", 1) }),
        Case("a key that is no text", "gguf-not-text", { $0.raw([1, 0, 0, 0, 0, 0, 0, 0, 0xFF]) }),
        Case(
            "a key twice", "gguf-bad-name",
            {
                $0.pair("a", 1)
                $0.pair("a", 2)
            }, keys: 2),
        Case(
            "a value of kind 13", "gguf-unknown-type",
            {
                $0.text("a")
                $0.integer(UInt32(13))
            }),
        Case(
            "a text of 10 GB", "gguf-too-large",
            {
                $0.text("a")
                $0.integer(UInt32(8))
                $0.size(10 << 30)
            }),
        Case("an array of 2^61 numbers", "gguf-too-large", { $0.array("a", kind: 10, count: 1 << 61) }),
        Case("an array whose size overflows", "gguf-too-large", { $0.array("a", kind: 10, count: .max) }),
        Case("an array of 2^40 texts", "gguf-too-large", { $0.array("a", kind: 8, count: 1 << 40) }),
        Case(
            "arrays within arrays without end", "gguf-too-large",
            {
                $0.array("a", kind: 9, count: 1)
                for _ in 0..<1000 {
                    $0.integer(UInt32(9))
                    $0.size(1)
                }
            }),
        Case("an alignment of 0", "gguf-bad-value", { $0.pair("general.alignment", 0) }),
        Case("an alignment of 48", "gguf-bad-value", { $0.pair("general.alignment", 48) }),
        Case("an alignment that is text", "gguf-bad-value", { $0.pair("general.alignment", "32") }),
        Case("a tensor with 5 axes", "gguf-too-large", { $0.tensor("a", [1, 1, 1, 1, 1]) }, tensors: 1, keys: 0),
        Case(
            "a tensor with more numbers than 63 bits", "gguf-bad-tensor", { $0.tensor("a", [1 << 40, 1 << 40]) },
            tensors: 1, keys: 0),
        Case("a tensor with a negative axis", "gguf-bad-tensor", { $0.tensor("a", [.max]) }, tensors: 1, keys: 0),
        Case(
            "a tensor of more bytes than 62 bits", "gguf-bad-offset", { $0.tensor("a", [1 << 60]) }, tensors: 1, keys: 0
        ),
        Case(
            "a row that is no multiple of the block", "gguf-bad-tensor", { $0.tensor("a", [100, 256], type: 12) },
            tensors: 1, keys: 0),
        Case("a type that ggml removed", "gguf-unknown-type", { $0.tensor("a", [32], type: 4) }, tensors: 1, keys: 0),
        Case("a type of the future", "gguf-unknown-type", { $0.tensor("a", [32], type: 500) }, tensors: 1, keys: 0),
        Case(
            "an offset between alignments", "gguf-bad-offset", { $0.tensor("a", [32], offset: 33) }, tensors: 1, keys: 0
        ),
        Case(
            "an offset beyond everything", "gguf-bad-offset", { $0.tensor("a", [32], offset: 1 << 63) }, tensors: 1,
            keys: 0),
        Case(
            "a tensor twice", "gguf-bad-name",
            {
                $0.tensor("a", [32])
                $0.tensor("a", [32], offset: 128)
            }, tensors: 2, keys: 0),
    ]

    @Test(arguments: cases)
    func `a header that lies is refused`(_ example: Case) {
        #expect {
            _ = try GGUFFile(bytes: example.bytes)
        } throws: { error in
            (error as? GGUFError)?.code == example.code
        }
    }

    @Test func `tensors without elements are no error, as in ggml`() throws {
        var header = HeaderBytes(tensors: 2, keys: 0)
        header.tensor("a", [0, 4])
        header.tensor("b", [])
        let file = try GGUFFile(bytes: header.bytes)
        #expect(file.tensors.map(\.byteCount) == [0, 4])
    }

    /// A million texts of 256 MB each take no place on a sparse disk, but going through them takes for ever.
    @Test func `a list of huge texts ends where no header reaches`() throws {
        try withTemporaryFolder { folder in
            var header = HeaderBytes(tensors: 0, keys: 1)
            header.array("a", kind: 8, count: 1 << 20)
            header.size(200 << 20)
            let start = Int64(header.bytes.count)
            let path = folder.appending("m.gguf")
            try path.write(header.bytes)
            let file = try FileHandle(forUpdating: URL(filePath: path.string))
            try file.truncate(atOffset: 1 << 40)
            try file.seek(toOffset: UInt64(start) + 200 << 20)
            try file.write(contentsOf: [0, 0, 0x80, 0x0C, 0, 0, 0, 0])
            try file.close()
            #expect(
                throws: GGUFError.tooLarge(reading: "a", at: start + 200 << 20, value: 200 << 20, limit: 256 << 20)
            ) { try GGUFFile(path: path.string) }
        }
    }

    @Test func `a shape of absurd numbers is not calculated with`() throws {
        var header = HeaderBytes(tensors: 0, keys: 4)
        header.pair("general.architecture", "llama")
        for key in ["block_count", "embedding_length", "attention.head_count"] {
            header.pair("llama.\(key)", .max)
        }
        #expect(ModelShape(try GGUFFile(bytes: header.bytes)) == nil)
        var shape = ModelShape(
            architecture: "llama", blockCount: 4096, embeddingLength: 1 << 30, vocabularySize: .max)
        shape.headCount = .same(.max)
        #expect(!shape.isSensible)
    }
}
