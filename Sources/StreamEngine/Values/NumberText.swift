extension ByteBuffer {
    /// Writes an integer in decimal.
    package mutating func append(integer: Int64) {
        let out = room(32)
        var length = 0
        if integer < 0 {
            out.storeBytes(of: JSONNumber.minus, as: UInt8.self)
            length = 1
        }
        advance(length &+ DecimalText.write(integer.magnitude, to: out + length))
    }

    /// Writes an integer in decimal.
    package mutating func append(wide: Int128) {
        guard let narrow = Int64(exactly: wide) else {
            // 10^19 is the largest power of ten in a word; 39 digits are two parts.
            let (high, low) = wide.magnitude.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
            let out = room(64)
            var length = 0
            if wide < 0 {
                out.storeBytes(of: JSONNumber.minus, as: UInt8.self)
                length = 1
            }
            if high == 0 {
                advance(length &+ DecimalText.write(UInt64(truncatingIfNeeded: low), to: out + length))
                return
            }
            length &+= DecimalText.write(UInt64(truncatingIfNeeded: high), to: out + length)
            let rest = UInt64(truncatingIfNeeded: low)
            let three = rest / 10_000_000_000_000_000
            DecimalText.writeThree(three, to: out + length)
            let sixteen = rest &- three &* 10_000_000_000_000_000
            DecimalText.writeEight(sixteen / 100_000_000, to: out + (length &+ 3))
            DecimalText.writeEight(sixteen % 100_000_000, to: out + (length &+ 11))
            advance(length &+ 19)
            return
        }
        append(integer: narrow)
    }

    /// Writes the shortest decimal that reads back as the same double, in the form of Swift's `description`: `3.0`,
    /// `23.45`, `1e+16`, `5e-324`. NaN and infinities, which JSON lacks, become `null`.
    package mutating func append(double: Double) {
        guard double.isFinite else {
            append("null")
            return
        }
        let out = room(48)
        var length = 0
        if double.sign == .minus {
            out.storeBytes(of: JSONNumber.minus, as: UInt8.self)
            length = 1
        }
        let magnitude = double.magnitude
        if magnitude < 1e12 {
            // Up to three decimals. Different decimals of 15 digits are different doubles, so thousandths that give
            // this double are its shortest decimal.
            // Adding 2^52 rounds to an integer, which is then the significand: shorter than two conversions.
            let rounded = magnitude * 1000 + 0x1p52
            if (rounded - 0x1p52) / 1000 == magnitude {
                let thousandths = rounded.significandBitPattern
                advance(length &+ DecimalText.write(thousandths: thousandths, to: out + length))
                return
            }
        }
        advance(length &+ DecimalText.write(ShortestDecimal(magnitude), of: magnitude, to: out + length))
    }
}

/// Writes decimal digits to memory. Functions return the length of the text but may write 8 bytes more.
enum DecimalText {
    @inline(__always)
    static func write(_ number: UInt64, to out: UnsafeMutableRawPointer) -> Int {
        if number < 100_000_000 { return writeUpToEight(number, to: out) }
        let high = number / 100_000_000
        var length: Int
        if high < 100_000_000 {
            length = writeUpToEight(high, to: out)
        } else {
            length = writeUpToEight(high / 100_000_000, to: out)
            writeEight(high % 100_000_000, to: out + length)
            length &+= 8
        }
        writeEight(number &- high &* 100_000_000, to: out + length)
        return length &+ 8
    }

    /// A number below 10^15 thousandths, with one to three decimals.
    @inline(__always)
    static func write(thousandths: UInt64, to out: UnsafeMutableRawPointer) -> Int {
        guard thousandths < 100_000_000 else { return write(manyThousandths: thousandths, to: out) }
        let digits = eightDigits(thousandths)
        let text = digits | 0x3030_3030_3030_3030
        // There is at least one digit on either side of the point.
        let leading = min(digits.trailingZeroBitCount &>> 3, 4)
        let trailing = min(digits.leadingZeroBitCount &>> 3, 2)
        out.storeBytes(of: (text &>> UInt64(truncatingIfNeeded: leading &* 8)).littleEndian, as: UInt64.self)
        let whole = 5 &- leading
        out.storeBytes(of: JSONNumber.point, toByteOffset: whole, as: UInt8.self)
        let decimals = UInt32(truncatingIfNeeded: text &>> 40)
        out.storeBytes(of: decimals.littleEndian, toByteOffset: whole &+ 1, as: UInt32.self)
        return whole &+ 4 &- trailing
    }

