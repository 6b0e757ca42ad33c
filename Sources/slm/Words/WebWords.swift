import Modelteca

/// What the page of `slm web` says. It has both languages in it: its reader changes them there.
enum PageWords {
    static var title: String {
        say(
            en: "Small language models: which fit which device",
            es: "Modelos de lenguaje pequeños: cuáles caben en qué equipo")
    }

    static var noScript: String {
        say(
            en:
                "This page needs JavaScript. `slm list` says the same in a terminal. / Esta página necesita JavaScript.",
            es:
                "Esta página necesita JavaScript. `slm list` dice lo mismo en una terminal. / This page needs JavaScript."
        )
    }

    /// By language, all of them by key.
    static var all: [String: [String: String]] {
        Dictionary(
            uniqueKeysWithValues: Language.allCases.map { language in
                (
                    language.rawValue,
                    Language.$current.withValue(language) { fixed.merging(ofTypes) { first, _ in first } }
                )
            })
    }

    /// The same in each language.
    static func inBoth(_ text: () -> String) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: Language.allCases.map { language in
                (language.rawValue, Language.$current.withValue(language) { text() })
            })
    }

    private static var ofTypes: [String: String] {
        var words: [String: String] = [:]
        for verdict in FitReport.Verdict.allCases { words["verdict.\(verdict.rawValue)"] = verdict.word.plain }
        for type in ModelType.allCases { words["type.\(type.rawValue)"] = type.word }
        for kind in DeviceClass.allCases { words["kind.\(kind.rawValue)"] = kind.word }
        for thinking in Thinking.allCases { words["thinking.\(thinking.rawValue)"] = thinking.word }
        return words
    }

    private static var fixed: [String: String] {
        [
            "title": title,
            "languages": say(en: "Language of this page", es: "Idioma de esta página"),
            "device": say(en: "Device", es: "Equipo"),
            "kind.here": say(en: "this device", es: "este equipo"),
            "kind.custom": say(en: "as given", es: "según lo indicado"),
            "context": say(en: "Context:", es: "Contexto:"),
            "tokens": "{tokens} tokens",
            "filters": say(en: "Order and filters", es: "Orden y filtros"),
            "thinks": say(en: "thinking: {when}", es: "razona: {when}"),
            "sort": say(en: "Order", es: "Orden"),
            "sort.best": say(en: "best first", es: "primero los mejores"),
            "sort.name": say(en: "name", es: "nombre"),
            "sort.size": say(en: "size of the file", es: "tamaño del archivo"),
            "sort.needs": say(en: "memory needed", es: "memoria necesaria"),
            "sort.speed": say(en: "fastest first", es: "primero los más rápidos"),
            "sort.date": say(en: "newest first", es: "primero los más nuevos"),
            "use": say(en: "Use", es: "Uso"),
            "any": say(en: "all", es: "todos"),
            "licence": say(en: "Licence", es: "Licencia"),
            "license.yes": say(en: "commercial use without conditions", es: "uso comercial sin condiciones"),
            "license.restricted": say(
                en: "commercial use, conditions too", es: "uso comercial, también con condiciones"),
            "use.yes": say(en: "commercial use allowed", es: "se permite el uso comercial"),
            "use.restricted": say(
                en: "commercial use on conditions: read it first", es: "uso comercial con condiciones: léala antes"),
            "use.no": say(en: "no commercial use", es: "sin uso comercial"),
            "language": say(en: "Language that the model knows", es: "Idioma que conoce el modelo"),
            "search": say(en: "Search by name", es: "Buscar por nombre"),
            "onlyFitting": say(en: "only those that fit", es: "solo los que caben"),
            "room": say(en: "A model can use about {memory}.", es: "Un modelo puede usar unos {memory}."),
            "roomOfApp": say(en: "An app can use about {memory}.", es: "Una app puede usar unos {memory}."),
            "roomOnCard": say(en: "On the GPU: {memory}.", es: "En la GPU: {memory}."),
            "summary": say(en: "{fitting} of {all} models fit", es: "Caben {fitting} de {all} modelos"),
            "needs": say(en: "needs", es: "necesita"),
            "of": say(en: "{part} of {whole}", es: "{part} de {whole}"),
            "file": say(en: "file", es: "archivo"),
            "beyond": say(en: "made for {tokens} tokens only", es: "hecho solo para {tokens} tokens"),
            "how": say(en: "How to get {model}", es: "Cómo obtener {model}"),
            "copy": say(en: "Copy", es: "Copiar"),
            "copied": say(en: "Copied", es: "Copiado"),
            "page": say(en: "The publisher's page", es: "La página de quien lo publica"),
            "code": say(en: "QR code to {file}", es: "Código QR de {file}"),
            "overContext": say(en: "Memory over context · {device}", es: "Memoria según el contexto · {device}"),
            "footer": say(
                en: "Memory as llama.cpp allocates it, estimated by slm \(Version.current) for each of these contexts; "
                    + "phones as SmolChat runs models. GB are 10⁹ bytes. ⚠ conditions apply, ✗ no commercial use, "
                    + "~ calculated, B thousand millions.",
                es:
                    "La memoria es la que reserva llama.cpp, estimada por slm \(Version.current) para cada uno de estos "
                    + "contextos; en teléfonos, como SmolChat ejecuta los modelos. Los GB son de 10⁹ bytes. "
                    + "⚠ con condiciones, ✗ sin uso comercial, ~ calculado, B = mil millones."),
        ]
    }
}
