import Modelteca

/// Faults of a catalog document in words.
enum FaultWording {
    static func sentence(for kind: CatalogFault.Kind) -> String {
        switch kind {
        case .notJSON: say(en: "this is not a JSON object", es: "no es un objeto JSON")
        case .tooLarge: say(en: "the document is too large", es: "el documento es demasiado grande")
        case .unsupportedSchema(let version):
            say(en: "schema \(version) is not known here", es: "aquí no se conoce el esquema \(version)")
        case .missing: say(en: "has to be there, and is not", es: "debe estar y no está")
        case .wrongType(let expected): say(en: "should be: \(expected)", es: "debería ser: \(expected)")
        case .badID(let id):
            say(en: "`\(id)` cannot be typed as a name", es: "`\(id)` no se puede escribir como nombre")
        case .duplicateID(let id): say(en: "`\(id)` is there twice", es: "`\(id)` está dos veces")
        case .badDigest(let text):
            say(
                en: "not 64 lower-case hexadecimal digits: `\(text)`",
                es: "no son 64 cifras hexadecimales en minúscula: `\(text)`")
        case .knownBadDigest(let digest):
            say(en: "the digest of an error page: `\(digest)`", es: "la suma de una página de error: `\(digest)`")
        case .sizeDisagrees(let place, let other):
            say(
                en: "the same digest has another size at \(place): \(other)",
                es: "la misma suma tiene otro tamaño en \(place): \(other)")
        case .tooSmall(let size):
            say(en: "no model is so small: \(size) bytes", es: "ningún modelo es tan pequeño: \(size) bytes")
        case .badFileName(let fault):
            say(en: "not a safe file name: \(fault.code)", es: "no es un nombre de archivo seguro: \(fault.code)")
        case .badRepository(let text): say(en: "not `owner/name`: `\(text)`", es: "no es `autor/nombre`: `\(text)`")
        case .badRevision(let text):
            say(en: "not a commit, branch or tag: `\(text)`", es: "no es un commit, rama ni etiqueta: `\(text)`")
        case .notHTTPS(let text): say(en: "not an https address: `\(text)`", es: "no es una dirección https: `\(text)`")
        case .unknownValue(let text): say(en: "cannot be `\(text)`", es: "no puede ser `\(text)`")
        case .unknownLicense(let id):
            say(en: "the table of licences has no `\(id)`", es: "la tabla de licencias no tiene `\(id)`")
        case .unknownSource(let id):
            say(en: "the table of sources has no `\(id)`", es: "la tabla de fuentes no tiene `\(id)`")
        case .missingSource: say(en: "a digest or size without a source", es: "una suma o un tamaño sin fuente")
        case .familyWithoutSizes: say(en: "a family without sizes", es: "una familia sin tamaños")
        case .defaultWithoutFile(let name):
            say(
                en: "no file in the default quantization `\(name)`",
                es: "ningún archivo en la cuantización por omisión `\(name)`")
        case .missingDefault:
            say(en: "files, but no default quantization", es: "hay archivos, pero no cuantización por omisión")
        case .nothingToFetch:
            say(en: "neither a file nor an upstream repository", es: "ni un archivo ni un repositorio de origen")
        case .quantizationDisagrees(let label, let name):
            say(en: "labelled `\(label)`, named `\(name)`", es: "rotulado `\(label)`, con nombre `\(name)`")
        case .duplicateFile(let name):
            say(en: "the same file twice: `\(name)`", es: "el mismo archivo dos veces: `\(name)`")
        case .missingTranslation: say(en: "a text in one language only", es: "un texto en un solo idioma")
        case .badNumber: say(en: "not a whole number above zero", es: "no es un número entero mayor que cero")
        case .layersDisagree(let layers, let numbers):
            say(en: "\(numbers) numbers for \(layers) layers", es: "\(numbers) números para \(layers) capas")
        case .unknownField(let name): say(en: "there is no field `\(name)`", es: "no existe el campo `\(name)`")
        case .badDate(let text): say(en: "not a date: `\(text)`", es: "no es una fecha: `\(text)`")
        case .unreadable(let reason): say(en: "the reader refuses it: \(reason)", es: "el lector lo rechaza: \(reason)")
        }
    }
}
