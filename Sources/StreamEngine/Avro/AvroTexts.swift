/// The JSON text of logical types of Avro. What a time of day or a date cannot be is the number itself.
extension ByteBuffer {
    private static let second: Int64 = 1_000_000

    /// `"2026-01-31"`, of days since 1970.
    mutating func append(day: Int64) {
        let (time, overflow) = day.multipliedReportingOverflow(by: Microseconds.day)
        if overflow { return append(integer: day) }
        append(UInt8(ascii: "\""))
        append(time: time)
        // The time of day: T00:00:00Z.
        truncate(to: count - 10)
        append(UInt8(ascii: "\""))
    }

    /// `"10:20:30.5"` with no, three or six digits of the fraction.
    ///
    /// - Parameter unit: the microseconds of one.
    mutating func append(clock: Int64, unit: Int64) {
        guard clock >= 0, clock < Microseconds.day / unit else { return append(integer: clock) }
        let time = UInt64(clock * unit)
        let seconds = time / 1_000_000
        let fraction = time % 1_000_000
        append(UInt8(ascii: "\""))
        append(number: seconds / 3600, width: 2)
        append(Ascii.colon)
        append(number: seconds / 60 % 60, width: 2)
        append(Ascii.colon)
        append(number: seconds % 60, width: 2)
        if fraction != 0 {
            append(Ascii.dot)
            let isWhole = fraction % 1000 == 0
            append(number: isWhole ? fraction / 1000 : fraction, width: isWhole ? 3 : 6)
        }
        append(UInt8(ascii: "\""))
    }

    /// `"2026-01-31T10:20:30.5Z"`, or without the zone where it is a local time, with all digits.
    mutating func append(timestamp: Int64, _ kind: AvroSchema.Kind) {
        var (time, overflow) = (timestamp, false)
        var nanoseconds: Int64 = 0
        switch kind {
        case .timestampMillis, .localMillis: (time, overflow) = timestamp.multipliedReportingOverflow(by: 1000)
        case .timestampNanos, .localNanos:
            time = floorDivide(timestamp, 1000)
            nanoseconds = timestamp &- time &* 1000
        default: break
        }
        if overflow { return append(integer: timestamp) }
        append(UInt8(ascii: "\""))
        if nanoseconds == 0 {
            append(time: time)
        } else {
            let second = floorDivide(time, Self.second) &* Self.second
            append(time: second)
            truncate(to: count - 1)
            append(Ascii.dot)
            append(number: UInt64((time &- second) &* 1000 &+ nanoseconds), width: 9)
            append(UInt8(ascii: "Z"))
        }
        switch kind {
        case .localMillis, .localMicros, .localNanos: truncate(to: count - 1)
        default: break
        }
        append(UInt8(ascii: "\""))
    }

    mutating func append(fixedUUID bytes: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        for part in [0..<4, 4..<6, 6..<8, 8..<10, 10..<16] as [Range<Int>] {
            if part.lowerBound > 0 { append(Ascii.minus) }
            let digits = UnsafeMutableRawBufferPointer(start: room(2 * part.count), count: 2 * part.count)
            HexText.write(UnsafeRawBufferPointer(rebasing: bytes[part]), to: digits)
            advance(2 * part.count)
        }
        append(UInt8(ascii: "\""))
    }

    /// `"P14M3DT5.25S"` (ISO 8601) of months, days and milliseconds, which PostgreSQL reads as an interval.
    mutating func append(duration bytes: UnsafeRawBufferPointer) {
        func part(_ number: Int) -> UInt64 {
            UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * number, as: UInt32.self)))
        }
        let (months, days, milliseconds) = (part(0), part(1), part(2))
        append("\"P" as StaticString)
        if months > 0 {
            append(number: months, width: 1)
            append(UInt8(ascii: "M"))
        }
        if days > 0 {
            append(number: days, width: 1)
            append(UInt8(ascii: "D"))
        }
        if milliseconds > 0 || months == 0 && days == 0 {
            append(UInt8(ascii: "T"))
            append(number: milliseconds / 1000, width: 1)
            if milliseconds % 1000 > 0 {
                append(Ascii.dot)
                append(number: milliseconds % 1000, width: 3)
            }
            append(UInt8(ascii: "S"))
        }
        append(UInt8(ascii: "\""))
    }

    /// All digits of a decimal.
    mutating func append(decimal bytes: UnsafeRawBufferPointer, scale: Int) {
        let start = count
        DecimalBytes.append(bytes, to: &self)
        guard scale > 0 else { return }
        let isNegative = withBytes { $0[start] == Ascii.minus }
        insertPoint(from: isNegative ? start + 1 : start, scale: scale)
    }

    /// Puts a point before the last `scale` digits of those from `start`, after zeros if it would be the first.
    private mutating func insertPoint(from start: Int, scale: Int) {
        let digits = count - start
        let zeros = max(0, scale + 1 - digits)
        let whole = digits + zeros - scale
        let first = self.start(padding: zeros + 1) + start
        (first + zeros).copyMemory(from: first, byteCount: digits)
        first.initializeMemory(as: UInt8.self, repeating: Ascii.zero, count: zeros)
        (first + whole + 1).copyMemory(from: first + whole, byteCount: scale)
        first.storeBytes(of: Ascii.dot, toByteOffset: whole, as: UInt8.self)
        advance(zeros + 1)
    }
}

/// The integer of a decimal: two's complement, the highest byte first.
enum DecimalBytes {
    /// Dividing takes time that grows with the square of the length.
    static let limit = 4096

    /// Writes all digits.
    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout ByteBuffer) {
        let isNegative = (bytes.first ?? 0) >= 0x80
        guard bytes.count > 16 else {
            var number: Int128 = isNegative ? -1 : 0
            for byte in bytes { number = number &<< 8 | Int128(byte) }
            return text.append(wide: number)
        }
        var number = BigNatural(0)
        for byte in bytes { number.multiply(by: 256, adding: UInt64(isNegative ? ~byte : byte)) }
        if isNegative {
            number.multiply(by: 1, adding: 1)
            text.append(Ascii.minus)
        }
        // Parts of 19 digits, the last first.
        var parts: [UInt64] = []
        repeat { parts.append(number.divide(by: 10_000_000_000_000_000_000)) } while !number.isZero
        for (index, part) in parts.reversed().enumerated() { text.append(number: part, width: index == 0 ? 1 : 19) }
    }
}
