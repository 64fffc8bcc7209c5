/// Reads numbers with units: durations as seconds and sizes as bytes.
enum Quantities {
    /// A decimal without a sign: its digits before the point, and up to 18 of those behind it.
    private struct Decimal {
        var whole: Int128 = 0
        var fraction: Int128 = 0
        /// 10 to the number of digits of the fraction.
        var scale: Int128 = 1

        /// The product with a unit, a tie rounded up. At most 10^18 units.
        func times(_ unit: Int128) -> Int128 { whole &* unit &+ (fraction &* unit &+ scale / 2) / scale }
    }

    /// Moves through a text.
    private struct Reader {
        let text: UnsafeRawBufferPointer
        var place = 0

        var current: UInt8? { place < text.count ? text[place] : nil }

        mutating func skipSpace() { while let byte = current, Ascii.isSpace(byte) { place &+= 1 } }

        mutating func take(_ byte: UInt8) -> Bool {
            guard current == byte else { return false }
            place &+= 1
            return true
        }

        /// `12`, `1.5` or `.5`; nil for anything else, and for more than 18 digits before the point.
        mutating func decimal(allowsComma: Bool = false) -> Decimal? {
            var decimal = Decimal()
            let start = place
            while let byte = current, let digit = Ascii.digit(byte) {
                decimal.whole = decimal.whole &* 10 &+ Int128(digit)
                guard decimal.whole < 1_000_000_000_000_000_000 else { return nil }
                place &+= 1
            }
            let hasWhole = place > start
            guard current == Ascii.dot || allowsComma && current == Ascii.comma else { return hasWhole ? decimal : nil }
            place &+= 1
            let first = place
            while let byte = current, let digit = Ascii.digit(byte) {
                if place &- first < 18 {
                    decimal.fraction = decimal.fraction &* 10 &+ Int128(digit)
                    decimal.scale &*= 10
                }
                place &+= 1
            }
            return place > first ? decimal : nil
        }

        /// The letters that come next, of which there are at most 15, in lower case; the micro sign is `u`.
        mutating func word() -> Word? {
            var word = Word()
            while let byte = current {
                if Ascii.isLetter(byte) {
                    word.append(byte | 0x20)
                } else if byte == 0xc2 || byte == 0xce, place &+ 1 < text.count,
                    text[place &+ 1] == (byte == 0xc2 ? 0xb5 : 0xbc)
                {
                    word.append(UInt8(ascii: "u"))
                    place &+= 1
                } else {
                    break
                }
                place &+= 1
            }
            return word.length <= 15 ? word : nil
        }
    }

    /// A short word, as a number that can be compared.
    private struct Word: Equatable {
        private(set) var bits: UInt128 = 0
        private(set) var length = 0

        init() {}

        init(_ text: String) { for byte in text.utf8 { append(byte) } }

        mutating func append(_ byte: UInt8) {
            bits = bits << 8 | UInt128(byte)
            length &+= 1
        }
    }

    // MARK: Durations

    /// The picoseconds of each unit, by its names.
    private static let durationUnits: [(word: Word, size: Int128)] = [
        (1_000, ["ns", "nsec", "nsecs", "nanos", "nanosecond", "nanoseconds"]),
        (1_000_000, ["us", "usec", "usecs", "micros", "microsecond", "microseconds"]),
        (1_000_000_000, ["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"]),
        (second, ["s", "sec", "secs", "second", "seconds"]), (60 * second, ["m", "min", "mins", "minute", "minutes"]),
        (3_600 * second, ["h", "hr", "hrs", "hour", "hours"]), (86_400 * second, ["d", "day", "days"]),
        (604_800 * second, ["w", "wk", "week", "weeks"]),
    ].flatMap { size, names in names.map { (Word($0), size) } }

    private static let second: Int128 = 1_000_000_000_000

    /// Seconds, as an integer or double; nil if the text is not a duration.
    ///
    /// Numbers with units in any order (`1m2.5s`, `850µs`, `1 hour 5 min`), ISO 8601 without months and years (`PT1M`),
    /// and a clock behind any of them (`1:02:03.5`, `2 days, 1:02:03`). Only `0` needs no unit.
    static func duration(_ text: UnsafeRawBufferPointer) -> Value? {
        var reader = Reader(text: text)
        reader.skipSpace()
        let isNegative = reader.take(Ascii.minus)
        if !isNegative { _ = reader.take(Ascii.plus) }
        let isISO = reader.current.map { $0 | 0x20 == UInt8(ascii: "p") } ?? false
        guard let picos = isISO ? isoDuration(&reader) : duration(&reader) else { return nil }
        return seconds(isNegative ? 0 &- picos : picos)
    }

    private static func duration(_ reader: inout Reader) -> Int128? {
        var total: Int128 = 0
        var terms = 0
        while reader.current != nil {
            guard let number = reader.decimal() else { return nil }
            var term: Int128
            if reader.current == Ascii.colon, number.scale == 1 {
                guard let clock = clock(&reader, hours: number) else { return nil }
                term = clock
            } else {
                reader.skipSpace()
                let start = reader.place
                guard let word = reader.word() else { return nil }
                if word.length == 0, terms == 0, reader.current == nil, number.whole == 0, number.fraction == 0 {
                    return 0
                }
                // A capital M alone could be months.
                if word.length == 1, reader.text[start] == UInt8(ascii: "M") { return nil }
                guard let unit = durationUnits.first(where: { $0.word == word }) else { return nil }
                term = number.times(unit.size)
            }
            guard add(term, to: &total) else { return nil }
            terms += 1
            reader.skipSpace()
            if reader.take(Ascii.comma) { reader.skipSpace() }
        }
        return terms > 0 ? total : nil
    }

