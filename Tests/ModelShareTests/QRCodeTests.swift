import Foundation
import ModelShare
import SystemPackage
import TestSupport
import Testing

@Suite struct QRCodeTests {
    private static let address = "HTTP://192.168.100.200:65535/0123456789"

    @Test func `the code of a long address is 29 columns wide and 15 lines high`() throws {
        let lines = try #require(QRCode(Self.address)).halfBlocks(inkIsDark: true)
        #expect(lines.count == 15)
        #expect(lines.allSatisfy { $0.count == 29 })
    }

    @Test(.enabled(if: installedProgram("zbarimg") != nil, "zbarimg is not installed"), arguments: [true, false])
    func `a reader reads what the terminal shows`(inkIsDark: Bool) async throws {
        let lines = try #require(QRCode(Self.address)).halfBlocks(inkIsDark: inkIsDark)
        #expect(try await read(picture(of: lines, inkIsDark: inkIsDark), "code.pgm") == Self.address)
    }

    @Test(.enabled(if: installedProgram("zbarimg") != nil, "zbarimg is not installed"))
    func `a reader reads the picture`() async throws {
        let code = try #require(QRCode("https://example.org/a/longer/one?text=1"))
        #expect(try await read([UInt8](code.png()), "code.png") == "https://example.org/a/longer/one?text=1")
    }

    /// Lines of half blocks as a screen shows them: each cell two dots, one above the other.
    private func picture(of lines: [String], inkIsDark: Bool) -> [UInt8] {
        let scale = 6
        let width = (lines.first?.count ?? 0) * scale
        var dots: [UInt8] = []
        for line in lines {
            for upper in [true, false] {
                let row = line.flatMap { cell -> [UInt8] in
                    let isInk = cell == "█" || cell == (upper ? "▀" : "▄")
                    return Array(repeating: isInk == inkIsDark ? 0 : 255, count: scale)
                }
                for _ in 0..<scale { dots += row }
            }
        }
        return Array("P5\n\(width) \(lines.count * 2 * scale)\n255\n".utf8) + dots
    }

    private func read(_ picture: [UInt8], _ name: String) async throws -> String {
        let reader = try #require(installedProgram("zbarimg"))
        return try await withTemporaryFolder { folder in
            let path = folder.appending(name)
            try path.write(picture)
            let result = try await RunningCommand.run(
                reader, ["--quiet", "--raw", path.string], environment: ["LC_ALL": "C.UTF-8"])
            return String(result.standardOutput.prefix { $0 != "\n" })
        }
    }
}
