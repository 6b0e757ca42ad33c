/// `/proc/cpuinfo`: one block a hardware thread, with different fields on x86 and on ARM.
package struct ProcessorText: Equatable {
    /// `Intel(R) Core(TM) i7-12700`, `Cortex-A76`, `SM8550 (1 Cortex-X3, 4 Cortex-A715, 3 Cortex-A510)`.
    package var model: String?
    /// Numbers of the hardware threads that are in the text.
    package var threads: Set<Int> = []
    /// The core that each hardware thread belongs to, where the text says so (x86): its package's number and its own.
    package var cores: [Int: String] = [:]
    /// The features of ``featureNames`` that are there, in that order.
    package var features: [String] = []
    /// `x86_64` or `arm64`, when the text shows it.
    package var architecture: String?
    /// Whether it is a virtual machine's processor (x86 says so).
    package var isVirtual = false
    /// A board's own name (`Raspberry Pi 5 Model B Rev 1.0`).
    package var board: String?

    /// What is reported, of the dozens that the kernel lists: what llama.cpp has code for.
    ///
    /// The names are the kernel's, but `pni` is written `sse3` and `asimd` `neon`, as everybody calls them.
    /// Source: llama.cpp, `ggml/src/ggml-cpu/arch`; kernel, `arch/x86/include/asm/cpufeatures.h` and
    /// `Documentation/arch/arm64/elf_hwcaps.rst`.
    package static let featureNames = [
        "sse3", "ssse3", "avx", "f16c", "fma", "bmi2", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512dq",
        "avx512vl", "avx512vbmi", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16",
        "neon", "asimdhp", "asimddp", "i8mm", "bf16", "sve", "sve2", "sme",
    ]

    /// Reads the text; what it does not hold stays nil.
    package init(parsing text: String) {
        var threads: Set<Int> = []
        var thread: Int?
        var package = "0"
        var implementer: String?
        var parts: [String] = []
        var words: [String: String] = [:]
        for line in text.textLines {
            guard let (name, value) = line.halves(at: ":") else { continue }
            switch name {
            case "processor":
                thread = Int(value).flatMap { $0 >= 0 ? $0 : nil }
                if let thread { threads.insert(thread) }
            case "physical id": package = String(value)
            case "core id": if let thread { cores[thread] = "\(package)/\(value)" }
            case "CPU implementer": implementer = String(value)
            case "CPU part": parts.append(ARMCore.name(implementer: implementer ?? "", part: String(value)))
            // Of fields that every block repeats the first is enough.
            case "model name", "flags", "Features", "Hardware", "Model", "CPU architecture":
                if words[String(name)] == nil { words[String(name)] = String(value) }
            default: continue
            }
        }
        self.threads = threads
        board = words["Model"]
        model = Self.model(words: words, parts: parts)

        let flags = Set((words["flags"] ?? words["Features"] ?? "").split(separator: " ").map(String.init))
        isVirtual = flags.contains("hypervisor")
        features = Self.featureNames.filter { name in
            switch name {
            case "sse3": flags.contains("pni")
            case "neon": flags.contains("asimd") || flags.contains("neon")
            default: flags.contains(name)
            }
        }
        if words["flags"] != nil {
            architecture = flags.contains("lm") ? "x86_64" : "i686"
        } else if flags.contains("asimd") {
            architecture = "arm64"
        } else if words["Features"] != nil {
            architecture = "arm"
        }
    }

    /// On ARM the cores' names, with the chip's in front where the text has it.
    private static func model(words: [String: String], parts: [String]) -> String? {
        if let name = words["model name"], !name.isEmpty, parts.isEmpty || !name.hasPrefix("ARMv") {
            return String(name.split(separator: " ").joined(separator: " "))
        }
        var counts: [(name: String, count: Int)] = []
        // Kernels number the small cores first; people name the big ones first.
        for part in parts.reversed() {
            if let index = counts.firstIndex(where: { $0.name == part }) {
                counts[index].count += 1
            } else {
                counts.append((part, 1))
            }
        }
        let cores =
            counts.count == 1
            ? counts.first?.name : counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        // The field is a device-tree compatible on boards (`BCM2835` on every Raspberry Pi): of use on phones only.
        guard let chip = words["Hardware"], !chip.isEmpty, !chip.hasPrefix("BCM") else {
            return cores?.isEmpty == false ? cores : nil
        }
        return cores.map { $0.isEmpty ? chip : "\(chip) (\($0))" } ?? chip
    }
}
