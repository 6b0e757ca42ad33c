// Whether a file fits this machine, for who wants nothing else: `swift run fits model.gguf`.
import GGUF
import HostHardware
import LlamaMemory

guard let path = CommandLine.arguments.dropFirst().first else { fatalError("usage: fits FILE.gguf") }
let file = try GGUFFile(path: path)
print(file.architecture ?? "no model", file.tensors.count, "tensors")

let need = try MemoryEstimate(file, workload: Workload(contextLength: 4096))
let budget = Budget(device: .probe())
print("llama.cpp allocates \(need.total) bytes, this machine gives \(budget.now ?? 0)")
print(need.total <= budget.now ?? 0 ? "fits" : "does not fit")
