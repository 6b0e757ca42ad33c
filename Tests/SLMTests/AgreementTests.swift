import HostHardware
import ModelCatalog
import Modelteca
import SystemPackage
import TestSupport
import Testing

@testable import slm

@Suite struct AgreementTests {
    @Test(arguments: ["phone-4gb", "laptop-16gb", "laptop-16gb-rtx4060-8gb"])
    func `show and list judge every size of the catalog alike`(name: String) async throws {
        let device = try #require(DeviceProfile(named: name)).device
        try await withTemporaryFolder { folder in
            var settings = Shelf.Settings(environment: ["HOME": folder.string, "SLM_STORE": folder.string])
            settings.isOffline = true
            let shelf = try Shelf(catalog: Catalog.builtIn(), device: device, settings: settings)
            let rows = await shelf.listing(for: device, workload: ContextOption.workload(on: device))
            #expect(rows.count == shelf.catalog.entries.count)
            var compared = 0
            for row in rows {
                let family = try #require(shelf.catalog.family(id: row.entry.familyID))
                let page = try ModelDetails(
                    row.entry, of: family, shelf: shelf, devices: [AskedDevice(device: device, profile: nil)],
                    stored: [],
                    withContexts: false)
                guard let variant = page.variants.first(where: { $0.ref == row.ref }) else {
                    #expect(row.variant == nil, "\(row.ref)")
                    continue
                }
                let listed = ListedModel(row, isOfGuide: false).fit
                #expect(variant.fit.verdict == listed.verdict, "\(row.ref)")
                #expect(variant.fit.requiredBytes == listed.requiredBytes, "\(row.ref)")
                compared += 1
            }
            #expect(compared > rows.count / 2)
        }
    }
}
