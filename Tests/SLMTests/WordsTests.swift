import CurlHTTP
import Foundation
import ModelCatalog
import Modelteca
import SystemPackage
import TestSupport
import Testing

@testable import slm

@Suite struct WordsTests {
    private static let url = URL(filePath: "/x")
    private static func digest(_ digit: String) -> Digest? { Digest(hex: String(repeating: digit, count: 64)) }

    /// Every case of every error, some with both forms of what they carry.
    private static let errors: [any Error] = {
        guard let web = URL(string: "https://u.example/a.gguf?token=secret"), let one = digest("1"),
            let two = digest("2")
        else { return [] }
        let found = FoundRepository(id: "a/b", downloads: 1, basis: .hasItsName("b"))
        var all: [any Error] = [CancellationError()]
        all += [
            DownloadError.digestMismatch(file: "f", expected: one, actual: two),
            DownloadError.sizeMismatch(file: "f", expected: 1, actual: 2),
            DownloadError.notAModel(file: "f", url: web, html: true),
            DownloadError.notAModel(file: "f", url: web, html: false),
            DownloadError.knownBadDigest(file: "f", digest: one),
            DownloadError.missing(file: "f", url: web, status: 404),
            DownloadError.refused(file: "f\r\u{202E}", url: web, status: 403, reason: "Gated\u{1B}[2JRepo"),
            DownloadError.refused(file: "f", url: web, status: 401, reason: nil),
            DownloadError.changing(file: "f", url: web),
            DownloadError.insecureRedirect(file: "f", from: web, to: web),
            DownloadError.redirectLoop(file: "f", url: web),
            DownloadError.unsupportedAddress(file: "f", url: web),
            DownloadError.noSpace(path: "/p", needed: 10, free: 1),
            DownloadError.cannotWrite(path: "/p", errno: 13), DownloadError.disk(path: "/p", errno: 5),
            DownloadError.interrupted(file: "f", kept: 0), DownloadError.interrupted(file: "f", kept: 9),
            DownloadError.timeIsUp(file: "f", seconds: 3, kept: 1),
        ]
        let troubles: [DownloadError.Trouble] = [
            .unreachable, .tls, .silent, .cutOff, .throttled, .server, .badAnswer,
        ]
        for trouble in troubles {
            all.append(
                DownloadError.givenUp(file: "f", host: "h", tries: 3, kept: 0, trouble: trouble, cause: "HTTP 500"))
        }
        all += [
            HTTPError.unreachable(host: "h", detail: "d"), HTTPError.interrupted(url: web, detail: "d"),
            HTTPError.stalled(url: web, seconds: 3), HTTPError.timedOut(url: web), HTTPError.offline(url: web),
            HTTPError.tls(host: "h", detail: "d"), HTTPError.tooManyRedirects(url: web),
            HTTPError.insecureRedirect(from: web, to: web), HTTPError.tooLarge(url: web, limit: 10),
            HTTPError.unsupported(url: web, detail: "d"), HTTPError.stoppedByReceiver,
            HTTPError.protocolError(url: web, detail: "d"), HTTPError.tooSlow(url: web, seconds: 3),
            HTTPError.offline(url: web),
        ]
        all += [
            HubError.noRepository(id: "a/b", hasToken: true), HubError.noRepository(id: "a/b", hasToken: false),
            HubError.noRevision(id: "a/b", revision: "v"), HubError.noFile(id: "a/b", path: "p"),
            HubError.noModelFiles(id: "a/b"), HubError.missingParts(id: "a/b", files: ["c"]),
            HubError.noQuantization(id: "a/b", quantization: "Q", available: ["R"]),
            HubError.gated(id: "a/b", hasToken: true), HubError.gated(id: "a/b", hasToken: false),
            HubError.tokenRefused(id: "a/b", source: "HF_TOKEN"),
            HubError.webPage(url: URL(filePath: "/"), status: 511), HubError.disabled(id: "a/b"),
            HubError.rateLimited(host: "h", retryAfter: 70), HubError.rateLimited(host: "h", retryAfter: nil),
            HubError.unexpectedAnswer(url: web, status: 500, detail: "d"),
            HubError.unexpectedAnswer(url: web, status: 200, detail: "\u{1B}[2J"),
            HubError.unexpectedAnswer(url: web, status: 301, detail: ""),
            HubError.unsafeName(id: "a/b", name: "..\u{7}"),
            HubError.noQuantizationsOf(upstream: ["a/b"]), HubError.noQuantizationsOf(upstream: []),
            HubError.unsupportedOrigin("oci"), HubError.noLocalFile(path: "/p"),
        ]
        all += [
            RegistryError.noRepository(ref: "ollama:a:b", host: "h"), RegistryError.noRepository(ref: "r", host: "h"),
            RegistryError.noTag(ref: "ollama:a:b"), RegistryError.noTag(ref: "oci://h/a:b"),
            RegistryError.needsNewerOllama(ref: "ollama:u/a:b"), RegistryError.onlyInCloud(ref: "r", host: "h"),
            RegistryError.noModelFile(ref: "r", mediaTypes: []),
            RegistryError.noModelFile(ref: "r", mediaTypes: ["a/b"]),
            RegistryError.notAuthorized(ref: "r", host: "h", hasCredentials: true),
            RegistryError.notAuthorized(ref: "r", host: "h", hasCredentials: false),
            RegistryError.denied(ref: "r", host: "h"), RegistryError.rateLimited(host: "h", retryAfter: 3),
            RegistryError.unexpectedAnswer(url: web, status: 500, detail: "d"),
            RegistryError.unexpectedAnswer(url: web, status: 200, detail: ""),
            RegistryError.digestMismatch(ref: "r", expected: one, actual: two),
            RegistryError.digestUnsupported(ref: "r", digest: "sha512:0"),
            RegistryError.unsafeName(ref: "r", name: "..\u{7}"),
        ]
        all += [
            LinkError.noProgram(name: "n", folder: "/f"), LinkError.occupied(path: "/p"), LinkError.notOfHub(ref: "r"),
            LinkError.otherDisk(path: "/p"), LinkError.notReady(ref: "r"), LinkError.io(path: "/p", errno: .ioError),
        ]
        let slip = NameHint.GuideSlip(printed: "1B", actual: "1.5B", ref: "a:1.5b")
        all += [
            CatalogError.malformed(path: "p", reason: .missing), CatalogError.unsupportedSchema(version: 9),
            CatalogError.tooLarge(size: 9, limit: 1), CatalogError.unknownModel(name: "n", hint: NameHint()),
            CatalogError.unknownModel(name: "n", hint: NameHint(nearest: ["m"])),
            CatalogError.unknownModel(name: "n", hint: NameHint(guideSlip: slip, nearest: ["m"])),
            CatalogError.unknownModel(name: "n", hint: NameHint(guideSlip: slip)),
            CatalogError.ambiguous(name: "n", candidates: ["a", "b"]),
            CatalogError.unknownQuantization(model: "m", quantization: "q", available: ["r"]),
        ]
        all += [
            ReferenceError.empty, ReferenceError.tooLong(size: 9, limit: 1), ReferenceError.hiddenCharacter("t"),
            ReferenceError.missingPart("t"), ReferenceError.notACatalogName("t"), ReferenceError.notAHubRepository("t"),
            ReferenceError.notAModelPage("t"), ReferenceError.unsafePath("t", .empty),
            ReferenceError.notARegistryName("t"), ReferenceError.notAnAddress("t"), ReferenceError.credentialsInAddress,
            ReferenceError.unknownScheme("t"),
            FileNameFault.empty, FileNameFault.tooLong(bytes: 300), FileNameFault.separator("a/b"),
            FileNameFault.hiddenCharacter("t"), FileNameFault.leadingDot(".t"), FileNameFault.trailingDotOrSpace("t."),
        ]
        all += [
            StoreError.noSpace(path: "/p", needed: 9, free: 1), StoreError.noSpace(path: "/p", needed: nil, free: nil),
            StoreError.readOnly(path: "/p"), StoreError.permission(path: "/p"),
            StoreError.io(path: "/p", errno: .ioError), StoreError.occupied(path: "/p"),
            StoreError.outsideStore(path: "/p"), StoreError.unsafeName("n"), StoreError.notStored(ref: "r"),
            StoreError.changed(path: "/p"), StoreError.indexDamaged(path: "/p", detail: "d"),
            StoreError.indexNewer(path: "/p"), StoreError.locked(key: "k"), StoreError.beingFetched(ref: "r"),
            ImportError.damaged(path: "/p", .size(expected: 2, actual: 1), ref: "a:1b", host: "h"),
            ImportError.damaged(path: "/p", .digest(expected: one, actual: two), ref: nil, host: nil),
            ImportError.emptyManifest(path: "/p"),
            StoreError.nameRefused("a:b", path: "/p"), HubError.unexpectedAnswer(url: web, status: 403, detail: ""),
            HTTPError.tls(host: "h", detail: "certificate is not yet valid"),
        ]
        all += ["vers", "<!DO", "PK\u{3}\u{4}", "tjgg", "\0\0\0\0"].map { GGUFError.notGGUF(found: Array($0.utf8)) }
        all += [
            GGUFError.notGGUF(found: [1]), GGUFError.unsupportedVersion(9),
            GGUFError.truncated(reading: "r", at: 1, needed: 2, estimate: 3),
            GGUFError.tooLarge(reading: "r", at: 1, value: 2, limit: 1),
            GGUFError.unknownType(reading: "r", at: 1, value: 2), GGUFError.notText(reading: "r", at: 1),
            GGUFError.badName("n", at: 1), GGUFError.badValue(key: "k"), GGUFError.badTensor(name: "n", at: 1),
            GGUFError.badOffset(tensor: "t", offset: 1), GGUFError.unreadable(path: "/p", errno: 2),
            GGUFError.missing(key: "k"),
            MemoryEstimateError.cacheTypeNeedsHeadSize(type: .q80, headSize: 80),
            MemoryEstimateError.quantizedValuesNeedFlashAttention(type: .q80),
            MemoryEstimateError.unsupportedCacheType(.q2K), MemoryEstimateError.contextTooLong(asked: 9, most: 1),
            MemoryEstimateError.needsExperts(architecture: "qwen3moe"), MemoryEstimateError.badShape,
        ]
        all += [
            ModeltecaError.needsConfirmation(model: "m", found: [found]), ModeltecaError.declined(model: "m"),
            ModeltecaError.changedUpstream(ref: "r", repository: "a/b", expected: one, now: two),
            ModeltecaError.digestNotPossible(ref: "r", files: 2), ModeltecaError.noOrigin(ref: "r"),
        ]
        return all
    }()

