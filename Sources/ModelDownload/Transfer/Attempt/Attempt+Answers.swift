internal import CurlHTTP
internal import Foundation
internal import ModelCatalog
internal import Synchronization
internal import SystemPackage

/// What sinks report, on libcurl's thread.
extension Attempt {
    /// Judges the head of a good answer; nil accepts it.
    func accept(_ head: HTTPHead, size: Int64?, ranged: Bool, _ segment: Segment) -> SegmentFailure? {
        if isModel, head.isWebPage {
            return .fatal(DownloadError.notAModel(file: name, url: sources.current, html: true))
        }
        return turn.withLock { generation in
            guard generation == segment.generation else { return .superseded }
            let (known, isLate) = state.withLock { ($0.size, $0.sources.number != segment.source) }
            guard !isLate else { return .superseded }
            if let size, let known, size != known {
                // A size that only the origin has said before may change with the content.
                guard let expected = plan.file.size else { return .changed(counts: true) }
                return .fatal(DownloadError.sizeMismatch(file: name, expected: expected, actual: size))
            }
            if let failure = checkValidator(head, ranged: ranged, segment) { return failure }
            do throws(DownloadError) {
                if known == nil, let size { try partial.setSize(size) }
                // Only now, so that a refusal does not cost a whole file's room; and not for a size that only this origin
                // names. What may share its blocks with another file must not have some of its own: Btrfs would keep
                // all of them for the sake of a few that are written.
                if let promised = plan.file.size, plan.local?.pieces.isEmpty ?? true {
                    try partial.reserve(promised)
                }
            } catch {
                return .fatal(error)
            }
            state.withLock { state in
                state.size = state.size ?? size
                state.ranges.accept(ranged: ranged)
                if head.url != state.sources.current { state.sources.direct = head.url }
            }
            return nil
        }
    }

    /// Whether the name promises a GGUF file.
    private var isModel: Bool { name.lowercased().hasSuffix(".gguf") }

    private func checkValidator(_ head: HTTPHead, ranged: Bool, _ segment: Segment) -> SegmentFailure? {
        let fresh = Journal.Validator(head)
        let old = partial.validator
        let sameAddress = old?.address == Journal.Validator.plain(head.url)
        let hasChanged = sameAddress && fresh != nil && old?.value != fresh?.value
        if hasDigest {
            // Some hosts name the same content differently from machine to machine. The digest proves the whole, so
            // nothing that is here has to go for it.
            if hasChanged { state.withLock { $0.ignoresValidators = true } }
            if let fresh { partial.setValidator(fresh) }
            return nil
        }
        if hasChanged { return .changed(counts: true) }
        let isSame = sameAddress && fresh != nil
        // Nothing says that what comes now belongs to what is here.
        let isGlued = ranged ? segment.range.lowerBound > 0 : partial.written.count > 0
        if isGlued, !isSame { return .changed(counts: false) }
        if ranged, fresh == nil {
            return .rangesRefused(cause: "the server does not name its content", certain: true)
        }
        partial.setValidator(fresh)
        return nil
    }

    /// The server has nothing at the place asked for: `total` is the size it states.
    func judgeUnsatisfiable(_ total: Int64?, _ segment: Segment) -> SegmentFailure {
        if let total, let expected = plan.file.size, total != expected {
            return .fatal(DownloadError.sizeMismatch(file: name, expected: expected, actual: total))
        }
        // An empty file has no first byte to ask for.
        if total == 0, segment.range.lowerBound == 0, partial.written.count == 0 {
            return learnEnd(0, segment) ?? .superseded
        }
        if !hasDigest, let total, total != size { return .changed(counts: true) }
        return .rangesRefused(cause: "HTTP 416", certain: false)
    }

    /// Puts bytes in their place; nil when that went well.
    func put(_ bytes: UnsafeRawBufferPointer, at offset: Int64, _ segment: Segment) -> SegmentFailure? {
        turn.withLock { generation in
            guard generation == segment.generation else { return .superseded }
            if offset == 0, isModel, bytes.count >= 4, !bytes.prefix(4).elementsEqual("GGUF".utf8) {
                let text = bytes.prefix(64).drop { $0 == 32 || $0 == 10 || $0 == 13 || $0 == 9 }
                return .fatal(
                    DownloadError.notAModel(file: name, url: sources.current, html: text.first == UInt8(ascii: "<")))
            }
            do throws(DownloadError) {
                note(try partial.write(bytes, at: offset), fetched: bytes.count)
                return nil
            } catch {
                return .fatal(error)
            }
        }
    }

    /// Copies bytes of the origin, which is a file on this machine, to the same place; no count where the kernel cannot do
    /// it.
    func copy(
        from source: FileDescriptor, _ range: Range<Int64>, _ segment: Segment
    ) -> (failure: SegmentFailure?, count: Int?) {
        turn.withLock { generation in
            guard generation == segment.generation else { return (.superseded, nil) }
            do throws(DownloadError) {
                guard let (count, progress) = try partial.copy(from: source, range, at: range.lowerBound) else {
                    return (nil, nil)
                }
                note(progress, fetched: count)
                return (nil, count)
            } catch {
                return (.fatal(error), nil)
            }
        }
    }

    /// Takes bytes of another file on this disk; nil where the kernel cannot copy them.
    ///
    /// - Parameter offset: Where they belong.
    /// - Returns: How many came, 0 at that file's end.
    func reuse(
        _ range: Range<Int64>, of source: FileDescriptor, at offset: Int64
    ) throws(DownloadError) -> Int? {
        try turn.withLock { _ throws(DownloadError) in
            guard let (count, progress) = try partial.copy(from: source, range, at: offset) else { return nil }
            note(progress, reused: count)
            return count
        }
    }

    /// Takes bytes that were read from another file on this disk.
    func reuse(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DownloadError) {
        try turn.withLock { _ throws(DownloadError) in
            note(try partial.write(bytes, at: offset), reused: bytes.count)
        }
    }

    /// Only to be called in `turn`.
    private func note(_ progress: PartialFile.Progress, fetched: Int = 0, reused: Int = 0) {
        hasher.advance(to: progress.prefix)
        state.withLock { state in
            state.fetched += Int64(fetched)
            state.reused += Int64(reused)
            if fetched > 0 { state.retries.note(received: progress.count) }
        }
    }

    /// A body without a stated length has ended; nil when that is the file's end.
    func learnEnd(_ end: Int64, _ segment: Segment) -> SegmentFailure? {
        turn.withLock { generation in
            guard generation == segment.generation else { return .superseded }
            guard size == nil || size == end else {
                guard let expected = plan.file.size else { return .changed(counts: true) }
                return .fatal(DownloadError.sizeMismatch(file: name, expected: expected, actual: end))
            }
            // A longer file of an earlier run must not show behind the end.
            do throws(DownloadError) { try partial.setSize(end) } catch { return .fatal(error) }
            state.withLock { $0.size = end }
            return nil
        }
    }
}
