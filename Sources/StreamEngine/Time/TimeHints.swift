/// Finds the flags that read a text which was not understood as a time.
enum TimeHints {
    /// Dates whose order is a guess, or which are rare.
    private static let dates = [
        "%d.%m.%Y", "%d.%m.%y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d",
        "%Y:%m:%d", "%Y_%m_%d", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%y%m%d", "%y/%m/%d", "%y-%m-%d",
        "%d %b %y", "%d %b %Y", "%d-%b-%y", "%d%b%Y", "%d.%b.%Y", "%b-%d-%Y", "%b/%d/%Y", "%Y-%b-%d", "%Y %b %d",
        "%Y/%b/%d", "%a %d.%m.%Y", "%a, %d.%m.%Y", "%m-%d", "%d.%m.", "%m/%d", "%d/%m", "%m%d",
    ]
    private static let separators = [" ", "T", ", ", "-", "_", ":", ".", " - ", "", " at ", "/"]
    private static let clocks = [
        "%H:%M:%S", "%H:%M:%S%.f", "%I:%M:%S %p", "%I:%M:%S%.f %p", "%H:%M", "%I:%M %p", "%H.%M.%S", "%H.%M.%S.%f",
        "%I.%M.%S.%f %p", "%I.%M.%S %p",
        "%H-%M-%S", "%H%M%S", "%H%M%S%.f", "%H:%M:%S:%f", "%Hh%Mm%Ss", "%Hh%M",
    ]
    private static let zones = ["", "%z", " %z", " %Z"]

