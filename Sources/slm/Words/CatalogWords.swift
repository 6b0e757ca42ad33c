import Disk
import Modelteca

extension CatalogError: Explained {
    var words: Words {
        switch self {
        case .malformed(let path, let reason):
            let place = path.isEmpty ? "" : say(en: " at `\(path)`", es: " en `\(path)`")
            let named = environment["SLM_CATALOG"].flatMap { $0.isEmpty ? nil : $0 }
            let file = named.map(shellWord) ?? say(en: "FILE", es: "ARCHIVO")
            let source = named.map { _ in say(en: "SLM_CATALOG names it; ", es: "lo nombra SLM_CATALOG; ") } ?? ""
            return Words(
                en: "the catalog is broken\(place): \(reason.sentence)",
                es: "el catálogo está mal\(place): \(reason.sentence)",
                hint: source
                    + say(
                        en: "`slm catalog lint \(file)` lists all faults",
                        es: "`slm catalog lint \(file)` muestra todos los fallos"))
        case .unsupportedSchema(let version):
            return Words(
                en: "the catalog has version \(version), which is newer than this program",
                es: "el catálogo es de la versión \(version), más nueva que este programa", hint: Labels.updateProgram)
        case .tooLarge(let size, let limit):
            let most = Language.current.grouped(Int64(limit))
            let have = size.map { Language.current.grouped(Int64($0)) }
            return Words(
                en: have.map { "the catalog has \($0) bytes, at most \(most) are read" }
                    ?? "the catalog has more than \(most) bytes",
                es: have.map { "el catálogo ocupa \($0) bytes; como mucho se leen \(most)" }
                    ?? "el catálogo ocupa más de \(most) bytes",
                hint: say(en: "check SLM_CATALOG", es: "compruebe SLM_CATALOG"))
        case .cacheDamaged(let path):
            return Words(
                en: "what was prepared of the catalog, `\(path)`, was damaged and has been removed",
                es: "lo preparado del catálogo, `\(path)`, estaba dañado y se quitó",
                hint: say(en: "the same command makes it anew", es: "el mismo comando lo prepara de nuevo"))
        case .unknownModel(let name, let hint):
            return Words(
                en: "there is no model `\(name)`", es: "no existe el modelo `\(name)`", hint: hint.sentence)
        case .ambiguous(let name, let candidates):
            return Words(
                en: "`\(name)` can mean several models", es: "`\(name)` puede ser más de un modelo",
                hint: say(en: "name one: ", es: "indique uno: ") + quoted(candidates))
        case .unknownQuantization(let model, let quantization, let available):
            return Words(
                en: "`\(model)` is not in the catalog as `\(quantization)`",
                es: "`\(model)` no está en el catálogo como `\(quantization)`",
                hint: say(en: "there is ", es: "hay ") + quoted(available.map { "\(model):\($0.lowercased())" }))
        }
    }
}

extension NameHint {
    fileprivate var sentence: String {
        let near = quoted(nearest.prefix(4))
        if let slip = guideSlip {
            let also = nearest.isEmpty ? "" : say(en: ". Also near: \(near)", es: ". También: \(near)")
            return say(
                en: "the guide says \(slip.printed), the size is \(slip.actual): `slm get \(slip.ref)`" + also,
                es: "la guía indica \(slip.printed), el tamaño es \(slip.actual): `slm get \(slip.ref)`" + also)
        }
        guard !nearest.isEmpty else {
            return say(
                en: "`slm list` shows all, `slm search WORDS` looks for one",
                es: "`slm list` los muestra todos; `slm search PALABRAS` busca uno")
        }
        return say(en: "near: \(near); `slm list` shows all", es: "parecidos: \(near); `slm list` los muestra todos")
    }
}

