/// Three-valued logic on columns. Anything but true and false is unknown.
enum Logic {
    @inline(__always) static func and(_ a: Value, _ b: Value) -> Value {
        if a.kind == .false || b.kind == .false { return Value(false) }
        return a.kind == .true && b.kind == .true ? Value(true) : .null
    }

    @inline(__always) static func or(_ a: Value, _ b: Value) -> Value {
        if a.kind == .true || b.kind == .true { return Value(true) }
        return a.kind == .false && b.kind == .false ? Value(false) : .null
    }

    @inline(__always) static func not(_ a: Value) -> Value {
        switch a.kind {
        case .true: Value(false)
        case .false: Value(true)
        default: .null
        }
    }

    /// Whether the first column is among the others, as in SQL: unknown if it is not found and one of them is null.
    static func isIn(
        _ columns: Columns, _ out: UnsafeMutablePointer<Value>, _ rows: Int, _ zone: ZoneOffsets
    ) {
        for row in 0..<rows {
            let wanted = columns[0][row]
            var result = wanted.isNull ? Value.null : Value(false)
            var column = 1
            while column < columns.count, !wanted.isNull {
                let item = columns[column][row]
                column &+= 1
                // The common mismatches, without a call.
                if wanted.kind == .string && item.kind == .string && wanted.length != item.length { continue }
                if wanted.kind == .integer && item.kind == .integer && wanted.bits != item.bits { continue }
                switch Order.of(wanted, item, zone) {
                case .equal, .same:
                    result = Value(true)
                    column = columns.count
                case .unknown: result = .null
                default: break
                }
            }
            out[row] = result
        }
    }

    static func coalesce(_ columns: Columns, _ out: UnsafeMutablePointer<Value>, _ rows: Int) {
        for row in 0..<rows {
            var result = columns[0][row]
            var column = 1
            while result.isNull, column < columns.count {
                result = columns[column][row]
                column &+= 1
            }
            out[row] = result
        }
    }

    /// The smallest or largest; null if one is null or they have no order.
    static func extreme(
        _ columns: Columns, least: Bool, _ out: UnsafeMutablePointer<Value>, _ rows: Int, _ zone: ZoneOffsets
    ) {
        for row in 0..<rows {
            var result = columns[0][row]
            let hasOrder = result.kind == .string || result.isNumber || result.kind == .time
            var known = columns.count > 1 ? !result.isNull : hasOrder
            var column = 1
            while known, column < columns.count {
                let other = columns[column][row]
                column &+= 1
                switch Order.of(other, result, zone) {
                case .less: if least { result = other }
                case .greater: if !least { result = other }
                case .equal: break
                case .same, .different, .unknown: known = false
                }
            }
            out[row] = known ? result : .null
        }
    }

    static func type(_ value: Value) -> Value {
        let name: StaticString =
            switch value.kind {
            case .missing, .null: "null"
            case .false, .true: "boolean"
            case .integer, .double, .digits: "number"
            case .time: "time"
            case .string: "string"
            case .json: value.bytes.first == UInt8(ascii: "[") ? "array" : "object"
            }
        return Value(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}

/// The arguments of an operation: a few columns of equal length.
struct Columns {
    let base: UnsafeMutablePointer<UnsafePointer<Value>>
    let count: Int
    @inline(__always) subscript(index: Int) -> UnsafePointer<Value> { base[index] }
}
