package import SystemPackage

/// Reads the first bytes of a text that a person keeps: a setting, a token.
///
/// - Parameter limit: In bytes.
/// - Returns: Nil when there is no file that can be read.
package func readText(at path: FilePath, limit: Int) -> String? {
    readBytes(at: path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
}

/// Reads the first bytes of a file that a person names. Links are followed, because people keep files behind links; a
/// pipe has nothing to say, and is not waited for.
///
/// - Parameter limit: In bytes.
/// - Returns: Nil when there is no file that can be read.
package func readBytes(at path: FilePath, limit: Int) -> [UInt8]? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
        return nil
    }
    defer { try? file.close() }
    return try? [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        count = try file.fill(UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
}
