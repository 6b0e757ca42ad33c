import CurlHTTP
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import ModelDownload

@Suite struct JournalTests {
    @Test(arguments: [
        ("boot-1" as String?, Int64(100), [0..<60, 70..<90]), ("boot-2", 100, [0..<50]), (nil, 100, [0..<50]),
        ("boot-1", 75, [0..<60, 70..<75]), ("boot-2", 20, [0..<20]), ("boot-1", 0, []),
    ])
    func `bytes that were only written count while the same system is up, those synced always`(
        boot: String?, length: Int64, expected: [Range<Int64>]
    ) {
        let journal = Journal(size: 100, synced: [[0, 50]], written: [[0, 60], [70, 90]], boot: "boot-1")
        #expect(journal.trusted(length: length, boot: boot).ranges == expected)
    }

    @Test func `without a boot identifier only synced bytes count`() {
        let journal = Journal(size: 100, synced: [[0, 50]], written: [[0, 60]], boot: nil)
        #expect(journal.trusted(length: 100, boot: nil).ranges == [0..<50])
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"version\":2,\"synced\":[],\"written\":[]}",
        "{\"version\":1,\"size\":-1,\"synced\":[],\"written\":[]}", String(repeating: " ", count: 2 << 20) + "{}",
    ])
    func `a journal that cannot be believed is none`(text: String) throws {
        try withTemporaryFolder { folder in
            let place = Journal.Place(of: folder.appending("x"))
            try place.folder.appending(place.name).write(Array(text.utf8))
            #expect(Journal.read(at: place) == nil)
        }
    }

    @Test func `hostile ranges are left out`() {
        let journal = Journal(size: 100, synced: [[5], [9, 3], [-4, 6], [1, 2, 3], [10, .max], [20, 30]])
        #expect(journal.trusted(length: 100, boot: "b").ranges == [10..<100])
    }

    @Test(arguments: [
        (["etag": "\"a\""], "\"a\"" as String?), (["etag": "W/\"a\""], nil),
        (
            ["last-modified": "Tue, 14 Nov 2023 22:00:00 GMT", "date": "Tue, 14 Nov 2023 22:13:20 GMT"],
            "Tue, 14 Nov 2023 22:00:00 GMT"
        ),
        (["last-modified": "Tue, 14 Nov 2023 22:13:00 GMT", "date": "Tue, 14 Nov 2023 22:13:20 GMT"], nil),
        (["etag": "W/\"a\"", "last-modified": "Tue, 14 Nov 2023 22:00:00 GMT"], "Tue, 14 Nov 2023 22:00:00 GMT"),
        ([:], nil),
    ])
    func `a strong tag or an old date guards a range`(headers: [String: String], value: String?) throws {
        let url = try #require(URL(string: "https://a.example/x?Signature=1"))
        let validator = Journal.Validator(HTTPHead(status: 200, headers: headers, url: url))
        #expect(validator?.value == value)
        #expect(validator.map { $0.address == "https://a.example/x" } ?? true)
    }
}
