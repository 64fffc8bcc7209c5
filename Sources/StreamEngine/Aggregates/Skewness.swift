extension AggregateFunction {
    package static let skewness = AggregateFunction(
        "skewness", "sample skewness",
        method: "of a sample (adjusted Fisher-Pearson); from exact sums, rounded at the end",
        content: .double, readsNumbers: true, state: Skewness.self)
}

/// The state of `skewness`: the exact moments of the numbers and the exact sum of their cubes.
///
/// The result is the adjusted Fisher-Pearson coefficient, √(n (n - 1)) / (n - 2) · m₃ / m₂^(3/2), where mₖ is the mean
/// of (x - mean)ᵏ. With fewer than three numbers, or without variance, it is null.
struct Skewness: Accumulator {
    private var moments = Moments()
    /// The rounded cubes and, at two levels, their rounding errors.
    private var cubes = ExactSum()
    private var errors = ExactSum()
    private var smallErrors = ExactSum()
    /// Cubes that are not a sum of four doubles.
    private var wide: SuperAccumulator?

    init() {}

    mutating func update(_ arguments: borrowing AggregateArguments, row: Int) -> Bool {
        let number = NumericValue.of(arguments.first[row])
        switch number.kind {
        case .integer:
            moments.add(number.integer)
            addCube(of: number.integer)
        case .double:
            moments.add(number.double)
            addCube(of: number.double)
        default: return number.isNull
        }
        return true
    }

    private mutating func addCube(of value: Int64) {
        if value.magnitude < 1 << 53 {
            addCube(of: Double(value))
        } else {
            addWideCube(of: value.magnitude, exponent: 0, isNegative: value < 0)
        }
    }

    private mutating func addCube(of value: Double) {
        let size = value.magnitude
        if size > 0x1p-300 && size < 0x1p300 {
            let square = value * value, cube = value * square
            let lost = ExactMath.productError(value, value, square), product = value * lost
            cubes.add(cube)
            errors.add(ExactMath.productError(value, square, cube))
            errors.add(product)
            smallErrors.add(ExactMath.productError(value, lost, product))
        } else if size > 0 {
            let biased = Int(value.exponentBitPattern)
            addWideCube(
                of: value.significandBitPattern | (biased == 0 ? 0 : 1 << 52), exponent: max(biased, 1) - 1075,
                isNegative: value < 0)
        }
    }

    /// Adds the cube of ±magnitude · 2^exponent.
    private mutating func addWideCube(of magnitude: UInt64, exponent: Int, isNegative: Bool) {
        var accumulator = wide ?? SuperAccumulator(size: SuperAccumulator.widest)
        wide = nil
        let square = magnitude.multipliedFullWidth(by: magnitude)
        accumulator.add(
            UInt128(square.low) &* UInt128(magnitude), exponent: 3 * exponent, isNegative: isNegative)
        accumulator.add(
            UInt128(square.high) &* UInt128(magnitude), exponent: 3 * exponent + 64, isNegative: isNegative)
        wide = accumulator
    }

    mutating func merge(_ other: borrowing Skewness) {
        moments.merge(other.moments)
        cubes.add(other.cubes)
        errors.add(other.errors)
        smallErrors.add(other.smallErrors)
        guard let theirs = other.wide else { return }
        var accumulator = wide ?? SuperAccumulator(size: SuperAccumulator.widest)
        wide = nil
        accumulator.add(theirs)
        wide = accumulator
    }

    func result(_ request: ResultRequest, arena: inout ByteArena) -> Value {
        let count = moments.count
        guard count > 2 else { return .null }
        // With s = n Σx² - (Σx)² = n² m₂ and c = n (n Σx³ - Σx Σx²) - 2 s Σx = n³ m₃, both exact, m₃ / m₂^(3/2) is c /
        // s^(3/2).
        let (sum, squares) = moments.powerSums()
        let spread = squares.times(count).minus(sum.times(sum))
        let cubic = cubeSum().times(count).minus(sum.times(squares)).times(count)
            .minus(sum.times(spread).times(2))
        var (significand, exponent) = spread.rounded()
        guard significand > 0 else { return .null }
        if exponent & 1 != 0 {
            significand *= 2
            exponent -= 1
        }
        let (numerator, scale) = cubic.rounded()
        let n = Double(count)
        let factor = (n * (n - 1)).squareRoot() / (n - 2)
        let ratio = numerator / (significand * significand.squareRoot())
        // Adding zero turns -0.0 into 0.0.
        return Value(Dyadic.scale(factor * ratio, scale - exponent - exponent / 2) + 0)
    }

    private func cubeSum() -> Dyadic {
        var total = SuperAccumulator(size: SuperAccumulator.widest)
        cubes.add(to: &total)
        errors.add(to: &total)
        smallErrors.add(to: &total)
        if let wide { total.add(wide) }
        return total.value()
    }
}
