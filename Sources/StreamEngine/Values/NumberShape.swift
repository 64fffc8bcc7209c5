/// The number of digits before and after the point of a short number. Another number with as many digits is read without
/// looking for its end, with the value that `JSONNumber` gives it.
struct NumberShape {
    /// The bytes of the sign.
    private var sign = 0
    /// The bits of the digits before the point.
    private var whole: UInt64 = 0
    /// How many bits the digits are moved, so that the last one is in the highest byte.
    private var shift: UInt64 = 0
    /// A power of ten; 0 for an integer.
    private var scale = 0.0

    init() {}

    /// - Parameter text: a number without an exponent.
    /// - Returns: nil if its digits and its point have more than 8 bytes, and for negative integers: -0 is kept as text.
    init?(_ text: UnsafeRawBufferPointer) {
        sign = text.first == JSONNumber.minus ? 1 : 0
        let point = text.firstIndex(of: JSONNumber.point)
        let bytes = text.count - sign
        guard bytes <= 8, bytes > 0, point != nil || sign == 0 else { return nil }
        let before = (point ?? text.count) - sign
        let after = point == nil ? 0 : bytes - before - 1
        whole = before < 8 ? 1 << UInt64(8 * before) - 1 : .max
        shift = UInt64(64 - 8 * (before + after))
        if point != nil { scale = (0..<after).reduce(1) { scale, _ in scale * 10 } }
    }

    /// The value of the number at `base + start`, of which 9 bytes can be read.
    @inline(__always) func value(_ base: UnsafeRawPointer, _ start: Int) -> Value {
        let word = JSONNumber.digits(base, start &+ sign)
        // Without the point.
        let digits = (word & whole) | (word &>> 8 & ~whole)
        let number = JSONNumber.eightDigits(digits &<< shift)
        guard scale > 0 else { return Value(kind: .integer, bits: number) }
        // Both operands are exact, so the quotient is the nearest double.
        let double = Double(Int64(bitPattern: number)) / scale
        let signBit = UInt64(truncatingIfNeeded: sign) &<< 63
        return Value(kind: .double, bits: double.bitPattern | signBit, length: UInt32(truncatingIfNeeded: start))
    }
}
