import Foundation
import ModelCatalog
import ModelDownload
import TestSupport
import Testing

@Suite struct EventTests {
    @Test func `events tell the phases in order and the last is done`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 6 << 20))
            fixture.hub.script("m.bin", .slow(bytesPerSecond: 2 << 20))
            let log = EventLog()
            let start = ContinuousClock.now
            try await fixture.get(file) { log.note($0) }
            let seconds = Double((ContinuousClock.now - start).components.seconds + 1)
            let events = log.all
            #expect(events.first?.phase == .connecting)
            #expect(events.contains { $0.phase == .downloading && $0.bytesPerSecond > 0 && $0.secondsLeft != nil })
            #expect(events.suffix(2).map(\.phase) == [.verifying, .done] || events.contains { $0.phase == .verifying })
            #expect(events.last?.phase == .done)
            #expect(events.last?.received == 6 << 20 && events.last?.verified == 6 << 20)
            #expect(events.allSatisfy { $0.file == "m.bin" && $0.index == 0 && $0.files == 1 })
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.received <= $1.received })
            #expect(Double(events.count) <= 10 * seconds)
        }
    }

    @Test func `events of several files name each of them and say what was resumed`() async throws {
        try await withDownloader { fixture in
            let files = (0..<3).map { fixture.serve("m-\($0).bin", .pattern(size: 300_000, seed: UInt64($0))) }
            try await fixture.get(files[1])
            let log = EventLog()
            _ = try await fixture.downloader().run(fixture.plan(files)) { log.note($0) }
            for (index, file) in files.enumerated() {
                let own = log.all.filter { $0.index == index }
                #expect(own.allSatisfy { $0.file == file.name && $0.files == 3 })
                #expect(own.last?.phase == .done)
                #expect(own.last?.resumed == (index == 1 ? 300_000 : 0))
            }
        }
    }

    @Test func `a second round after a wrong digest starts from nothing and ends with done`() async throws {
        try await withDownloader { fixture in
            let file = fixture.serve("m.bin", .pattern(size: 500_000))
            fixture.hub.script("m.bin", .corrupt(offset: 100), times: 1)
            let log = EventLog()
            try await fixture.get(file) { log.note($0) }
            #expect(log.all.filter { $0.phase == .connecting && $0.received == 0 }.count >= 2)
            #expect(log.all.last?.phase == .done)
        }
    }

    @Test func `a limit on the rate holds over all connections and files`() async throws {
        try await withDownloader { fixture in
            let files = (0..<2).map { fixture.serve("m-\($0).bin", .pattern(size: 3 << 20, seed: UInt64($0))) }
            let options = Downloader.Options(
                connections: 4, connectionsAreFixed: true, bytesPerSecond: 4 << 20, retry: .hasty)
            let start = ContinuousClock.now
            _ = try await fixture.downloader(options).run(fixture.plan(files))
            // Six megabytes at four a second: a machine under load only makes it slower.
            #expect(ContinuousClock.now - start > .seconds(1))
        }
    }
}
