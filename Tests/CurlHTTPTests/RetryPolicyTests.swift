import CurlHTTP
import Foundation
import Synchronization
import Testing

@Suite struct RetryPolicyTests {
    @Test func `waits double up to their bound, spread by a quarter`() {
        let policy = RetryPolicy(tries: 8, firstDelay: 1, longestDelay: 10, longestRequestedDelay: 60)
        for (attempt, expected) in zip(1..., [1.0, 2, 4, 8, 10, 10]) {
            let delay = policy.delay(attempt: attempt, requested: nil) ?? 0
            #expect(delay >= expected * 0.75 && delay <= expected * 1.25)
        }
    }

    @Test func `a server's wish is the least that is waited, unless it is unbearable`() throws {
        let policy = RetryPolicy(tries: 8, firstDelay: 1, longestDelay: 10, longestRequestedDelay: 60)
        #expect(policy.delay(attempt: 1, requested: 60) == 60)
        #expect(policy.delay(attempt: 1, requested: 61) == nil)
        #expect(try #require(policy.delay(attempt: 4, requested: 0)) >= 6)
    }

    @Test func `by default an outage of a minute is survived and no wait is long`() {
        let policy = RetryPolicy()
        let least =
            (1..<policy.tries).map { min(policy.firstDelay * pow(2, Double($0 - 1)), policy.longestDelay) }
            .reduce(0, +) * 0.75
        #expect(least > 55)
        #expect(policy.longestDelay <= 10)
    }

    @Test(arguments: [
        (200, false), (206, false), (301, false), (400, false), (401, false), (403, false), (404, false), (408, true),
        (416, false), (425, true), (429, true), (500, true), (501, false), (502, true), (503, true), (504, true),
        (505, false), (511, false), (520, true), (529, true),
    ])
    func `some statuses pass by themselves`(status: Int, passes: Bool) {
        #expect(RetryPolicy.passes(status) == passes)
    }

    @Test func `the question is asked as often as the policy allows, and not again where that does not help`()
        async throws
    {
        let url = try #require(URL(string: "https://a.example/x"))
        let policy = RetryPolicy(tries: 3, firstDelay: 0.001)
        func asked(_ policy: RetryPolicy, _ outcome: Result<Int, HTTPError>) async -> Int {
            var count = 0
            _ = try? await policy.ask {
                count += 1
                return ((), HTTPHead(status: try outcome.get(), headers: [:], url: url))
            }
            return count
        }
        #expect(await asked(policy, .success(503)) == 3)
        #expect(await asked(policy, .success(404)) == 1)
        #expect(await asked(policy, .failure(.interrupted(url: url, detail: ""))) == 3)
        #expect(await asked(policy, .failure(.unreachable(host: "a", detail: ""))) == 1)
        #expect(await asked(policy, .failure(.offline(url: url))) == 1)
        #expect(await asked(policy, .failure(.tooSlow(url: url, seconds: 1))) == 1)
        let late = RetryPolicy(tries: 3, firstDelay: 0.001, totalWait: 0)
        #expect(await asked(late, .success(503)) == 1)
        #expect(await asked(late, .failure(.stalled(url: url, seconds: 30))) == 1)
        #expect(await asked(RetryPolicy(tries: 1), .success(503)) == 1)
        #expect(await asked(RetryPolicy(tries: 0), .success(503)) == 1)
    }
}
