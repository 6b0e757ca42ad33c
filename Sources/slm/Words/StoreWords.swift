import Disk
import Modelteca
import SystemPackage

extension StoreError: Explained {
    var words: Words {
        let doctor = say(en: "`slm doctor` says how to fix it", es: "`slm doctor` dice cómo arreglarlo")
        switch self {
        case .noSpace(let path, let needed, let free):
            return Words(noSpace: path.string, needed: needed, free: free)
        case .readOnly(let path):
            return Words(
                en: "`\(path)` can only be read", es: "`\(path)` es de solo lectura", hint: Labels.anotherFolder)
        case .permission(let path):
            return Words(
                en: "you may not use `\(path)`: its permissions keep you out",
                es: "no tiene permiso para usar `\(path)`",
                hint: say(en: "ask whoever it belongs to, or ", es: "pídaselo a su dueño, o ") + Labels.anotherFolder)
        case .io(let path, let errno):
            return Words(
                en: "the store cannot be used at `\(path)`: \(errno.words)",
                es: "el almacén no se puede usar en `\(path)`: \(errno.words)",
                hint: [.tooManyOpenFiles, .tooManyOpenFilesInSystem].contains(errno) ? Labels.moreFiles : doctor)
        case .occupied(let path):
            return Words(
                en: "`\(path)` exists already, and its content is not ours",
                es: "`\(path)` ya existe, con un contenido que no es nuestro",
                hint: Labels.moveAway)
        case .outsideStore(let path):
            return Words(
                en: "`\(path)` is a link that leads out of the store",
                es: "`\(path)` es un enlace que sale del almacén",
                hint: say(
                    en: "put what it leads to in its place, or remove it, then run the same command again",
                    es: "ponga en su lugar aquello a lo que lleva, o bórrelo, y repita el comando"))
        case .unsafeName(let name):
            return Words(
                en: "`\(name)` cannot be a file's name", es: "`\(name)` no puede ser el nombre de un archivo")
        case .nameRefused(let name, let path):
            return Words(
                en: "the disk of `\(path)` does not take the name `\(name)`",
                es: "el disco de `\(path)` no admite el nombre `\(name)`",
                hint: Labels.nothingDownloaded
                    + say(
                        en: "FAT, exFAT and NTFS refuse : < > ? * | and \", encrypted folders long names: ",
                        es: "FAT, exFAT y NTFS rechazan : < > ? * | y \"; las carpetas cifradas, los nombres largos: ")
                    + Labels.anotherFolder)
        case .notStored(let ref):
            return Words(
                en: "`\(ref)` is not stored here", es: "`\(ref)` no está guardado aquí",
                hint: say(
                    en: "`slm ls` shows what is, `slm get \(ref)` downloads it",
                    es: "`slm ls` muestra lo que hay; `slm get \(ref)` lo descarga"))
        case .changed(let path):
            return Words(
                en: "`\(path)` has changed since it was verified", es: "`\(path)` ha cambiado desde que se comprobó",
                hint: say(
                    en: "`slm verify` says how, `slm verify --repair` repairs it",
                    es: "`slm verify` dice cómo; `slm verify --repair` lo repara"))
        case .indexDamaged(let path, let detail):
            return Words(
                en: "the index `\(path)` cannot be used: \(detail)",
                es: "el índice `\(path)` no se puede usar: \(detail)",
                hint: doctor)
        case .indexNewer(let path):
            return Words(
                en: "a newer `slm` has written `\(path)`", es: "un `slm` más nuevo escribió `\(path)`",
                hint: Labels.updateProgram)
        case .beingFetched(let ref):
            return Words(
                en: "another process is downloading `\(ref)`", es: "otro proceso está descargando `\(ref)`",
                hint: say(
                    en: "stop it there, or try again when it has finished",
                    es: "deténgalo allí, o vuelva a intentarlo cuando termine"))
        case .locked:
            return Words(
                en: "another process is changing the store", es: "otro proceso está cambiando el almacén",
                hint: say(en: "try again when it has finished", es: "vuelva a intentarlo cuando termine"))
        case .moving(let path):
            return Words(
                en: "another process is moving the store to `\(path)`; until it is there nothing in it is changed",
                es: "otro proceso está trasladando el almacén a `\(path)`; hasta que termine no se cambia nada en él",
                hint: say(
                    en: "try again when it has finished; `slm ls` and `slm path` work meanwhile",
                    es: "vuelva a intentarlo cuando termine; mientras tanto, `slm ls` y `slm path` funcionan"))
        case .superseded(let ref):
            return Words(
                en: "`\(ref)` was changed or removed meanwhile, and that holds",
                es: "mientras tanto, `\(ref)` se cambió o se borró, y así queda",
                hint: say(en: "`slm ls` shows what is stored now", es: "`slm ls` muestra lo que hay ahora"))
        case .absent(let path):
            let status = FileStatus(following: path)
            if let status, status.kind != .folder {
                return Words(
                    en: "`\(path)` is not a folder, so it holds no store",
                    es: "`\(path)` no es una carpeta, y no puede contener un almacén", hint: Labels.anotherFolder)
            }
            let isThere = status != nil
            // What is empty stays a place for a disk, until there is something in it.
            let hint = say(
                en: "connect the disk, or begin a new store there: `mkdir -p '\(path)/.slm'`",
                es: "conecte el disco, o empiece ahí un almacén nuevo: `mkdir -p '\(path)/.slm'`")
            return isThere
                ? Words(
                    en: "the folder `\(path)` is empty, and a store was there: its disk may not be connected",
                    es: "la carpeta `\(path)` está vacía, y ahí había un almacén: puede que su disco no esté conectado",
                    hint: hint)
                : Words(
                    en: "there is no folder `\(path)`: the disk of the store may not be connected",
                    es: "no existe la carpeta `\(path)`: puede que el disco del almacén no esté conectado", hint: hint)
        case .noLocks(let path):
            return Words(
                en: "the file system of `\(path)` cannot lock files, so two programs could spoil each other's work",
                es: "el sistema de archivos de `\(path)` no puede bloquear archivos, y dos programas podrían "
                    + "estropearse el trabajo",
                hint: Labels.anotherFolder)
        case .incomplete(let ref, let missing):
            let names = quoted(missing.prefix(3).compactMap(\.lastComponent?.string))
            return Words(
                en: "`\(ref)` is incomplete: \(names) is not there", es: "`\(ref)` está incompleto: falta \(names)",
                hint: say(
                    en: "`slm verify --repair \(ref)` downloads it", es: "`slm verify --repair \(ref)` lo descarga"))
        case .nested(let path):
            return Words(
                en: "`\(path)` and the store are one inside the other",
                es: "`\(path)` y el almacén están uno dentro del otro",
                hint: say(en: "choose a folder elsewhere", es: "elija una carpeta en otro sitio"))
        case .notEmpty(let path):
            return Words(
                en: "`\(path)` is not empty", es: "`\(path)` no está vacía",
                hint: say(
                    en: "name a new folder in it: `slm store move '\(path)/slm'`",
                    es: "indique una carpeta nueva dentro: `slm store move '\(path)/slm'`"))
        case .nothingKept(let ref):
            return Words(
                en: "no older version of `\(ref)` was kept", es: "no se conservó ninguna versión anterior de `\(ref)`",
                hint: say(
                    en: "`slm update --keep \(ref)` keeps it the next time",
                    es: "`slm update --keep \(ref)` la conserva la próxima vez"))
        }
    }
}

