/// Percentiles as other tools write them: `p99`, `p99.9`, `99`.
enum Percentile {
    /// The rank that `p99` (0.99), `p50` (0.5), `p999` (0.999) or `p99.9` (0.999) stands for, as text; nil for any other
    /// word. 0 and 100 are the minimum and the maximum, not quantiles.
    static func rank(ofName name: some StringProtocol) -> String? {
        guard name.hasPrefix("p") else { return nil }
        let text = name.dropFirst()
        guard text.utf8.count <= 12, let digits = Digits(text) else { return nil }
        if digits.fraction.isEmpty, digits.whole.count > 2 {
            // p999, p9999: further digits are decimals.
            return digits.whole.hasPrefix("0") || digits.whole == "100" ? nil : trimmed("0." + digits.whole)
        }
        return rank(digits)
    }

    /// The rank of a percentile from 1 up to, but not including, 100: `99` is 0.99. Below 1, the number may be a rank
    /// already, so it is nil.
    static func rank(ofPercent text: some StringProtocol) -> String? {
        var text = text[...]
        if text.hasSuffix("%") { text = text.dropLast() }
        guard text.utf8.count <= 12, let digits = Digits(text) else { return nil }
        return rank(digits)
    }

    private struct Digits {
        var whole: String
        var fraction: String

        init?(_ text: some StringProtocol) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard let first = parts.first, !first.isEmpty, parts.count <= 2,
                parts.allSatisfy({ part in
                    part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                })
            else { return nil }
            whole = String(first)
            fraction = parts.count == 2 ? String(parts[1]) : ""
        }
    }

    private static func rank(_ digits: Digits) -> String? {
        guard digits.whole.count <= 2, let number = Int(digits.whole), number >= 1 else { return nil }
        return trimmed("0." + (digits.whole.count == 1 ? "0" : "") + digits.whole + digits.fraction)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }
}
