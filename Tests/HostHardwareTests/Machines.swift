import Foundation
import HostHardware
import Testing

/// The folder of a machine's texts among the fixtures.
func machine(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.resourcePath) + "/Fixtures/" + name
    try #require(FileManager.default.fileExists(atPath: folder))
    return folder
}

/// A probe's answer for a tree made of these files, which is gone afterwards.
func probe(
    _ files: [String: String], environment: [String: String] = [:], nvidia: @escaping () -> [NVIDIA.Card]? = { nil }
) throws -> Device {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("machine-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for (path, text) in files {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
    return LinuxProbe(root: root.path, environment: environment, nvidia: nvidia).device()
}

/// In bytes.
func kibibytes(_ count: Int64) -> Int64 { count << 10 }

/// In bytes.
func mebibytes(_ count: Int64) -> Int64 { count << 20 }

/// In bytes.
func gibibytes(_ count: Int64) -> Int64 { count << 30 }