    @Test(arguments: [
        "SSL certificate problem: certificate has expired", "SSL certificate problem: certificate is not yet valid",
        "server certificate verification failed: The certificate chain uses not yet valid certificate.",
    ])
    func `a certificate of another time may be the fault of the clock here`(detail: String) {
        let error = HTTPError.tls(host: "hub.example", detail: detail)
        #expect(message(error, in: .en).hint?.contains("this computer's clock says 2") == true)
        #expect(message(error, in: .es).hint?.contains("el reloj de este equipo dice 2") == true)
        let other = HTTPError.tls(host: "hub.example", detail: "self-signed certificate")
        #expect(message(other, in: .en).hint?.contains("clock") == false)
    }

    private func message(_ error: any Error, in language: Language) -> Failure.Message {
        Language.$current.withValue(language) { Failure(error).message }
    }

    @Test(arguments: errors.indices)
    func `every error has a sentence and mostly a hint, in both languages`(index: Int) {
        let error = Self.errors[index]
        let (en, es) = (message(error, in: .en), message(error, in: .es))
        #expect(en.code == es.code)
        #expect(en.message != es.message)
        #expect((en.hint == nil) == (es.hint == nil))
        for words in [en, es] {
            #expect(words.message.count > 8)
            for text in [words.message, words.hint].compactMap(\.self).map({ Text($0).plain }) {
                #expect(!text.isEmpty)
                #expect(!text.hasSuffix("."), "\(text)")
                #expect(!text.contains("  ") && text == text.trimmingCharacters(in: .whitespaces))
                #expect(!text.contains("Optional("), "\(text)")
                #expect(!text.contains("secret"), "an address is shown without its query: \(text)")
                #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E }, "\(text)")
                #expect(text.count { $0 == "`" }.isMultiple(of: 2), "\(text)")
            }
        }
    }

