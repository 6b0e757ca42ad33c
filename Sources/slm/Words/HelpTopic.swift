import ModelCatalog
import Modelteca

/// A word that the pages use and not everybody knows: `slm help gguf`.
enum HelpTopic: CaseIterable {
    case gguf, quantization, context, kvCache, licences

    /// The topic that the arguments ask for: `help quantization`; nil when they ask for something else.
    init?(_ arguments: [String]) {
        let words = HelpPage.words(in: arguments)
        guard words.first == "help" else { return nil }
        let asked = NameMatching.key(words.dropFirst().joined())
        let topic = Self.allCases.first { topic in topic.names.contains { NameMatching.key($0) == asked } }
        guard !asked.isEmpty, let topic else { return nil }
        self = topic
    }

    /// How it is asked for in the language of this run.
    var name: String { names[Language.current == .en ? 0 : 1] }

    /// Everything it is asked for by, English and Spanish first.
    private var names: [String] {
        switch self {
        case .gguf: ["gguf", "gguf"]
        case .quantization: ["quantization", "cuantización", "cuantizacion", "quant", "quants", "quantizations"]
        case .context: ["context", "contexto", "tokens", "token"]
        case .kvCache: ["kv-cache", "caché-kv", "cache-kv", "kv", "cache", "caché"]
        case .licences: ["licences", "licencias", "license", "licence", "licenses", "licencia"]
        }
    }

    var title: String {
        switch self {
        case .gguf: "GGUF"
        case .quantization: say(en: "Quantization", es: "Cuantización")
        case .context: say(en: "Context", es: "Contexto")
        case .kvCache: say(en: "KV cache", es: "Caché KV")
        case .licences: say(en: "Licence marks", es: "Marcas de licencia")
        }
    }

