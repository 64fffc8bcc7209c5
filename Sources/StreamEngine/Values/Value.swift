/// The kind of a value. Raw values order null before booleans before numbers before text.
package enum Kind: UInt8, Sendable {
    /// The record lacks the field. Treated as null everywhere except in the scanner.
    case missing
    case null
    case `false`
    case `true`
    /// An exact signed 64-bit integer.
    case integer
    /// A finite double.
    case double
    /// Microseconds since 1970.
    case time
    /// A number as its text: an integer outside Int64, or a decimal that is not the shortest text of a double (`JSONNumber`).
    case digits
    /// A string as UTF-8 bytes, with escapes decoded.
    case string
    /// An array or object, as its JSON text.
    case json
}

/// One value of a column: 16 bytes, trivially copied.
///
/// Text is borrowed: it points into a batch or an arena and is valid only as long as its memory.
package struct Value {
    /// An Int64, a double's bit pattern, microseconds, or the address of the text.
    package var bits: UInt64
    /// Length of the text in bytes. For a double that was read from a batch, where its text is (`ColumnSet`). Otherwise 0.
    package var length: UInt32
    package var kind: Kind

    @inline(__always) package init(kind: Kind, bits: UInt64 = 0, length: UInt32 = 0) {
        self.bits = bits
        self.length = length
        self.kind = kind
    }

    package static var missing: Value { Value(kind: .missing) }
    package static var null: Value { Value(kind: .null) }

    @inline(__always) package init(_ value: Bool) { self.init(kind: value ? .true : .false) }
    @inline(__always) package init(_ value: Int64) { self.init(kind: .integer, bits: UInt64(bitPattern: value)) }
    @inline(__always) package init(time: Int64) { self.init(kind: .time, bits: UInt64(bitPattern: time)) }

    /// A double. NaN and infinities, which JSON lacks, become null.
    @inline(__always) package init(_ value: Double) {
        self = value.isFinite ? Value(kind: .double, bits: value.bitPattern) : .null
    }

    /// Borrowed text of the given kind (`string`, `json` or `digits`).
    @inline(__always) package init(_ text: UnsafeRawBufferPointer, kind: Kind = .string) {
        self.init(
            kind: kind, bits: UInt64(UInt(bitPattern: text.baseAddress)), length: UInt32(truncatingIfNeeded: text.count)
        )
    }

    /// Missing or null.
    @inline(__always) package var isNull: Bool { kind.rawValue <= Kind.null.rawValue }
    @inline(__always) package var isText: Bool { kind.rawValue >= Kind.digits.rawValue }
    @inline(__always) package var isNumber: Bool { kind == .integer || kind == .double || kind == .digits }

    /// The integer or the microseconds. Only for these kinds.
    @inline(__always) package var integer: Int64 { Int64(bitPattern: bits) }
    /// The double. Only for this kind.
    @inline(__always) package var double: Double { Double(bitPattern: bits) }
    /// The text; empty for other kinds.
    @inline(__always) package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: isText ? bits : 0)),
            count: isText ? Int(length) : 0)
    }
}