    @Test(arguments: errors.indices)
    func `every error has a status of its own and a name for scripts`(index: Int) {
        let error = Self.errors[index]
        #expect(slm.ExitStatus(error) != .bug)
        let code = message(error, in: .en).code
        #expect(code != "bug" && !code.isEmpty && code.allSatisfy { $0.isLowercase || $0 == "-" }, "\(code)")
        #expect(error is CancellationError || (error as? any CodedError)?.code == code)
    }

    @Test(arguments: errors.indices)
    func `every error says in plain English what happened, for programs without these words`(index: Int) {
        let error = Self.errors[index]
        guard !(error is CancellationError) else { return }
        let sentence = (error as? any LocalizedError)?.errorDescription ?? ""
        #expect(sentence.hasSuffix(".") && !sentence.contains("`") && !sentence.contains("slm"), "\(sentence)")
        #expect(!sentence.contains("--") && !sentence.contains("secret"), "\(sentence)")
    }

    @Test func `an error of others is a bug`() {
        struct Other: Error {}
        #expect(message(Other(), in: .en).code == "bug")
        #expect(slm.ExitStatus(Other()) == .bug)
    }

    @Test(arguments: [
        (GGUFError.unreadable(path: "/p", errno: 2) as any Error, slm.ExitStatus.missing),
        (GGUFError.unreadable(path: "/p", errno: 5), .inputOutput), (GGUFError.badValue(key: "k"), .data),
        (ReferenceError.notACatalogName("x"), .missing), (ReferenceError.empty, .usage),
        (CatalogError.ambiguous(name: "n", candidates: []), .usage),
        (CatalogError.unsupportedSchema(version: 9), .data),
        (HubError.gated(id: "a/b", hasToken: true), .notAllowed),
        (HubError.rateLimited(host: "h", retryAfter: nil), .unavailable), (HTTPError.stoppedByReceiver, .tryAgain),
        (HTTPError.tls(host: "h", detail: "d"), .unavailable), (HTTPError.tooLarge(url: url, limit: 1), .data),
        (DownloadError.noSpace(path: "/p", needed: 1, free: 0), .cannotCreate),
        (DownloadError.disk(path: "/p", errno: 5), .inputOutput),
        (DownloadError.interrupted(file: "f", kept: 1), .tryAgain), (StoreError.locked(key: "k"), .tryAgain),
        (StoreError.readOnly(path: "/p"), .cannotCreate), (StoreError.changed(path: "/p"), .data),
        (MemoryEstimateError.badShape, .usage), (FileNameFault.empty, .data), (CancellationError(), .tryAgain),
        (ModeltecaError.declined(model: "m"), .tryAgain), (HTTPError.offline(url: url), .unavailable),
    ])
    func `the exit status follows sysexits`(error: any Error, status: slm.ExitStatus) {
        #expect(slm.ExitStatus(error) == status)
    }

