import Modelteca
import SystemPackage
import TestSupport
import Testing

@Suite struct SettingsTests {
    @Test func `the environment decides where things are`() throws {
        try withTemporaryFolder { home in
            let settings = Shelf.Settings(environment: [
                "HOME": home.string, "SLM_STORE": "/some/where", "HF_ENDPOINT": "http://mirror.example/",
                "HF_TOKEN": "hf_a", "SSL_CERT_FILE": "/etc/mine.pem",
            ])
            #expect(settings.store == "/some/where")
            #expect(settings.home == home)
            #expect(settings.credentials.endpoint.absoluteString == "http://mirror.example")
            #expect(settings.credentials.token == "hf_a")
            #expect(settings.caFile == "/etc/mine.pem")
            #expect(!settings.isOffline)
            #expect(settings.userAgent == "modelteca/\(Version.current)")
        }
    }

    @Test func `without a word the store is among the user's downloads`() throws {
        try withTemporaryFolder { home in
            let settings = Shelf.Settings(environment: ["HOME": home.string, "SSL_CERT_FILE": ""])
            #expect(settings.store == home.appending("Downloads/slm"))
            #expect(settings.caFile == nil)
            #expect(settings.credentials.token == nil)
            #expect(settings.credentials.endpoint.absoluteString == "https://huggingface.co")
        }
    }

    @Test(arguments: [
        ("HF_HUB_OFFLINE", "1", true), ("HF_HUB_OFFLINE", "TRUE", true), ("TRANSFORMERS_OFFLINE", "yes", true),
        ("HF_HUB_OFFLINE", "0", false), ("HF_HUB_OFFLINE", "", false),
    ])
    func `the hub's own words for offline are heard`(name: String, value: String, isOffline: Bool) {
        #expect(Shelf.Settings(environment: ["HOME": "/h", name: value]).isOffline == isOffline)
    }

    @Test func `opening a shelf creates nothing`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf()
            let models = try await shelf.store.models()
            #expect(models.isEmpty)
            #expect(place.stored.isEmpty)
            #expect(throws: (any Error).self) { try place.store.readBytes() }
            #expect(place.hub.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("0.2.0", true), ("0.1.1", true), ("1.0.0", true), ("0.10.0", true), ("0.1.0", false), ("0.0.9", false),
        ("1.0", false), ("1.0.0-beta", false), ("", false), ("..", false), ("1.0.99999999", false), ("-1.0.0", false),
    ])
    func `a newer version is one of three numbers that are larger`(version: String, isNewer: Bool) {
        #expect(Version.isNewer(version, than: "0.1.0") == isNewer)
    }
}
