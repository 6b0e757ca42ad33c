internal import Disk
internal import GGUF
internal import ModelCatalog
internal import ModelStore

extension Sentences {
    init(_ error: CatalogError, _ language: Language) {
        switch error {
        case .malformed(let path, let reason):
            self.init(
                language,
                en: ("the catalog is broken at `\(path)`: \(reason.code)", "`slm catalog lint FILE` lists all faults"),
                es: (
                    "el catálogo está mal en `\(path)`: \(reason.code)",
                    "`slm catalog lint ARCHIVO` muestra todos los fallos"
                ))
        case .unsupportedSchema(let version):
            self.init(
                language, en: ("the catalog has version \(version), which is newer than this program", "update `slm`"),
                es: ("el catálogo es de la versión \(version), más nueva que este programa", "actualice `slm`"))
        case .tooLarge(let size, let limit):
            let have = size.map { language.grouped(Int64($0)) + " bytes" }
            let most = language.grouped(Int64(limit)) + " bytes"
            self.init(
                language,
                en: (
                    have.map { "the catalog has \($0), at most \(most) are read" }
                        ?? "the catalog has more than \(most)", "check SLM_CATALOG"
                ),
                es: (
                    have.map { "el catálogo ocupa \($0); como mucho se leen \(most)" }
                        ?? "el catálogo ocupa más de \(most)", "compruebe SLM_CATALOG"
                ))
        case .unknownModel(let name, let hint):
            self.init(
                language, en: ("there is no model `\(name)`", Self.near(hint, language)),
                es: ("no existe el modelo `\(name)`", Self.near(hint, language)))
        case .ambiguous(let name, let candidates):
            self.init(
                language, en: ("`\(name)` can mean several models", "name one: \(language.quoted(candidates))"),
                es: ("`\(name)` puede ser más de un modelo", "nombre uno: \(language.quoted(candidates))"))
        case .unknownQuantization(let model, let quantization, let available):
            let names = language.quoted(available.map { "\(model):\($0.lowercased())" })
            self.init(
                language, en: ("`\(model)` is not in the catalog as `\(quantization)`", "there is \(names)"),
                es: ("`\(model)` no está en el catálogo como `\(quantization)`", "hay \(names)"))
        }
    }

    private static func near(_ hint: NameHint, _ language: Language) -> String {
        let near = language.quoted(hint.nearest.prefix(4))
        if let slip = hint.guideSlip {
            let also = hint.nearest.isEmpty ? "" : language.say(en: ". Also near: \(near)", es: ". También: \(near)")
            return language.say(
                en: "the guide prints \(slip.printed), the size is \(slip.actual): `slm get \(slip.ref)`" + also,
                es: "la guía dice \(slip.printed), el tamaño es \(slip.actual): `slm get \(slip.ref)`" + also)
        }
        guard !hint.nearest.isEmpty else {
            return language.say(
                en: "`slm list` shows all, `slm search WORDS` looks for one",
                es: "`slm list` los muestra todos; `slm search PALABRAS` busca uno")
        }
        return language.say(
            en: "near: \(near); `slm list` shows all", es: "parecidos: \(near); `slm list` los muestra todos")
    }

    init(_ error: ReferenceError, _ language: Language) {
        let forms = language.say(
            en: "a name is `tinyllama`, `qwen2:0.5b`, `hf:owner/repo:Q4_K_M`, an address or a path",
            es: "un nombre es `tinyllama`, `qwen2:0.5b`, `hf:autor/repo:Q4_K_M`, una dirección o una ruta")
        func both(_ en: String, _ es: String) -> Sentences { Sentences(language, en: (en, forms), es: (es, forms)) }
        switch error {
        case .empty: self = both("no model is named", "no se ha nombrado ningún modelo")
        case .tooLong(let size, let limit):
            self = both(
                "the name is too long: \(size) bytes, at most \(limit)",
                "el nombre es demasiado largo: \(size) bytes; como mucho \(limit)")
        case .hiddenCharacter(let text):
            self = both("`\(text)` has characters that cannot be seen", "`\(text)` tiene caracteres invisibles")
        case .missingPart(let text): self = both("a part is missing in `\(text)`", "falta una parte en `\(text)`")
        case .notACatalogName(let text):
            self = both("`\(text)` is no model's name", "`\(text)` no es el nombre de un modelo")
        case .notAHubRepository(let text):
            self = both("`\(text)` is no repository of the Hub", "`\(text)` no es un repositorio del Hub")
        case .notAModelPage(let text):
            self = both("`\(text)` is not the page of a model", "`\(text)` no es la página de un modelo")
        case .unsafePath(let text, _):
            self = both("`\(text)` is a path that no disk should hold", "`\(text)` es una ruta inadmisible")
        case .notARegistryName(let text):
            self = both("`\(text)` names nothing in a registry", "`\(text)` no nombra nada en un registro")
        case .notAnAddress(let text): self = both("`\(text)` is no address", "`\(text)` no es una dirección")
        case .credentialsInAddress:
            self = both(
                "the address has a password in it, which would be kept and shown",
                "la dirección lleva una contraseña, que se guardaría y se vería")
        case .unknownScheme(let text):
            self = both(
                "`\(text):` is none of the forms of a name", "`\(text):` no es ninguna de las formas de un nombre")
        }
    }

    init(_ error: FileNameFault, _ language: Language) {
        self.init(
            language, en: ("a file name cannot be used: \(error.code)", "nothing was stored"),
            es: ("un nombre de archivo no se puede usar: \(error.code)", "no se guardó nada"))
    }

