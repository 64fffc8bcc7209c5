import Testing

@testable import StreamEngine

/// A number in units of 2^-1074, as digits of 16 bits: slow, and written without a look at the code under test.
private struct FixedPoint {
    /// The least first; all 0 ..< 2^16 but the last, which has the sign.
    private var digits = [Int](repeating: 0, count: 140)

    static let beyondDoubles: FixedPoint = {
        var result = FixedPoint()
        result.digits[(1024 + 1074) / 16] = 1 << ((1024 + 1074) % 16)
        return result
    }()

    init() {}

    init(_ value: Double) {
        if value.isInfinite {
            self = value > 0 ? FixedPoint.beyondDoubles : FixedPoint() - FixedPoint.beyondDoubles
            return
        }
        var rest = value.magnitude
        // Taking away one bit after the other is exact.
        var exponent = 1023
        while rest > 0 {
            let bit = Double(sign: .plus, exponent: exponent, significand: 1)
            if rest >= bit {
                rest -= bit
                digits[(exponent + 1074) / 16] += (value < 0 ? -1 : 1) << ((exponent + 1074) % 16)
            }
            exponent -= 1
        }
        settle()
    }

    private mutating func settle() {
        for i in 0..<(digits.count - 1) {
            digits[i + 1] += digits[i] >> 16
            digits[i] &= 0xffff
        }
    }

    static func + (a: FixedPoint, b: FixedPoint) -> FixedPoint {
        var sum = a
        for i in sum.digits.indices { sum.digits[i] += b.digits[i] }
        sum.settle()
        return sum
    }

    static func - (a: FixedPoint, b: FixedPoint) -> FixedPoint {
        var difference = a
        for i in difference.digits.indices { difference.digits[i] -= b.digits[i] }
        difference.settle()
        return difference
    }

    static func < (a: FixedPoint, b: FixedPoint) -> Bool { (a - b).digits[139] < 0 }

    var magnitude: FixedPoint { digits[139] < 0 ? FixedPoint() - self : self }
}

@Suite struct ExactSumTests {
    /// Whether `result` is the double nearest to `exact`, ties to even.
    private static func isNearest(_ result: Double, _ exact: FixedPoint) -> Bool {
        let error = (exact - FixedPoint(result)).magnitude
        for neighbour in [result.nextUp, result.nextDown] where !neighbour.isNaN && neighbour != result {
            let other = (exact - FixedPoint(neighbour)).magnitude
            if other < error { return false }
            if !(error < other) && result.significandBitPattern & 1 == 1 { return false }
        }
        return true
    }

    private static func value(_ generator: inout SeededGenerator, _ style: Int) -> Double {
        switch style {
        case 0: return Double.random(in: -1000...1000, using: &generator)
        case 1:
            let exponent = Int.random(in: -1074...1023, using: &generator)
            let significand = Double.random(in: 1..<2, using: &generator)
            let value = Double(sign: .plus, exponent: exponent, significand: significand)
            return Bool.random(using: &generator) ? value : -value
        case 2: return [1.7e308, -1.7e308, 1, -1, 0x1p-1074, 0x1p970].randomElement(using: &generator) ?? 0
        case 3: return Double(Int.random(in: -4...4, using: &generator)) * 0x1p-54 + 1
        default:
            let exponent = Int.random(in: -60...60, using: &generator)
            return Double(sign: .plus, exponent: exponent, significand: Double.random(in: -1..<1, using: &generator))
        }
    }

    @Test("a sum of doubles is the double nearest to the exact one", arguments: 0..<5)
    func nearest(_ style: Int) {
        var generator = SeededGenerator(seed: UInt64(style))
        for round in 0..<150 {
            var exact = FixedPoint()
            var sum = Sum()
            for _ in 0...(round % 25) {
                let value = Self.value(&generator, style)
                exact = exact + FixedPoint(value)
                sum.add(Value(value))
            }
            #expect(Self.isNearest(sum.nearest, exact), "round \(round): \(sum.nearest)")
        }
    }

