import Modelteca

/// `slm --help`: what one can do, grouped by what one wants.
enum HelpPage {
    /// Whether the arguments ask for the page as a whole: `--help` or `help`, and no command.
    static func isWanted(by arguments: [String]) -> Bool {
        let words = arguments.prefix { $0 != "--" }
        if words.contains("--version") { return false }
        guard let word = commandWord(in: arguments) else {
            return words.contains { ["-h", "--help", "-help"].contains($0) }
        }
        return word == "help" && words.filter { !$0.hasPrefix("-") }.last == "help"
    }

    /// The first word that is neither an option nor an option's value.
    static func commandWord(in arguments: [String]) -> String? { words(in: arguments).first }

    /// The words that are neither an option nor the value of one that every command has.
    static func words(in arguments: [String]) -> [String] { wordPositions(in: arguments).map { arguments[$0] } }

    /// Where they stand.
    static func wordPositions(in arguments: [String]) -> [Int] {
        var positions: [Int] = []
        var rest = arguments[...]
        while let word = rest.first {
            if word == "--store" || word == "--lang" {
                rest = rest.dropFirst(2)
            } else {
                if !word.hasPrefix("-") { positions.append(rest.startIndex) }
                rest = rest.dropFirst()
            }
        }
        return positions
    }

    /// Help is read, not scanned: long lines tire.
    static var columns: Int { min(100, Terminal.columns) }

    static var text: String { folded(say(en: english, es: spanish), to: columns) }

    /// Columns that leave the parser's lines as long as they are: what is in Spanish then is longer, and folded here.
    static let unfolded = 100_000

