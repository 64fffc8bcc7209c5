/// The number in a value, for the functions over numbers.
enum NumericValue {
    /// An integer or a double stays what it is, a string that is wholly a JSON number becomes that number; null where
    /// there is no value; anything else is `bad`.
    @inline(__always) static func of(_ value: Value) -> Value {
        value.kind == .integer || value.kind == .double ? value : unusual(value)
    }

    /// The mark of a value that is no number where one is due.
    static let bad = Value(kind: .false)

    /// The nearest double of a result of `of`; nil for null and `bad`.
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
        case .string, .digits: return parsed(value.bytes) ?? bad
        default: return bad
        }
    }

    /// The number that the text wholly is. The first byte settles nearly all other texts.
    @inline(__always) static func parsed(_ text: UnsafeRawBufferPointer) -> Value? {
        guard let first = text.first, first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10,
            let number = JSONNumber.parseWhole(text), number.kind == .integer || number.kind == .double
        else { return nil }
        return number
    }
}
