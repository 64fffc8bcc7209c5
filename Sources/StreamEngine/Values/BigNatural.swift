/// A natural number of any size, for tables of powers and for decimals that are hard to round.
struct BigNatural {
    /// Lowest word first; the last one is not 0.
    private var words: [UInt64]

    init(_ number: UInt64) { words = number == 0 ? [] : [number] }

    var isZero: Bool { words.isEmpty }

    var bitLength: Int { words.count &* 64 &- (words.last?.leadingZeroBitCount ?? 0) }

    /// The 128 bits from the highest set bit down, padded with zeros.
    var leadingBits: UInt128 {
        var copy = self
        copy.shiftLeft(by: (64 &- bitLength % 64) % 64 &+ 128)
        let top = copy.words.suffix(2)
        return top.reversed().reduce(0) { $0 &<< 64 | UInt128($1) }
    }

    mutating func multiply(by factor: UInt64, adding term: UInt64 = 0) {
        var carry = term
        for i in words.indices {
            let product = words[i].multipliedFullWidth(by: factor)
            let (low, overflow) = product.low.addingReportingOverflow(carry)
            words[i] = low
            carry = product.high &+ (overflow ? 1 : 0)
        }
        if carry != 0 { words.append(carry) }
    }

    /// Multiplies by 5^exponent, 27 factors at a time, as many as fit a word.
    mutating func multiply(byFiveTo exponent: Int) {
        var left = exponent
        while left >= 27 {
            multiply(by: 7_450_580_596_923_828_125)
            left &-= 27
        }
        for _ in 0..<max(left, 0) { multiply(by: 5) }
    }

    /// Divides, rounding down. `divisor` is not 0.
    ///
    /// - Returns: the remainder.
    @discardableResult
    mutating func divide(by divisor: UInt64) -> UInt64 {
        var rest: UInt64 = 0
        for i in words.indices.reversed() {
            (words[i], rest) = divisor.dividingFullWidth((rest, words[i]))
        }
        dropZeros()
        return rest
    }

    mutating func shiftLeft(by bits: Int) {
        if isZero || bits <= 0 { return }
        let shift = UInt64(truncatingIfNeeded: bits & 63)
        if shift > 0 {
            var carry: UInt64 = 0
            for i in words.indices {
                let word = words[i]
                words[i] = word &<< shift | carry
                carry = word &>> (64 &- shift)
            }
            if carry != 0 { words.append(carry) }
        }
        words.insert(contentsOf: repeatElement(0, count: bits / 64), at: 0)
    }

    /// Subtracts `other` unless it is larger. Returns whether it did.
    mutating func subtract(ifAtLeast other: BigNatural) -> Bool {
        if words.count != other.words.count {
            if words.count < other.words.count { return false }
        } else if let i = words.indices.last(where: { words[$0] != other.words[$0] }), words[i] < other.words[i] {
            return false
        }
        var borrow: UInt64 = 0
        for i in words.indices {
            let (first, low) = words[i].subtractingReportingOverflow(i < other.words.count ? other.words[i] : 0)
            let (second, high) = first.subtractingReportingOverflow(borrow)
            words[i] = second
            borrow = low || high ? 1 : 0
        }
        dropZeros()
        return true
    }

    private mutating func dropZeros() {
        while words.last == 0 { words.removeLast() }
    }
}

extension BigNatural {
    /// The double nearest to a decimal number, or infinity. The bytes `start..<end` hold `digits` digits, the first not
    /// 0, and perhaps a point; the last digit has weight 10^power.
    @inline(never)
    static func nearest(_ base: UnsafeRawPointer, from start: Int, end: Int, digits: Int, power: Int) -> Double {
        // The number is at least 10^(digits + power - 1) and below 10^(digits + power).
        if digits &+ power > 310 { return .infinity }
        if digits &+ power < -330 { return 0 }
        // The midpoint of two doubles has at most 767 digits. Digits after that only matter if one is not 0.
        let kept = min(digits, 770)
        var numerator = BigNatural(0)
        var taken = 0
        var tail = false
        var i = start
        while i < end {
            let digit = base.load(fromByteOffset: i, as: UInt8.self) &- JSONNumber.zero
            i &+= 1
            if digit > 9 { continue }
            if taken < kept {
                numerator.multiply(by: 10, adding: UInt64(digit))
                taken &+= 1
            } else if digit != 0 {
                tail = true
                break
            }
        }
        let power = power &+ digits &- kept
        var denominator = BigNatural(1)
        if power >= 0 {
            numerator.multiply(byFiveTo: power)
        } else {
            denominator.multiply(byFiveTo: 0 &- power)
        }
        // Long division, bit by bit, for a quotient of 64 bits with the first one set.
        let shift = denominator.bitLength &- numerator.bitLength
        numerator.shiftLeft(by: shift)
        denominator.shiftLeft(by: 0 &- shift)
        var exponent = power &- shift
        var quotient: UInt64 = 0
        while quotient &>> 63 == 0 {
            quotient = quotient &<< 1 | (numerator.subtract(ifAtLeast: denominator) ? 1 : 0)
            if quotient &>> 63 == 0 {
                numerator.shiftLeft(by: 1)
                exponent &-= 1
            }
        }
        return rounded(quotient, exponent: exponent, more: tail || !numerator.isZero)
    }

    /// `bits * 2^exponent`, plus a little if `more`, to the nearest double, ties to even; the highest bit is set.
    private static func rounded(_ bits: UInt64, exponent: Int, more: Bool) -> Double {
        let leading = exponent &+ 63
        if leading > 1023 { return .infinity }
        let isSubnormal = leading < -1022
        let dropped = isSubnormal ? 11 &+ (-1022 &- leading) : 11
        if dropped > 64 { return 0 }
        var kept = dropped < 64 ? bits &>> UInt64(truncatingIfNeeded: dropped) : 0
        let rest = dropped < 64 ? bits &<< UInt64(truncatingIfNeeded: 64 &- dropped) : bits
        if rest > 1 << 63 || (rest == 1 << 63 && (more || kept & 1 == 1)) { kept &+= 1 }
        // A carry out of the fraction correctly increments the exponent.
        return isSubnormal
            ? Double(bitPattern: kept)
            : Double(bitPattern: UInt64(truncatingIfNeeded: leading &+ 1022) &<< 52 &+ kept)
    }
}
