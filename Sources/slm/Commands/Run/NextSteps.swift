import Foundation
import Modelteca
import SystemPackage

/// What to do with a stored model, for the programs that are really here.
enum NextSteps {
    typealias Step = (name: String, value: Text?)

    /// Names of programs, each with the command that uses a stored model there; a phone's first where it is for one.
    static func lines(for model: StoredModel, on shelf: Shelf) async -> [Step] {
        let name = shellWord(model.ref)
        let isForPhone = shelf.device.deviceClass?.runsApps == true
        let llama = await LlamaRun(model, on: shelf, device: isForPhone ? Device.probe() : shelf.device)
        var steps: [Step] = []
        if let program = llama.program?.lastComponent?.string {
            let options = llama.options.map { " " + shellWord($0) }.joined()
            steps += [
                ("llama.cpp", Text("slm run \(name)")), ("", Text("\(program) -m \"$(slm path \(name))\"\(options)")),
            ]
        }
        if program("ollama") != nil {
            steps.append(("Ollama", Text("slm link \(name) --to ollama")))
        }
        if hasLMStudio {
            let isLinked = try? shelf.links(of: model.ref).contains { $0.target == "lmstudio" }
            steps.append(
                (
                    "LM Studio",
                    Text(
                        isLinked == true
                            ? say(en: "it is in My Models", es: "ya está en My Models")
                            : say(
                                en: "`slm link \(name) --to lmstudio`: it is in My Models then",
                                es: "`slm link \(name) --to lmstudio`: aparecerá en My Models"))
                ))
        }
        if steps.isEmpty { steps.append((say(en: "to run it", es: "para usarlo"), Text(howToGetOne))) }
        // Whatever runs the model needs it to see pictures, and nothing else prints its path.
        if llama.program == nil, let projector = llama.projector {
            steps.append((say(en: "pictures", es: "imágenes"), Text("--mmproj \(shellWord(projector.string))")))
        }
        let phone: Step = (say(en: "a phone", es: "un teléfono"), Text(phone(name)))
        return isForPhone ? [phone] + steps : steps + [phone]
    }

    /// What to do with a model of the catalog, in a line, after it has been downloaded.
    static func line(for name: String, isForPhone: Bool) -> String {
        var ways: [String] = []
        if isForPhone {
            ways = ["`\(phone(name))`"]
        } else {
            if program("llama-cli") != nil { ways.append("`slm run \(name)`") }
            if hasLMStudio { ways.append("`slm link \(name) --to lmstudio`") }
            if program("ollama") != nil { ways.append("`slm link \(name) --to ollama`") }
        }
        return ways.isEmpty
            ? "" : say(en: "Then ", es: "Después, ") + ways.joined(separator: say(en: ", or ", es: " o ")) + "."
    }

    /// By cable where there is a program for it; the phone's own `sha256sum` can prove what came.
    private static func phone(_ name: String) -> String {
        program("adb") != nil ? "adb push \"$(slm path \(name))\" /sdcard/Download/" : "slm share \(name)"
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
        return [".lmstudio", ".lmstudio-home-pointer", ".cache/lm-studio"].contains {
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