extension ReferenceError: Explained {
    var words: Words {
        let forms = say(
            en: "a name is `tinyllama`, `qwen2:0.5b`, `hf:owner/repo:Q4_K_M`, an address or a path",
            es: "un nombre es `tinyllama`, `qwen2:0.5b`, `hf:autor/repo:Q4_K_M`, una dirección o una ruta")
        let message =
            switch self {
            case .empty: say(en: "no model is named", es: "no se ha nombrado ningún modelo")
            case .tooLong(let size, let limit):
                say(
                    en: "the name is too long: \(size) bytes, at most \(limit)",
                    es: "el nombre es demasiado largo: \(size) bytes; como mucho \(limit)")
            case .hiddenCharacter(let text):
                say(en: "`\(text)` has invisible characters", es: "`\(text)` tiene caracteres invisibles")
            case .missingPart(let text): say(en: "a part is missing in `\(text)`", es: "falta una parte en `\(text)`")
            case .notACatalogName(let text):
                say(en: "`\(text)` is not the name of a model", es: "`\(text)` no es el nombre de un modelo")
            case .notAHubRepository(let text):
                say(en: "`\(text)` is not a repository of the Hub", es: "`\(text)` no es un repositorio del Hub")
            case .notAModelPage(let text):
                say(en: "`\(text)` is not the page of a model", es: "`\(text)` no es la página de un modelo")
            case .unsafePath(let text, _):
                say(en: "`\(text)` is not a safe path", es: "`\(text)` no es una ruta segura")
            case .notARegistryName(let text):
                say(en: "`\(text)` names nothing in a registry", es: "`\(text)` no nombra nada en un registro")
            case .notAnAddress(let text): say(en: "`\(text)` is not an address", es: "`\(text)` no es una dirección")
            case .credentialsInAddress:
                say(
                    en: "the address has a password in it, which would be kept and shown",
                    es: "la dirección lleva una contraseña, que se guardaría y se vería")
            case .unknownScheme(let text):
                say(
                    en: "`\(text):` is not a known form of name",
                    es: "`\(text):` no es ninguna de las formas de un nombre")
            }
        return Words(message, hint: forms)
    }
}

extension FileNameFault: Explained {
    var words: Words {
        Words(
            en: "a file name cannot be used: \(code)", es: "un nombre de archivo no se puede usar: \(code)",
            hint: say(en: "nothing was stored", es: "no se guardó nada"))
    }
}

extension CatalogFault.Kind {
    /// One sentence.
    var sentence: String {
        switch self {
        case .notJSON: say(en: "this is not a JSON object", es: "no es un objeto JSON")
        case .tooLarge: say(en: "the document is too large", es: "el documento es demasiado grande")
        case .unsupportedSchema(let version):
            say(en: "schema \(version) is not known here", es: "aquí no se conoce el esquema \(version)")
        case .missing: say(en: "is missing", es: "falta")
        case .wrongType(let expected): say(en: "should be: \(expected)", es: "debería ser: \(expected)")
        case .badID(let id):
            say(en: "`\(id)` cannot be typed as a name", es: "`\(id)` no se puede escribir como nombre")
        case .duplicateID(let id): say(en: "`\(id)` is there twice", es: "`\(id)` está dos veces")
        case .badDigest(let text):
            say(
                en: "not 64 lower-case hexadecimal digits: `\(text)`",
                es: "no son 64 cifras hexadecimales en minúscula: `\(text)`")
        case .knownBadDigest(let digest):
            say(en: "the SHA-256 of an error page: `\(digest)`", es: "el SHA-256 de una página de error: `\(digest)`")
        case .sizeDisagrees(let place, let other):
            say(
                en: "the same SHA-256 has another size at \(place): \(other)",
                es: "el mismo SHA-256 tiene otro tamaño en \(place): \(other)")
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
        case .missingSource: say(en: "a fact without a source", es: "un dato sin fuente")
        case .classDisagrees(let expected):
            say(
                en: "its count of weights makes it `\(expected)`",
                es: "por su cantidad de parámetros es `\(expected)`")
        case .repeatedField(let key): say(en: "`\(key)` stands here twice", es: "`\(key)` está dos veces")
        case .familyWithoutSizes: say(en: "a family without sizes", es: "una familia sin tamaños")
        case .defaultWithoutFile(let name):
            say(
                en: "no file in the default quantization `\(name)`",
                es: "ningún archivo en la cuantización por defecto `\(name)`")
        case .missingDefault:
            say(en: "files, but no default quantization", es: "hay archivos, pero no cuantización por defecto")
        case .nothingToFetch:
            say(en: "neither a file nor an upstream repository", es: "ni un archivo ni un repositorio de origen")
        case .quantizationDisagrees(let label, let name):
            say(en: "labelled `\(label)`, named `\(name)`", es: "rotulado `\(label)`, con nombre `\(name)`")
        case .notAProjector(let name):
            say(en: "the name does not say `mmproj`: `\(name)`", es: "el nombre no dice `mmproj`: `\(name)`")
        case .unknownEvidence(let name):
            say(
                en: "the document has no test, source or model `\(name)`",
                es: "el documento no tiene ninguna prueba, fuente ni modelo `\(name)`")
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
