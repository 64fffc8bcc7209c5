extension AggregateFunction {
    package static let stddev = AggregateFunction(
        "stddev", "sample standard deviation", method: "of a sample; exact, rounded once",
        content: .double, readsNumbers: true, state: Moments.self)
    package static let stddevPop = AggregateFunction(
        "stddev_pop", "population standard deviation", method: "of a population; exact, rounded once",
        content: .double, readsNumbers: true, state: Moments.self, variant: Moments.populationDeviation)
    package static let variance = AggregateFunction(
        "variance", "sample variance", method: "of a sample; exact, rounded once", content: .double, readsNumbers: true,
        state: Moments.self, variant: Moments.variance)
}

/// The state of `stddev`, `stddev_pop` and `variance`: the exact count, sum and sum of squares.
///
/// The square of a double is the sum of two doubles (Dekker's product), which are both summed exactly. Squares out of
/// the range of a double, and those of large integers, go to an accumulator of twice that range. Only the result is
/// rounded.
struct Moments: Accumulator {
    private var sum = ExactSum()
    /// The rounded squares and their rounding errors.
    private var squares = ExactSum()
    private var errors = ExactSum()
    /// Squares that are not a sum of two doubles.
    private var wide: SuperAccumulator?
    private(set) var count: UInt64 = 0

    /// The variants of `stddev_pop` and `variance`.
    static let populationDeviation: UInt8 = 1
    static let variance: UInt8 = 2

    init() {}

    @inline(__always)
    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let value = arguments.first[row]
        if value.kind == .double {
            add(value.double)
            return true
        }
        return updateUnusual(value)
    }

    @inline(never) private mutating func updateUnusual(_ value: Value) -> Bool {
        let number = NumericValue.of(value)
        switch number.kind {
        case .integer: add(number.integer)
        case .double:
            if let integer = NumericValue.longInteger(value) { add(integer) } else { add(number.double) }
        default: return number.isNull
        }
        return true
    }

    @inline(__always) mutating func add(_ value: Double) {
        count &+= 1
        sum.add(value)
        let size = value.magnitude
        if size > 0x1p-480 && size < 0x1p510 {
            // Veltkamp's split into halves of 26 bits, whose products are exact.
            let scaled = 134_217_729 * value
            let high = scaled - (scaled - value)
            let low = value - high
            let square = value * value
            squares.add(square)
            errors.add(((high * high - square) + 2 * high * low) + low * low)
        } else if size > 0 {
            addWide(value)
        }
    }

    mutating func add(_ value: Int64) {
        if value.magnitude < 1 << 26 {
            let double = Double(value)
            count &+= 1
            sum.add(double)
            squares.add(double * double)
        } else if value.magnitude < 1 << 53 {
            add(Double(value))
        } else {
            add(Int128(value))
        }
    }

    /// Adds an integer whose magnitude fits 64 bits.
    private mutating func add(_ value: Int128) {
        count &+= 1
        // Both parts fit 53 bits.
        let high = Int64(truncatingIfNeeded: value >> 32)
        sum.add(Double(high) * 0x1p32)
        sum.add(Double(UInt32(truncatingIfNeeded: value)))
        addWide(UInt128(value.magnitude), exponent: 0)
    }

    @inline(never) private mutating func addWide(_ value: Double) {
        let biased = Int(value.exponentBitPattern)
        let significand = value.significandBitPattern | (biased == 0 ? 0 : 1 << 52)
        addWide(UInt128(significand), exponent: max(biased, 1) - 1075)
    }

    private mutating func addWide(_ magnitude: UInt128, exponent: Int) {
        var accumulator = wide ?? SuperAccumulator(size: SuperAccumulator.wide)
        wide = nil
        accumulator.add(magnitude &* magnitude, exponent: 2 * exponent, isNegative: false)
        wide = accumulator
    }

    mutating func merge(_ other: borrowing Moments) {
        count &+= other.count
        sum.add(other.sum)
        squares.add(other.squares)
        errors.add(other.errors)
        guard let theirs = other.wide else { return }
        var accumulator = wide ?? SuperAccumulator(size: SuperAccumulator.wide)
        wide = nil
        accumulator.add(theirs)
        wide = accumulator
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        let isPopulation = request.variant == Moments.populationDeviation
        guard count > (isPopulation ? 0 : 1) else { return .null }
        // n Σx² - (Σx)² is exact, so it is never negative. Divided by n (n - 1) it is the sample variance.
        let divisors = [count, isPopulation ? count : count - 1]
        return Value(
            request.variant == Moments.variance
                ? spread().divided(by: divisors) : spread().rootOfQuotient(divisors))
    }

    /// n Σx² - (Σx)².
    private func spread() -> Dyadic {
        let (total, squareTotal) = powerSums()
        return squareTotal.times(count).minus(total.times(total))
    }

    /// Σx and Σx².
    func powerSums() -> (Dyadic, Dyadic) {
        var total = SuperAccumulator(size: SuperAccumulator.narrow)
        sum.add(to: &total)
        var squareTotal = SuperAccumulator(size: SuperAccumulator.wide)
        squares.add(to: &squareTotal)
        errors.add(to: &squareTotal)
        if let wide { squareTotal.add(wide) }
        return (total.value(), squareTotal.value())
    }
}
