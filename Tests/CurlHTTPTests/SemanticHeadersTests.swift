import Foundation
import Testing

@testable import CurlHTTP

@Suite struct SemanticHeadersTests {
    /// Tuesday, 14 November 2023, 22:13:20 GMT.
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func head(_ headers: [String: String], status: Int = 200) throws -> HTTPHead {
        HTTPHead(status: status, headers: headers, url: try #require(URL(string: "https://a.example/x")))
    }

    @Test(
        arguments: [
            ([:], 429, nil),
            (["retry-after": "120"], 429, 120), (["retry-after": " 0 "], 503, 0), (["retry-after": "1.5"], 503, 1.5),
            (["retry-after": "Tue, 14 Nov 2023 22:15:20 GMT"], 503, 120),
            (["retry-after": "Tuesday, 14-Nov-23 22:15:20 GMT"], 503, 120),
            (["retry-after": "Tue Nov 14 22:15:20 2023"], 503, 120),
            (["retry-after": "Tue, 14 Nov 2000 22:15:20 GMT"], 503, 0),
            (["retry-after": "soon"], 503, nil), (["retry-after": "-5"], 503, nil), (["retry-after": "inf"], 503, nil),
            (["retry-after": "1" + String(repeating: "0", count: 300)], 503, 31_536_000),
            (["ratelimit": "\"api\";r=0;t=9223372036854775807"], 429, 31_536_000),
            (["retry-after": ""], 503, nil), (["retry-after": "0x10"], 503, nil), (["retry-after": "1e9"], 503, nil),
            (["ratelimit": "\"api\";r=0;t=172"], 429, 173), (["ratelimit": "\"api\"; r=0; t=172"], 429, 173),
            (["ratelimit": "\"api\";t=172;r=0"], 429, 173), (["ratelimit": "\"api\";r=0;t=0"], 429, 1),
            // Only an exhausted quota asks for a wait, and only a refusal for its sake.
            (["ratelimit": "\"api\";r=10;t=172"], 429, nil), (["ratelimit": "\"api\";r=0;t=172"], 503, nil),
            (["ratelimit": "\"api\";r=00;t=5"], 429, 6), (["ratelimit": "\"api\";t=172"], 429, nil),
            (["ratelimit": "\"api\";r=0"], 429, nil), (["ratelimit": "\"api\";r=0;t=-3"], 429, nil),
            (["ratelimit": "\"api\";r=0;t=inf"], 429, nil), (["ratelimit": "r=0;t=5"], 429, 6),
            (["ratelimit": "\"burst\";r=0;t=5, \"daily\";r=9;t=3600"], 429, 6),
            (["ratelimit": "\"burst\";r=0;t=5,\"daily\";r=0;t=3600"], 429, 3601),
            (["ratelimit": "\"a,b;r=0;t=9\\\"\";r=7;t=3"], 429, nil),
            (["retry-after": "7", "ratelimit": "\"api\";r=0;t=172"], 429, 7),
            (["retry-after": "soon", "ratelimit": "\"api\";r=0;t=172"], 429, 173),
        ] as [([String: String], Int, Double?)])
    func `the wait that a server asks for is read in every form`(
        headers: [String: String], status: Int, seconds: Double?
    ) throws {
        #expect(try head(headers, status: status).retryAfter(now: Self.now) == seconds)
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            // A year with two digits is never more than fifty years ahead.
            ("Monday, 06-Nov-73 08:49:37 GMT", 3_277_183_777), ("Tuesday, 06-Nov-74 08:49:37 GMT", 152_959_777),
            ("Sun, 06 Nov 1994 08:49:37 PST", nil), ("06 Nov 1994", nil), ("", nil), ("784111777", nil),
            ("Sun, 06 Nov 1994 08:49:37 GMT and more", nil), ("Sun, 36 Nov 1994 08:49:37 GMT", nil),
        ] as [(String, Double?)])
    func `dates are read in all three forms of HTTP`(text: String, seconds: Double?) {
        #expect(HTTPDate.parse(text, now: Self.now)?.timeIntervalSince1970 == seconds)
    }

    @Test(
        arguments: [
            ("bytes 0-99/1000", 0..<100, 1000), ("Bytes 5-5/*", 5..<6, nil), ("bytes */1000", nil, 1000),
            ("bytes 0-0/1", 0..<1, 1), ("bytes 999-999/1000", 999..<1000, 1000),
        ] as [(String, Range<Int64>?, Int64?)])
    func `Content-Range is read`(text: String, range: Range<Int64>?, total: Int64?) throws {
        let read = try #require(head(["content-range": text]).contentRange)
        #expect(read.range == range && read.total == total)
    }

    @Test(arguments: [
        "", "bytes", "bytes ", "bytes 0-9", "bytes 10-5/1000", "bytes 0-1000/1000", "items 0-1/2", "bytes -5-9/10",
        "bytes 0-9223372036854775807/*", "bytes 0-99999999999999999999/*", "bytes */-4", "bytes */*", "bytes 0-5/abc",
        "bytes +0-5/10", "bytes 0-+5/10", "bytes 0-5/10/12", "bytes 0-5-7/10", "bytes 0x0-5/10", "bytes -/10",
        "bytes ٠-٥/١٠", "bytes 0-4/0",
    ])
    func `a Content-Range that cannot be true is none`(text: String) throws {
        #expect(try head(["content-range": text]).contentRange == nil)
    }

    @Test(
        arguments: [
            ([:], nil), (["etag": "\"a\""], "\"a\""), (["etag": "W/\"a\""], nil), (["etag": ""], nil),
            (["last-modified": "Tue, 14 Nov 2023 22:12:20 GMT", "date": "Tue, 14 Nov 2023 22:13:20 GMT"], "same"),
            (["last-modified": "Tue, 14 Nov 2023 22:12:21 GMT", "date": "Tue, 14 Nov 2023 22:13:20 GMT"], nil),
            (["last-modified": "Tue, 14 Nov 2023 22:12:20 GMT"], "same"),
            (["last-modified": "Tue, 14 Nov 2023 22:13:00 GMT"], nil),
            (["last-modified": "Tuesday, 14-Nov-23 22:00:00 GMT"], "same"), (["last-modified": "yesterday"], nil),
            (["etag": "W/\"a\"", "last-modified": "Tue, 14 Nov 2023 22:00:00 GMT"], "same"),
            (["etag": "\"a\"", "last-modified": "Tue, 14 Nov 2023 22:00:00 GMT"], "\"a\""),
        ] as [([String: String], String?)])
    func `a strong tag or an old date names a content`(headers: [String: String], validator: String?) throws {
        let expected = validator == "same" ? headers["last-modified"] : validator
        #expect(try head(headers).validator(now: Self.now) == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("12", 12), ("-1", nil), ("+1", nil), ("1 2", nil), ("", nil), ("99999999999999999999", nil),
        ]
            as [(String, Int64?)])
    func `a length is digits`(text: String, length: Int64?) throws {
        #expect(try head(["content-length": text]).contentLength == length)
    }
}
