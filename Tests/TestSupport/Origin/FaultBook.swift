import Foundation
import Synchronization

/// One line of the script: what goes wrong, where and how often.
struct FaultRule: Sendable {
    var fault: Fault
    var pattern: String
    var side: Side?
    var method: String?
    /// Requests to let through first.
    var skip: Int
    /// Requests to strike after that; nil for all of them.
    var times: Int?
}

/// All faults that are switched on.
final class FaultBook: Sendable {
    private let rules = Mutex<(count: Int, rules: [(id: Int, rule: FaultRule)])>((0, []))

    /// Switches a fault on and gives its number.
    func add(_ rule: FaultRule) -> Int {
        rules.withLock { book in
            book.count += 1
            book.rules.append((book.count, rule))
            return book.count
        }
    }

    /// Switches one fault off, or all.
    func clear(_ id: Int? = nil) {
        rules.withLock { book in book.rules.removeAll { id == nil || $0.id == id } }
    }

    /// The faults that strike a request at a stage; counts them.
    func strike(_ stage: Fault.Stage, side: Side, method: String, names: [String]) -> [Fault] {
        rules.withLock { book in
            var struck: [Fault] = []
            for index in book.rules.indices {
                let rule = book.rules[index].rule
                guard rule.fault.stage == stage, rule.side ?? side == side, rule.method ?? method == method,
                    namesMatch(names, rule.pattern)
                else { continue }
                if rule.skip > 0 {
                    book.rules[index].rule.skip -= 1
                } else if let times = rule.times {
                    guard times > 0 else { continue }
                    book.rules[index].rule.times = times - 1
                    struck.append(rule.fault)
                } else {
                    struck.append(rule.fault)
                }
            }
            return struck
        }
    }
}

/// Whether a shell pattern fits one of the names of a file: its path on a port, or `owner/repo/path`.
///
/// `*` stands for anything, `/` included. A pattern without `*` may be the end of a name: `x.gguf` finds `/files/x.gguf`.
func namesMatch(_ names: [String], _ pattern: String) -> Bool {
    let whole = Array(pattern.utf8)
    let ending = Array("*/\(pattern.trimmingPrefix("/"))".utf8)
    return names.contains { name in
        let name = Array(name.utf8)
        return glob(whole[...], name[...]) || glob(ending[...], name[...])
    }
}

/// `*` and `?` as in a shell, without special care for slashes.
private func glob(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var (pattern, text) = (pattern, text)
    // Where to go back to: behind the latest star, with one byte more swallowed each time.
    var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while !text.isEmpty {
        if pattern.first == UInt8(ascii: "*") {
            pattern = pattern.dropFirst()
            retry = (pattern, text)
        } else if let first = pattern.first, first == UInt8(ascii: "?") || first == text.first {
            (pattern, text) = (pattern.dropFirst(), text.dropFirst())
        } else if let last = retry {
            retry = (last.pattern, last.text.dropFirst())
            (pattern, text) = (last.pattern, last.text.dropFirst())
        } else {
            return false
        }
    }
    return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
}
