import Foundation
import Modelteca
import SystemPackage
import TestSupport
import Testing

/// ModelScope as a source of its own.
@Suite struct ModelScopeTests {
    private static let token = "ms-0123456789"

    /// A repository of ModelScope's on the loopback hub; its large files come from the other host.
    private func serve(_ bytes: [UInt8], on hub: LoopbackHub) {
        let stored = hub.addFile("stored.gguf", bytes)
        hub.handle("/api/v1/models/o/m-GGUF/repo/files") { _ in
            .json(
                """
                {"Code": 200, "Success": true, "Data": {"Files": [
                  {"Type": "tree", "Path": "sub", "Size": 0, "Sha256": ""},
                  {"Type": "blob", "Path": "README.md", "Size": 3, "Sha256": "\(sha256(of: [1]))"},
                  {"Type": "blob", "Path": "m-Q8_0.gguf", "Size": \(bytes.count), "Sha256": "\(sha256(of: bytes))"}]}}
                """)
        }
        let away = stored.absoluteString.replacing("127.0.0.1", with: "localhost")
        hub.handle("/models/o/m-GGUF/resolve/master/m-Q8_0.gguf") { _ in .redirect(to: away, status: 302) }
    }

    private func settings(_ place: Place, _ settings: inout Shelf.Settings) {
        settings.modelScope = ModelScope(environment: [
            "MODELSCOPE_ENDPOINT": place.hub.address, "MODELSCOPE_API_TOKEN": Self.token,
        ])
    }

    @Test func `a model is resolved, fitted, fetched, proven and updated`() async throws {
        try await withPlace { place in
            serve(model(1), on: place.hub)
            let shelf = try place.shelf { settings(place, &$0) }
            let fit = try await shelf.fit(
                shelf.reference("modelscope:o/m-GGUF"), device: shelf.device, workload: Workload())
            #expect(fit.ref == "modelscope:o/m-GGUF:Q8_0")
            let got = try await shelf.get("modelscope:o/m-GGUF")
            #expect(got.proof == .sha256 && got.model.ref == "modelscope:o/m-GGUF:Q8_0")
            // The token stays with ModelScope.
            #expect(place.hub.requests.contains { $0.cookie == "m_session_id=\(Self.token)" })
            for request in place.hub.requests where request.host?.hasPrefix("localhost") == true {
                #expect(request.cookie == nil)
            }
            #expect(try await shelf.outdated().map(\.outcome) == [.current])
            serve(model(2), on: place.hub)
            #expect(try await shelf.outdated().map(\.outcome) == [.changed])
            #expect(try await shelf.requireStored("modelscope:o/m-GGUF").ref == "modelscope:o/m-GGUF:Q8_0")
        }
    }

    @Test func `what is too long for one list is read folder by folder`() async throws {
        try await withPlace { place in
            let noise = (0..<2999).map { #"{"Type": "blob", "Path": "a\#($0).txt", "Size": 1, "Sha256": ""}"# }
            let wanted: @Sendable (String) -> String = { path in
                #"{"Type": "blob", "Path": "\#(path)", "Size": 9, "Sha256": "\#(String(repeating: "a", count: 64))"}"#
            }
            place.hub.handle("/api/v1/models/o/m-GGUF/repo/files") { request in
                let isDeep = request.head.query.contains("Recursive=True")
                let rows =
                    switch (request.head.query.contains("Root=z"), isDeep) {
                    case (true, true): [wanted("z/m-Q8_0.gguf")]
                    // A deep list ends before the folder `z`.
                    case (false, true): noise + [wanted("m-Q2_K.gguf")]
                    default: [wanted("m-Q2_K.gguf"), #"{"Type": "tree", "Path": "z", "Size": 0}"#]
                    }
                return .json(#"{"Code": 200, "Data": {"Files": [\#(rows.joined(separator: ","))]}}"#)
            }
            let shelf = try place.shelf { settings(place, &$0) }
            let offer = try await shelf.resolve(shelf.reference("modelscope:o/m-GGUF/z/m-Q8_0.gguf"))
            #expect(offer.variants.map(\.files[0].size) == [9])
            #expect(place.hub.requests.count == 3)
        }
    }

    @Test func `what is not there is an error of its own`() async throws {
        try await withPlace { place in
            let shelf = try place.shelf { settings(place, &$0) }
            place.hub.handle("/api/v1/models/o/m-GGUF/repo/files") { _ in
                .json(#"{"Code": 10010205001, "Message": "Model is not found", "Success": false}"#, status: 404)
            }
            await #expect(throws: HubError.noRepository(id: "modelscope:o/m-GGUF", hasToken: false)) {
                _ = try await shelf.resolve(shelf.reference("modelscope:o/m-GGUF"))
            }
            place.hub.handle("/api/v1/models/o/m-GGUF/repo/files") { _ in
                .json(#"{"Code": 10010205003, "Message": "no", "Success": false}"#)
            }
            await #expect(throws: HubError.noRevision(id: "modelscope:o/m-GGUF", revision: "v2")) {
                _ = try await shelf.resolve(shelf.reference("modelscope:o/m-GGUF@v2"))
            }
            serve(model(1), on: place.hub)
            await #expect(throws: HubError.noFile(id: "modelscope:o/m-GGUF", path: "nope.gguf")) {
                _ = try await shelf.resolve(shelf.reference("modelscope:o/m-GGUF/nope.gguf"))
            }
        }
    }
}
