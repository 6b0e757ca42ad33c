import Modelteca

/// `slm --help`: what one can do, grouped by what one wants.
enum HelpPage {
    /// Whether the arguments ask for the page as a whole: nothing, `--help`, or `help`, and no command.
    static func isWanted(by arguments: [String]) -> Bool {
        let words = arguments.prefix { $0 != "--" }
        if words.contains("--version") { return false }
        guard let word = commandWord(in: arguments) else {
            let options = Set(words)
            return options.isSubset(of: plainOptions) || !options.isDisjoint(with: ["-h", "--help", "-help"])
        }
        return word == "help" && words.filter { !$0.hasPrefix("-") }.last == "help"
    }

    /// The first word that is neither an option nor an option's value.
    static func commandWord(in arguments: [String]) -> String? {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--store" || word == "--lang" {
                _ = rest.popFirst()
            } else if !word.hasPrefix("-") {
                return word
            }
        }
        return nil
    }

    private static let plainOptions: Set<String> = [
        "--json", "--quiet", "-q", "--verbose", "-v", "--no-color", "--offline", "--lang", "en", "es", "--lang=en",
        "--lang=es",
    ]

    /// Help is read, not scanned: long lines tire.
    static var columns: Int { min(100, Terminal.columns(environment: Speech.environment)) }

    static var text: String { say(en: english, es: spanish) }

    /// The parser's own headings and sentences, in the language of this run.
    static func localized(_ help: String) -> String {
        var lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        if let usage = lines.firstIndex(where: { $0.hasPrefix("USAGE:") }) { lines[usage] = brief(lines[usage]) }
        guard Speech.language == .es else { return lines.joined(separator: "\n") + "\n" }
        let spanish = lines.map { line in
            let heading = headings.first { line.hasPrefix($0.en) }
            let titled = heading.map { $0.es + line.dropFirst($0.en.count) } ?? line
            return sentences.reduce(titled) { $0.replacing($1.en, with: $1.es) }
        }
        return spanish.joined(separator: "\n") + "\n"
    }

    /// The line of usage without its options: they are explained below it, and all of them make a line too long to read.
    private static func brief(_ usage: String) -> String {
        var brief = ""
        var depth = 0
        for character in usage {
            if character == "[" { depth += 1 }
            if depth == 0 { brief.append(character) }
            if character == "]" { depth -= 1 }
        }
        var words = brief.split(separator: " ").filter { $0 != "<options>" }
        if words.count > 2, !words.contains("<subcommand>") { words.append("<options>") }
        return words.joined(separator: " ")
    }

    private static let headings = [
        (en: "OVERVIEW:", es: "QUÉ HACE:"), (en: "USAGE:", es: "USO:"), (en: "ARGUMENTS:", es: "ARGUMENTOS:"),
        (en: "OPTIONS:", es: "OPCIONES:"), (en: "SUBCOMMANDS:", es: "ÓRDENES:"),
    ]

    private static let sentences = [
        (en: "Show help information.", es: "Muestra esta ayuda."), (en: "Show the version.", es: "Muestra la versión."),
        (en: "(default: ", es: "(por omisión: "), (en: "(values: ", es: "(valores: "),
        (en: "; default: ", es: "; por omisión: "),
        (en: "See 'slm help <subcommand>' for detailed help.", es: "`slm help ORDEN` explica cada una."),
        (
            en: "See 'slm help catalog <subcommand>' for detailed help.",
            es: "`slm help catalog ORDEN` explica cada una."
        ),
        (en: "<options>", es: "<opciones>"), (en: "<subcommand>", es: "<orden>"),
    ]

    private static let english = """
        slm – small language models: which fit this device, and have them.

        find
          list            the models, best fit for this device first
          search WORDS    by name, licence, language, use; --hub asks Hugging Face too
          show REF        everything about one model, or a GGUF file
          recommend       the few best for this device, and why

        get
          get REF…        download, prove and store; resumes what was cut
          update [REF…]   fetch what has changed; `outdated` only looks

        keep
          ls              what is stored
          path REF        where a model is, for other programs
          verify [REF…]   read it all again; --repair mends
          rm REF…         remove

        about this device
          device          what it has: memory, processor, graphics
          fit REF         the memory a model needs here, part by part
          doctor          checks the store, the network, and says how to mend
          catalog         the list of models itself: show, lint, sources

        A REF is tinyllama, qwen2:0.5b, qwen2:0.5b:q8_0, hf:owner/repo:Q4_K_M,
        an address of huggingface.co, any https://…/file.gguf, or a path.

        examples
          slm list --fits --max-size 2GB
          slm list --device phone-4gb
          slm get gemma2:2b
          llama-cli -m "$(slm path gemma2:2b)"

        everywhere: --json --store DIR --lang en|es --offline --quiet --verbose --no-color
        `slm list --help` explains a command. slm \(Version.current)

        """

    private static let spanish = """
        slm – modelos de lenguaje pequeños: cuáles caben en este equipo, y tenerlos.

        buscar
          list              los modelos, primero los que mejor caben aquí
          search PALABRAS   por nombre, licencia, idioma, uso; --hub pregunta también a Hugging Face
          show REF          todo sobre un modelo, o un archivo GGUF
          recommend         los pocos mejores para este equipo, y por qué

        obtener
          get REF…          descarga, comprueba y guarda; sigue donde se cortó
          update [REF…]     trae lo que ha cambiado; `outdated` solo mira

        guardar
          ls                lo que hay guardado
          path REF          dónde está un modelo, para otros programas
          verify [REF…]     lo lee todo otra vez; --repair lo arregla
          rm REF…           borra

        sobre este equipo
          device            lo que tiene: memoria, procesador, gráfica
          fit REF           la memoria que un modelo necesita aquí, parte por parte
          doctor            revisa el almacén y la red, y dice cómo arreglarlos
          catalog           la propia lista de modelos: show, lint, sources

        Una REF es tinyllama, qwen2:0.5b, qwen2:0.5b:q8_0, hf:autor/repo:Q4_K_M,
        una dirección de huggingface.co, cualquier https://…/archivo.gguf, o una ruta.

        ejemplos
          slm list --fits --max-size 2GB
          slm list --device phone-4gb
          slm get gemma2:2b
          llama-cli -m "$(slm path gemma2:2b)"

        en todas: --json --store CARPETA --lang en|es --offline --quiet --verbose --no-color
        `slm list --help` explica una orden. slm \(Version.current)

        """
}
