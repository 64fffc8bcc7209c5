/// A file that should describe a time zone, but is damaged.
package struct ZoneFileError: Error, Sendable, Equatable {
    package let path: String
    /// What is wrong with it.
    package let defect: String
}

/// Checks a time zone file as RFC 9636 describes it, because the C library takes a damaged one for UTC.
struct ZoneFile {
    private enum Defect: Error {
        case ends, version, counts, times, types, names, leapSeconds, footer
    }

    /// The counts in the header of a data block.
    private struct Counts {
        var utcMarks, standardMarks, leapSeconds, times, types, characters: Int

        /// Bytes of a data block in which a time has `width` bytes.
        func size(width: Int) -> Int {
            times * (width + 1) + types * 6 + characters + leapSeconds * (width + 4) + standardMarks + utcMarks
        }
    }

    private static let magic = Array("TZif".utf8)

    private let bytes: [UInt8]
    private var place = 0

    /// Whether the bytes begin like a time zone file, also if they end there.
    static func isLike(_ bytes: [UInt8]) -> Bool { bytes.prefix(4).elementsEqual(magic.prefix(bytes.count)) }

    /// What is wrong with a file of these bytes; nil if nothing is.
    static func defect(of bytes: [UInt8]) -> String? {
        var file = ZoneFile(bytes: bytes)
        do throws(Defect) {
            try file.check()
            return nil
        } catch {
            return switch error {
            case .ends: "it is cut off"
            case .version: "its header is wrong"
            case .counts: "its counts are wrong"
            case .times: "its times are not in order"
            case .types: "its offsets are wrong"
            case .names: "its abbreviations are wrong"
            case .leapSeconds: "it counts leap seconds, which times since 1970 do not"
            case .footer: "the rule at its end is wrong"
            }
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func check() throws(Defect) {
        let (version, first) = try header()
        guard version >= 2 else {
            try checkBlock(first, width: 4)
            guard place == bytes.count else { throw .counts }
            return
        }
        // Readers of later versions skip the first block, which repeats the times that fit 32 bits.
        try skip(first.size(width: 4))
        let (again, second) = try header()
        guard again == version else { throw .version }
        try checkBlock(second, width: 8)
        try checkFooter()
    }

    /// Reads a header.
    private mutating func header() throws(Defect) -> (version: Int, Counts) {
        let start = place
        try skip(44)
        guard bytes[start..<start + 4].elementsEqual(Self.magic) else { throw .version }
        let version = bytes[start + 4]
        guard version == 0 || (UInt8(ascii: "2")...UInt8(ascii: "9")).contains(version) else { throw .version }
        func count(_ number: Int) -> Int { Int(number32(start + 20 + number * 4)) }
        let counts = Counts(
            utcMarks: count(0), standardMarks: count(1), leapSeconds: count(2), times: count(3), types: count(4),
            characters: count(5))
        return (version == 0 ? 1 : Int(version - UInt8(ascii: "0")), counts)
    }

    private func number32(_ place: Int) -> UInt32 {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func skip(_ count: Int) throws(Defect) {
        guard count <= bytes.count - place else { throw .ends }
        place += count
    }

    private mutating func checkBlock(_ counts: Counts, width: Int) throws(Defect) {
        let times = place
        try skip(counts.size(width: width))
        guard counts.types > 0, counts.types <= 256, counts.characters > 0,
            [0, counts.types].contains(counts.utcMarks), [0, counts.types].contains(counts.standardMarks)
        else { throw .counts }
        guard counts.leapSeconds == 0 else { throw .leapSeconds }
        var last: Int64?
        for number in 0..<counts.times {
            let start = times + number * width
            var time = bytes[start..<start + width].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            if width == 4 { time = Int64(Int32(truncatingIfNeeded: time)) }
            if let last, last >= time { throw .times }
            last = time
        }
        let indices = times + counts.times * width
        guard bytes[indices..<indices + counts.times].allSatisfy({ $0 < counts.types }) else { throw .types }
        let types = indices + counts.times
        let names = types + counts.types * 6
        // Every abbreviation ends with a NUL.
        guard bytes[names + counts.characters - 1] == 0 else { throw .names }
        for type in stride(from: types, to: names, by: 6) {
            let offset = Int32(bitPattern: number32(type))
            // A day and two hours, as in the RFC.
            guard offset > -90_000, offset < 93_600, bytes[type + 4] <= 1 else { throw .types }
            guard bytes[type + 5] < counts.characters else { throw .names }
        }
        guard bytes[(names + counts.characters)..<place].allSatisfy({ $0 <= 1 }) else { throw .counts }
    }

    // MARK: The footer

    /// A rule for the times after the last one, in the form of the variable `TZ`, between two line feeds.
    private mutating func checkFooter() throws(Defect) {
        guard place < bytes.count else { throw .ends }
        guard take("\n") else { throw .footer }
        guard bytes.last == UInt8(ascii: "\n"), place < bytes.count else { throw .ends }
        if !take("\n") {
            guard takeName(), takeTime(most: 24) else { throw .footer }
            if !take("\n") {
                guard takeName() else { throw .footer }
                if !take(",") {
                    guard takeTime(most: 24), take(",") else { throw .footer }
                }
                guard takeDate(), take(","), takeDate(), take("\n") else { throw .footer }
            }
        }
        guard place == bytes.count else { throw .footer }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// Letters, or letters, digits and signs between angle brackets.
    private mutating func takeName() -> Bool {
        let isQuoted = take("<")
        let start = place
        while place < bytes.count, isName(bytes[place], isQuoted) { place += 1 }
        return place - start >= 3 && (!isQuoted || take(">"))
    }

    private func isName(_ byte: UInt8, _ isQuoted: Bool) -> Bool {
        let isLetter = (97...122).contains(byte | 0x20)
        let isOther = (48...57).contains(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
        return isLetter || (isQuoted && isOther)
    }

    private mutating func takeNumber(_ range: ClosedRange<Int>) -> Bool {
        let start = place
        var number = 0
        while place < bytes.count, place - start < 3, (48...57).contains(bytes[place]) {
            number = number * 10 + Int(bytes[place] - 48)
            place += 1
        }
        return place > start && range.contains(number)
    }

    /// `[+-]hh[:mm[:ss]]`
    private mutating func takeTime(most hours: Int) -> Bool {
        if !take("+") { _ = take("-") }
        guard takeNumber(0...hours) else { return false }
        return !take(":") || (takeNumber(0...59) && (!take(":") || takeNumber(0...59)))
    }

    /// `Jn`, `n` or `Mm.w.d`, with a time of day that defaults to 02:00.
    private mutating func takeDate() -> Bool {
        let isDate =
            if take("J") {
                takeNumber(1...365)
            } else if take("M") {
                takeNumber(1...12) && take(".") && takeNumber(1...5) && take(".") && takeNumber(0...6)
            } else {
                takeNumber(0...365)
            }
        return isDate && (!take("/") || takeTime(most: 167))
    }
}
