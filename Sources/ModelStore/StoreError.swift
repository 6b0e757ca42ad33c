internal import Disk
public import Foundation
public import SystemPackage

/// What can go wrong in the store, with the facts a message needs.
public enum StoreError: Error, Hashable, Sendable {
    /// The disk, or the user's quota on it, is full. Both numbers in bytes, nil when nobody knows them.
    case noSpace(path: FilePath, needed: Int64?, free: Int64?)
    /// The file system is mounted for reading only.
    case readOnly(path: FilePath)
    /// The user may not do this here.
    case permission(path: FilePath)
    /// The system refused for another reason.
    case io(path: FilePath, errno: Errno)
    /// Something that the store did not put there has the name, and its content is different.
    case occupied(path: FilePath)
    /// A folder below the root is a symbolic link, which the store does not follow.
    case outsideStore(path: FilePath)
    /// A publisher, repository, file or model name that cannot be used as one.
    case unsafeName(String)
    /// A name that the disk of the store does not take, as FAT does none with a colon in it.
    case nameRefused(String, path: FilePath)
    /// No model goes by this reference (or, for a file to be reused, no sound file has this digest).
    case notStored(ref: String)
    /// A file is not the one that was verified: its size, or its very existence, has changed since.
    case changed(path: FilePath)
    /// The index can neither be used nor made anew.
    case indexDamaged(path: FilePath, detail: String)
    /// A newer release has written this index.
    case indexNewer(path: FilePath)
    /// Another process holds this lock.
    case locked(key: String)
    /// Another process is downloading the model.
    case beingFetched(ref: String)
    /// Another process moves the store to this folder, and nobody changes it meanwhile.
    case moving(to: FilePath)
    /// Somebody has changed or removed the model since the work on it began. What they wanted later holds.
    case superseded(ref: String)
    /// The folder that was named for the store is not there: its disk may be another time's.
    case absent(path: FilePath)
    /// The file system cannot lock files, which keeps two processes out of each other's way.
    case noLocks(path: FilePath)
    /// A part of the model is not there.
    case incomplete(ref: String, missing: [FilePath])
    /// No other version of the model was kept.
    case nothingKept(ref: String)
    /// One of two folders is in the other, and a store cannot be moved from one to the other.
    case nested(path: FilePath)
    /// A store is to be moved to a folder that has something in it.
    case notEmpty(path: FilePath)

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String {
        switch self {
        case .noSpace: "no-space"
        case .readOnly: "read-only"
        case .permission: "permission"
        case .io: "io"
        case .occupied: "occupied"
        case .outsideStore: "outside-store"
        case .unsafeName: "unsafe-name"
        case .nameRefused: "name-refused"
        case .notStored: "not-stored"
        case .changed: "changed"
        case .indexDamaged: "index-damaged"
        case .indexNewer: "index-newer"
        case .locked: "locked"
        case .beingFetched: "being-fetched"
        case .moving: "store-moving"
        case .superseded: "superseded"
        case .absent: "no-store"
        case .noLocks: "no-locks"
        case .incomplete: "incomplete"
        case .nothingKept: "nothing-kept"
        case .nested: "nested-stores"
        case .notEmpty: "not-empty"
        }
    }

    /// Sorts what the disk said into the cases above.
    init(_ error: DiskError) {
        let path = error.path
        switch error.errno {
        case .noSpace, .diskQuotaExceeded:
            self = .noSpace(path: path, needed: error.needed, free: DiskSpace.free(at: path))
        case .readOnlyFileSystem: self = .readOnly(path: path)
        case .permissionDenied, .notPermitted: self = .permission(path: path)
        case .tooManySymbolicLinkLevels: self = .outsideStore(path: path)
        case .notDirectory: self = .occupied(path: path)
        case .noLocks: self = .noLocks(path: path)
        case .invalidArgument, .fileNameTooLong, .illegalByteSequence:
            // What nothing but its name can be blamed for.
            let name = path.lastComponent?.string ?? ""
            self =
                FileNameRules.isTakenEverywhere(name)
                ? .io(path: path, errno: error.errno) : .nameRefused(name, path: path.removingLastComponent())
        default: self = .io(path: path, errno: error.errno)
        }
    }

    /// Whether it keeps from writing to the store, and not from reading what is there.
    static func isOfWriting(_ error: any Error) -> Bool {
        switch from(error) {
        case StoreError.readOnly, StoreError.permission, StoreError.noSpace, StoreError.io, StoreError.noLocks: true
        default: false
        }
    }

    /// What leaves the store: an error of the disk in the store's own terms, any other as it is.
    package static func from(_ error: any Error) -> any Error {
        (error as? DiskError).map(StoreError.init) ?? error
    }
}

extension StoreError: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch self {
        case .noSpace(let path, _, _): "\(path) has no room left."
        case .readOnly(let path): "\(path) can only be read."
        case .permission(let path): "\(path) may not be written."
        case .io(let path, let errno): "The store cannot be used at \(path): \(errno)."
        case .occupied(let path): "Another file is already at \(path)."
        case .outsideStore(let path): "\(path) is a link that leads out of the store."
        case .unsafeName(let name): "\(name) cannot be a file name."
        case .nameRefused(let name, let path): "The disk of \(path) does not take the name \(name)."
        case .notStored(let ref): "\(ref) is not stored."
        case .changed(let path): "\(path) has changed since it was verified."
        case .indexDamaged(let path, let detail): "The index \(path) cannot be used: \(detail)."
        case .indexNewer(let path): "The index \(path) was written by a newer version."
        case .locked: "Another process is changing the store."
        case .beingFetched(let ref): "Another process is downloading \(ref)."
        case .moving(let path): "The store is being moved to \(path)."
        case .superseded(let ref): "\(ref) was changed or removed meanwhile."
        case .absent(let path): "There is no folder \(path)."
        case .noLocks(let path): "The file system of \(path) cannot lock files."
        case .incomplete(let ref, let missing): "\(ref) lacks \(missing.count) files."
        case .nested(let path): "\(path) and the store are one in the other."
        case .notEmpty(let path): "\(path) is not empty."
        case .nothingKept(let ref): "No other version of \(ref) was kept."
        }
    }
}