    @Test(arguments: [
        ("Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server", "nadie responde allí"),
        ("Could not resolve host: nowhere.invalid", "no se conoce ese nombre"),
        ("Empty reply from server", "cortó sin responder"), ("HTTP 429", "el servidor pide esperar"),
        ("something that nobody has met yet", "la transferencia falló"),
    ])
    func `what libcurl says in English is said in Spanish`(detail: String, spanish: String) {
        Language.$current.withValue(.es) {
            let error = HTTPError.unreachable(host: "example.org", detail: detail)
            #expect(error.words.message == "no se puede llegar a example.org: \(spanish)")
        }
    }

    @Test func `a type is named as llama.cpp's options name it`() {
        let error = MemoryEstimateError.quantizedValuesNeedFlashAttention(type: .q80)
        #expect(message(error, in: .en).message.contains("`q8_0`"))
    }

    /// What readers of Spanish, and of English, found odd.
    private static let banned = [
        "orden", "órdenes", "traer", "trae", "traerá", "traería", "traído", "traídos", "trayendo", "gráfica", "tarjeta",
        "portátil", "sobremesa", "omisión", "imprime", "restos", "suposición", "tomar", "toma", "tomó", "suma", "sumas",
        "cuidado", "enumera", "no se sabe", "no nos da", "de una vez anterior", "nombre uno", "REF", "prove", "proven",
        "proving", "and have them", "a guess", "so many times", "from memory", "se tomó", "microbloque",
        "dato sin documento", "de una vez", "por omisión", "built in catalog", "no hay tal",
    ]

