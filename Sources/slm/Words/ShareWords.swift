import ModelShare
import Modelteca

extension ShareError: Explained {
    var words: Words {
        switch self {
        case .portTaken(let port):
            Words(
                en: "another program listens on port \(port)", es: "otro programa escucha en el puerto \(port)",
                hint: say(en: "`--port 0` picks a free one", es: "`--port 0` elige uno libre"))
        case .portNotAllowed(let port):
            Words(
                en: "port \(port) is the system's", es: "el puerto \(port) es del sistema",
                hint: say(en: "choose one above 1023", es: "elija uno mayor que 1023"))
        case .noSuchAddress(let address):
            Words(
                en: "this machine does not have the address `\(address)`",
                es: "este equipo no tiene la dirección `\(address)`", hint: Self.addresses)
        case .publicAddress(let address):
            Words(
                en: "`\(address)` is no address of a private network: the whole Internet could fetch from it",
                es: "`\(address)` no es una dirección de una red privada: todo Internet podría descargar de ella",
                hint: Self.addresses)
        case .noNetwork:
            Words(
                en: "this machine is in no local network", es: "este equipo no está en ninguna red local",
                hint: say(
                    en: "connect it to the phone's Wi-Fi, or to the phone's own hotspot",
                    es: "conéctelo a la red Wi-Fi del teléfono, o a la zona Wi-Fi del propio teléfono"))
        case .nobodyCame:
            Words(
                en: "10 minutes have passed without a download", es: "pasaron 10 minutos sin ninguna descarga",
                hint: say(en: "`--keep` waits longer", es: "`--keep` espera más"))
        }
    }

    private static var addresses: String? {
        let all = LocalAddress.all().map(\.text)
        return all.isEmpty ? nil : say(en: "it has \(quoted(all))", es: "tiene \(quoted(all))")
    }
}

extension Language {
    /// What a browser asks for: the first of its languages, by weight, that is one of ours; else English.
    init(accepted header: String) {
        let wishes = header.split(separator: ",").prefix(20).compactMap { wish -> (name: String, weight: Double)? in
            let parts = wish.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let name = parts.first?.lowercased() else { return nil }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return (name, weight)
        }
        // The sort has to keep the order of equals.
        let sorted = wishes.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
        let first = sorted.lazy.filter { $0.element.weight > 0 }
            .compactMap { Language(rawValue: String($0.element.name.prefix { $0.isLetter })) }.first
        self = first ?? .en
    }
}

/// What is said about a model for a phone, on the screen and on the page.
enum PhoneWords {
    /// ` · for phones with 4 GB or more`.
    static func fit(_ fit: PhoneFit?) -> String {
        guard let size = fit?.phoneBytes else { return "" }
        let memory = Language.current.sold(size)
        return say(en: " · for phones with \(memory) or more", es: " · para teléfonos de \(memory) o más")
    }

    /// What would not work, or would break it.
    static func warnings(_ model: SharedModel) -> [Text] {
        let language = Language.current
        var lines: [Text] = []
        func warn(_ en: String, _ es: String) {
            lines.append(Text(say(en: "careful: ", es: "atención: "), .careful) + Text(say(en: en, es: es)))
        }
        if model.parts > 1 {
            warn(
                "\(model.ref) has \(model.parts) files, and SmolChat imports one",
                "\(model.ref) tiene \(model.parts) archivos, y SmolChat importa uno solo")
        }
        guard let fit = model.phone, let needed = fit.requiredBytes else { return lines }
        if fit.phoneBytes == nil {
            warn(
                "it needs \(language.memory(needed)) of memory, more than an app gets on a phone",
                "necesita \(language.memory(needed)) de memoria, más de lo que un teléfono da a una aplicación")
        } else if let own = fit.ownContext, own > 2048, let more = fit.ownContextBytes, more > needed {
            warn(
                "with “Take from GGUF” (\(language.grouped(Int64(own))) tokens) it needs \(language.memory(more)), not "
                    + "\(language.memory(needed))",
                "con «Take from GGUF» (\(language.grouped(Int64(own))) tokens) necesita \(language.memory(more)), no "
                    + "\(language.memory(needed))")
        }
        return lines
    }
}
