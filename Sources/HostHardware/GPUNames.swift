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
        // By bytes, for 40,000 lines: a character at a time would cost more than the rest of the probe.
        let start = Array("\(vendor) ".utf8)
        let wanted = Array("\t\(device) ".utf8)
        var inside = false
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            if first != UInt8(ascii: "\t") {
                if inside { return nil }
                inside = line.starts(with: start)
            } else if inside, line.starts(with: wanted) {
                let name = Substring(line.dropFirst(wanted.count)).trimmingBlanks
                guard let open = name.lastIndex(of: "["), name.hasSuffix("]") else { return String(name) }
                return String(name[name.index(after: open)...].dropLast())
            }
        }
        return nil
    }
}
