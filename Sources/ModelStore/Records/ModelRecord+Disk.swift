import Disk

extension [ModelRecord] {
    /// With the state that a look at every file's size and time gives, which is more than the index can know: people
    /// move and delete files. No content is read.
    ///
    /// Records that share files are told from one another only when they are here together.
    func refreshed(in layout: StoreLayout) -> [ModelRecord] {
        let there = statuses(in: layout)
        var owners: [String: (record: ModelRecord, file: ModelRecord.FileRecord)] = [:]
        for record in self {
            for file in record.files where file.matches(there[record.key(of: file)]) {
                owners[record.key(of: file)] = (record, file)
            }
        }
        return map { record in
            var record = record
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

    /// What the disk says of every file; what cannot be seen is absent.
    private func statuses(in layout: StoreLayout) -> [String: FileStatus] {
        var statuses: [String: FileStatus] = [:]
        // Many models of one repository stand one after the other.
        var opened: (publisher: String, repository: String, folder: Folder?)?
        for record in self {
            if opened?.publisher != record.publisher || opened?.repository != record.repository {
                // A link in place of a folder is not followed: its files count as missing.
                let folder = try? layout.openRepository(record.publisher, record.repository)
                opened = (record.publisher, record.repository, folder)
            }
            guard let found = opened?.folder else { continue }
            for file in record.files {
                if let status = try? found.status(file.name) { statuses[record.key(of: file)] = status }
            }
        }
        return statuses
    }
}
