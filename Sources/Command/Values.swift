import Plan
import StreamEngine

/// Whole numbers and sizes on the command line.
enum Numbers {
    /// A whole number in decimal digits, at least `least`. `what` names it in messages, such as `--jobs`.
    static func count(_ text: String, of what: String, least: Int = 1) throws(UsageError) -> Int {
        guard let value = digits(text) else {
            if isWhole(text) { throw UsageError("\(what) \(text) is too large; use at most \(Int.max)") }
            if let plain = plain(text) { throw UsageError("\(what) '\(text)': write it in digits: \(plain)") }
            throw UsageError("\(what) '\(text)': not a whole number; use \(least) or more")
        }
        guard value >= least else { throw UsageError("\(what) \(text) is too small; use \(least) or more") }
        return value
    }

    /// A number of bytes; `K`, `M` and `G` are powers of 1024.
    static func size(_ text: String, of what: String, most: Int) throws(UsageError) -> Int {
        var number = text[...]
        var unit = 1
        switch text.last {
        case "K", "k": unit = 1 << 10
        case "M", "m": unit = 1 << 20
        case "G", "g": unit = 1 << 30
        default: break
        }
        if unit > 1 { number.removeLast() }
        guard let value = digits(String(number)) else {
            throw UsageError("\(what) '\(text)': invalid size; write it as 65536, 64K, 1M or 1G")
        }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: unit)
        guard bytes > 0, !overflow, bytes <= most else {
            throw UsageError("\(what) \(text) is out of range; use 1 to \(most) bytes")
        }
        return bytes
    }

    private static func digits(_ text: String) -> Int? {
        guard isWhole(text) else { return text.hasPrefix("-") ? Int(text) : nil }
        return Int(text)
    }

    private static func isWhole(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The number that `1e6`, `10k`, `1M`, `1,000` or `1_000` stands for, in digits.
    private static func plain(_ text: String) -> String? {
        let joined = text.filter { $0 != "," && $0 != "_" && $0 != " " }
        if isWhole(joined), !text.hasPrefix(","), !text.hasPrefix("_") { return joined }
        let scale: Int
        var number = joined[...]
        switch joined.last {
        case "k", "K": scale = 1_000
        case "M": scale = 1_000_000
        case "G": scale = 1_000_000_000
        default:
            guard joined.utf8.count <= 20, joined.lowercased().contains("e"), let value = Double(joined),
                value.isFinite, value >= 1, value < 1e18, let whole = Int(exactly: value)
            else { return nil }
            return "\(whole)"
        }
        number.removeLast()
        guard isWhole(String(number)), let value = Int(number) else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: scale)
        return overflow ? nil : "\(product)"
    }
}

/// Durations on the command line, in microseconds.
enum Durations {
    /// Beyond this (about 36 000 years), window arithmetic could overflow.
    private static let most: Int64 = 1 << 60

    /// A length of time, greater than zero unless `allowZero`.
    static func length(_ text: String, of what: String, allowZero: Bool = false) throws(UsageError) -> Int64 {
        try refuseBareNumber(text, what)
        let value: Int64
        do {
            value = try DurationText.parse(text)
        } catch {
            throw wrong(text, what, error)
        }
        guard value <= Durations.most else {
            throw UsageError("\(what) \(text) is too long; use at most \(DurationText.text(most))")
        }
        guard value > 0 || (allowZero && value == 0) else {
            throw UsageError(
                "\(what) \(text): the duration must be \(allowZero ? "zero or more" : "more than zero"), such as 5s")
        }
        return value
    }

    /// The message for a text that is not a duration, with the one that it probably means.
    private static func wrong(_ text: String, _ what: String, _ error: DurationError) -> UsageError {
        if case .unknownUnit(_, unit: "M") = error {
            let minutes = text.replacing("M", with: "m")
            return UsageError(
                "\(what): 'M' in '\(text)' is not a unit; write \(minutes) for minutes, or use --calendar month")
        }
        if let unit = DurationHint.unit(text), text.utf8.count > 1 {
            return UsageError("\(what): invalid duration '\(text)'; write it as 1\(unit)")
        }
        if ["off", "none", "inf", "infinite", "never", "unlimited", "no", "disabled"].contains(text.lowercased()) {
            let word = ["--watermark": "none", "--idle": "off", "--max-ahead": "off"][what]
            let remedy = word.map { "write \(what) \($0)" } ?? "remove \(what), or write a duration such as 5s"
            return UsageError("\(what): invalid duration '\(text)'; \(remedy)")
        }
        let parts = text.split(separator: text.contains("/") ? "/" : ",")
        if parts.count == 2, what == "--tumbling" || what == "--hopping",
            parts.allSatisfy({ (try? DurationText.parse(String($0))) != nil })
        {
            return UsageError(
                "\(what): invalid duration '\(text)'; for windows of \(parts[0]) that start every \(parts[1]), write "
                    + "--hopping \(parts[0]) --every \(parts[1])")
        }
        if let corrected = DurationHint.corrected(text) {
            return UsageError("\(what): invalid duration '\(text)'; write it as \(corrected)")
        }
        return UsageError("\(what): \(error)")
    }

    /// A length of time, or nil for the word that disables it.
    static func length(_ text: String, of what: String, offWord: String) throws(UsageError) -> Int64? {
        text == offWord ? nil : try length(text, of: what, allowZero: true)
    }

    /// A shift: `8h`, `-8h`.
    static func shift(_ text: String, of what: String) throws(UsageError) -> Int64 {
        try refuseBareNumber(text, what)
        let value: Int64
        do {
            value = try DurationText.parseSigned(text)
        } catch {
            throw wrong(text, what, error)
        }
        guard value.magnitude <= most.magnitude else {
            throw UsageError("\(what) \(text) is too long; use at most \(DurationText.text(most)) either way")
        }
        return value
    }

    /// Refuses `5`, which could mean seconds or milliseconds.
    private static func refuseBareNumber(_ text: String, _ what: String) throws(UsageError) {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let isNumber = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, !digits.isEmpty, digits != "0" else { return }
        throw UsageError("\(what) \(text): a duration requires a unit, such as \(text)s (ms, s, m, h, d, w)")
    }
}