    /// What to do about a text that `auto` does not read, as the end of a sentence; nil if nothing is known that reads it.
    static func remedy(for text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> String? {
        if let name = unknownZone(text, zone) {
            return "'\(name)' is not used in --time-zone \(zone.name); name a zone that uses it, such as --time-zone "
                + (examples[name] ?? "Europe/Berlin")
        }
        let found = patterns(for: text, zone: zone)
        guard let first = found.first else { return nil }
        if let other = found.dropFirst().first(where: { $0 == swapped(first) }) {
            return "--time-format '\(first)' reads it with the month first, '\(other)' with the day first"
        }
        return "--time-format '\(first)' reads it"
    }

    /// Whether the text has a form that `auto` reads, with a date, time of day or offset that does not exist.
    static func isImpossible(_ text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> Bool {
        // The same form with numbers that are certain to exist.
        var possible = Array(text)
        var start = 0
        while start < possible.count {
            let length = possible[start...].prefix { Ascii.digit($0) != nil }.count
            let isOffset = start > 0 && possible[start - 1] == Ascii.plus
            let year =
                switch length {
                case 2, 6: 0
                case 4 where isOffset: 0
                case 8, 14: 4
                default: length
                }
            for place in year..<length { possible[start + place] = Ascii.zero + UInt8(place % 2) }
            start += max(length, 1)
        }
        return possible.withUnsafeBytes { isReadable($0, zone) }
    }

    /// Whether `auto` reads the text.
    private static func isReadable(_ text: UnsafeRawBufferPointer, _ zone: ZoneOffsets) -> Bool {
        var reader = TimeReader(.auto, zone: zone)
        return reader.read(Value(text)) != .none
    }

    /// A pattern with month and day exchanged.
    private static func swapped(_ pattern: String) -> String {
        String(
            decoding: pattern.utf8.map { byte in
                byte == UInt8(ascii: "m") ? UInt8(ascii: "d") : byte == UInt8(ascii: "d") ? UInt8(ascii: "m") : byte
            }, as: UTF8.self)
    }

    /// The patterns that read the text.
    private static func patterns(for text: UnsafeRawBufferPointer, zone: ZoneOffsets) -> [String] {
        var found: [String] = []
        for date in dates {
            guard let start = try? TimePattern.compile(date) else { continue }
            switch start.mismatch(text, zone: zone) {
            case .step: continue
            case .value, .leftOver: break
            }
            add(date, text, zone, to: &found)
            for separator in separators {
                for clock in clocks {
                    for end in zones { add(date + separator + clock + end, text, zone, to: &found) }
                }
            }
        }
        return found
    }

    private static func add(
        _ pattern: String, _ text: UnsafeRawBufferPointer, _ zone: ZoneOffsets, to found: inout [String]
    ) {
        guard let compiled = try? TimePattern.compile(pattern), compiled.read(text, zone: zone) != .none else { return }
        found.append(pattern)
    }

    /// The directives that read what a pattern has left over: a fraction, a zone, or both.
    static func directives(forRest rest: UnsafeRawBufferPointer) -> String? {
        for candidate in ["%.f", "%z", " %z", " %Z", "%.f%z", "%.f %z", "%.f %Z"] {
            guard let pattern = try? TimePattern.compile("%Y" + candidate) else { continue }
            let isRead = withUnsafeTemporaryAllocation(byteCount: rest.count + 4, alignment: 1) { room in
                room.copyBytes(from: Array("2000".utf8))
                UnsafeMutableRawBufferPointer(rebasing: room[4...]).copyMemory(from: rest)
                return pattern.read(UnsafeRawBufferPointer(room), zone: .utc) != .none
            }
            if isRead { return candidate.utf8.first == Ascii.space ? "'\(candidate)'" : candidate }
        }
        return nil
    }

    /// Zones for abbreviations that are common in logs.
    private static let examples = [
        "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "EET": "Europe/Helsinki", "EEST": "Europe/Helsinki",
        "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon", "BST": "Europe/London", "MSK": "Europe/Moscow",
        "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "HKT": "Asia/Hong_Kong", "EST": "America/New_York",
        "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago", "MST": "America/Denver",
        "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
        "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
    ]

    /// Whether a word is the abbreviation of a zone.
    static func isZone(_ word: String) -> Bool { examples[word] != nil || word == "UTC" || word == "GMT" }

    /// The abbreviation of a zone at the end of the text or before its year, if the text without it is a time that
    /// `auto` reads.
    private static func unknownZone(_ text: UnsafeRawBufferPointer, _ zone: ZoneOffsets) -> String? {
        let year = text.suffix(5)
        let hasYear =
            year.count == 5 && year.first == Ascii.space && year.dropFirst().allSatisfy { Ascii.digit($0) != nil }
        let end = hasYear ? text.count - 5 : text.count
        var start = end
        while start > 0, Ascii.isLetter(text[start - 1]) { start -= 1 }
        guard end - start >= 2, end - start <= 5, start > 8, text[start - 1] == Ascii.space else { return nil }
        let rest = Array(text[..<(start - 1)]) + Array(text[end...])
        guard rest.withUnsafeBytes({ isReadable($0, zone) }) else { return nil }
        return String(decoding: text[start..<end], as: UTF8.self)
    }

    /// How to make a time of a text that holds a part of one: the time of day, or a number. As the end of a sentence.
    ///
    /// - Parameter field: the field that holds the text.
    static func completion(of text: UnsafeRawBufferPointer, in field: String, zone: ZoneOffsets) -> String? {
        guard field.utf8.allSatisfy({ FieldPath.isNameByte($0) || $0 == Ascii.dot }) else { return nil }
        let name = field == "at" ? "t" : "at"
        let withDate = Array("2000-01-01 ".utf8) + Array(text)
        if text.contains(Ascii.colon), withDate.withUnsafeBytes({ isReadable($0, zone) }) {
            return "it has no date; -t \(name) --let \"\(name)=concat('2026-02-03 ', \(field))\" puts one before it"
        }
        guard let start = text.firstIndex(where: { Ascii.digit($0) != nil }) else { return nil }
        let number = text[start...].prefix { Ascii.digit($0) != nil }
        // Seconds, milliseconds, microseconds or nanoseconds of this century.
        guard [10, 13, 16, 19].contains(number.count), number.count < text.count else { return nil }
        return "-t \(name) --let \"\(name)=extract(\(field), '[0-9.]+')\" reads the number in it"
    }
}
