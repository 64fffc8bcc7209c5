extension AggregateFunction {
    package static let sum = AggregateFunction(
        "sum", "sum of the numbers", method: "exact; integers stay integers, doubles are rounded once at the end",
        content: .number, readsNumbers: true, state: Sum.self)
    package static let avg = AggregateFunction(
        "avg", "average of the numbers", method: "the exact sum divided by the count, rounded once", content: .double,
        readsNumbers: true, state: Sum.self, variant: Sum.average)
}

/// The state of `sum` and `avg`.
///
/// A sum of integers is exact and an integer. If there are doubles, the result is the double nearest to the exact sum.
struct Sum: Accumulator {
    private var integers: Int128 = 0
    private var doubles = ExactSum()
    /// Count of numbers. The highest bit is set if there were doubles.
    private var seen: UInt64 = 0
    private static let sawDouble: UInt64 = 1 << 63
    /// The variant of `avg`.
    static let average: UInt8 = 1

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if value.kind == .double {
            doubles.add(value.double)
            seen = (seen &+ 1) | Sum.sawDouble
            return true
        }
        if value.kind == .integer {
            integers &+= Int128(value.integer)
            seen &+= 1
            return true
        }
        return updateUnusual(value)
    }

    @inline(never) private mutating func updateUnusual(_ value: Value) -> Bool {
        let number = NumericValue.of(value)
        if number.kind == .double, let integer = NumericValue.longInteger(value) {
            integers &+= integer
            seen &+= 1
            return true
        }
        add(number)
        return number.kind != NumericValue.bad.kind
    }

    /// Adds a number. Ignores other kinds.
    mutating func add(_ number: Value, negated: Bool = false) {
        switch number.kind {
        case .integer:
            integers = negated ? integers &- Int128(number.integer) : integers &+ Int128(number.integer)
            seen &+= 1
        case .double:
            doubles.add(negated ? -number.double : number.double)
            seen = (seen &+ 1) | Sum.sawDouble
        default: break
        }
    }

    mutating func merge(_ other: borrowing Sum) {
        integers &+= other.integers
        doubles.add(other.doubles)
        let flag = (seen | other.seen) & Sum.sawDouble
        seen = ((seen &+ other.seen) & ~Sum.sawDouble) | flag
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        guard count > 0 else { return .null }
        return request.variant == Sum.average ? mean : total(&arena)
    }

    /// The count of numbers.
    var count: UInt64 { seen & ~Sum.sawDouble }

    /// The average; null without numbers.
    var mean: Value { count > 0 ? Value(average(count)) : .null }

    /// The sum of at least one number as a value.
    func total(_ arena: inout ByteArena) -> Value {
        if seen & Sum.sawDouble != 0 { return Value(nearest) }
        if let small = Int64(exactly: integers) { return Value(small) }
        return digits(&arena)
    }

    private func exactSum() -> Dyadic {
        var exact = SuperAccumulator(size: SuperAccumulator.narrow)
        exact.add(integers)
        doubles.add(to: &exact)
        return exact.value()
    }

    /// The double nearest to the sum; infinite if it is too large.
    var nearest: Double {
        if integers == 0, let simple = doubles.simple { return simple }
        let (significand, exponent) = exactSum().rounded()
        return Dyadic.scale(significand, exponent)
    }

    /// The exact sum divided by the count, rounded once.
    private func average(_ count: UInt64) -> Double {
        if seen & Sum.sawDouble == 0, let small = Int64(exactly: integers), small.magnitude < 1 << 53 {
            return Double(small) / Double(count)
        }
        if integers == 0, let pair = doubles.pair, let average = Sum.quotient(pair.sum, pair.rest, Double(count)) {
            return average
        }
        return exactSum().divided(by: [count])
    }

    /// The double nearest to (sum + rest) / divisor; nil if it cannot be told from this much precision (which is rare).
    ///
    /// The remainder of a division of doubles is a double. The quotient of that corrects the first one, with an error
    /// far below half a unit, so both ends of the error nearly always round to the same double.
    private static func quotient(_ sum: Double, _ rest: Double, _ divisor: Double) -> Double? {
        let first = sum / divisor
        guard first.magnitude > 0x1p-900, first.magnitude < 0x1p900, divisor < 0x1p53 else { return nil }
        // Half and quarter of a rounded sum are rounded, too.
        if divisor.significand == 1 { return first }
        let product = first * divisor
        let remainder = (sum - product) - ExactMath.productError(first, divisor, product)
        let correction = (remainder + rest) / divisor
        let error = correction.magnitude * 0x1p-50
        let low = first + (correction - error), high = first + (correction + error)
        return low == high ? low : nil
    }

    private func digits(_ arena: inout ByteArena) -> Value {
        var text: [UInt8] = []
        var rest = integers.magnitude
        while rest != 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        if integers < 0 { text.append(UInt8(ascii: "-")) }
        text.reverse()
        return text.withUnsafeBytes { Value(arena.copy($0), kind: .digits) }
    }
}
