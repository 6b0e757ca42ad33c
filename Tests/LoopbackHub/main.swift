import Foundation
import SystemPackage
import TestSupport

func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

let options: Options
do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["--help"] {
        print(Options.usage)
        exit(0)
    }
    options = try Options(parsing: arguments)
} catch {
    say("not understood: \(error.argument)\n\(Options.usage)")
    exit(64)
}

do {
    let hub = try LoopbackHub(port: options.port, cdnPort: options.cdnPort)
    if let root = options.root { try hub.addFolder(FilePath(root)) } else { hub.addDemo() }
    if let after = options.dropAfter { hub.script("*", .drop(after: after), times: options.times) }
    if let speed = options.slow { hub.script("*", .slow(bytesPerSecond: speed)) }

    let ready: [String: Any] = [
        "hub": hub.address, "cdn": hub.cdnAddress, "pid": Int(ProcessInfo.processInfo.processIdentifier),
        "token": hub.token, "tokenWithoutAccess": hub.tokenWithoutAccess,
    ]
    let line =
        try JSONSerialization.data(withJSONObject: ready, options: [.sortedKeys, .withoutEscapingSlashes]) + [10]
    if let file = options.readyFile { try line.write(to: URL(filePath: file), options: .atomic) }
    FileHandle.standardOutput.write(line)

    // Threads of the hub serve; this one only sees to it that nothing is left running for ever.
    Thread.sleep(forTimeInterval: TimeInterval(options.maxSeconds))
    hub.stop()
} catch {
    say("loopback-hub: \(error)")
    exit(1)
}
