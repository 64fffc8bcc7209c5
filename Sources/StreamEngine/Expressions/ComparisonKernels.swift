/// The result of comparing two values.
enum Order {
    case less, equal, greater
    /// Values without an order: equal or not.
    case same, different
    /// One is null.
    case unknown

    /// Numbers are compared exactly, including with numeric strings; strings are compared bytewise; times are also
    /// compared with RFC 3339 strings and with seconds since 1970. Objects and arrays may differ in white space.
    ///
    /// - Parameter zone: the local clock of strings without a zone.
    static func of(_ a: Value, _ b: Value, _ zone: ZoneOffsets) -> Order {
        if a.isNull || b.isNull { return .unknown }
        if a.kind == .string && b.kind == .string { return sign(compareBytes(a.bytes, b.bytes)) }
        if a.isNumber && b.isNumber { return sign(KeyCoding.compareNumbers(a, b)) }
        if a.kind == .time { return time(a.integer, b, zone) }
        if b.kind == .time { return time(b.integer, a, zone).mirrored }
        if a.isNumber && b.kind == .string {
            return JSONNumber.parseWhole(b.bytes).map { sign(KeyCoding.compareNumbers(a, $0)) } ?? .different
        }
        if a.kind == .string && b.isNumber {
            return JSONNumber.parseWhole(a.bytes).map { sign(KeyCoding.compareNumbers($0, b)) } ?? .different
        }
        guard a.kind == b.kind else { return .different }
        if a.kind == .json { return CompactJSON.compare(a.bytes, b.bytes) == 0 ? .same : .different }
        return .same
    }

    private static func time(_ time: Int64, _ other: Value, _ zone: ZoneOffsets) -> Order {
        switch other.kind {
        case .time: return sign(time < other.integer ? -1 : (time > other.integer ? 1 : 0))
        case .string:
            guard let parsed = RFC3339.parse(other.bytes, zone: zone) else { return .different }
            return sign(time < parsed ? -1 : (time > parsed ? 1 : 0))
        case .integer, .double:
            if let micros = EpochUnit.seconds.time(other) {
                return sign(time < micros ? -1 : (time > micros ? 1 : 0))
            }
            // Beyond all times.
            return Numbers.double(other) > 0 ? .less : .greater
        case .digits: return JSONNumber.parseRounded(other.bytes).map { self.time(time, $0, zone) } ?? .different
        default: return .different
        }
    }

    @inline(__always) private static func sign(_ order: Int) -> Order {
        order < 0 ? .less : (order > 0 ? .greater : .equal)
    }

    private var mirrored: Order {
        switch self {
        case .less: .greater
        case .greater: .less
        default: self
        }
    }
}

/// One of `== != < <= > >=`.
protocol ComparisonRule {
    static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool
    /// The result for two values without an order; nil is null.
    static func holds(same: Bool) -> Bool?
}

extension ComparisonRule {
    @inline(__always) static func value(_ order: Order) -> Value {
        switch order {
        case .less: Value(holds(0, 1))
        case .equal: Value(holds(0, 0))
        case .greater: Value(holds(1, 0))
        case .same: holds(same: true).map { Value($0) } ?? .null
        case .different: holds(same: false).map { Value($0) } ?? .null
        case .unknown: .null
        }
    }

    /// Compares two columns.
    static func run(
        _ a: UnsafePointer<Value>, _ b: UnsafePointer<Value>, _ out: UnsafeMutablePointer<Value>, _ count: Int,
        _ zone: ZoneOffsets
    ) {
        for row in 0..<count {
            let x = a[row], y = b[row]
            if x.kind == .integer && y.kind == .integer {
                out[row] = Value(holds(x.integer, y.integer))
            } else {
                out[row] = value(Order.of(x, y, zone))
            }
        }
    }

    /// Compares a column with one value.
    static func run(
        _ a: UnsafePointer<Value>, constant: Value, _ out: UnsafeMutablePointer<Value>, _ count: Int,
        _ zone: ZoneOffsets
    ) {
        switch constant.kind {
        case .integer:
            let integer = constant.integer
            // Integers up to 2^53 are doubles.
            let exact = integer.magnitude <= 1 << 53
            let double = Double(integer)
            for row in 0..<count {
                let x = a[row]
                if x.kind == .integer {
                    out[row] = Value(holds(x.integer, integer))
                } else if x.kind == .double && exact {
                    out[row] = Value(holds(x.double, double))
                } else {
                    out[row] = value(Order.of(x, constant, zone))
                }
            }
        case .double:
            let double = constant.double
            for row in 0..<count {
                let x = a[row]
                out[row] = x.kind == .double ? Value(holds(x.double, double)) : value(Order.of(x, constant, zone))
            }
        case .string:
            let text = constant.bytes
            for row in 0..<count {
                let x = a[row]
                if x.kind == .string {
                    // Most texts differ in length; then only ordered comparisons need the bytes.
                    let other = x.bytes
                    if let unequal = holds(same: false), other.count != text.count {
                        out[row] = Value(unequal)
                    } else {
                        out[row] = Value(holds(compareBytes(other, text), 0))
                    }
                } else {
                    out[row] = value(Order.of(x, constant, zone))
                }
            }
        default:
            for row in 0..<count { out[row] = value(Order.of(a[row], constant, zone)) }
        }
    }
}

enum Equal: ComparisonRule {
    @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a == b }
    @inline(__always) static func holds(same: Bool) -> Bool? { same }
}
enum NotEqual: ComparisonRule {
    @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a != b }
    @inline(__always) static func holds(same: Bool) -> Bool? { !same }
}
enum Less: ComparisonRule {
    @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a < b }
    @inline(__always) static func holds(same: Bool) -> Bool? { nil }
}
enum LessOrEqual: ComparisonRule {
    @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a <= b }
    @inline(__always) static func holds(same: Bool) -> Bool? { nil }
}
enum Greater: ComparisonRule {
    @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a > b }
    @inline(__always) static func holds(same: Bool) -> Bool? { nil }
}
enum GreaterOrEqual: ComparisonRule {
    @inline(__always) static func holds<T: Comparable>(_ a: T, _ b: T) -> Bool { a >= b }
    @inline(__always) static func holds(same: Bool) -> Bool? { nil }
}