    private static func write(manyThousandths thousandths: UInt64, to out: UnsafeMutableRawPointer) -> Int {
        let whole = thousandths / 1000
        let decimals = thousandths &- whole &* 1000
        let length = write(whole, to: out)
        out.storeBytes(of: JSONNumber.point, toByteOffset: length, as: UInt8.self)
        writeThree(decimals, to: out + (length &+ 1))
        let tenths = decimals / 10
        if tenths &* 10 != decimals { return length &+ 4 }
        return tenths % 10 == 0 ? length &+ 2 : length &+ 3
    }

    /// A decimal in the form of `description`: with an exponent if below 10^-4 or above 2^53, otherwise without.
    static func write(_ decimal: ShortestDecimal, of magnitude: Double, to out: UnsafeMutableRawPointer) -> Int {
        // Digits are written one position to the right: the point may come after the first.
        var length = write(decimal.digits, to: out + 1)
        /// Digits before the point.
        let whole = length &+ decimal.power
        if whole < -3 || magnitude > 0x1p53 {
            out.copyMemory(from: out + 1, byteCount: 1)
            if length > 1 {
                out.storeBytes(of: JSONNumber.point, toByteOffset: 1, as: UInt8.self)
                length &+= 1
            }
            return length &+ writeExponent(whole &- 1, to: out + length)
        }
        if whole <= 0 {
            let zeros = 2 &- whole
            (out + zeros).copyMemory(from: out + 1, byteCount: length)
            for i in 0..<zeros { out.storeBytes(of: JSONNumber.zero, toByteOffset: i, as: UInt8.self) }
            out.storeBytes(of: JSONNumber.point, toByteOffset: 1, as: UInt8.self)
            return zeros &+ length
        }
        if whole < length {
            for i in 0..<whole { (out + i).copyMemory(from: out + (i &+ 1), byteCount: 1) }
            out.storeBytes(of: JSONNumber.point, toByteOffset: whole, as: UInt8.self)
            return length &+ 1
        }
        out.copyMemory(from: out + 1, byteCount: length)
        while length < whole {
            out.storeBytes(of: JSONNumber.zero, toByteOffset: length, as: UInt8.self)
            length &+= 1
        }
        out.storeBytes(of: JSONNumber.point, toByteOffset: length, as: UInt8.self)
        out.storeBytes(of: JSONNumber.zero, toByteOffset: length &+ 1, as: UInt8.self)
        return length &+ 2
    }

    /// `e-05`, `e+16`, `e+300`: at least two digits.
    static func writeExponent(_ exponent: Int, to out: UnsafeMutableRawPointer) -> Int {
        out.storeBytes(of: JSONNumber.letterE, as: UInt8.self)
        out.storeBytes(of: exponent < 0 ? JSONNumber.minus : JSONNumber.plus, toByteOffset: 1, as: UInt8.self)
        let size = UInt64(exponent.magnitude)
        if size < 10 {
            out.storeBytes(of: JSONNumber.zero, toByteOffset: 2, as: UInt8.self)
            return 3 &+ write(size, to: out + 3)
        }
        return 2 &+ write(size, to: out + 2)
    }

    /// A number below 10^8, without leading zeros; writes 8 bytes.
    @inline(__always)
    private static func writeUpToEight(_ number: UInt64, to out: UnsafeMutableRawPointer) -> Int {
        let digits = eightDigits(number)
        let zeros = min(digits.trailingZeroBitCount &>> 3, 7)
        let text = (digits | 0x3030_3030_3030_3030) &>> UInt64(truncatingIfNeeded: zeros &* 8)
        out.storeBytes(of: text.littleEndian, as: UInt64.self)
        return 8 &- zeros
    }

    /// A number below 10^8, as eight digits.
    @inline(__always)
    static func writeEight(_ number: UInt64, to out: UnsafeMutableRawPointer) {
        out.storeBytes(of: (eightDigits(number) | 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
    }

    /// A number below 1000, as three digits.
    @inline(__always)
    static func writeThree(_ number: UInt64, to out: UnsafeMutableRawPointer) {
        let text = (eightDigits(number) | 0x3030_3030_3030_3030) &>> 40
        out.storeBytes(of: UInt32(truncatingIfNeeded: text).littleEndian, as: UInt32.self)
    }

    /// The eight digits of a number below 10^8 as bytes 0 to 9, the first in the lowest. Splits halves, then quarters,
    /// then digits, dividing in all lanes at once by multiplication.
    @inline(__always)
    private static func eightDigits(_ number: UInt64) -> UInt64 {
        let high = number / 10_000
        let fours = high | (number &- high &* 10_000) &<< 32
        let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007F_0000_007F
        let pairs = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = (pairs &* 103) &>> 10 & 0x000F_000F_000F_000F
        return tens | (pairs &- tens &* 10) &<< 8
    }
}
