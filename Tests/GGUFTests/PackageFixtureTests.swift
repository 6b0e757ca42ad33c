import Foundation
import GGUF
import Testing

/// Files that the `gguf` package from PyPI wrote (`Fixtures/make_fixtures.py`), read with the values it was given.
@Suite struct PackageFixtureTests {
    private func fixture(_ name: String) throws -> String {
        try #require(Bundle.module.path(forResource: name, ofType: "bin", inDirectory: "Fixtures"))
    }

    @Test(arguments: ["values-little", "values-big"])
    func `every kind of value is read as it was written`(name: String) throws {
        let file = try GGUFFile(path: try fixture(name))
        let expected: [String: GGUFValue] = [
            "general.architecture": .string("llama"), "t.u8": .uint8(200), "t.i8": .int8(-100),
            "t.u16": .uint16(60000), "t.i16": .int16(-30000), "t.u32": .uint32(4_000_000_000),
            "t.i32": .int32(-2_000_000_000), "t.f32": .float32(0.15625), "t.yes": .bool(true), "t.no": .bool(false),
            "t.string": .string("añadido — 日本"), "t.u64": .uint64(1 << 63 + 5), "t.i64": .int64(-(1 << 62)),
            "t.f64": .float64(1 / 3),
        ]
        for (key, value) in expected { #expect(file.metadata[key] == value, "\(key)") }
        #expect(file.metadata.integers("t.array.i32") == [1, -2, 3])
        #expect(try file.array(of: "t.array.f32") == [.float32(0.5), .float32(-0.25)])
        #expect(try file.array(of: "t.array.bool") == [.bool(true), .bool(false), .bool(true)])
        #expect(try file.array(of: "t.array.string") == [.string("uno"), .string("dos"), .string("")])
        #expect(file.metadata["t.array.long"]?.array?.elements == nil)
        #expect(try file.array(of: "t.array.long").map(\.integer) == (0..<3000).map { $0 })
        #expect(try file.array(of: "tokenizer.ggml.tokens").map(\.string) == (0..<500).map { "token\($0)" })
        #expect(file.metadata.integer("t.u64") == nil)
        #expect(file.tensors.map(\.name) == ["a.weight", "b.weight"])
        #expect(file.tensors.map(\.dimensions) == [[4, 3], [5]])
        #expect(file.tensors.map(\.type) == [.f32, .f16])
        #expect(file.isComplete)
        #expect(file.isBigEndian == (name == "values-big"))
        #expect(throws: GGUFError.missing(key: "t.u8")) { try file.array(of: "t.u8") }
    }

    @Test func `every type of tensor has the size that the package gives it`() throws {
        let file = try GGUFFile(path: try fixture("types"))
        #expect(file.tensors.count >= 33)
        for tensor in file.tensors {
            let type = try #require(TensorType(name: tensor.name.dropFirst(2)))
            #expect(tensor.type == type)
            #expect(tensor.dimensions == [Int64(type.blockSize), 2])
            #expect(tensor.byteCount == Int64(2 * type.bytesPerBlock))
        }
        #expect(file.isComplete)
        #expect(file.availableLength - file.expectedLength < file.alignment)
    }
}
