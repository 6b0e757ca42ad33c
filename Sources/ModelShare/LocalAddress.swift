internal import Foundation

/// An IPv4 address of this machine that others in the room can reach.
package struct LocalAddress: Hashable, Sendable {
    /// `wlan0`.
    package var interface: String
    /// `192.168.1.10`.
    package var text: String

    package init(interface: String, text: String) { (self.interface, self.text) = (interface, text) }

    /// The private addresses of this machine: first the one that leads out of it, last those of bridges and tunnels of
    /// its own.
    package static func all() -> [LocalAddress] {
        let outward = outwardAddress()
        func rank(_ address: LocalAddress) -> Int { address.text == outward ? 0 : address.isInternal ? 2 : 1 }
        return interfaces().filter { isPrivate($0.text) && !$0.text.hasPrefix("127.") }
            .sorted { (rank($0), $0.text) < (rank($1), $1.text) }
    }

    /// Whether an address is of a private network (RFC 1918), of the machine itself, self-assigned, or of a carrier's
    /// or a VPN's shared range (RFC 6598).
    package static func isPrivate(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, let first = parts[0], let second = parts[1], parts[2] != nil, parts[3] != nil else {
            return false
        }
        return switch (first, second) {
        case (10, _), (127, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): true
        default: false
        }
    }

    /// Bridges of containers and virtual machines lead to nobody's phone.
    private var isInternal: Bool {
        ["docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "podman", "cni", "tun", "utun", "bridge"]
            .contains { interface.hasPrefix($0) }
    }

    private static func interfaces() -> [LocalAddress] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [LocalAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, Int32(address.pointee.sa_family) == AF_INET,
                entry.ifa_flags & UInt32(IFF_UP) != 0, let text = text(of: address)
            else { continue }
            found.append(LocalAddress(interface: String(cString: entry.ifa_name), text: text))
        }
        return found
    }

    /// The address that a packet to the outside would carry. Nothing is sent: a datagram socket only looks up the way.
    private static func outwardAddress() -> String? {
        #if canImport(Darwin)
            let kind = SOCK_DGRAM
        #else
            let kind = Int32(SOCK_DGRAM.rawValue)
        #endif
        let socket = socket(AF_INET, kind, 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(9).bigEndian
        // TEST-NET-1 (RFC 5737): an address that is nobody's.
        address.sin_addr.s_addr = UInt32(0xC000_0201).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard connect(socket, pointer, size) == 0, getsockname(socket, pointer, &size) == 0 else { return nil }
                return text(of: pointer)
            }
        }
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
            let number = UInt32(bigEndian: address.pointee.sin_addr.s_addr)
            return [24, 16, 8, 0].map { String(number >> $0 & 255) }.joined(separator: ".")
        }
    }
}
