import Foundation
import Modelteca
import SystemPackage

/// What to do with a stored model, for the programs that are really here.
enum NextSteps {
    /// Names of programs, each with the command or the click that uses the model there.
    static func lines(for ref: String, store: FilePath) -> [(name: String, value: Text?)] {
        let name = shellWord(ref)
        var steps: [(name: String, value: Text?)] = []
        if program("llama-cli") != nil { steps.append(("llama.cpp", Text("slm run \(name)"))) }
        if program("ollama") != nil {
            let short = ref.split(separator: "/").last.map(String.init) ?? ref
            steps.append(
                (
                    "Ollama",
                    Text(
                        "echo \"FROM $(slm path \(name))\" > Modelfile; ollama create \(shellWord(short)) -f Modelfile")
                ))
        }
        if hasLMStudio {
            steps.append(
                (
                    "LM Studio",
                    Text(
                        say(
                            en: "My Models, change the models folder to \(store.shown)",
                            es: "My Models, cambie la carpeta de modelos a \(store.shown)"))
                ))
        }
        if steps.isEmpty { steps.append((say(en: "to run it", es: "para usarlo"), Text(howToGetOne))) }
        let phone =
            program("adb") != nil
            ? "adb push \"$(slm path \(name))\" /sdcard/Download/" : "slm share \(name)"
        steps.append((say(en: "a phone", es: "un teléfono"), Text(phone)))
        return steps
    }

    /// Where a program that runs models comes from.
    static var howToGetOne: String {
        say(
            en: "install llama.cpp (`brew install llama.cpp`, or github.com/ggml-org/llama.cpp/releases) or LM Studio "
                + "(lmstudio.ai)",
            es: "instale llama.cpp (`brew install llama.cpp`, o github.com/ggml-org/llama.cpp/releases) o LM Studio "
                + "(lmstudio.ai)")
    }

    /// Its folders, older and newer.
    private static var hasLMStudio: Bool {
        let home = FilePath(environment["HOME"] ?? "/")
        return [".lmstudio", ".cache/lm-studio"].contains {
            FileManager.default.fileExists(atPath: home.appending($0).string)
        }
    }
}

/// A word as a shell takes it.
func shellWord(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [0x2D, 0x2E, 0x2F, 0x3A, 0x40, 0x5F, 0x2B].contains(byte)
    }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
}
