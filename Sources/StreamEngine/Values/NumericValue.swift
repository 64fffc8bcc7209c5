/// Reads values as numbers, for numeric functions.
enum NumericValue {
    /// An integer or double is itself; digits, and a string that is a JSON number, become an integer or the nearest
    /// double; true is 1 and false 0, so that an average is a share; null and missing are null; anything else is `bad`.
    @inline(__always) static func of(_ value: Value) -> Value {
        value.kind == .integer || value.kind == .double ? value : unusual(value)
    }

    /// Marks a non-numeric value where a number is required.
    static let bad = Value(kind: .false)

    /// Whether a numeric function skips the value.
    static func isBad(_ value: Value) -> Bool {
        switch of(value).kind {
        case .null, .integer, .double: false
        default: true
        }
    }

    /// The nearest double to a result of `of`; nil for null and `bad`.
    @inline(__always) static func double(_ number: Value) -> Double? {
        switch number.kind {
        case .integer: Double(number.integer)
        case .double: number.double
        default: nil
        }
    }

    @inline(never) private static func unusual(_ value: Value) -> Value {
        switch value.kind {
        case .missing, .null: return .null
        case .true: return Value(1 as Int64)
        case .false: return Value(0 as Int64)
        case .string, .digits: return parsed(value.bytes) ?? bad
        default: return bad
        }
    }

    /// The number, rounded to an integer or double, if the whole text is a number.
    @inline(__always) static func parsed(_ text: UnsafeRawBufferPointer) -> Value? {
        beginsNumber(text) ? JSONNumber.parseRounded(text) : nil
    }

    /// The exact number, if the whole text is a number.
    @inline(__always) static func exact(_ text: UnsafeRawBufferPointer) -> Value? {
        beginsNumber(text) ? JSONNumber.parseWhole(text) : nil
    }

    /// The first byte rules out nearly all other texts.
    @inline(__always) private static func beginsNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 0, let first = text.baseAddress else { return false }
        return beginsNumber(first)
    }

    /// Whether the byte is the first one of a number.
    @inline(__always) static func beginsNumber(_ text: UnsafeRawPointer) -> Bool {
        let first = text.load(as: UInt8.self)
        return first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10
    }

    /// The integer in digits, or in a string, if it is outside Int64 but within 64 bits and a sign: such integers are
    /// summed exactly.
    static func longInteger(_ value: Value) -> Int128? {
        guard value.kind == .digits || value.kind == .string, value.length <= 21 else { return nil }
        let isNegative = value.bytes.first == UInt8(ascii: "-")
        var magnitude: UInt128 = 0
        for byte in value.bytes.dropFirst(isNegative ? 1 : 0) {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            magnitude = magnitude &* 10 &+ UInt128(digit)
        }
        guard magnitude <= UInt128(UInt64.max) else { return nil }
        return isNegative ? 0 &- Int128(magnitude) : Int128(magnitude)
    }
}
