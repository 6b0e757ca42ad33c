import Foundation
import GGUF

// Feeds changed files to the reader until the time is over:
//
//     swift run -c debug FuzzGGUF Corpus [seconds] [seed]
//
// Every sixteenth input is read from a file as well.
// Bounds checks (or `--sanitize=address`) end the process at a fault; the input then lies in `last-input.bin`.
// An input that takes longer than a second is kept as `slow-SEED-N.bin` and ends the run.

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
    print("FuzzGGUF CORPUS [SECONDS] [SEED]")
    exit(64)
}
let corpus = try FileManager.default.contentsOfDirectory(atPath: arguments[1]).sorted()
    .map { name in
        [UInt8](try Data(contentsOf: URL(filePath: arguments[1]).appending(path: name)))
    }
let seconds = arguments.count > 2 ? Double(arguments[2]) ?? 60 : 60
let seed = arguments.count > 3 ? UInt64(arguments[3]) ?? 1 : 1

/// Everything that a caller would do with a file from outside.
func use(_ length: Int, _ open: () throws(GGUFError) -> GGUFFile) -> String {
    do throws(GGUFError) {
        let file = try open()
        for key in file.metadata.keys where file.metadata.arrayCount(key) != nil { _ = try file.array(of: key) }
        _ = (file.expectedLength, file.quantizationMix, file.parameterCount, file.split, file.chatTemplate)
        _ = ModelShape(file)?.isSensible
        return "read"
    } catch {
        // Who fetches by these numbers must get on.
        if case .truncated(_, _, let needed, let estimate) = error {
            precondition(needed > length && estimate >= needed, "no way forward: \(error)")
        }
        return error.code
    }
}

/// The most memory the process has had, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    #if canImport(Darwin)
        getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss
    #else
        // `RUSAGE_SELF` has another type here than the function asks for.
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    #endif
}

/// Of this process, in seconds.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

var mutator = Mutator(seed: seed)
var outcomes: [String: Int] = [:]
var runs = 0
var slowest = 0.0
let clock = ContinuousClock()
let end = clock.now + .seconds(seconds)
let last = URL(filePath: "last-input.bin")
let onDisk = FileManager.default.temporaryDirectory.appending(
    path: "fuzz-\(ProcessInfo.processInfo.processIdentifier).bin")
defer { try? FileManager.default.removeItem(at: onDisk) }

while clock.now < end {
    let base = corpus.randomElement(using: &mutator) ?? []
    let bytes = mutator.change(base, with: corpus.randomElement(using: &mutator) ?? [])
    // Writing every input costs more than reading it; the run is repeatable from its seed instead.
    if arguments.contains("--keep") { try Data(bytes).write(to: last) }
    // Processor time: on a busy machine the clock on the wall says nothing about the input.
    let start = processorTime()
    let outcome = use(bytes.count) { () throws(GGUFError) in try GGUFFile(bytes: bytes) }
    outcomes[outcome, default: 0] += 1
    // A file is read in windows; what comes of it must be the same.
    if runs.isMultiple(of: 16) {
        try Data(bytes).write(to: onDisk)
        let again = use(bytes.count) { () throws(GGUFError) in try GGUFFile(path: onDisk.path) }
        precondition(again == outcome, "\(again) from a file, \(outcome) from memory")
    }
    let time = processorTime() - start
    slowest = max(slowest, time)
    runs += 1
    if time > 1 {
        try Data(bytes).write(to: URL(filePath: "slow-\(seed)-\(runs).bin"))
        print("slow: run \(runs), \(time) s")
        exit(1)
    }
}
print("runs \(runs), seed \(seed), slowest \(slowest) s, peak memory \(peakMemory() >> 20) MiB")
for (outcome, count) in outcomes.sorted(by: { $0.value > $1.value }) { print("  \(outcome): \(count)") }