    /// The page in lines no wider than the screen: what a name means goes on below where it began, or below the name where
    /// there is no room beside it. A command of an example stays whole.
    private static func folded(_ page: String, to columns: Int) -> String {
        page.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            let isExample = line.hasPrefix("  ") && line.trimmed.hasPrefix("slm ") && !line.holds("  #")
            guard displayWidth(of: line) > columns, !isExample else { return [String(line)] }
            let margin = line.prefix { $0 == " " }.count
            let column = meaningColumn(of: line)
            var lines: [String] = []
            var indent = column ?? margin
            var words = line.dropFirst(indent)
            if indent * 2 < columns {
                let wrapped = Text(String(words)).wrapped(to: columns - indent).map(\.plain)
                return wrapped.enumerated().map { index, words in
                    (index == 0 ? String(line.prefix(indent)) : String(repeating: " ", count: indent)) + words
                }
            }
            if column == nil {
                words = line.dropFirst(margin)
            } else {
                lines = [String(repeating: " ", count: margin) + line.prefix(indent).trimmed]
            }
            indent = 6
            return lines
                + Text(String(words)).wrapped(to: columns - indent).map {
                    String(repeating: " ", count: indent) + $0.plain
                }
        }.joined(separator: "\n")
    }

    /// Where it is said what a name means; nil in a line that is no name with its meaning.
    private static func meaningColumn(of line: Substring) -> Int? {
        let margin = line.prefix { $0 == " " }.count
        if let gap = line.dropFirst(margin).firstRange(of: /[ ]{2,}/) {
            return line.distance(from: line.startIndex, to: gap.upperBound)
        }
        // The parser leaves a name that just fits a single blank.
        let words = line.dropFirst(parserColumn - 1)
        return margin == 2 && words.first == " " && line.dropFirst(2).first.map("-<".contains) == true
            ? parserColumn : nil
    }

    /// Where the parser begins to say what an option is for.
    private static let parserColumn = 26

    /// The parser's own headings and sentences, in the language of this run.
    static func localized(_ help: String) -> String {
        var lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        if let usage = lines.firstIndex(where: { $0.hasPrefix("USAGE:") }) { lines[usage] = brief(lines[usage]) }
        if Language.current == .es {
            lines = lines.map { line in
                let heading = headings.first { line.hasPrefix($0.en) }
                return inLanguage(heading.map { $0.es + line.dropFirst($0.en.count) } ?? line)
            }
        }
        let page = lines.joined(separator: "\n")
        // What the parser says to programs is JSON.
        return (page.hasPrefix("{") ? page : folded(page, to: columns)) + "\n"
    }

    /// One of the parser's sentences in the language of this run.
    static func inLanguage(_ sentence: String) -> String {
        guard Language.current == .es else { return sentence }
        return sentences.reduce(sentence) { $0.replacing($1.en, with: $1.es) }
    }

    /// The line of usage without its options: they are explained below it, and all of them make a line too long to read.
    private static func brief(_ usage: String) -> String {
        var (brief, group) = ("", "")
        for character in usage {
            if character == "[" || !group.isEmpty { group.append(character) } else { brief.append(character) }
            guard character == "]", group.count(where: { $0 == "[" }) == group.count(where: { $0 == "]" }) else {
                continue
            }
            // What may be named is no option.
            if group.hasPrefix("[<"), group != "[<options>]" { brief += group }
            group = ""
        }
        var words = brief.split(separator: " ").filter { $0 != "<options>" }
        if words.count > 2, !words.contains("<subcommand>") { words.append("<options>") }
        return words.joined(separator: " ")
    }

    private static let headings = [
        (en: "OVERVIEW:", es: "QUÉ HACE:"), (en: "USAGE:", es: "USO:"), (en: "ARGUMENTS:", es: "ARGUMENTOS:"),
        (en: "OPTIONS:", es: "OPCIONES:"), (en: "SUBCOMMANDS:", es: "COMANDOS:"),
    ]

    private static let sentences = [
        (en: "Show help information.", es: "Muestra esta ayuda."), (en: "Show the version.", es: "Muestra la versión."),
        (en: "(default: ", es: "(por defecto: "), (en: "(values: ", es: "(opciones: "),
        // As wide as it was: what follows stands in a column.
        (en: "(default)    ", es: "(por defecto)"),
        (en: "; default: ", es: "; por defecto: "),
        (en: "See 'slm help <subcommand>' for detailed help.", es: "`slm help COMANDO` explica cada uno."),
        (
            en: "See 'slm help catalog <subcommand>' for detailed help.",
            es: "`slm help catalog COMANDO` explica cada uno."
        ),
        (
            en: "See 'slm help store <subcommand>' for detailed help.",
            es: "`slm help store COMANDO` explica cada uno."
        ),
        (en: "<options>", es: "<opciones>"), (en: "<subcommand>", es: "<comando>"),
    ]

    private static let english = """
        slm: small language models, which fit this device, and how to get them.

        find
          list              the models worth having on this device, best first
          search WORDS      by name, licence, language, use; --hub asks the Hub too
          show MODEL        everything about one model, or a GGUF file
          recommend         the best few for this device, and why
          web               a page: every model, device, context; --output for a site

        get
          get MODEL…        download, verify and store; resumes what was interrupted
          update [MODEL…]   download what has changed; `outdated` only looks
          adopt             take in what Ollama, LM Studio and others have here
          import PATH…      take in files and folders; `export` fills a USB stick

        keep
          ls                what is stored
          path MODEL        where a model is, for other programs
          verify [MODEL…]   read everything again; --repair repairs
          rollback MODEL    back to what `update --keep` kept; `pin` holds a version
          link MODEL        let LM Studio, Ollama, the HF cache or a folder use it
          push MODEL oci:…  put it into a registry, for others
          store             where the models are, and what they take; `store move DIR`
          rm MODEL…         remove; `prune` removes half downloads and leftovers

        use
          run MODEL         in the llama.cpp that is installed
          share MODEL…      to a phone in the same Wi-Fi, with a QR code

        about this device
          device            what it has: memory, processor, GPU
          fit MODEL         the memory a model needs here, part by part
          doctor            checks the store and the network, and says how to fix them
          env               every setting, and where it comes from
          login             keep a token of the Hub; `logout` removes it
          catalog           the list of models itself: show, update, lint, sources
          completion SHELL  for bash, zsh or fish: completes commands and models

        A MODEL is tinyllama, qwen2:0.5b, qwen2:0.5b:q8_0, hf:owner/repo:Q4_K_M,
        an address of huggingface.co, modelscope:owner/repo, ollama:name:tag,
        oci://host/repository:tag, any https://…/file.gguf, or a path.

        examples
          slm list --fits --max-size 2GB
          slm list --device phone-4gb
          slm get gemma2:2b
          llama-cli -m "$(slm path gemma2:2b)"

        everywhere: --json --store DIR --lang en|es --offline --quiet --verbose
        --no-color. `slm list --help` explains a command; `slm help gguf` a word, as do
        quantization, context, kv-cache, licences. slm \(Version.current)

        """

    private static let spanish = """
        slm: modelos de lenguaje pequeños, cuáles caben en su equipo y cómo obtenerlos.

        buscar
          list               los modelos que convienen aquí, primero los mejores
          search PALABRAS    por nombre, licencia, idioma, uso; --hub incluye el Hub
          show MODELO        todo sobre un modelo o un archivo GGUF
          recommend          los mejores para este equipo, y por qué
          web                una página: modelos, equipos y contextos; --output: sitio

        obtener
          get MODELO…        descarga, comprueba y guarda; continúa donde se cortó
          update [MODELO…]   descarga lo que ha cambiado; `outdated` solo mira
          adopt              incorpora lo que Ollama, LM Studio y otros tienen aquí
          import RUTA…       incorpora archivos y carpetas; `export` los lleva a un USB

        guardar
          ls                 lo que hay guardado
          path MODELO        dónde está un modelo, para otros programas
          verify [MODELO…]   lo lee todo otra vez; --repair lo repara
          rollback MODELO    vuelve a lo que guardó `update --keep`; `pin` fija una
          link MODELO        para LM Studio, Ollama, la caché de HF o una carpeta
          push MODELO oci:…  lo sube a un registro, para otros
          store              dónde están y qué ocupan; `store move CARPETA` los muda
          rm MODELO…         borra; `prune` borra descargas a medias y sobras

        usar
          run MODELO         con el llama.cpp que esté instalado
          share MODELO…      a un teléfono de la misma Wi-Fi, con un código QR

        sobre este equipo
          device             lo que tiene: memoria, procesador, placa de video (GPU)
          fit MODELO         la memoria que un modelo necesita aquí, parte por parte
          doctor             revisa el almacén y la red, y dice cómo arreglarlos
          env                cada ajuste, y de dónde viene
          login              guarda un token del Hub; `logout` lo borra
          catalog            la propia lista de modelos: show, update, lint, sources
          completion SHELL   para bash, zsh o fish: completa comandos y modelos

        Un MODELO es tinyllama, qwen2:0.5b, qwen2:0.5b:q8_0, hf:autor/repo:Q4_K_M,
        una dirección de huggingface.co, modelscope:autor/repo,
        ollama:nombre:etiqueta, oci://servidor/repositorio:etiqueta,
        cualquier https://…/archivo.gguf, o una ruta.

        ejemplos
          slm list --fits --max-size 2GB
          slm list --device phone-4gb
          slm get gemma2:2b
          llama-cli -m "$(slm path gemma2:2b)"

        en todos: --json --store CARPETA --lang en|es --offline --quiet --verbose
        --no-color. `slm list --help` explica un comando; `slm help gguf` una palabra,
        como cuantización, contexto, caché-kv, licencias. slm \(Version.current)

        """
}
