internal import CurlHTTP
internal import Disk
public import Foundation
internal import ModelHub
internal import SystemPackage

/// A variable of the environment whose value cannot be used.
public struct SettingsFault: Error, Equatable, Sendable {
    /// Its name, as it was set.
    public var variable: String
    /// Its value, without user and password.
    public var value: String
    /// What is wrong.
    package var reason: Reason

    /// What is wrong with a value.
    package enum Reason: String, Equatable, Sendable {
        /// It has to begin with `https://` or `http://` and name a host.
        case noAddress
        /// It has to be a proxy: a host, a port from 1 to 65535, and one of the schemes that are known.
        case noProxy
        /// There is no such file, or it cannot be read.
        case noFile
        /// It is not UTF-8: read as text it would name another folder.
        case notText
        /// It has characters in it that no header may have.
        case noToken
        /// It says neither yes nor no.
        case noSwitch
    }

    /// Name for `--json`. Scripts match on it, so it is never translated.
    public var code: String { "bad-environment" }

    /// The faults of all variables that are read, in the order of their names.
    static func faults(in environment: [String: String]) -> [SettingsFault] {
        environment.keys.sorted().compactMap { name in
            guard let value = environment[name]?.trimmed, !value.isEmpty else {
                return nil
            }
            let reason: Reason? =
                switch name {
                // What stands for bytes that are no text.
                case "SLM_STORE" where value.holds("\u{FFFD}"): .notText
                case "HF_ENDPOINT", "MODELSCOPE_ENDPOINT": isAddress(value) ? nil : .noAddress
                case "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE": Switch(value) == nil ? .noSwitch : nil
                case "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN": Credentials.isToken(value) ? nil : .noToken
                case "SSL_CERT_FILE": isFile(value) ? nil : .noFile
                default: ProxySettings.isUsable(name, in: environment) ? nil : .noProxy
                }
            let shown = reason == .noToken ? "…" : ProxySettings.withoutPassword(value)
            return reason.map { SettingsFault(variable: name, value: shown, reason: $0) }
        }
    }

    /// What `URL` would take, too, has a blank in its host, and is asked for in vain.
    private static func isAddress(_ value: String) -> Bool {
        URL(webAddress: value) != nil && !value.utf8.contains(where: { $0 <= 32 })
    }

    private static func isFile(_ path: String) -> Bool {
        FileStatus(following: FilePath(path)).map { $0.kind != .folder } ?? false
            && FileManager.default.isReadableFile(atPath: path)
    }
}

/// What a variable that switches something on or off says.
enum Switch {
    case on, off

    /// As huggingface_hub reads them, and their opposites; nil for what is neither.
    init?(_ text: String) {
        switch text.lowercased() {
        case "1", "true", "yes", "on": self = .on
        case "0", "false", "no", "off": self = .off
        default: return nil
        }
    }
}

extension SettingsFault: LocalizedError {
    /// One sentence.
    public var errorDescription: String? {
        switch reason {
        case .noAddress: "\(variable) is no address: \(value)."
        case .noProxy: "\(variable) is no proxy: \(value)."
        case .noFile: "\(variable) names no readable file: \(value)."
        case .notText: "\(variable) is no text: \(value)."
        case .noToken: "\(variable) is no token."
        case .noSwitch: "\(variable) is neither yes nor no: \(value)."
        }
    }
}
