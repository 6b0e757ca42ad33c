import ModelFit
import Testing

@testable import slm

@Suite struct DeviceProfileWordsTests {
    @Test func `no profile is shown with less memory than a model can have of it`() throws {
        for row in DeviceProfile.all.map(ProfileList.Row.init) {
            let shown = try #require(row.size(in: .en).split(separator: " ").first.flatMap { Double($0) })
            #expect(Double(row.budgetBytes) / 1e9 <= shown, "\(row.profile)")
        }
    }
}
