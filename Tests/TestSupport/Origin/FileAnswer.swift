/// What goes out for a request of a file: status, headers and which bytes.
struct FileAnswer {
    var status: Int
    var headers: [(name: String, value: String)]
    /// Which bytes of the content; empty where there is no body.
    var range: Range<Int>
    var content: Content
    var chunked = false

    /// Applies conditions and ranges of RFC 9110 (sections 13 and 14) and the faults of headers.
    init(
        _ file: Answer.FileBody, to head: RequestHead, headers: [(name: String, value: String)],
        faults: [Fault]
    ) {
        let shown = ShownFile(file, faults)
        self.headers = headers + [("Accept-Ranges", "bytes")]
        if let etag = shown.etag { self.headers.append(("ETag", etag)) }
        if let date = file.lastModified { self.headers.append(("Last-Modified", date)) }
        content = shown.content
        status = 200
        range = 0..<content.size

        if let condition = head["If-None-Match"], let etag = shown.etag, Self.lists(condition, etag) {
            status = 304
            range = 0..<0
            return
        }
        if shown.gzip {
            content = .bytes(GzipStored.encode((try? content.allBytes()) ?? []))
            range = 0..<content.size
            chunked = true
            self.headers.append(("Content-Encoding", "gzip"))
            return
        }
        if !shown.ignoresRange, head.method == "GET", let wanted = head["Range"],
            rangeCounts(head, shown, file)
        {
            select(wanted, shift: shown.rangeShift)
        }
        if let inChunks = shown.withoutLength {
            chunked = inChunks
        } else {
            self.headers.append(("Content-Length", String(range.count + shown.lengthError)))
        }
    }

    /// `If-Range` must name the present content by a strong ETag or its exact date (RFC 9110, 13.1.5).
    private func rangeCounts(_ head: RequestHead, _ shown: ShownFile, _ file: Answer.FileBody) -> Bool {
        guard let condition = head["If-Range"] else { return true }
        if condition.hasPrefix("\"") || condition.hasPrefix("W/") {
            return condition == shown.etag && !condition.hasPrefix("W/")
        }
        return condition == file.lastModified
    }

    /// Takes one range; several, or what is no byte range, are answered with everything.
    private mutating func select(_ wanted: String, shift: Int) {
        guard wanted.hasPrefix("bytes="), !wanted.contains(",") else { return }
        let ends = wanted.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        let size = content.size
        switch (Int(ends[0]), Int(ends[1])) {
        case (let first?, let last?):
            guard first >= 0, first <= last else { return }
            range = min(first, size)..<max(min(first, size), min(last, size - 1) + 1)
        case (let first?, nil):
            guard first >= 0, ends[1].isEmpty else { return }
            range = min(first, size)..<size
        case (nil, let length?):
            guard length >= 0, ends[0].isEmpty else { return }
            range = size - min(length, size)..<size
        case (nil, nil):
            return
        }
        guard !range.isEmpty else {
            status = 416
            headers.append(("Content-Range", "bytes */\(size)"))
            return
        }
        status = 206
        headers.append(
            ("Content-Range", "bytes \(range.lowerBound + shift)-\(range.upperBound - 1 + shift)/\(size)")
        )
    }

    private static func lists(_ condition: String, _ etag: String) -> Bool {
        condition == "*"
            || condition.split(separator: ",").contains { item in
                let item = item.drop { $0 == " " }.trimmingPrefix("W/")
                return item == etag.trimmingPrefix("W/")
            }
    }
}

/// A file after the faults that change what its headers say.
private struct ShownFile {
    var content: Content
    var etag: String?
    var ignoresRange = false
    var gzip = false
    var lengthError = 0
    /// Whether a body without a length comes in chunks; nil when it has a length.
    var withoutLength: Bool?
    var rangeShift = 0

    init(_ file: Answer.FileBody, _ faults: [Fault]) {
        content = file.content
        etag = file.etag
        for fault in faults {
            switch fault {
            case .change:
                let size = content.size
                content = content.patched([Patch(offset: min(4, size), length: max(0, size - 4), xor: 0x5A)]
                )
                etag = etag.map { "\"changed-\($0.dropFirst())" }
            case .noEtag: etag = nil
            case .weakEtag: etag = etag.map { "W/\($0)" }
            case .ignoreRange: ignoresRange = true
            case .gzip: gzip = true
            case .noLength(let inChunks): withoutLength = inChunks
            case .wrongLength(let difference): lengthError = difference
            case .wrongContentRange(let difference): rangeShift = difference
            default: break
            }
        }
    }
}
