extension ReadFunction {
    /// The result of a value that is not null; `missing` if it cannot be read.
    func read(_ value: Value, _ arena: inout ByteArena) -> Value {
        switch self {
        case .base64: Self.base64(value, &arena)
        case .duration: Self.duration(value)
        case .size: Self.size(value)
        }
    }

    private static func base64(_ value: Value, _ arena: inout ByteArena) -> Value {
        // Bytes that are not text have no place in a value.
        guard value.kind == .string, let bytes = Base64.decode(value.bytes, &arena), UTF8Text.isValid(bytes) else {
            return .missing
        }
        return Value(bytes)
    }

    private static func duration(_ value: Value) -> Value {
        switch value.kind {
        case .string: Quantities.duration(value.bytes) ?? .missing
        // The unit of any other number is unknown.
        case .integer, .double: Numbers.double(value) == 0 ? value : .missing
        default: .missing
        }
    }

    private static func size(_ value: Value) -> Value {
        switch value.kind {
        case .string: Quantities.size(value.bytes) ?? .missing
        case .integer, .double, .digits: Quantities.size(Numbers.operand(value))
        default: .missing
        }
    }
}
