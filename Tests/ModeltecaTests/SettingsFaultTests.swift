import Modelteca
import Testing

@Suite struct SettingsFaultTests {
    @Test(arguments: [
        ("HF_ENDPOINT", "nonsense", SettingsFault.Reason.noAddress), ("HF_ENDPOINT", "huggingface.co", .noAddress),
        ("MODELSCOPE_ENDPOINT", "ftp://m.example", .noAddress), ("HTTPS_PROXY", "http://p:99999", .noProxy),
        ("all_proxy", "gopher://p:1", .noProxy), ("SSL_CERT_FILE", "/no/such/file.pem", .noFile),
        ("SSL_CERT_FILE", "/", .noFile), ("SLM_STORE", "/disk/se\u{FFFD}al", .notText),
        ("HF_TOKEN", "hf_a\u{1B}b", .noToken), ("HF_ENDPOINT", "http://a b", .noAddress),
        ("HF_HUB_OFFLINE", "maybe", .noSwitch), ("TRANSFORMERS_OFFLINE", "2", .noSwitch),
    ])
    func `a value that cannot be used is told, not ignored`(name: String, value: String, reason: SettingsFault.Reason) {
        let faults = Shelf.Settings(environment: ["HOME": "/h", name: value]).faults
        #expect(faults.map(\.variable) == [name])
        #expect(faults.map(\.reason) == [reason])
    }

    @Test(arguments: [
        ("HF_ENDPOINT", ""), ("HF_ENDPOINT", "http://u:p@mirror.example/hub/"), ("HTTPS_PROXY", "proxy:3128"),
        ("NO_PROXY", "*.example, 10.0.0.0/8"), ("HF_TOKEN", "hf_a\n"), ("SSL_CERT_FILE", ""),
        ("HF_HUB_OFFLINE", "False"), ("HF_HUB_OFFLINE", " ON "),
    ])
    func `what can be used is no fault`(name: String, value: String) {
        #expect(Shelf.Settings(environment: ["HOME": "/h", name: value]).faults.isEmpty)
    }

    @Test func `no password is told, and none is kept in the endpoint`() {
        let settings = Shelf.Settings(environment: [
            "HOME": "/h", "HTTPS_PROXY": "http://u:secret@p:99999", "HF_ENDPOINT": "https://u:secret@hub.example",
        ])
        #expect(settings.faults.map(\.value) == ["http://p:99999"])
        #expect(settings.credentials.endpoint.absoluteString == "https://hub.example")
    }
}
