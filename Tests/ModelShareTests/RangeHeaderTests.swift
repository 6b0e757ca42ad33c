import Testing

@testable import ModelShare

@Suite struct RangeHeaderTests {
    @Test(arguments: [
        ("bytes=0-99", RangeHeader.part(0..<100)), ("bytes=900-", .part(900..<1000)), ("bytes=-100", .part(900..<1000)),
        ("bytes=990-5000", .part(990..<1000)), ("bytes=-5000", .part(0..<1000)),
        ("bytes=0-99999999999999999999", .part(0..<1000)), ("bytes=1000-", .notSatisfiable),
        ("bytes=99999999999999999999-", .notSatisfiable), ("bytes=-0", .notSatisfiable),
        ("bytes=5-4", .whole), ("bytes=0-0,2-2", .whole), ("bytes=-", .whole), ("lines=1-2", .whole),
        ("bytes=a-b", .whole),
        ("bytes=--1", .whole),
    ])
    func `one range is answered, what cannot be read is not a range`(text: String, expected: RangeHeader) {
        #expect(RangeHeader(text, size: 1000) == expected)
    }

    @Test func `an empty file has no ranges`() {
        #expect(RangeHeader("bytes=0-", size: 0) == .notSatisfiable)
        #expect(RangeHeader("bytes=-5", size: 0) == .notSatisfiable)
        #expect(RangeHeader(nil, size: 0) == .whole)
    }
}
