/// The name of a file that was rotated away, as logrotate and logging libraries give it: `app.log.1`, `app.log-20260301`,
/// `app.log.2026-03-01`, `app-2026-03-01.log`, `app.1.log`, `app.log-1772359200`, perhaps with the ending of a
/// compression.
struct RotatedName: Equatable {
    /// How files of one name that were rotated away are ordered.
    enum Age: Equatable {
        /// The higher, the older.
        case index(Int)
        /// Digits of a date and a time; the lower, the older.
        case date(String)
        /// Seconds since 1970.
        case seconds(Int)

        /// Whether both can be compared by their names alone.
        func isComparable(to other: Age) -> Bool {
            switch (self, other) {
            case (.index, .index), (.date, .date), (.seconds, .seconds): true
            default: false
            }
        }

        /// Whether a file of this age is older than another one; false if their names do not say.
        func isOlder(than other: Age) -> Bool {
            switch (self, other) {
            case (.index(let left), .index(let right)): left > right
            case (.date(let left), .date(let right)): left < right
            case (.seconds(let left), .seconds(let right)): left < right
            default: false
            }
        }
    }

    /// The name that the file had before.
    var original: String
    var age: Age
    var isCompressed: Bool

    /// All ways to read a name.
    ///
    /// - Parameter entry: the name of a file without its folder.
    static func readings(of entry: String) -> [RotatedName] {
        var rest = entry[...]
        var isCompressed = false
        if let ending = compressions.first(where: { rest.hasSuffix($0) }) {
            rest = rest.dropLast(ending.count)
            isCompressed = true
        }
        var found: [RotatedName] = []
        func add(_ original: Substring, _ age: Age) {
            guard !original.isEmpty else { return }
            found.append(RotatedName(original: String(original), age: age, isCompressed: isCompressed))
        }
        if let (name, age) = split(rest) { add(name, age) }
        // app-2026-03-01.log, app.1.log; but server-2.log is a name of its own.
        if let dot = rest.lastIndex(of: "."), rest[dot...].count > 1, let (name, age) = split(rest[..<dot]) {
            let isNumbered = if case .index = age { true } else { false }
            if !isNumbered || rest[name.endIndex] == "." { add(Substring(name + rest[dot...]), age) }
        }
        return found
    }

    private static let compressions = [".gz", ".zst", ".bz2", ".xz", ".lz4"]

    /// Splits `app.log.2` into a name and an age. nil if it ends with none.
    private static func split(_ text: Substring) -> (name: Substring, age: Age)? {
        // Dates contain the separators that precede them, so the longest one counts.
        let marks = text.indices.filter { text[$0] == "." || text[$0] == "-" }
        for mark in marks where mark > text.startIndex {
            if let age = age(text[text.index(after: mark)...]) { return (text[..<mark], age) }
        }
        return nil
    }

    private static func age(_ text: Substring) -> Age? {
        guard let first = text.utf8.first, isDigit(first), text.utf8.count <= 25 else { return nil }
        if text.utf8.allSatisfy(isDigit) {
            switch text.utf8.count {
            case 1...5: return Int(text).map { .index($0) }
            case 10 where !isDate(text): return Int(text).map { .seconds($0) }
            case 8, 10, 12, 14: return isDate(text) ? .date(padded(text)) : nil
            default: return nil
            }
        }
        // 2026-03-01, perhaps with a time: 2026-03-01-07, 2026-03-01T07:08:09, 20260301-0708
        guard text.utf8.allSatisfy({ isDigit($0) || "-_:T.".utf8.contains($0) }) else { return nil }
        let digits = text.filter { $0.isASCII && $0.isNumber }
        let isSeparated = text.utf8.count >= 10 && Array(text.utf8)[4] == UInt8(ascii: "-")
        let isCompact = text.prefix(8).utf8.allSatisfy(isDigit)
        guard isSeparated || isCompact, [8, 10, 12, 14].contains(digits.count), isDate(digits[...]) else { return nil }
        return .date(padded(digits[...]))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Whether the digits begin with a year, a month and a day.
    private static func isDate(_ digits: Substring) -> Bool {
        guard digits.utf8.count >= 8, let year = Int(digits.prefix(4)), let month = Int(digits.dropFirst(4).prefix(2)),
            let day = Int(digits.dropFirst(6).prefix(2))
        else { return false }
        return (1970...2999).contains(year) && (1...12).contains(month) && (1...31).contains(day)
    }

    private static func padded(_ digits: Substring) -> String {
        digits + String(repeating: "0", count: max(0, 14 - digits.utf8.count))
    }
}