    /// What it is, in a few sentences.
    var paragraphs: [String] {
        switch self {
        case .gguf:
            [
                say(
                    en: "GGUF is the file format of llama.cpp and of the programs built on it: LM Studio, Ollama, Jan, "
                        + "SmolChat on a phone. One file holds all that a model needs to run: its weights, its vocabulary "
                        + "and its chat template. Big models are sometimes divided into several files; slm keeps them "
                        + "together.",
                    es: "GGUF es el formato de archivo de llama.cpp y de los programas que lo usan: LM Studio, Ollama, "
                        + "Jan, SmolChat en el teléfono. Un solo archivo contiene todo lo que un modelo necesita para "
                        + "funcionar: sus pesos, su vocabulario y su plantilla de chat. Los modelos grandes a veces se "
                        + "dividen en varios archivos; slm los mantiene juntos."),
                say(
                    en: "`slm show FILE` reads what is in one; `slm fit FILE` says how much memory it takes.",
                    es: "`slm show ARCHIVO` muestra lo que hay en uno; `slm fit ARCHIVO` dice cuánta memoria ocupa."),
            ]
        case .quantization:
            [
                say(
                    en: "A quantization writes the weights of a model with fewer bits, so that the file and the memory "
                        + "it takes get smaller. F16 has 16 bits a weight, Q8_0 has 8.5, Q4_0 has 4.5. The K types mix "
                        + "several: Q4_K_M takes about 5 bits a weight.",
                    es:
                        "Una cuantización escribe los pesos de un modelo con menos bits, para que el archivo y la memoria "
                        + "que ocupa sean menores. F16 usa 16 bits por peso; Q8_0, 8,5; Q4_0, 4,5. Los tipos K mezclan "
                        + "varios: Q4_K_M usa unos 5 bits por peso."),
                say(
                    en:
                        "Fewer bits cost quality, little at first and much below four. Q4_K_M is the usual choice; Q8_0 is "
                        + "hard to tell from the original; Q2 and Q3 are for what would not fit otherwise. Prefer a larger "
                        + "model at Q4 to a smaller one at Q8, if both fit.",
                    es:
                        "Menos bits cuestan calidad: poca al principio, mucha por debajo de cuatro. Q4_K_M es la elección "
                        + "habitual; Q8_0 apenas se distingue del original; Q2 y Q3 son para lo que de otro modo no "
                        + "cabría. Si ambos caben, conviene más un modelo mayor en Q4 que uno menor en Q8."),
                say(
                    en:
                        "`slm show qwen2:1.5b` lists those of a model; `slm get qwen2:1.5b:q8_0` downloads one of them.",
                    es:
                        "`slm show qwen2:1.5b` muestra las de un modelo; `slm get qwen2:1.5b:q8_0` descarga una de ellas."
                ),
            ]
        case .context:
            [
                say(
                    en:
                        "The context is what a model can have before it at once: your question, its answer, and all that "
                        + "was said before or given to it to read. It is counted in tokens, pieces of words; what goes "
                        + "beyond it is forgotten. A longer context takes more memory (`slm help kv-cache`).",
                    es:
                        "El contexto es lo que un modelo puede tener delante a la vez: su pregunta, la respuesta, y todo "
                        + "lo dicho antes o lo que se le dio a leer. Se cuenta en tokens, trozos de palabras; lo que no "
                        + "entra se olvida. Un contexto más largo ocupa más memoria (`slm help caché-kv`)."),
                say(
                    en: "slm reckons with 4,096 tokens, and 2,048 for phones, unless `--context` says otherwise; "
                        + "`slm fit` tells the longest that fits.",
                    es:
                        "slm calcula con 4.096 tokens, o 2.048 en teléfonos, salvo que se indique otro con `--context`; "
                        + "`slm fit` dice cuál es el mayor que cabe."),
            ]
        case .kvCache:
            [
                say(
                    en:
                        "While it writes, a model keeps a key and a value for every token of the context in every layer, "
                        + "so as not to calculate them again. That cache is set aside when the model is loaded, for the "
                        + "whole context: twice layers x KV heads x head size x context x bytes of its type. For Llama 3.1 "
                        + "8B at 32,768 tokens in F16 that is 4.3 GB, almost as much again as the file.",
                    es:
                        "Mientras escribe, un modelo guarda una clave y un valor de cada token del contexto en cada capa, "
                        + "para no volver a calcularlos. Esa caché se reserva al cargar el modelo, para todo el contexto: "
                        + "el doble de capas x cabezas KV x tamaño de cabeza x contexto x bytes de su tipo. Con Llama 3.1 "
                        + "8B y 32.768 tokens en F16 son 4,3 GB, casi otro tanto como el archivo."),
                say(
                    en:
                        "`slm fit MODEL --context N --explain` shows it; `--cache-type-k q8_0 --cache-type-v q8_0` makes it "
                        + "about half as large.",
                    es:
                        "`slm fit MODELO --context N --explain` la muestra; `--cache-type-k q8_0 --cache-type-v q8_0` la "
                        + "reduce casi a la mitad."),
            ]
        case .licences:
            [
                say(
                    en:
                        "No mark: the licence allows commercial use. ⚠: it does on conditions, such as a list of forbidden "
                        + "uses, a limit of users, or a notice to show; read it first. ✗: no commercial use.",
                    es:
                        "Sin marca: la licencia permite el uso comercial. ⚠: lo permite con condiciones, como una lista "
                        + "de usos prohibidos, un límite de usuarios o un aviso que mostrar; léala antes. ✗: sin uso "
                        + "comercial."),
                say(
                    en: "`slm show MODEL` names the licence, its address, and what the guide says of it; "
                        + "`slm list --license commercial` leaves out what may not be used commercially. slm tells what a "
                        + "licence says; it gives no legal advice.",
                    es: "`slm show MODELO` indica la licencia, su dirección y lo que la guía dice de ella; "
                        + "`slm list --license commercial` omite lo que no se puede usar comercialmente. slm informa de "
                        + "lo que dice una licencia; no da asesoramiento legal."),
            ]
        }
    }

    /// The page on a screen of so many columns.
    func page(columns: Int) -> String {
        let blocks = paragraphs.map { Text($0).wrapped(to: columns).map(\.plain).joined(separator: "\n") }
        return ([title] + blocks).joined(separator: "\n\n") + "\n"
    }
}
