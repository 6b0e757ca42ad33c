import Disk

extension [ModelRecord] {
    /// With the state that a look at every file's size and time gives, which is more than the index can know: people
    /// move and delete files. No content is read.
    ///
    /// Records that share files are told from one another only when they are here together.
    func refreshed(in layout: StoreLayout) -> [ModelRecord] { seen(in: layout).records }

    /// The same, with what the disk says of every file; nil of one that cannot be seen.
    func seen(in layout: StoreLayout) -> (records: [ModelRecord], statuses: [[FileStatus?]]) {
        let sights = sights(in: layout)
        // Nearly always all is as it was written down.
        let isAsKnown = zip(self, sights).allSatisfy { record, sight in
            (record.state == .ready || record.state == .damaged) && !sight.isDenied
                && zip(record.files, sight.statuses).allSatisfy { $0.matches($1) }
        }
        return (isAsKnown ? self : refreshed(by: sights), sights.map(\.statuses))
    }

    /// What the disk says of a model's files.
    private struct Sight {
        var statuses: [FileStatus?]
        /// Whether this user is kept from one of them: it may be sound for everybody else.
        var isDenied: Bool
    }

    private func refreshed(by sights: [Sight]) -> [ModelRecord] {
        var there: [String: FileStatus] = [:]
        for (record, sight) in zip(self, sights) {
            for (file, status) in zip(record.files, sight.statuses) { there[record.key(of: file)] = status }
        }
        var owners: [String: (record: ModelRecord, file: ModelRecord.FileRecord)] = [:]
        for record in self {
            for file in record.files where file.matches(there[record.key(of: file)]) {
                owners[record.key(of: file)] = (record, file)
            }
        }
        return zip(self, sights).map { record, sight in
            var record = record
            if sight.isDenied {
                if record.state != .damaged { record.state = .unreadable }
                return record
            }
            var missing = 0
            var isResized = false
            for (position, file) in record.files.enumerated() {
                let key = record.key(of: file)
                if file.matches(there[key]) { continue }
                if let owner = owners[key] {
                    // An update under another reference has replaced the file. A reference that names a fixed
                    // content has lost it; any other means whatever is there now.
                    if record.isPinned {
                        missing += 1
                    } else {
                        record.files[position] = owner.file
                        record.revision = owner.record.revision
                        record.verifiedAt = owner.record.verifiedAt
                        record.state = owner.record.state
                    }
                } else if let status = there[key], status.kind == .file {
                    if status.size != file.size { isResized = true }
                    record.verifiedAt = nil
                } else {
                    missing += 1
                }
            }
            if missing > 0 {
                record.state = missing == record.files.count ? .missing : .incomplete
            } else if isResized {
                record.state = .damaged
            } else if record.state != .damaged {
                // A file that a check found damaged stays so until another check says better.
                record.state = .ready
            }
            return record
        }
    }

    /// For so many one look through a publisher's folder for links costs less than one at each of its repositories.
    private static var many: Int { 100 }

    private func sights(in layout: StoreLayout) -> [Sight] {
        let root = try? Folder.root(layout.root)
        // Many models of one publisher stand one after the other.
        var opened: (publisher: String, folder: Folder?, isDenied: Bool)?
        var isFreeOfLinks = false
        return map { record in
            if opened?.publisher != record.publisher {
                // A link in place of a folder is not followed: its files count as missing.
                opened = (record.publisher, nil, false)
                if FileNameRules.isSafe(record.publisher) {
                    do throws(DiskError) {
                        opened?.folder = try root?.folder(record.publisher)
                    } catch {
                        opened?.isDenied = error.errno == .permissionDenied
                    }
                }
                isFreeOfLinks = count >= Self.many && opened?.folder?.isFreeOfLinks ?? false
            }
            guard let folder = opened?.folder, FileNameRules.isSafe(record.repository) else {
                return Sight(statuses: record.files.map { _ in nil }, isDenied: opened?.isDenied ?? false)
            }
            var sight = Sight(statuses: [], isDenied: false)
            sight.statuses.reserveCapacity(record.files.count)
            for file in record.files {
                let (status, isDenied) = folder.look(
                    at: file.name, in: record.repository, isFreeOfLinks: isFreeOfLinks)
                sight.statuses.append(status)
                if isDenied { sight.isDenied = true }
            }
            return sight
        }
    }
}
