import Foundation
public import GGUF

/// Headers of the models that llama.cpp was measured with.
public enum Fixtures {
    /// A header by its model and quantization: `llama-3.2-1b.Q4_K_M`.
    public static func header(_ name: String) throws -> GGUFFile {
        try GGUFFile(path: path(name, "header", in: "Fixtures/headers"))
    }

    /// The lines of a table.
    public static func lines(_ name: String, _ type: String) throws -> [Substring] {
        try String(contentsOfFile: path(name, type), encoding: .utf8).split(whereSeparator: \.isNewline)
    }

    /// The rows of a table without quotes, by the names in its first line.
    public static func table(_ name: String) throws -> [[String: String]] {
        let rows = try lines(name, "csv").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        guard let names = rows.first else { return [] }
        return rows.dropFirst().map { row in
            Dictionary(uniqueKeysWithValues: zip(names, row).map { (String($0), String($1)) })
        }
    }

    static func path(_ name: String, _ type: String, in folder: String = "Fixtures") throws -> String {
        guard let path = Bundle.module.path(forResource: name, ofType: type, inDirectory: folder) else {
            throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "\(folder)/\(name).\(type)"])
        }
        return path
    }
}

extension ModelShape {
    /// Of Llama 3.2 with a billion weights.
    public static let smallLlama = {
        var shape = ModelShape(architecture: "llama", blockCount: 16, embeddingLength: 2048, vocabularySize: 128_256)
        (shape.contextLength, shape.feedForwardLength, shape.tiedEmbeddings) = (131_072, 8192, true)
        (shape.headCount, shape.headCountKV) = (32, 8)
        return shape
    }()
}
