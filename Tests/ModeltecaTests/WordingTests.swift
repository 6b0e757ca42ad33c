import CurlHTTP
import Foundation
import ModelCatalog
import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct WordingTests {
    private static let url = URL(filePath: "/x").absoluteURL
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
            HubError.noModelFiles(id: "a/b"), HubError.noQuantization(id: "a/b", quantization: "Q", available: ["R"]),
            HubError.gated(id: "a/b", hasToken: true), HubError.gated(id: "a/b", hasToken: false),
            HubError.tokenRefused(id: "a/b"), HubError.disabled(id: "a/b"),
            HubError.rateLimited(host: "h", retryAfter: 70), HubError.rateLimited(host: "h", retryAfter: nil),
            HubError.unexpectedAnswer(url: web, status: 500, detail: "d"),
            HubError.unexpectedAnswer(url: web, status: 200, detail: "\u{1B}[2J"),
            HubError.unexpectedAnswer(url: web, status: 301, detail: ""),
            HubError.unsafeName(id: "a/b", name: "..\u{7}"),
            HubError.noQuantizationsOf(upstream: ["a/b"]), HubError.noQuantizationsOf(upstream: []),
            HubError.unsupportedOrigin("oci"), HubError.noLocalFile(path: "/p"),
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
            StoreError.indexNewer(path: "/p"), StoreError.locked(key: "k"),
        ]
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

    @Test func `the libraries' own errors have a plain sentence each, without the address's secrets`() {
        for error in Self.errors {
            guard error is HTTPError || error is HubError || error is DownloadError else { continue }
            let sentence = (error as? any LocalizedError)?.errorDescription ?? ""
            #expect(!sentence.isEmpty && !sentence.hasSuffix(".") && !sentence.contains("secret"), "\(error)")
        }
    }

    @Test(arguments: errors.indices)
    func `every error has a sentence and mostly a hint, in both languages`(index: Int) throws {
        let error = Self.errors[index]
        let en = try #require(ErrorWording(error, in: .en))
        let es = try #require(ErrorWording(error, in: .es))
        #expect(en.code == es.code)
        #expect(en.message != es.message)
        #expect((en.hint == nil) == (es.hint == nil))
        for wording in [en, es] {
            #expect(wording.message.count > 8)
            for text in [wording.message, wording.hint].compactMap(\.self) {
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

    @Test func `codes are names for scripts`() {
        for error in Self.errors {
            let code = ErrorWording(error, in: .en)?.code ?? ""
            #expect(!code.isEmpty && code.allSatisfy { $0.isLowercase || $0 == "-" }, "\(code)")
        }
    }

    @Test func `an error of others has no wording`() {
        struct Other: Error {}
        #expect(ErrorWording(Other(), in: .en) == nil)
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
}
