import TestSupport
import Testing

@Suite struct GGUFBuilderTests {
    @Test func `the smallest file is magic, version and two counts, padded`() {
        let bytes = GGUFBuilder().build()
        #expect(Array(bytes.prefix(4)) == Array("GGUF".utf8))
        #expect(bytes.count == 32)
        #expect(Array(bytes[4...]) == [3] + [UInt8](repeating: 0, count: 27))
    }

    @Test func `metadata and tensors are laid out as in the format's description`() {
        var builder = GGUFBuilder()
        builder.metadata = [("a", .array(of: .uint16, [.uint16(0x0201)]))]
        builder.tensors = [.init("t", [2], .f32), .init("u", [32], .q80, seed: 7)]
        let metadata: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0, 97, 9, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]
        let first: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0, 116, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 12)
        let second: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0, 117, 1, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0]
        let bytes = builder.build()
        let header = builder.header()
        #expect(Array(bytes[24..<24 + metadata.count]) == metadata)
        #expect(Array(bytes[51..<51 + 66]) == first + second)
        #expect(header.count == 128 && bytes.starts(with: header))
        #expect(Array(bytes[128..<136]) == [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F])
        #expect(bytes.count == 128 + 32 + 64)
    }

    @Test(arguments: [(TensorType.q80, 64 << 10), (.q4K, 300 << 10), (.q4K, 4 << 20), (.f16, 1 << 20)])
    func `a tiny llama takes about the bytes asked for`(type: TensorType, size: Int) {
        let builder = GGUFBuilder.tinyLlama(tensorBytes: size, type: type)
        let weights = builder.tensors.reduce(0) { $0 + $1.size }
        #expect(weights > size / 2 && weights < size * 3 / 2)
        for tensor in builder.tensors { #expect(tensor.dimensions[0].isMultiple(of: tensor.type.blockLength)) }
    }

    @Test func `another chat template leaves the weights as they are`() {
        let old = GGUFBuilder.tinyLlama(chatTemplate: "old")
        let new = GGUFBuilder.tinyLlama(chatTemplate: String(repeating: "new ", count: 50))
        #expect(old.build().dropFirst(old.header().count) == new.build().dropFirst(new.header().count))
        #expect(old.header().count != new.header().count)
        #expect(GGUFBuilder.tinyLlama(seed: 2).build() != GGUFBuilder.tinyLlama(seed: 3).build())
    }
}
