internal import Disk
internal import Foundation

#if canImport(Darwin)
    internal import Darwin
#endif

/// This run of the operating system: what a process wrote and did not sync is safe as long as it lasts.
enum Boot {
    /// Nil when it cannot be learned.
    static let identifier: String? = {
        #if canImport(Darwin)
            var length = 0
            guard sysctlbyname("kern.bootsessionuuid", nil, &length, nil, 0) == 0, length > 1 else { return nil }
            var text = [UInt8](repeating: 0, count: length)
            guard sysctlbyname("kern.bootsessionuuid", &text, &length, nil, 0) == 0 else { return nil }
            return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        #else
            return readText(at: "/proc/sys/kernel/random/boot_id", limit: 100)?.trimmed
        #endif
    }()
}