    @Test("every prefix of values that cancel out is right, and the whole is 0")
    func cancelling() {
        var generator = SeededGenerator(seed: 5)
        var values: [Double] = []
        for _ in 0..<200 {
            let value = Self.value(&generator, 1)
            values += [value, -value]
        }
        values.shuffle(using: &generator)
        var exact = FixedPoint()
        var sum = Sum()
        for (i, value) in values.enumerated() {
            sum.add(Value(value))
            exact = exact + FixedPoint(value)
            if i % 20 == 0 { #expect(Self.isNearest(sum.nearest, exact)) }
        }
        #expect(sum.nearest == 0)
    }

    @Test("halfway cases go to the even neighbour unless something lies below them")
    func ties() {
        func sum(_ values: Double...) -> Double {
            var sum = Sum()
            for value in values { sum.add(Value(value)) }
            return sum.nearest
        }
        #expect(sum(1, 0x1p-53) == 1)
        #expect(sum(1, 0x1p-53, 0x1p-1074) == 1 + 0x1p-52)
        #expect(sum(1, 0x1p-53, -0x1p-1074) == 1)
        #expect(sum(1 + 0x1p-52, 0x1p-53) == 1 + 0x1p-51)
        #expect(sum(.greatestFiniteMagnitude, 0x1p969) == .greatestFiniteMagnitude)
        #expect(sum(.greatestFiniteMagnitude, 0x1p970) == .infinity)
        #expect(sum(.greatestFiniteMagnitude, 0x1p970, -0x1p-1074) == .greatestFiniteMagnitude)
    }

    @Test("a product of sums is what long multiplication says")
    func products() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<200 {
            let a = Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)
            var accumulator = SuperAccumulator(size: SuperAccumulator.narrow)
            accumulator.add(Int128(a))
            let value = accumulator.value()
            let square = value.times(value).rounded()
            #expect(Dyadic.scale(square.significand, square.exponent) == Double(a * a))
            let factor = UInt64.random(in: 0...1_000_000_000, using: &generator)
            let multiple = value.times(factor).rounded()
            #expect(Dyadic.scale(multiple.significand, multiple.exponent) == Double(a * Int64(factor)))
        }
    }

    @Test("a difference is exact and has a sign")
    func differences() {
        func dyadic(_ value: Int128, _ exponent: Int) -> Dyadic {
            var accumulator = SuperAccumulator(size: SuperAccumulator.narrow)
            accumulator.add(value.magnitude, exponent: exponent, isNegative: value < 0)
            return accumulator.value()
        }
        var generator = SeededGenerator(seed: 10)
        for _ in 0..<500 {
            let shift = Int128(Int.random(in: 0...60, using: &generator))
            let a = Int128(Int64.random(in: .min ... .max, using: &generator)) >> shift
            let b = Int128(Int64.random(in: .min ... .max, using: &generator)) >> Int128(shift / 2)
            let difference = dyadic(a, -600).minus(dyadic(b, -600)).rounded()
            let expected = Dyadic.scale(Double(a - b), -600)
            #expect(Dyadic.scale(difference.significand, difference.exponent) == expected)
            #expect(dyadic(a, 70).minus(dyadic(a, 70)).limbs.isEmpty)
        }
        let apart = dyadic(1, 900).minus(dyadic(1, -900))
        let rest = apart.minus(dyadic(1, 900)).rounded()
        #expect(Dyadic.scale(rest.significand, rest.exponent) == -0x1p-900)
        #expect(Dyadic.zero.minus(dyadic(3, 0)).rounded() == (-3, 0))
    }

    @Test(
        "the variance of whole numbers is what exact integers say", arguments: [1, 1000, 1 << 40, 1 << 55] as [Int64])
    func variances(_ range: Int64) {
        var generator = SeededGenerator(seed: UInt64(range))
        for count in 2..<30 {
            let step = (range >> 20) + 1
            let values = (0..<count).map { _ in Int64.random(in: -range...range, using: &generator) / step }
            let scaled = values.map { $0 &* step }
            var sum: Int128 = 0, squares: Int128 = 0
            for value in values {
                sum += Int128(value)
                squares += Int128(value) * Int128(value)
            }
            let spread = Int128(count) * squares - sum * sum
            let unit = Double(step)
            let expected = Double(spread) * unit * unit / Double(count * (count - 1))
            for form in 0..<2 {
                let data: [Datum] = scaled.map { form == 0 ? .integer($0) : .double(Double($0)) }
                let text = aggregate(.variance, data)
                let result = Double(text.dropFirst(7)) ?? .nan
                #expect((result - expected).magnitude <= expected * 4e-16, "\(text) for \(expected)")
            }
        }
    }
}