/// What a file is that has the name of a model and is none, by its first four bytes.
private enum OtherFormat {
    static func words(_ found: [UInt8]) -> Words {
        let search = say(
            en: "`slm search` finds models in that format", es: "`slm search` encuentra modelos en ese formato")
        let start = String(decoding: found, as: UTF8.self).lowercased()
        switch (start, found.first) {
        case ("vers", _):
            return Words(
                en: "this is not a GGUF file but a pointer of Git LFS to one: the model itself was not downloaded",
                es: "esto no es un archivo GGUF sino un puntero de Git LFS: el modelo no se descargó",
                hint: say(en: "`git lfs pull` there, or `slm get`", es: "`git lfs pull` allí, o `slm get`"))
        case ("<!do", _), ("<htm", _), ("<?xm", _), ("<hea", _), ("<err", _):
            return Words(
                en: "this is not a GGUF file but a web page, or a server's error, saved under its name",
                es: "esto no es un archivo GGUF sino una página web, o un error de un servidor, con su nombre",
                hint: Labels.downloadAgain)
        case (_, 0x1F), ("pk\u{3}\u{4}", _), ("bzh9", _), ("7z\u{BC}\u{AF}", _), (_, 0x28), (_, 0xFD):
            return Words(
                en: "this is not a GGUF file: it is compressed", es: "esto no es un archivo GGUF: está comprimido",
                hint: say(en: "unpack it first", es: "descomprímalo primero"))
        case ("lmgg", _), ("fmgg", _), ("tjgg", _), ("algg", _):
            return Words(
                en: "this is in a format from before GGUF, which llama.cpp no longer loads",
                es: "está en un formato anterior a GGUF, que llama.cpp ya no carga", hint: search)
        case ("\0\0\0\0", _):
            return Words(
                en: "this is not a GGUF file: it begins with zeros, as what was not downloaded or copied whole does",
                es: "esto no es un archivo GGUF: empieza con ceros, como lo que no se descargó o copió entero",
                hint: Labels.downloadAgain)
        default:
            return Words(
                en: "this is not a GGUF file: it does not begin with `GGUF`",
                es: "esto no es un archivo GGUF: no empieza con `GGUF`", hint: search)
        }
    }
}

