import Modelteca
import SystemPackage

extension ImportError: Explained {
    var words: Words {
        let language = Language.current
        switch self {
        case .missing(let path):
            return Words(
                en: "there is no readable file `\(path)`", es: "no hay un archivo legible `\(path)`",
                hint: say(en: "check the path and its permissions", es: "compruebe la ruta y sus permisos"))
        case .nothing(let folder):
            return Words(
                en: "there is no GGUF file in `\(folder)`", es: "no hay ningún archivo GGUF en `\(folder)`",
                hint: say(
                    en: "only files that end in `.gguf` are looked for in a folder; name others themselves",
                    es: "en una carpeta solo se buscan archivos que acaban en `.gguf`; nombre los demás uno a uno"))
        case .cutShort(let path, let size, let expected):
            let (here, all) = (language.bytes(size), language.bytes(expected))
            return Words(
                en: "`\(path)` ends too early: it has \(here) of \(all)",
                es: "`\(path)` acaba antes de tiempo: tiene \(here) de \(all)",
                hint: say(en: "copy or download it again", es: "vuelva a copiarlo o a descargarlo"))
        case .damaged(let path, let fault, let ref, let host):
            return damaged(path, fault, ref, host)
        case .emptyManifest(let path):
            return Words(
                en: "the manifest `\(path)` names no model", es: "el manifiesto `\(path)` no nombra ningún modelo",
                hint: say(
                    en: "nothing was imported. Files beside it can be named one by one",
                    es: "no se importó nada. Los archivos que haya al lado se pueden nombrar uno a uno"))
        case .partsMissing(let file, let missing):
            let names = quoted(missing.prefix(3))
            return Words(
                en: "of the model that `\(file)` belongs to, parts are missing: \(names)",
                es: "faltan partes del modelo al que pertenece `\(file)`: \(names)",
                hint: say(en: "put all parts into one folder", es: "ponga todas las partes en una carpeta"))
        case .changed(let path):
            return Words(
                en: "`\(path)` changed while it was read", es: "`\(path)` cambió mientras se leía",
                hint: say(
                    en: "import it when nobody is writing to it any more",
                    es: "impórtelo cuando ya nadie escriba en él"))
        case .otherDisk(let path):
            return Words(
                en:
                    "`\(path)` is on another disk than the store, or belongs to another user: its space cannot be shared",
                es:
                    "`\(path)` está en otro disco que el almacén o es de otro usuario: no se puede compartir su espacio",
                hint: say(en: "leave out `--link` to copy it", es: "omita `--link` para copiarlo"))
        case .badManifest(let path, let entry):
            return Words(
                en: "the manifest `\(path)` cannot be used: `\(entry.printable)`",
                es: "el manifiesto `\(path)` no se puede usar: `\(entry.printable)`",
                hint: say(
                    en: "nothing was imported. Import single files of the folder by name if you trust them",
                    es: "no se importó nada. Si confía en ellos, importe por su nombre archivos de la carpeta"))
        case .link(let path):
            return Words(
                en: "`\(path)` is a link, and a manifest names files only",
                es: "`\(path)` es un enlace, y un manifiesto solo nombra archivos",
                hint: say(en: "put the file in its place", es: "ponga el archivo en su lugar"))
        case .insideStore(let path):
            return Words(
                en: "`\(path)` is in the store already", es: "`\(path)` ya está en el almacén",
                hint: say(en: "`slm ls` lists what is stored", es: "`slm ls` muestra lo que hay"))
        case .taken(let ref):
            return Words(
                en: "`\(ref)` is stored with another content, and that stays",
                es: "`\(ref)` está guardado con otro contenido, y así queda",
                hint: say(
                    en: "`slm rm \(ref)` makes room for the other one", es: "`slm rm \(ref)` deja sitio para el otro"))
        }
    }

    private func damaged(_ path: FilePath, _ fault: Fault, _ ref: String?, _ host: String?) -> Words {
        let again = say(
            en: "nothing was stored. Copy it again", es: "no se guardó nada. Vuelva a copiarlo")
        let hint =
            if let ref, let host {
                again
                    + say(
                        en: ", or `slm get \(ref)` downloads it from \(host)",
                        es: "; `slm get \(ref)` lo descarga de \(host)")
            } else {
                again
            }
        switch fault {
        case .size(let expected, let actual):
            let (want, have) = (Language.current.grouped(expected), Language.current.grouped(actual))
            return Words(
                en: "`\(path)` is damaged: it has \(have) bytes, and \(want) when it was written there",
                es: "`\(path)` está dañado: tiene \(have) bytes, y tenía \(want) cuando se escribió ahí", hint: hint)
        case .digest(let expected, let actual):
            return Words(
                en: "`\(path)` is damaged: its SHA-256 is `\(actual.short)`, expected `\(expected.short)`",
                es: "`\(path)` está dañado: su SHA-256 es `\(actual.short)`; se esperaba `\(expected.short)`",
                hint: hint)
        }
    }
}

extension ExportError: Explained {
    var words: Words {
        switch self {
        case .fileTooLarge(let file, let size, let limit, let folder):
            let (here, most) = (Language.current.bytes(size), Language.current.bytes(limit))
            return Words(
                en:
                    "the disk of `\(folder)` takes files of up to \(most) (it is formatted as FAT), and `\(file)` has \(here)",
                es:
                    "el disco de `\(folder)` admite archivos de hasta \(most) (tiene formato FAT), y `\(file)` ocupa \(here)",
                hint: say(
                    en: "format it as exFAT, which every system reads, or choose a smaller quantization",
                    es: "formatéelo como exFAT, que leen todos los sistemas, o elija una cuantización más pequeña"))
        case .damaged(let file, let path):
            return Words(
                en: "`\(file)` was written to `\(path)`, and what can be read there is something else",
                es: "`\(file)` se escribió en `\(path)`, pero lo que se lee allí es otra cosa",
                hint: say(
                    en: "the disk may be failing, or `slm verify` finds that the stored file is damaged",
                    es: "puede que el disco falle, o que `slm verify` encuentre dañado el archivo guardado"))
        case .insideStore(let path):
            return Words(
                en: "`\(path)` belongs to the store", es: "`\(path)` es parte del almacén",
                hint: say(en: "choose a folder elsewhere", es: "elija una carpeta en otro sitio"))
        }
    }
}
