/// Numeric functions on single values.
enum Numbers {
    /// The value of an operand in arithmetic: an integer or double, null, or `missing` if it is not numeric.
    @inline(__always) static func operand(_ value: Value) -> Value {
        value.kind == .integer || value.kind == .double ? value : other(value)
    }

    @inline(never) private static func other(_ value: Value) -> Value {
        switch value.kind {
        case .missing, .null: .null
        case .string, .digits: JSONNumber.parseRounded(value.bytes) ?? .missing
        default: .missing
        }
    }

    /// An integer or double as a double.
    @inline(__always) static func double(_ number: Value) -> Double {
        number.kind == .integer ? Double(number.integer) : number.double
    }

    /// A double as an integer if it is one and fits, else unchanged.
    @inline(__always) static func whole(_ double: Double) -> Value {
        double >= -0x1p63 && double < 0x1p63 ? Value(Int64(double)) : Value(double)
    }

    /// A count or index given as an argument, truncated; nil if it is not a number of that size.
    static func index(_ value: Value) -> Int? {
        let number = operand(value)
        if number.kind == .integer { return Int(number.integer) }
        guard number.kind == .double, number.double.magnitude < 0x1p53 else { return nil }
        return Int(number.double)
    }

    /// Microseconds as seconds.
    static func seconds(_ micros: Int64) -> Value {
        micros % Microseconds.second == 0 ? Value(micros / Microseconds.second) : Value(Double(micros) / 1e6)
    }

    // MARK: Functions of one number

    /// The result; `missing` for a non-numeric value.
    static func apply(_ function: NumberFunction, _ value: Value) -> Value {
        switch function {
        case .number: return number(value)
        case .integer: return integer(number(value))
        default: break
        }
        let number = operand(value)
        guard number.kind == .integer || number.kind == .double else { return number }
        guard number.kind == .integer else { return apply(function, number.double) }
        let integer = number.integer
        switch function {
        case .abs: return integer == .min ? Value(0x1p63) : Value(integer < 0 ? -integer : integer)
        case .sign: return Value(integer.signum())
        case .sqrt: return Value(ExactMath.squareRoot(Double(integer)))
        default: return number
        }
    }

    private static func apply(_ function: NumberFunction, _ double: Double) -> Value {
        switch function {
        case .abs: Value(double.magnitude)
        case .ceil: whole(ExactMath.ceiling(double))
        case .floor: whole(ExactMath.floor(double))
        case .round: whole(ExactMath.rounded(double))
        case .trunc: whole(ExactMath.truncated(double))
        case .sign: Value(double > 0 ? 1 : (double < 0 ? -1 : 0) as Int64)
        case .sqrt: Value(ExactMath.squareRoot(double))
        case .number, .integer: Value(double)
        }
    }

    private static func number(_ value: Value) -> Value {
        switch value.kind {
        case .false: return Value(0 as Int64)
        case .true: return Value(1 as Int64)
        case .time: return seconds(value.integer)
        default:
            // A conversion, so anything else is null and does not count as a non-numeric value.
            let number = value.isText ? JSONNumber.parseWhole(value.bytes) ?? .missing : operand(value)
            return number.kind == .missing ? .null : number
        }
    }

    private static func integer(_ value: Value) -> Value {
        var number = value
        if value.kind == .digits {
            let decimal = WrittenDecimal(value.bytes)
            if let integer = decimal.integer { return Value(integer) }
            // Beyond Int64, only the digits of an integer are exact.
            if decimal.isWhole, !value.bytes.contains(where: { $0 > UInt8(ascii: "9") }) { return value }
            number = JSONNumber.parseRounded(value.bytes) ?? .null
        }
        guard number.kind == .double else { return number }
        return number.double >= -0x1p63 && number.double < 0x1p63 ? Value(Int64(number.double)) : .null
    }

    // MARK: round(x, digits)

    /// Rounds the exact value to decimals, halves away from zero. Digits below 0 round to tens, hundreds and so on.
    static func round(_ value: Value, digits: Value) -> Value {
        let number = operand(value)
        guard number.kind == .integer || number.kind == .double else { return number }
        let places = operand(digits)
        guard places.kind == .integer || places.kind == .double else { return places }
        guard let digits = index(places) else { return .null }
        if digits < 0 { return coarse(number, -max(digits, -19)) }
        if number.kind == .integer { return number }
        let double = number.double
        guard digits <= 22 else { return number }
        let scale = power(digits)
        let scaled = double * scale
        // So large that there are no further decimals.
        guard scaled.magnitude < 0x1p53 else { return number }
        var result = ExactMath.rounded(scaled)
        // A half may come from rounding the product; the sign of its error decides.
        if (scaled - ExactMath.truncated(scaled)).magnitude == 0.5 {
            let error = ExactMath.productError(double, scale, scaled)
            if error != 0 && (error < 0) == (scaled > 0) { result = ExactMath.truncated(scaled) }
        }
        return Value(result / scale)
    }

    /// Powers of ten up to 10^22 are exact.
    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent { result *= 10 }
        return result
    }

    private static func coarse(_ number: Value, _ digits: Int) -> Value {
        guard digits <= 18 else { return Value(0 as Int64) }
        let integer: Int64
        if number.kind == .integer {
            integer = number.integer
        } else {
            // Halfway points are integers here, so the fraction does not matter.
            guard number.double >= -0x1p63, number.double < 0x1p63 else { return number }
            integer = Int64(number.double)
        }
        var unit: Int64 = 1
        for _ in 0..<digits { unit &*= 10 }
        let rest = integer % unit
        let base = integer &- rest
        guard rest.magnitude >= unit.magnitude / 2 else { return Value(base) }
        let (sum, overflow) = base.addingReportingOverflow(integer < 0 ? -unit : unit)
        return overflow ? Value(Double(base) + Double(integer < 0 ? -unit : unit)) : Value(sum)
    }
}

