/// Numbers as people read them. Written without the system's formatters: those take longer to start than `slm list`.
extension Language {
    /// A decimal number with this many digits after the point: `1.5`, `1,5`.
    func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e18 else { return "\(value)" }
        let whole = Int64(scaled) / Int64(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + grouped(whole) }
        var fraction = String(Int64(scaled) % Int64(scale))
        while fraction.utf8.count < digits { fraction = "0" + fraction }
        return sign + grouped(whole) + (self == .es ? "," : ".") + fraction
    }

    /// A whole number in groups of three: `4,096`, `4.096`.
    func grouped(_ value: Int64) -> String {
        if value.magnitude < 1000 { return String(value) }
        let digits = Array(String(value.magnitude).utf8)
        let separator: UInt8 = self == .es ? 46 : 44
        var text: [UInt8] = value < 0 ? [45] : []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(separator) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Bytes in decimal units, as shops and the Hub print them: `669 MB`, `4.7 GB`, `1,2 TB`.
    func bytes(_ count: Int64) -> String {
        for step in Self.steps where Double(count.magnitude) >= step.from {
            return decimal(Double(count) / step.size, digits: step.digits) + " " + step.unit
        }
        return grouped(count) + " B"
    }

    /// What the smaller unit would round to a thousand is one of the larger.
    private static let steps: [(unit: String, size: Double, digits: Int, from: Double)] = [
        ("TB", 1e12, 1, 0.99995e12), ("GB", 1e9, 1, 0.9995e9), ("MB", 1e6, 0, 0.9995e6), ("kB", 1e3, 0, 1e3),
    ]

    /// A rate: `41 MB/s`, `850 kB/s`.
    func rate(_ bytesPerSecond: Double) -> String {
        bytes(Int64(min(max(bytesPerSecond, 0), 1e15))) + "/s"
    }

    /// A span of time as a clock shows it: `0:17`, `12:05`, `1:02:03`.
    func clock(_ seconds: Double) -> String {
        let total = Int64(min(max(seconds.isFinite ? seconds : 0, 0), 1e9).rounded(.up))
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (total / 3600, total / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(total % 60))" : "\(minutes):\(two(total % 60))"
    }

    /// Memory needed: always in GB, so that a column of it compares at a glance.
    func memory(_ count: Int64) -> String { "\(decimal(Double(count) / 1e9, digits: 1)) GB" }

    /// Memory by the name it is sold under: `16 GB` of memory are 16 × 2^30 bytes. Never beside what a model needs.
    func sold(_ count: Int64) -> String {
        let size = Double(count) / Double(1 << 30)
        return "\(decimal(size, digits: size == size.rounded() ? 0 : 1)) GB"
    }

    /// `4.92 GB`: for sums that have to add up.
    func sum(_ count: Int64) -> String { "\(decimal(Double(count) / 1e9, digits: 2)) GB" }

    /// `7.6 B`, `494 M`: B is for thousand millions, as in the names of models, in Spanish too.
    func parameters(_ count: Int64) -> String {
        let millions = Double(count) / 1e6
        return millions < 999.5
            ? "\(decimal(millions, digits: 0)) M" : "\(decimal(millions / 1e3, digits: 1)) B"
    }

    /// `3.4 s` below a minute, then as a clock.
    func duration(_ seconds: Double) -> String {
        seconds < 59.95 ? "\(decimal(max(0, seconds), digits: 1)) s" : clock(seconds)
    }

    /// `58 %`, never 100 before it is all.
    func percent(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0 else { return "–" }
        let share = Int((Double(part) / Double(whole) * 100).rounded(.down))
        return "\(max(0, min(100, share))) %"
    }

    /// `18–24`; one digit after the point where the two would else look the same.
    func range(_ range: ClosedRange<Double>) -> String {
        let digits = Self.digits(of: range)
        let low = decimal(range.lowerBound, digits: digits)
        let high = decimal(range.upperBound, digits: digits)
        return low == high ? low : "\(low)–\(high)"
    }

    /// After the point, in a range.
    static func digits(of range: ClosedRange<Double>) -> Int {
        range.upperBound < 10 && range.upperBound - range.lowerBound < 1 ? 1 : 0
    }
}
