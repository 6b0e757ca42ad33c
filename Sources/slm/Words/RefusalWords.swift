import Modelteca

extension LoadRefusal {
    /// One whole sentence.
    var sentence: String {
        switch self {
        case .adapter:
            say(
                en:
                    "it is an adapter (LoRA), not a model: llama.cpp takes it with `--lora`, beside the model it was made for",
                es:
                    "es un adaptador (LoRA), no un modelo: llama.cpp lo usa con `--lora`, junto al modelo para el que se hizo"
            )
        case .projector:
            say(
                en: "it is a projector, not a model: llama.cpp takes it with `--mmproj`, beside its model",
                es: "es un proyector, no un modelo: llama.cpp lo usa con `--mmproj`, junto a su modelo")
        case .controlVector:
            say(
                en: "it is a control vector, not a model: llama.cpp takes it with `--control-vector`, beside its model",
                es: "es un vector de control, no un modelo: llama.cpp lo usa con `--control-vector`, junto a su modelo")
        case .importanceMatrix:
            say(
                en: "it is an importance matrix, not a model: it serves to quantize one",
                es: "es una matriz de importancia, no un modelo: sirve para cuantizar uno")
        case .vocabularyOnly:
            say(
                en: "it is a vocabulary without weights, not a model",
                es: "es un vocabulario sin pesos, no un modelo")
        case .otherArchitecture(let name):
            say(
                en: "`\(name)` makes pictures or video: it runs in other programs, not as a language model",
                es: "`\(name)` genera imágenes o video: funciona en otros programas, no como modelo de lenguaje")
        case .noArchitecture:
            say(
                en: "its header does not say what kind of model it is, so llama.cpp does not load it",
                es: "su cabecera no dice qué tipo de modelo es, así que llama.cpp no lo carga")
        case .keyMissing(let key):
            say(
                en: "its header has no `\(key)`, without which llama.cpp does not load it",
                es: "su cabecera no tiene `\(key)`, sin lo cual llama.cpp no lo carga")
        case .keyType(let key):
            say(
                en: "llama.cpp refuses the type of the value under `\(key)`",
                es: "llama.cpp rechaza el tipo del valor de `\(key)`")
        case .byteOrder:
            say(
                en: "its numbers have the byte order of big-endian machines: llama.cpp refuses it on this kind",
                es: "sus números están escritos como en equipos big-endian: llama.cpp lo rechaza en los demás")
        case .version(let version):
            say(
                en: "llama.cpp does not load version \(version) of the format, only 2 and 3",
                es: "llama.cpp no carga la versión \(version) del formato, solo la 2 y la 3")
        case .tensorTypeRemoved(let type):
            say(
                en: "llama.cpp no longer loads tensors of type \(type): take a Q4_0 or IQ4_NL instead",
                es: "llama.cpp ya no carga tensores de tipo \(type): use Q4_0 o IQ4_NL en su lugar")
        case .tensorTypeUnknown(let type):
            say(
                en:
                    "llama.cpp does not know tensors of type \(type): they are of a fork (ik_llama.cpp), or newer than this program",
                es:
                    "llama.cpp no conoce tensores de tipo \(type): son de un derivado (ik_llama.cpp) o más nuevos que este programa"
            )
        case .tensorNameTooLong(let name):
            say(
                en: "llama.cpp refuses names of 64 bytes or more: `\(name)`",
                es: "llama.cpp rechaza nombres de 64 bytes o más: `\(name)`")
        case .tensorOffset(let name):
            say(
                en: "llama.cpp refuses a file whose tensors do not follow each other without gaps: `\(name)`",
                es: "llama.cpp rechaza un archivo cuyos tensores no se siguen sin huecos: `\(name)`")
        case .tensorMissing(let name):
            say(
                en: "it has no `\(name)`, which its kind of model needs: it was not made or not copied whole",
                es: "no tiene `\(name)`, que su tipo de modelo necesita: no se hizo o no se copió entero")
        case .splitPartMissing(let names):
            say(
                en: "parts of the split model are missing: \(listed(names))",
                es: "faltan partes del modelo dividido: \(listed(names))")
        case .splitName(let name):
            say(
                en: "it is part of a split model, and by the name `\(name)` llama.cpp cannot find the others",
                es: "es parte de un modelo dividido, y con el nombre `\(name)` llama.cpp no halla las demás")
        case .splitPartsDiffer(let name):
            say(
                en: "`\(name)` is another part than its name says, or of another model",
                es: "`\(name)` es otra parte de la que dice su nombre, o de otro modelo")
        }
    }

    private func listed(_ names: [String]) -> String {
        let more = names.count > 4 ? say(en: " and \(names.count - 4) more", es: " y \(names.count - 4) más") : ""
        return quoted(names.prefix(4)) + more
    }
}
