package import SystemPackage

/// Reads the first bytes of a text that a person keeps: a setting, a token. Links are followed, because people keep such
/// files behind links; a pipe has nothing to say, and is not waited for.
///
/// - Parameter limit: In bytes.
/// - Returns: Nil when there is no file that can be read.
package func readText(at path: FilePath, limit: Int) -> String? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
        return nil
    }
    defer { try? file.close() }
    let bytes = try? [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
        count = try file.fill(UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
    return bytes.map { String(decoding: $0, as: UTF8.self) }
}
