import ModelShare
import Modelteca

/// The page that a phone opens: what there is, one button for each file, and what to do with it. It loads nothing else.
enum SharePage {
    /// - Parameter base: The path of the files.
    static func html(_ models: [SharedModel], below base: String) -> String {
        let title = say(en: "Models for this phone", es: "Modelos para este teléfono")
        let heading = models.count == 1 ? models[0].title : title
        return """
            <!DOCTYPE html>
            <html lang="\(Language.current.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(heading)) – slm</title>
            <style>\(style)</style>
            </head>
            <body>
            <main>
            <h1>\(escaped(heading))</h1>
            \(models.map { section($0, below: base, isAlone: models.count == 1) }.joined(separator: "\n"))
            <h2>\(say(en: "Then, in SmolChat", es: "Después, en SmolChat"))</h2>
            <ol>
            \(steps(models).map { "<li>\($0)</li>" }.joined(separator: "\n"))
            </ol>
            </main>
            </body>
            </html>

            """
    }

    private static func section(_ model: SharedModel, below base: String, isAlone: Bool) -> String {
        let warnings = PhoneWords.warnings(model).map { "<p class=\"careful\">\(escaped($0.plain))</p>" }
        let files = model.files.map { file($0, below: base) }
        let name = isAlone ? "" : "<h2>\(escaped(model.title))</h2>\n"
        return name + (files + warnings).joined(separator: "\n")
    }

    private static func file(_ file: SharedModel.File, below base: String) -> String {
        let language = Language.current
        let size = language.bytes(file.sizeBytes)
        let facts = say(
            en: "needs 2 × \(size) free while it is imported", es: "necesita 2 × \(size) libres mientras se importa")
        let digest = file.sha256.map { "<dt>SHA-256</dt><dd><code>\($0)</code></dd>" } ?? ""
        return """
            <a class="button" href="\(base)\(percentEncoded(file.name))" download>\
            \(say(en: "Download", es: "Descargar")) · \(size)</a>
            <dl><dt>\(say(en: "File", es: "Archivo"))</dt><dd>\(escaped(file.name))</dd>\
            <dt>\(say(en: "Space", es: "Espacio"))</dt><dd>\(facts)</dd>\(digest)</dl>
            """
    }

    private static func steps(_ models: [SharedModel]) -> [String] {
        let size = Language.current.bytes(models.reduce(0) { $0 + $1.sizeBytes })
        return [
            say(
                en: "Wait until the download has finished.", es: "Espere a que termine la descarga."),
            say(
                en: "Open SmolChat, add a model, and choose the file in <b>Downloads</b>.",
                es: "Abra SmolChat, agregue un modelo y elija el archivo en <b>Descargas</b>."),
            say(
                en: "Leave the context at <b>2,048</b> and “Take from GGUF” off.",
                es: "Deje el contexto en <b>2.048</b> y «Take from GGUF» sin marcar."),
            say(
                en: "SmolChat has made a copy: delete the file in Downloads to have \(size) back.",
                es: "SmolChat ha hecho una copia: borre el archivo de Descargas para recuperar \(size)."),
        ]
    }

    private static let style = """
        :root{color-scheme:light dark}
        body{font:1.05rem/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#1a1a1a}
        main{max-width:36rem;margin:0 auto;padding:1rem}
        h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.15rem}
        .button{display:block;text-align:center;padding:1rem;border-radius:.6rem;background:#0b57d0;color:#fff;\
        font-weight:600;text-decoration:none}
        .button:focus-visible{outline:3px solid #f9ab00;outline-offset:2px}
        dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem .8rem}dt{color:#555}
        dd{margin:0;overflow-wrap:anywhere}.careful{border-left:.3rem solid #b06000;padding-left:.7rem}
        @media(prefers-color-scheme:dark){body{background:#121212;color:#e8e8e8}dt{color:#b0b0b0}\
        .button{background:#a8c7fa;color:#062e6f}}
        """

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
