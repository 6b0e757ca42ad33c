import Disk
import Foundation
import Modelteca
import Synchronization
import SystemPackage

/// What a user wants always: `~/.config/slm/config.yaml`, where options and variables are silent.
///
/// Of YAML it has `key: value` and comments. A parser of all of it would bring Foundation's ICU into the program.
struct ConfigFile: Sendable {
    /// What can be set.
    enum Key: String, CaseIterable, Sendable {
        case store, language, device, limitRate = "limit-rate", connections, endpoint, catalog

        /// The variable that says the same, and before the file.
        var variable: String? {
            switch self {
            case .store: "SLM_STORE"
            case .endpoint: "HF_ENDPOINT"
            case .catalog: "SLM_CATALOG"
            case .language, .device, .limitRate, .connections: nil
            }
        }
    }

    /// Where it is, or would be.
    var path: FilePath
    private(set) var values: [Key: String] = [:]
    /// In the order of their lines. What they are about is not set.
    private(set) var faults: [ConfigFault] = []

    /// That of this run. Nobody's but the program's own: until ``load()`` there is none.
    static var current: ConfigFile? { loaded.withLock { $0 } }

    private static let loaded = Mutex<ConfigFile?>(nil)
    private static let limit = 64 << 10

    /// Reads the file of this run, before anything is said or set.
    static func load() {
        let file = ConfigFile(at: place(startEnvironment))
        loaded.withLock { $0 = file }
    }

    /// `slm/config.yaml` in `XDG_CONFIG_HOME`, else in `.config` of the home folder. A relative path is to be ignored (XDG
    /// Base Directory Specification).
    static func place(_ environment: [String: String]) -> FilePath {
        let folder = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? FilePath($0) : nil }
        return (folder ?? FilePath(environment["HOME"] ?? "/").appending(".config")).appending("slm/config.yaml")
    }

    /// For a person: where it would be.
    static var shownPlace: String { place(startEnvironment).shown }

    /// What a file says; nothing where there is none.
    init(at path: FilePath) {
        self.path = path
        guard let status = FileStatus(following: path) else { return }
        guard status.kind == .file, let bytes = readBytes(at: path, limit: Self.limit + 1) else {
            faults = [ConfigFault(path: path, line: nil, reason: .unreadable)]
            return
        }
        guard bytes.count <= Self.limit else {
            faults = [ConfigFault(path: path, line: nil, reason: .tooLarge)]
            return
        }
        read(bytes)
    }

    /// What these bytes say.
    init(_ bytes: [UInt8], at path: FilePath) {
        self.path = path
        read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            faults = [ConfigFault(path: path, line: nil, reason: .notText)]
            return
        }
        var lines: [Key: Int] = [:]
        let rows = text.trimmingPrefix("\u{FEFF}").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in rows.enumerated() {
            do throws(ConfigFault.Reason) {
                guard let (name, value) = try ConfigLine.pair(in: line) else { continue }
                guard let key = Key(rawValue: name) else { throw .unknownKey(name) }
                if let first = lines[key] { throw .twice(key, first: first) }
                lines[key] = index + 1
                values[key] = try key.checked(value)
            } catch {
                faults.append(ConfigFault(path: path, line: index + 1, reason: error))
            }
        }
    }

    /// The variables of a run, and what the file says where they are silent.
    func completing(_ environment: [String: String]) -> [String: String] {
        var all = environment
        for (key, value) in values {
            if let variable = key.variable, environment[variable]?.isEmpty != false { all[variable] = value }
        }
        return all
    }

    /// Whether this value is the one that counts where no option is given: no variable comes before it.
    func decides(_ key: Key, over environment: [String: String] = startEnvironment) -> Bool {
        values[key] != nil && key.variable.map { environment[$0]?.isEmpty != false } ?? true
    }
}

extension ConfigFile.Key {
    /// The value as the program has it.
    fileprivate func checked(_ value: String) throws(ConfigFault.Reason) -> String {
        let isGood =
            switch self {
            case .store: value.hasPrefix("/") || value.hasPrefix("~/")
            case .catalog: value.hasPrefix("/") || value.hasPrefix("~/") || URL(webAddress: value) != nil
            case .language: Language.allCases.contains { $0.rawValue == value.lowercased() }
            case .device: DeviceProfile(named: value) != nil
            case .limitRate: ByteSize(argument: value).map(TransferOptions.isRate) ?? false
            case .connections: Int(value).map(TransferOptions.isCount) ?? false
            case .endpoint: URL(webAddress: value) != nil
            }
        guard isGood else { throw .badValue(self, value) }
        guard self == .store || self == .catalog, value.hasPrefix("~/") else { return value }
        return FilePath(startEnvironment["HOME"] ?? "/").appending(String(value.dropFirst(2))).string
    }
}
