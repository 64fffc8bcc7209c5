/// Doubles with a fixed number of decimals (`--digits`), or as few as a reader needs.
struct FixedDecimals: Sendable {
    /// nil: at most three decimals, but four significant digits below 1.
    let decimals: Int?
    /// For each column of a row, whether its doubles are rounded.
    let columns: [Bool]

    /// - Returns: nil if the query does not ask for it.
    init?(_ digits: Int?, shortens: Bool, columns: [Bool]) {
        guard digits != nil || shortens else { return nil }
        decimals = digits
        self.columns = columns
    }

    /// Appends the value of a column as JSON.
    func append(_ value: Value, column: Int, to buffer: inout ByteBuffer) {
        guard value.kind == .double, columns[column] else { return buffer.append(json: value) }
        if let decimals {
            buffer.append(value.double, decimals: decimals)
        } else {
            buffer.append(json: Self.shortened(value))
        }
    }

    private static func shortened(_ value: Value) -> Value {
        guard value.double.isFinite, value.double != 0 else { return value }
        let decimal = ShortestDecimal(value.double.magnitude)
        // Digits before the point; negative for zeros behind it.
        var whole = decimal.power
        var digits = decimal.digits
        while digits > 0 {
            whole &+= 1
            digits /= 10
        }
        return Numbers.round(value, digits: Value(Int64(whole > 0 ? 3 : min(4 &- whole, 300))))
    }
}

extension ByteBuffer {
    /// Appends a number with exactly so many decimals, rounded as by `round(x, digits)`: to the nearest, halves away
    /// from zero. From 10^21 on, as without a number of decimals. NaN and infinities become null.
    mutating func append(_ value: Double, decimals: Int) {
        let rounded = Numbers.round(Value(value), digits: Value(Int64(decimals)))
        guard rounded.kind == .double, rounded.double.magnitude < 1e21 else { return append(json: rounded) }
        let number = rounded.double
        if number < 0 { append(UInt8(ascii: "-")) }
        let shortest = number == 0 ? nil : ShortestDecimal(number.magnitude)
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
            guard let digits = room.baseAddress else { return }
            let count = shortest.map { DecimalText.write($0.digits, to: digits) } ?? 0
            /// Digits before the point.
            let whole = count &+ (shortest?.power ?? 0)
            func digit(_ index: Int) -> UInt8 { index >= 0 && index < count ? room[index] : UInt8(ascii: "0") }
            if whole <= 0 { append(UInt8(ascii: "0")) }
            for index in 0..<max(0, whole) { append(digit(index)) }
            guard decimals > 0 else { return }
            append(UInt8(ascii: "."))
            for index in 0..<decimals { append(digit(whole &+ index)) }
        }
    }
}