extension GGUFError: Explained {
    var words: Words {
        switch self {
        case .notGGUF(let found): return OtherFormat.words(found)
        case .unsupportedVersion(let version):
            return Words(
                en: "GGUF version \(version) is unknown; 1 to 3 can be read",
                es: "la versión \(version) de GGUF es desconocida; se leen de la 1 a la 3", hint: Labels.updateProgram)
        case .unknownTensorType(let tensor, let number, _):
            return Words(
                en: "`\(tensor)` is stored as type \(number), which neither llama.cpp nor this program knows",
                es: "`\(tensor)` está guardado con el tipo \(number), que ni llama.cpp ni este programa conocen",
                hint: say(
                    en: "types above 100 are those of a fork, ik_llama.cpp; otherwise update `slm`",
                    es: "los tipos por encima de 100 son de un derivado, ik_llama.cpp; si no, actualice `slm`"))
        case .truncated(let reading, let offset, _, _):
            return Words(
                en: "the file ends inside its header, at byte \(offset) (\(reading))",
                es: "el archivo acaba dentro de su cabecera, en el byte \(offset) (\(reading))",
                hint: Labels.downloadAgain)
        case .unreadable(let path, _):
            return Words(
                en: "`\(path)` cannot be read", es: "`\(path)` no se puede leer",
                hint: say(en: "check the path and its permissions", es: "compruebe la ruta y sus permisos"))
        case .missing(let key):
            return Words(
                en: "the file's header has no `\(key)`", es: "la cabecera del archivo no tiene `\(key)`",
                hint: say(
                    en: "another quantization of the model may have it",
                    es: "puede que otra cuantización del modelo la tenga"))
        case .tooLarge(_, let offset, _, _), .unknownType(_, let offset, _), .notText(_, let offset),
            .badName(_, let offset), .badTensor(_, let offset):
            return damaged(at: say(en: "at byte \(offset)", es: "en el byte \(offset)"))
        case .badValue(let name), .badOffset(let name, _):
            return damaged(at: say(en: "at `\(name)`", es: "en `\(name)`"))
        }
    }

    private func damaged(at place: String) -> Words {
        Words(
            en: "the file's header is damaged \(place): \(code)",
            es: "la cabecera del archivo está dañada \(place): \(code)",
            hint: Labels.downloadAgain + say(en: ", or tell its publisher", es: " o avise a su autor"))
    }
}
