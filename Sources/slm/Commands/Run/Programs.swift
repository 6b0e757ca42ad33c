import Foundation
import Modelteca
import SystemPackage

/// A program that the user's shell would find; nil when it is not installed.
func program(_ name: String) -> FilePath? {
    (environment["PATH"] ?? "").split(separator: ":").lazy.map { FilePath(String($0)).appending(name) }
        .first { access($0.string, X_OK) == 0 }
}

/// How llama.cpp's programs are started with a stored model.
struct LlamaRun {
    /// Those that take it, the best first.
    let programs: [String]
    /// What follows the path: the context that fits, and the projector.
    let options: [String]
    /// What turns pictures into what the model reads; nil where it reads text alone.
    let projector: FilePath?

    /// - Parameter context: In tokens; nil for the longest that fits with a tenth of the memory to spare.
    init(_ model: StoredModel, server: Bool = false, context: Int? = nil, on shelf: Shelf, device: Device) async {
        projector = model.files.first { FileName($0.name)?.kind == .projector }?.path
        programs = server ? ["llama-server"] : projector == nil ? ["llama-cli"] : ["llama-mtmd-cli", "llama-cli"]
        var length = context
        if length == nil {
            let workload = Workload(runtime: server ? .server : .cli)
            let report = try? await shelf.fit(.file(model.path), device: device, workload: workload).report
            length = report.flatMap { $0.comfortableContext ?? $0.longestContext }
        }
        options = (length.map { ["-c", String($0)] } ?? []) + (projector.map { ["--mmproj", $0.string] } ?? [])
    }

    /// The one that is installed.
    var program: FilePath? { programs.lazy.compactMap { slm.program($0) }.first }
}