    init(_ error: GGUFError, _ language: Language) {
        switch error {
        case .notGGUF:
            self.init(
                language,
                en: ("this is no GGUF file: it does not begin with `GGUF`", "`slm search` finds models in that format"),
                es: (
                    "esto no es un archivo GGUF: no empieza por `GGUF`", "`slm search` encuentra modelos en ese formato"
                ))
        case .unsupportedVersion(let version):
            self.init(
                language, en: ("GGUF version \(version) is unknown; 1 to 3 can be read", "update `slm`"),
                es: ("la versión \(version) de GGUF es desconocida; se leen de la 1 a la 3", "actualice `slm`"))
        case .truncated(let reading, let offset, _, _):
            self.init(
                language, en: ("the file ends inside its header, at byte \(offset) (\(reading))", "fetch it again"),
                es: (
                    "el archivo acaba dentro de su cabecera, en el byte \(offset) (\(reading))", "vuelva a descargarlo"
                ))
        case .unreadable(let path, _):
            self.init(
                language, en: ("`\(path)` cannot be read", "check the path and its permissions"),
                es: ("`\(path)` no se puede leer", "compruebe la ruta y sus permisos"))
        case .missing(let key):
            self.init(
                language, en: ("the file's header has no `\(key)`", "another quantization of the model may have it"),
                es: ("la cabecera del archivo no tiene `\(key)`", "puede que otra cuantización del modelo la tenga"))
        case .tooLarge(_, let offset, _, _), .unknownType(_, let offset, _), .notText(_, let offset),
            .badName(_, let offset), .badTensor(_, let offset):
            self.init(
                language,
                en: (
                    "the file's header is damaged at byte \(offset): \(error.code)",
                    "fetch it again, or tell its publisher"
                ),
                es: (
                    "la cabecera del archivo está dañada en el byte \(offset): \(error.code)",
                    "vuelva a descargarlo o avise a quien lo publica"
                ))
        case .badValue(let name), .badOffset(let name, _):
            self.init(
                language,
                en: (
                    "the file's header is damaged at `\(name)`: \(error.code)", "fetch it again, or tell its publisher"
                ),
                es: (
                    "la cabecera del archivo está dañada en `\(name)`: \(error.code)",
                    "vuelva a descargarlo o avise a quien lo publica"
                ))
        }
    }

    init(_ error: StoreError, _ language: Language) {
        let elsewhere = language.say(
            en: "choose another folder with `--store DIR` or SLM_STORE",
            es: "elija otra carpeta con `--store DIR` o SLM_STORE")
        let doctor = language.say(en: "`slm doctor` says how to mend it", es: "`slm doctor` dice cómo arreglarlo")
        switch error {
        case .noSpace(let path, let needed, let free):
            self.init(noSpace: path.string, needed: needed, free: free, language)
        case .readOnly(let path):
            self.init(
                language, en: ("`\(path)` can only be read", elsewhere), es: ("`\(path)` es de solo lectura", elsewhere)
            )
        case .permission(let path):
            self.init(
                language, en: ("you may not write to `\(path)`", elsewhere),
                es: ("no tiene permiso para escribir en `\(path)`", elsewhere))
        case .io(let path, let errno):
            self.init(
                language, en: ("the store cannot be used at `\(path)`: \(errno)", doctor),
                es: ("el almacén no se puede usar en `\(path)`: \(errno)", doctor))
        case .occupied(let path):
            self.init(
                language,
                en: (
                    "`\(path)` is there already, with another content that is not ours",
                    "move it away, then run the same command again"
                ),
                es: ("`\(path)` ya existe, con otro contenido que no es nuestro", "muévalo y repita la misma orden"))
        case .outsideStore(let path):
            self.init(
                language, en: ("`\(path)` is a link that leads out of the store", "replace it by a folder"),
                es: ("`\(path)` es un enlace que sale del almacén", "sustitúyalo por una carpeta"))
        case .unsafeName(let name):
            self.init(
                language, en: ("`\(name)` cannot be a file's name", nil),
                es: ("`\(name)` no puede ser el nombre de un archivo", nil))
        case .notStored(let ref):
            self.init(
                language, en: ("`\(ref)` is not stored here", "`slm ls` shows what is, `slm get \(ref)` fetches it"),
                es: ("`\(ref)` no está guardado aquí", "`slm ls` muestra lo que hay; `slm get \(ref)` lo descarga"))
        case .changed(let path):
            self.init(
                language,
                en: (
                    "`\(path)` has changed since it was proven", "`slm verify` says how, `slm verify --repair` mends it"
                ),
                es: (
                    "`\(path)` ha cambiado desde que se comprobó",
                    "`slm verify` dice cómo; `slm verify --repair` lo repara"
                ))
        case .indexDamaged(let path, let detail):
            self.init(
                language, en: ("the index `\(path)` cannot be used: \(detail)", doctor),
                es: ("el índice `\(path)` no se puede usar: \(detail)", doctor))
        case .indexNewer(let path):
            self.init(
                language, en: ("a newer `slm` has written `\(path)`", "update `slm`"),
                es: ("un `slm` más nuevo escribió `\(path)`", "actualice `slm`"))
        case .locked:
            self.init(
                language, en: ("another process is changing the store", "try again when it has finished"),
                es: ("otro proceso está cambiando el almacén", "vuelva a intentarlo cuando termine"))
        }
    }
}
