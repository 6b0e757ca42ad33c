import Disk
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct CopyTests {
    private func with(_ bytes: [UInt8], _ body: (FileDescriptor, FileDescriptor, FilePath) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let (source, target) = (folder.appending("source"), folder.appending("target"))
            try source.write(bytes)
            let from = try FileDescriptor.open(source, .readOnly)
            defer { try? from.close() }
            let to = try FileDescriptor.open(target, .readWrite, options: .create, permissions: .ownerReadWrite)
            defer { try? to.close() }
            try body(from, to, target)
        }
    }

    @Test(arguments: [
        (start: Int64(0), offset: Int64(0)), (4096, 8192), (5, 4101), (4096, 0), (7, 100_000), (1_000_003, 3),
    ])
    func `bytes arrive at another place, whatever blocks they are in`(start: Int64, offset: Int64) throws {
        let bytes = PseudoRandom.bytes(count: 3 << 20, seed: 4)
        try with(
            bytes,
            { source, target, path in
                var position = start
                while position < bytes.count {
                    let count = try source.copyInKernel(
                        position..<Int64(bytes.count), to: target, at: offset + position - start)
                    guard let count, count > 0 else { break }
                    position += Int64(count)
                }
                #expect(position == bytes.count)
                let copied = try path.readBytes()
                #expect(copied.dropFirst(Int(offset)).elementsEqual(bytes.dropFirst(Int(start))))
            })
    }

    @Test func `a copy to the same place ends with the source`() throws {
        let bytes = PseudoRandom.bytes(count: 2_500_001, seed: 5)
        try with(bytes) { source, target, path in
            let count = try source.copy(1..<9_000_000, to: target)
            #expect(count == 2_500_000)
            let copied = try path.readBytes()
            #expect(copied.dropFirst().elementsEqual(bytes.dropFirst()))
        }
    }
}
