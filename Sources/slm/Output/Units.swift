import Modelteca

/// Numbers that only screens need; the library has the others.
extension Language {
    /// As `bytes`, with the mark of an estimate.
    func bytes(_ count: Int64, estimated: Bool) -> String { (estimated ? "~" : "") + bytes(count) }

    /// Memory needed: always in GB, so that a column of it compares at a glance.
    func memory(_ count: Int64) -> String { "\(decimal(Double(count) / 1e9, digits: 1)) GB" }

    /// Memory as it is sold: 4 GB are 4 × 2^30.
    func memorySize(_ count: Int64) -> String {
        let size = Double(count) / Double(1 << 30)
        return "\(decimal(size, digits: size == size.rounded() ? 0 : 1)) GB"
    }

    /// `4.58 GiB`: for sums that have to add up.
    func gibibytes(_ count: Int64) -> String { "\(decimal(Double(count) / Double(1 << 30), digits: 2)) GiB" }

    /// `4 MiB`: for damaged blocks.
    func blocks(_ count: Int64) -> String {
        count >= 1 << 20 && count.isMultiple(of: 1 << 20) ? "\(grouped(count >> 20)) MiB" : bytes(count)
    }

    /// `7.6 B`, `494 M`; Spanish has no short word for thousand millions: `7.600 M`.
    func parameters(_ count: Int64) -> String {
        let millions = Double(count) / 1e6
        guard millions >= 999.5 else { return "\(decimal(millions, digits: 0)) M" }
        let hundreds = Int64((millions / 100).rounded())
        return say(en: "\(decimal(millions / 1e3, digits: 1)) B", es: "\(grouped(hundreds * 100)) M")
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
        let digits = range.upperBound < 10 && range.upperBound - range.lowerBound < 1 ? 1 : 0
        let low = decimal(range.lowerBound, digits: digits)
        let high = decimal(range.upperBound, digits: digits)
        return low == high ? low : "\(low)–\(high)"
    }
}
