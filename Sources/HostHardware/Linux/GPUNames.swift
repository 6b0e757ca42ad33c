/// Names behind PCI numbers, from the lists that most distributions carry.
struct GPUNames {
    let folder: RootFolder

    /// From libdrm's list, which knows the names on the boxes, else from the PCI one.
    func amd(device: String?, revision: String?) -> String {
        guard let device = Self.digits(device) else { return "AMD GPU" }
        if let revision = Self.digits(revision),
            let text = folder.text("/usr/share/libdrm/amdgpu.ids"),
            let name = Self.drmName(device: device, revision: revision, in: text)
        {
            return name
        }
        return pciName(vendor: "1002", device: device).map { "AMD \($0)" } ?? "AMD GPU \(device)"
    }

    /// From the PCI list.
    func intel(device: String?) -> String {
        guard let device = Self.digits(device) else { return "Intel GPU" }
        return pciName(vendor: "8086", device: device).map { "Intel \($0)" } ?? "Intel GPU \(device)"
    }

    /// From the PCI list.
    func nvidia(device: String?) -> String {
        guard let device = Self.digits(device) else { return "NVIDIA GPU" }
        return pciName(vendor: "10de", device: device).map { "NVIDIA \($0)" } ?? "NVIDIA GPU \(device)"
    }

    /// `0x744c` without its prefix, in lower case.
    private static func digits(_ text: String?) -> String? {
        text.map { $0.hasPrefix("0x") ? $0.dropFirst(2).lowercased() : $0.lowercased() }
    }

    /// A line of libdrm's list: `744C, C8, AMD Radeon RX 7900 XTX`.
    private static func drmName(device: String, revision: String, in text: String) -> String? {
        for line in text.textLines {
            let fields = line.split(separator: ",", maxSplits: 2).map(\.trimmingBlanks)
            // Revisions have two digits there and lose a leading zero nowhere: compare as numbers.
            if fields.count == 3, fields[0].lowercased() == device,
                let listed = Int(fields[1], radix: 16), listed == Int(revision, radix: 16)
            {
                return String(fields[2])
            }
        }
        return nil
    }

    /// From `pci.ids`: vendors at the margin, their devices behind a tab. Of `Navi 31 [Radeon RX 7900 XTX]` the
    /// part in brackets, which is the name that people know.
    private func pciName(vendor: String, device: String) -> String? {
        let files = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"]
        guard let text = files.lazy.compactMap({ folder.text($0, limit: 4 << 20) }).first else { return nil }
        let line = Self.section("\(vendor) ", of: text).flatMap { Self.line("\t\(device) ", of: $0) }
        guard let name = line?.trimmingBlanks else { return nil }
        guard let open = name.lastIndex(of: "["), name.hasSuffix("]") else { return String(name) }
        return String(name[name.index(after: open)...].dropLast())
    }

    /// The lines below the one that begins so, up to the next one at the margin.
    private static func section(_ start: String, of text: String) -> Substring? {
        guard let begin = lineBeginning(start, in: text.utf8) else { return nil }
        let rest = text.utf8[begin...]
        let newline = UInt8(ascii: "\n")
        // Devices are behind a tab and comments behind a number sign: everything else is the next vendor.
        var index = rest.firstIndex(of: newline).map(rest.index(after:)) ?? rest.endIndex
        while index < rest.endIndex, rest[index] == UInt8(ascii: "\t") || rest[index] == UInt8(ascii: "#") {
            index = rest[index...].firstIndex(of: newline).map(rest.index(after:)) ?? rest.endIndex
        }
        return Substring(rest[..<index])
    }

    /// The rest of the line that begins so.
    private static func line(_ start: String, of text: Substring) -> Substring? {
        lineBeginning(start, in: text.utf8).map { text.utf8[$0...] }
            .map { Substring($0.dropFirst(start.utf8.count).prefix { $0 != UInt8(ascii: "\n") }) }
    }

    /// Where a line begins with `start`. By bytes and without making lines first: the list has 40,000 of them.
    private static func lineBeginning<Bytes: BidirectionalCollection<UInt8>>(_ start: String, in bytes: Bytes)
        -> Bytes.Index?
    {
        let wanted = Array(start.utf8)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index...].starts(with: wanted) { return index }
            guard let newline = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            index = bytes.index(after: newline)
        }
        return nil
    }
}