    private static func add(_ term: Int128, to total: inout Int128) -> Bool {
        let (sum, overflow) = total.addingReportingOverflow(term)
        total = sum
        return !overflow
    }

    /// The rest of `H:MM:SS[.FRACTION]`, at the end of the text.
    private static func clock(_ reader: inout Reader, hours: Decimal) -> Int128? {
        guard reader.take(Ascii.colon), let minutes = reader.decimal(), minutes.scale == 1, minutes.whole < 60,
            reader.take(Ascii.colon), let seconds = reader.decimal(allowsComma: true), seconds.whole < 60
        else { return nil }
        reader.skipSpace()
        guard reader.current == nil else { return nil }
        return hours.times(3_600 * second) &+ minutes.times(60 * second) &+ seconds.times(second)
    }

    private static func isoDuration(_ reader: inout Reader) -> Int128? {
        reader.place &+= 1
        var total: Int128 = 0
        var isTime = false
        var parts = 0
        while let byte = reader.current {
            if byte | 0x20 == Ascii.t, !isTime {
                isTime = true
                parts = 0
                reader.place &+= 1
                continue
            }
            guard let number = reader.decimal(allowsComma: true), let letter = reader.current else { break }
            reader.place &+= 1
            let size: Int128
            switch (letter | 0x20, isTime) {
            case (UInt8(ascii: "w"), false): size = 604_800 * second
            case (UInt8(ascii: "d"), false): size = 86_400 * second
            case (UInt8(ascii: "h"), true): size = 3_600 * second
            case (UInt8(ascii: "m"), true): size = 60 * second
            case (UInt8(ascii: "s"), true): size = second
            default: return nil
            }
            guard add(number.times(size), to: &total) else { return nil }
            parts += 1
        }
        reader.skipSpace()
        return parts > 0 && reader.current == nil ? total : nil
    }

    /// Picoseconds as seconds, rounded once.
    private static func seconds(_ picos: Int128) -> Value {
        var number = picos
        var scale: Int128 = second
        var power = -12
        while scale > 1, number % 10 == 0 {
            number /= 10
            scale /= 10
            power += 1
        }
        if scale == 1, let whole = Int64(exactly: number) { return Value(whole) }
        // Both operands are exact.
        if number.magnitude < 1 << 53 { return Value(Double(number) / Double(scale)) }
        return nearest(number.magnitude, power: power, isNegative: number < 0)
    }

    /// The double nearest to `number * 10^power`, where the power is from -12 to 0.
    private static func nearest(_ number: UInt128, power: Int, isNegative: Bool) -> Value {
        withUnsafeTemporaryAllocation(byteCount: 48, alignment: 1) { room in
            // Written from the end: 39 digits at most, and the exponent.
            var start = room.count
            func put(_ byte: UInt8) {
                start -= 1
                room[start] = byte
            }
            put(Ascii.zero + UInt8(truncatingIfNeeded: power.magnitude % 10))
            put(Ascii.zero + UInt8(truncatingIfNeeded: power.magnitude / 10))
            put(Ascii.minus)
            put(UInt8(ascii: "e"))
            var rest = number
            repeat {
                put(Ascii.zero + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            if isNegative { put(Ascii.minus) }
            return JSONNumber.parseRounded(UnsafeRawBufferPointer(rebasing: room[start...])) ?? .null
        }
    }

    // MARK: Sizes

    /// The bytes of each unit, by its names.
    private static let sizeUnits: [(word: Word, size: Int128)] =
        ["", "b", "byte", "bytes"].map { (Word($0), 1) }
        + "kmgtpe".enumerated().flatMap { power, prefix in
            ["", "b", "i", "ib"].map { (Word("\(prefix)\($0)"), 1 << Int128(10 * (power + 1))) }
        }

    /// Whole bytes; nil if the text is not a size.
    ///
    /// A number and a unit: `1.5K`, `10MB`, `3 GiB`, `512 bytes`, or nothing for bytes. K, M, G, T, P and E are powers of
    /// 1024, in either case, with or without `B` or `iB`.
    static func size(_ text: UnsafeRawBufferPointer) -> Value? {
        var reader = Reader(text: text)
        reader.skipSpace()
        let isNegative = reader.take(Ascii.minus)
        guard let number = reader.decimal() else { return nil }
        reader.skipSpace()
        guard let word = reader.word(), let unit = sizeUnits.first(where: { $0.word == word }) else { return nil }
        reader.skipSpace()
        guard reader.current == nil else { return nil }
        let bytes = isNegative ? 0 &- number.times(unit.size) : number.times(unit.size)
        return Int64(exactly: bytes).map { Value($0) } ?? Value(Double(bytes))
    }

    /// A number as a size.
    static func size(_ number: Value) -> Value {
        number.kind == .double ? Numbers.whole(ExactMath.rounded(number.double)) : number
    }
}

extension ExpressionFunction {
    /// The function that reads a text with a unit as a number.
    package static func reading(_ text: [UInt8]) -> ExpressionFunction? {
        text.withUnsafeBytes { bytes in
            if Quantities.duration(bytes) != nil { return .duration }
            return Quantities.size(bytes) != nil ? .size : nil
        }
    }
}
