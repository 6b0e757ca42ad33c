import Foundation
import GGUF

// Prints everything that the reader makes of a file, one value a line, for `compare_with_package.py`:
//
//     DumpGGUF FILE
//
// Texts and fractions stand there in hexadecimal, so that nothing depends on how either language writes them.

guard CommandLine.arguments.count == 2 else {
    print("DumpGGUF FILE")
    exit(64)
}

func hex<Number: FixedWidthInteger>(_ bits: Number) -> String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: Number.bitWidth / 4 - digits.count) + digits
}

func hex(_ text: String) -> String { text.utf8.map { hex($0) }.joined() }

func words(_ value: GGUFValue) -> String {
    switch value {
    case .string(let text): "string \(hex(text))"
    case .float32(let number): "float32 \(hex(number.bitPattern))"
    case .float64(let number): "float64 \(hex(number.bitPattern))"
    case .bool(let isTrue): "bool \(isTrue)"
    case .uint8(let number): "uint8 \(number)"
    case .int8(let number): "int8 \(number)"
    case .uint16(let number): "uint16 \(number)"
    case .int16(let number): "int16 \(number)"
    case .uint32(let number): "uint32 \(number)"
    case .int32(let number): "int32 \(number)"
    case .uint64(let number): "uint64 \(number)"
    case .int64(let number): "int64 \(number)"
    case .array(let array): "array \(array.elementKind) \(array.count)"
    }
}

let file = try GGUFFile(path: CommandLine.arguments[1])
var lines = ["version \(file.version)", "data \(file.dataStart)"]
for key in file.metadata.keys {
    guard let value = file.metadata[key] else { continue }
    lines.append("key \(hex(key)) \(words(value))")
    if value.array != nil { lines += try file.array(of: key).map { "  \(words($0))" } }
}
for tensor in file.tensors {
    let dimensions = tensor.dimensions.map(String.init).joined(separator: ",")
    let offset = file.dataStart + tensor.offset
    lines.append("tensor \(hex(tensor.name)) \(tensor.type.name) \(dimensions) \(offset) \(tensor.byteCount)")
}
FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