    @Test func `no sentence has words that read translated`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/slm")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        let words = try Regex("\\b(?:" + Self.banned.joined(separator: "|") + ")\\b")
        var count = 0
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            count += 1
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard !line.trimmingPrefix(while: { $0 == " " }).hasPrefix("//"),
                    !line.hasSuffix("// typed, never said")
                else { continue }
                #expect(line.firstMatch(of: words) == nil, "\(file.lastPathComponent): \(line)")
            }
        }
        #expect(count > 20)
        let top = sources.deletingLastPathComponent().deletingLastPathComponent()
        for page in ["README.md", "README.es.md", "docs/commands.md", "docs/comandos.md", "docs/mediciones.md"] {
            for line in try String(contentsOf: top.appending(path: page), encoding: .utf8).split(separator: "\n") {
                #expect(line.firstMatch(of: words) == nil, "\(page): \(line)")
            }
        }
    }

    @Test func `what the system says is said in words of both languages`() {
        let codes: [Errno] = [
            .permissionDenied, .notPermitted, .noSuchFileOrDirectory, .fileExists, .notDirectory, .isDirectory,
            .directoryNotEmpty, .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .ioError, .tooManyOpenFiles,
            .fileNameTooLong, .tooManySymbolicLinkLevels, .improperLink, .fileTooLarge, .resourceBusy, .noMemory,
            .noSuchAddressOrDevice, .staleNFSFileHandle, .notSupported, .invalidArgument,
        ]
        for code in codes {
            let words = Language.allCases.map { language in Language.$current.withValue(language) { code.words } }
            #expect(words[0] != words[1] && !words.contains(code.description), "\(code)")
        }
        Language.$current.withValue(.es) {
            let error = StoreError.io(path: "/p", errno: .noSuchFileOrDirectory)
            #expect(error.words.message == "el almacén no se puede usar en `/p`: no existe ese archivo o carpeta")
        }
    }

    @Test(arguments: [
        ("SSL certificate problem: certificate has expired", "está vencido", "reloj"),
        ("SSL certificate problem: certificate is not yet valid", "todavía no es válido", "reloj"),
        ("SSL: no alternative certificate subject name matches target host name", "es de otro servidor", "hotel"),
        ("SSL certificate problem: self-signed certificate", "es autofirmado", "SSL_CERT_FILE"),
        ("SSL certificate problem: unable to get local issuer certificate", "a su emisor", "SSL_CERT_FILE"),
    ])
    func `a certificate that is refused says why, and what helps`(detail: String, why: String, help: String) {
        Language.$current.withValue(.es) {
            let words = HTTPError.tls(host: "h", detail: detail).words
            #expect(words.message.hasSuffix(why) && words.hint?.contains(help) == true, "\(words)")
        }
    }

    @Test(arguments: [
        (Int64(0), "0 B", "0 B"), (999, "999 B", "999 B"), (1000, "1 kB", "1 kB"), (669_000_000, "669 MB", "669 MB"),
        (999_600_000, "1.0 GB", "1,0 GB"), (4_680_000_000, "4.7 GB", "4,7 GB"), (1_200_000_000_000, "1.2 TB", "1,2 TB"),
        (.max, "9,223,372.0 TB", "9.223.372,0 TB"),
    ])
    func `sizes are in decimal units`(bytes: Int64, en: String, es: String) {
        #expect(Language.en.bytes(bytes) == en)
        #expect(Language.es.bytes(bytes) == es)
    }

    @Test(arguments: [
        (0.0, "0:00"), (0.2, "0:01"), (17, "0:17"), (725, "12:05"), (3723, "1:02:03"), (-5, "0:00"), (.nan, "0:00"),
        (.infinity, "0:00"),
    ])
    func `times are as on a clock`(seconds: Double, text: String) {
        #expect(Language.en.clock(seconds) == text)
    }

    @Test(
        arguments: [
            (nil, [:], Language.en), ("es", [:], .es), ("en", ["LANG": "es_ES.UTF-8"], .en),
            (nil, ["LANG": "es_MX"], .es),
            (nil, ["LC_ALL": "C", "LANG": "es_ES"], .en),
            (nil, ["LC_ALL": "", "LC_MESSAGES": "es", "LANG": "en"], .es),
            (nil, ["LANG": "eo"], .en), ("ES", [:], .es), (nil, ["LANG": "est_EE"], .en),
        ] as [(String?, [String: String], Language)])
    func `the language is the first that is set`(asked: String?, environment: [String: String], language: Language) {
        #expect(Language(asked: asked, environment: environment) == language)
    }
}
