import Testing

@testable import ModelShare

@Suite struct LocalAddressTests {
    @Test(arguments: [
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.10", "127.0.0.1", "169.254.3.4", "100.64.0.1",
    ])
    func `addresses of private networks are known`(address: String) { #expect(LocalAddress.isPrivate(address)) }

    @Test(arguments: [
        "8.8.8.8", "0.0.0.0", "172.32.0.1", "192.169.0.1", "256.1.1.1", "10.0.0", "", "::1", "10.0.0.1.5",
    ])
    func `others are not`(address: String) { #expect(!LocalAddress.isPrivate(address)) }

    @Test func `the loopback address is never offered`() {
        #expect(LocalAddress.all().allSatisfy { !$0.text.hasPrefix("127.") && LocalAddress.isPrivate($0.text) })
    }
}
