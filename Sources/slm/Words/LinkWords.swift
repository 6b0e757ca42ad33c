import Modelteca

extension LinkError: Explained {
    var words: Words {
        switch self {
        case .noProgram(let name, let folder):
            return Words(
                en: "\(name) has no folder `\(folder)` here", es: "\(name) no tiene aquí la carpeta `\(folder)`",
                hint: say(
                    en: "start \(name) once, or name a folder: `--to DIR`",
                    es: "abra \(name) una vez o indique una carpeta: `--to CARPETA`"))
        case .occupied(let path):
            return Words(
                en: "`\(path)` exists already, and `slm` did not make it",
                es: "`\(path)` ya existe y no lo creó `slm`",
                hint: Labels.moveAway)
        case .notOfHub(let ref):
            return Words(
                en: "Hugging Face's cache needs a repository and a commit, and `\(ref)` has none",
                es: "la caché de Hugging Face necesita un repositorio y un commit, y `\(ref)` no los tiene",
                hint: say(
                    en: "`slm get hf:OWNER/REPOSITORY` brings it from there",
                    es: "`slm get hf:AUTOR/REPOSITORIO` lo descarga de allí"))
        case .otherDisk(let path):
            return Words(
                en: "`\(path)` is on another disk than the store, where a second name is not possible",
                es: "`\(path)` está en otro disco que el almacén, y allí no puede tener un segundo nombre",
                hint: say(
                    en: "set HF_HOME to a folder on the store's disk, or `--store` to one on the cache's",
                    es: "defina HF_HOME como una carpeta del disco del almacén, o `--store` en el de la caché"))
        case .notReady(let ref):
            return Words(
                en: "`\(ref)` is damaged or incomplete", es: "`\(ref)` está dañado o incompleto",
                hint: say(
                    en: "`slm verify --repair \(ref)` repairs it", es: "`slm verify --repair \(ref)` lo repara"))
        case .io(let path, let errno):
            return Words(
                en: "`\(path)` cannot be written: \(errno.words)",
                es: "`\(path)` no se puede escribir: \(errno.words)")
        }
    }
}
