import Foundation
import Modelteca

extension CatalogUpdateError: Explained {
    var words: Words {
        let stays = say(en: "the catalog in use stays. ", es: "se conserva el catálogo en uso. ")
        let askPublisher = stays + say(en: "tell whoever publishes it", es: "avise a quien lo publica")
        let again = stays + say(en: "try again", es: "inténtelo de nuevo")
        switch self {
        case .notSigned:
            return Words(
                en: "this is not a signed catalog", es: "esto no es un catálogo firmado",
                hint: stays
                    + say(
                        en: "one without a signature can be used with SLM_CATALOG",
                        es: "uno sin firma se puede usar con SLM_CATALOG"))
        case .notTrusted:
            return Words(
                en: "no key that is trusted here has signed the catalog",
                es: "ninguna clave de confianza ha firmado el catálogo",
                hint: stays
                    + say(
                        en: "if it is of somebody you trust, give their key: `--key FILE`",
                        es: "si es de alguien de confianza, indique su clave: `--key ARCHIVO`"))
        case .expired(let version, let date):
            let day = Timestamp(date).day
            return Words(
                en: "version \(version) of the catalog expired on \(day)",
                es: "la versión \(version) del catálogo caducó el \(day)",
                hint: stays
                    + say(
                        en: "check this machine's clock, or ask for a newer one",
                        es: "compruebe el reloj de este equipo o pida una más nueva"))
        case .truncated(let expected, let actual):
            let language = Language.current
            let (have, all) = (language.grouped(Int64(actual)), language.grouped(Int64(clamping: expected)))
            return Words(
                en: "the catalog arrived incomplete: \(have) of \(all) bytes",
                es: "el catálogo llegó incompleto: \(have) de \(all) bytes", hint: again)
        case .damaged(let expected, let actual):
            return Words(
                en: "the catalog is not the one that was signed: its SHA-256 is `\(actual.short)`, signed was "
                    + "`\(expected.short)`",
                es: "el catálogo no es el que se firmó: su SHA-256 es `\(actual.short)`; se firmó "
                    + "`\(expected.short)`", hint: again)
        case .older(let version, let have):
            return Words(
                en: "the catalog has version \(version), older than the one here: \(have)",
                es: "el catálogo es de la versión \(version), anterior a la que hay aquí: \(have)",
                hint: stays + say(en: "there is nothing to do", es: "no hay nada que hacer"))
        case .sameVersion(let version):
            return Words(
                en: "this is another catalog of version \(version), which is here already",
                es: "es otro catálogo de la versión \(version), que ya está aquí", hint: askPublisher)
        case .versionDisagrees(let signed, let document):
            return Words(
                en: "the catalog was signed as version \(signed), and says that it is \(document)",
                es: "el catálogo se firmó como versión \(signed) y dice que es la \(document)", hint: askPublisher)
        case .noKey:
            return Words(
                en: "this version of slm has no key to check published catalogs with",
                es: "esta versión de slm no tiene ninguna clave para comprobar catálogos publicados",
                hint: say(
                    en: "the built-in catalog is renewed with each release; for one of your own: "
                        + "`slm catalog update ADDRESS --key FILE`",
                    es: "el catálogo incluido se renueva con cada versión; para uno propio: "
                        + "`slm catalog update DIRECCIÓN --key ARCHIVO`"))
        case .noAddress:
            return Words(
                en: "it is not known where the catalog is", es: "no hay dirección del catálogo",
                hint: say(
                    en: "name an address or a file: `slm catalog update ADDRESS`",
                    es: "indique una dirección o un archivo: `slm catalog update DIRECCIÓN`"))
        case .insecureAddress(let address):
            return Words(
                en: "`\(address)` is not https: anybody on the way could hold back newer catalogs",
                es: "`\(address)` no es https: cualquiera en el camino podría retener catálogos más nuevos",
                hint: say(
                    en: "use https, or say `--plain-http` in a network that you trust",
                    es: "use https, o añada `--plain-http` en una red de confianza"))
        case .badKey(let path):
            return Words(
                en: "`\(path)` holds no public key of Ed25519",
                es: "`\(path)` no contiene una clave pública de Ed25519",
                hint: say(
                    en: "`openssl pkey -in PRIVATE.pem -pubout` writes one",
                    es: "`openssl pkey -in PRIVADA.pem -pubout` la escribe"))
        case .busy:
            return Words(
                en: "another `slm` is storing a catalog", es: "otro `slm` está guardando un catálogo", hint: again)
        case .cannotWrite(let path, let errno):
            return Words(
                en: "the catalog cannot be stored in `\(path)`: \(errno.words)",
                es: "no se puede guardar el catálogo en `\(path)`: \(errno.words)",
                hint: stays
                    + say(
                        en: "make room or give yourself permission; XDG_DATA_HOME chooses another folder",
                        es: "haga sitio o dese permiso; XDG_DATA_HOME elige otra carpeta"))
        }
    }
}
