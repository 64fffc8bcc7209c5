/// Reads values as numbers, for numeric functions.
enum NumericValue {
    /// An integer or double is itself; a string that is a JSON number becomes that number; true is 1 and false 0, so that
    /// an average is a share; null and missing are null; anything else is `bad`.
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

    /// The number, if the whole text is a number. The first byte rules out nearly all other texts.
    @inline(__always) static func parsed(_ text: UnsafeRawBufferPointer) -> Value? {
        guard let first = text.first, first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10,
            let number = JSONNumber.parseWhole(text), number.kind == .integer || number.kind == .double
        else { return nil }
        return number
    }
}