/// One of `+ - * / %`.
protocol Arithmetic {
    static func integers(_ a: Int64, _ b: Int64) -> Value
    static func doubles(_ a: Double, _ b: Double) -> Value
    /// For a pair with at least one time; `missing` if it is undefined.
    static func times(_ a: Value, _ b: Value) -> Value
}

extension Arithmetic {
    static func times(_ a: Value, _ b: Value) -> Value { .missing }

    /// Applies it to every row. Returns how many rows had a non-numeric value.
    static func run(
        _ a: UnsafePointer<Value>, _ b: UnsafePointer<Value>, _ out: UnsafeMutablePointer<Value>, _ count: Int
    ) -> Int {
        var bad = 0
        for row in 0..<count {
            let x = a[row], y = b[row]
            if x.kind == .integer && y.kind == .integer {
                out[row] = integers(x.integer, y.integer)
            } else if (x.kind == .integer || x.kind == .double) && (y.kind == .integer || y.kind == .double) {
                out[row] = doubles(Numbers.double(x), Numbers.double(y))
            } else {
                out[row] = other(x, y, &bad)
            }
        }
        return bad
    }

    /// Applies it to a column and a value that is the same in every row.
    static func run(
        _ a: UnsafePointer<Value>, constant: Value, _ out: UnsafeMutablePointer<Value>, _ count: Int
    ) -> Int {
        let double = constant.kind == .double || constant.kind == .integer ? Numbers.double(constant) : nil
        var bad = 0
        for row in 0..<count {
            let x = a[row]
            if x.kind == .double, let double {
                out[row] = doubles(x.double, double)
            } else if x.kind == .integer, let double {
                out[row] =
                    constant.kind == .integer
                    ? integers(x.integer, constant.integer) : doubles(Double(x.integer), double)
            } else {
                out[row] = other(x, constant, &bad)
            }
        }
        return bad
    }

    /// For a pair that is not two numbers.
    @inline(__always) private static func other(_ a: Value, _ b: Value, _ bad: inout Int) -> Value {
        let result = mixed(a, b)
        bad &+= result.kind == .missing ? 1 : 0
        return result.kind == .missing ? .null : result
    }

    @inline(never) private static func mixed(_ a: Value, _ b: Value) -> Value {
        if (a.kind == .time || b.kind == .time) && !a.isNull && !b.isNull { return times(a, b) }
        let x = Numbers.operand(a), y = Numbers.operand(b)
        if x.kind == .missing || y.kind == .missing { return .missing }
        if x.isNull || y.isNull { return .null }
        if x.kind == .integer && y.kind == .integer { return integers(x.integer, y.integer) }
        return doubles(Numbers.double(x), Numbers.double(y))
    }
}

enum Add: Arithmetic {
    @inline(__always) static func integers(_ a: Int64, _ b: Int64) -> Value {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? Value(Double(a) + Double(b)) : Value(sum)
    }
    @inline(__always) static func doubles(_ a: Double, _ b: Double) -> Value { Value(a + b) }
    static func times(_ a: Value, _ b: Value) -> Value {
        a.kind == .time ? shift(a, by: b, forward: true) : shift(b, by: a, forward: true)
    }

    /// A time plus or minus a number of seconds.
    static func shift(_ time: Value, by seconds: Value, forward: Bool) -> Value {
        let number = Numbers.operand(seconds)
        guard number.kind == .integer || number.kind == .double else { return .missing }
        guard let micros = EpochUnit.seconds.time(number) else { return .null }
        let (sum, overflow) =
            forward
            ? time.integer.addingReportingOverflow(micros) : time.integer.subtractingReportingOverflow(micros)
        return overflow ? .null : Value(time: sum)
    }
}

enum Subtract: Arithmetic {
    @inline(__always) static func integers(_ a: Int64, _ b: Int64) -> Value {
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        return overflow ? Value(Double(a) - Double(b)) : Value(difference)
    }
    @inline(__always) static func doubles(_ a: Double, _ b: Double) -> Value { Value(a - b) }
    static func times(_ a: Value, _ b: Value) -> Value {
        guard a.kind == .time else { return .missing }
        guard b.kind == .time else { return Add.shift(a, by: b, forward: false) }
        let (micros, overflow) = a.integer.subtractingReportingOverflow(b.integer)
        return overflow ? Value((Double(a.integer) - Double(b.integer)) / 1e6) : Numbers.seconds(micros)
    }
}

enum Multiply: Arithmetic {
    @inline(__always) static func integers(_ a: Int64, _ b: Int64) -> Value {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? Value(Double(a) * Double(b)) : Value(product)
    }
    @inline(__always) static func doubles(_ a: Double, _ b: Double) -> Value { Value(a * b) }
}

enum Divide: Arithmetic {
    @inline(__always) static func integers(_ a: Int64, _ b: Int64) -> Value { doubles(Double(a), Double(b)) }
    @inline(__always) static func doubles(_ a: Double, _ b: Double) -> Value { b == 0 ? .null : Value(a / b) }
}

enum Remainder: Arithmetic {
    @inline(__always) static func integers(_ a: Int64, _ b: Int64) -> Value {
        if b == 0 { return .null }
        // The one pair that would trap: the smallest integer by -1.
        return Value(b == -1 ? 0 : a % b)
    }
    @inline(__always) static func doubles(_ a: Double, _ b: Double) -> Value {
        b == 0 ? .null : Value(ExactMath.remainder(a, b))
    }
}
