import Crypto
import Foundation
import Synchronization
public import SystemPackage

/// The bytes of a file that the origin serves: in memory, on disk, or made as they are asked for.
public struct Content: Sendable {
    /// In bytes.
    public let size: Int
    /// Fills the buffer with the bytes from an offset on; asked only for ranges inside the content.
    let fill: @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Void
    private let hashes: Hashes

    /// Content of any size that needs no memory.
    ///
    /// - Parameters:
    ///   - size: In bytes.
    ///   - fill: Fills a buffer with the bytes from an offset on; must give the same bytes every time.
    public init(
        size: Int,
        fill:
            @escaping @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Void
    ) {
        self.size = size
        self.fill = fill
        hashes = Hashes()
    }

    /// Content in memory.
    public static func bytes(_ bytes: some Collection<UInt8> & Sendable) -> Content {
        let bytes = Array(bytes)
        return Content(size: bytes.count) { offset, buffer in
            bytes.withUnsafeBytes {
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: $0[offset...].prefix(buffer.count)))
            }
        }
    }

    /// Content in memory, as UTF-8.
    public static func text(_ text: String) -> Content { bytes(Array(text.utf8)) }

    /// A file on disk, read piece by piece while it is sent.
    ///
    /// - Throws: `Errno` when it cannot be opened. It stays open as long as the content is in use.
    public static func file(_ path: FilePath) throws -> Content {
        let file = try OpenFile(path)
        return Content(size: try file.size()) { try file.read(at: $0, into: $1) }
    }

    /// Pseudo-random bytes that cost nothing: one block of 1 MiB again and again, each with its number in front.
    ///
    /// - Parameters:
    ///   - size: In bytes.
    ///   - seed: Equal seeds give equal bytes.
    public static func pattern(size: Int, seed: UInt64 = 1) -> Content {
        let length = 1 << 20
        let block = PseudoRandom.bytes(count: length, seed: seed)
        return Content(size: size) { offset, buffer in
            block.withUnsafeBytes { source in
                var done = 0
                while done < buffer.count {
                    let (number, start) = (offset + done).quotientAndRemainder(dividingBy: length)
                    let count = min(buffer.count - done, length - start)
                    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
                    if start < 8 {
                        for index in start..<min(8, start + count) {
                            target[index - start] = UInt8(truncatingIfNeeded: number >> (8 * index))
                        }
                    }
                    done += count
                }
            }
        }
    }

    /// The same content with other bytes in some places.
    public func patched(_ patches: [Patch]) -> Content {
        Content(size: size) { offset, buffer in
            try fill(offset, buffer)
            for patch in patches { patch.apply(to: buffer, at: offset) }
        }
    }

    /// All bytes at once.
    ///
    /// - Throws: `Errno` when a file can no longer be read.
    public func allBytes() throws -> [UInt8] { try bytes(0..<size) }

    /// Some of the bytes.
    ///
    /// - Throws: `Errno` when a file can no longer be read.
    public func bytes(_ range: Range<Int>) throws -> [UInt8] {
        let range = range.clamped(to: 0..<size)
        guard !range.isEmpty else { return [] }
        var bytes = [UInt8](repeating: 0, count: range.count)
        try bytes.withUnsafeMutableBytes { try fill(range.lowerBound, $0) }
        return bytes
    }

    /// As 64 hexadecimal digits, computed when first asked for; empty when the file cannot be read.
    public var sha256: String {
        hashes.sha256 { (try? digest(SHA256())) ?? "" }
    }

    /// The name that git has for these bytes: SHA-1 of `blob SIZE`, a zero byte, and the content.
    var gitObject: String {
        hashes.git {
            var hasher = Insecure.SHA1()
            hasher.update(data: Array("blob \(size)\u{0}".utf8))
            return (try? digest(hasher)) ?? ""
        }
    }

    private func digest<Hash: HashFunction>(_ hasher: Hash) throws -> String {
        var hasher = hasher
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset = 0
        while offset < size {
            let count = min(buffer.count, size - offset)
            try buffer.withUnsafeMutableBytes { bytes in
                let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
                try fill(offset, part)
                hasher.update(bufferPointer: UnsafeRawBufferPointer(part))
            }
            offset += count
        }
        return hexadecimal(hasher.finalize())
    }
}

/// Bytes that differ from what they should be.
public struct Patch: Sendable {
    /// Where, from the start of the file, in bytes.
    public var offset: Int
    /// How many bytes.
    public var length: Int
    /// What each of them is combined with by exclusive or.
    public var xor: UInt8

    /// By default all bits of one byte are turned over.
    public init(offset: Int, length: Int = 1, xor: UInt8 = 0xFF) {
        self.offset = offset
        self.length = length
        self.xor = xor
    }

    /// Changes what of the buffer lies inside, when the buffer shows the file from `start` on.
    func apply(to buffer: UnsafeMutableRawBufferPointer, at start: Int) {
        let range = (offset..<offset + length).clamped(to: start..<start + buffer.count)
        for index in range { buffer[index - start] ^= xor }
    }
}

/// Hashes of a content, computed once however often it is copied.
private final class Hashes: Sendable {
    private let known = Mutex<(sha256: String?, git: String?)>((nil, nil))

    func sha256(_ compute: () -> String) -> String {
        known.withLock { known in
            let hash = known.sha256 ?? compute()
            known.sha256 = hash
            return hash
        }
    }

    func git(_ compute: () -> String) -> String {
        known.withLock { known in
            let hash = known.git ?? compute()
            known.git = hash
            return hash
        }
    }
}

/// A file that stays open as long as somebody serves from it.
private final class OpenFile: Sendable {
    private let descriptor: FileDescriptor

    init(_ path: FilePath) throws {
        descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    }

    deinit { try? descriptor.close() }

    func size() throws -> Int { Int(try descriptor.seek(offset: 0, from: .end)) }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try descriptor.read(fromAbsoluteOffset: Int64(offset + done), into: rest)
            guard count > 0 else { throw Errno.ioError }
            done += count
        }
    }
}
