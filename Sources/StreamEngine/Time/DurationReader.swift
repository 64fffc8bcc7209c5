/// Reads one duration from `bytes`, without a sign. `text` is for messages.
struct DurationReader {
    let text: String
    let bytes: [UInt8]
    private var at = 0
    /// The duration read so far, in microseconds.
    private var total: Int64 = 0
    /// The unit read last, nanoseconds: the next one must be smaller.
    private var previous = Int64.max

    init(text: String, bytes: [UInt8]) {
        self.text = text
        self.bytes = bytes
    }

    mutating func read() throws(DurationError) -> Int64 {
        if bytes.first == UInt8(ascii: "P") { return try iso() }
        guard !bytes.isEmpty else { throw .malformed(text) }
        while at < bytes.count {
            let number = try self.number()
            let start = at
            while at < bytes.count, Ascii.digit(bytes[at]) == nil, bytes[at] != Ascii.dot { at += 1 }
            let name = String(decoding: bytes[start..<at], as: UTF8.self)
            if name.isEmpty {
                if number.value == 0, at == bytes.count, previous == Int64.max { return 0 }
                throw .noUnit(text)
            }
            try add(number, unit: try unit(name))
        }
        return total
    }

    /// `PnW`, `PnDTnHnMnS` and their parts. Any number may have a fraction.
    private mutating func iso() throws(DurationError) -> Int64 {
        at = 1
        var inTime = false
        var parts = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "T"), !inTime {
                inTime = true
                parts = 0
                at += 1
                continue
            }
            let number = try self.number()
            guard at < bytes.count else { throw .malformed(text) }
            let letter = bytes[at]
            at += 1
            let unit: Int64
            switch (letter, inTime) {
            case (UInt8(ascii: "Y"), false): throw .calendar(text, unit: .year)
            case (UInt8(ascii: "M"), false): throw .calendar(text, unit: .month)
            case (UInt8(ascii: "W"), false): unit = Microseconds.week
            case (UInt8(ascii: "D"), false): unit = Microseconds.day
            case (UInt8(ascii: "H"), true): unit = Microseconds.hour
            case (UInt8(ascii: "M"), true): unit = Microseconds.minute
            case (UInt8(ascii: "S"), true): unit = Microseconds.second
            default: throw .malformed(text)
            }
            try add(number, unit: unit &* 1000)
            parts += 1
        }
        guard parts > 0 else { throw .malformed(text) }
        return total
    }

    /// Nanoseconds of a unit.
    private func unit(_ name: String) throws(DurationError) -> Int64 {
        switch name {
        case "ns": 1
        // The micro sign and the Greek letter.
        case "us", "\u{B5}s", "\u{3BC}s": 1_000
        case "ms": Microseconds.millisecond &* 1_000
        case "s": Microseconds.second &* 1_000
        case "m": Microseconds.minute &* 1_000
        case "h": Microseconds.hour &* 1_000
        case "d": Microseconds.day &* 1_000
        case "w": Microseconds.week &* 1_000
        case "mo", "mon", "month", "months": throw .calendar(text, unit: .month)
        case "q", "quarter", "quarters": throw .calendar(text, unit: .quarter)
        case "y", "yr", "year", "years": throw .calendar(text, unit: .year)
        default: throw .unknownUnit(text, unit: name)
        }
    }

    /// value / 10^scale
    private struct Decimal {
        var value: Int128 = 0
        var scale: Int128 = 1
    }

    private mutating func number() throws(DurationError) -> Decimal {
        var number = Decimal()
        let start = at
        while at < bytes.count, let digit = Ascii.digit(bytes[at]) {
            number.value = number.value &* 10 &+ Int128(digit)
            // Beyond this, even nanoseconds overflow.
            guard number.value < 10_000_000_000_000_000_000_000 else { throw .overflow(text) }
            at += 1
        }
        guard at > start else { throw .malformed(text) }
        guard at < bytes.count, bytes[at] == Ascii.dot else { return number }
        at += 1
        let first = at
        var end = at
        while end < bytes.count, Ascii.digit(bytes[end]) != nil { end += 1 }
        guard end > first else { throw .malformed(text) }
        at = end
        while end > first, bytes[end - 1] == Ascii.zero { end -= 1 }
        // A week has fewer than 10^15 nanoseconds, and none of its divisors needs more digits than this.
        guard end - first <= 15 else { throw .tooFine(text) }
        for index in first..<end {
            number.value = number.value &* 10 &+ Int128(bytes[index] &- Ascii.zero)
            number.scale &*= 10
            guard number.value < 10_000_000_000_000_000_000_000 else { throw .overflow(text) }
        }
        return number
    }

    private mutating func add(_ number: Decimal, unit: Int64) throws(DurationError) {
        guard unit < previous else { throw .order(text) }
        previous = unit
        // Less than 10^22 * 10^15, which fits an Int128.
        let nanos = number.value &* Int128(unit)
        guard nanos % (number.scale &* 1000) == 0 else { throw .tooFine(text) }
        guard let micros = Int64(exactly: nanos / (number.scale &* 1000)) else { throw .overflow(text) }
        let (sum, overflow) = total.addingReportingOverflow(micros)
        guard !overflow else { throw .overflow(text) }
        total = sum
    }
}
