@testable import StreamEngine

/// A value that owns its text, for tests of expressions.
enum OwnedValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case json(String)
    case time(Int64)

    init(_ value: Value) {
        switch value.kind {
        case .missing, .null: self = .null
        case .false: self = .bool(false)
        case .true: self = .bool(true)
        case .integer: self = .int(value.integer)
        case .double: self = .double(value.double)
        case .time: self = .time(value.integer)
        case .string: self = .string(String(decoding: value.bytes, as: UTF8.self))
        case .json, .digits: self = .json(String(decoding: value.bytes, as: UTF8.self))
        }
    }

    func value(_ arena: inout ByteArena) -> Value {
        func text(_ text: String, _ kind: Kind, _ arena: inout ByteArena) -> Value {
            Array(text.utf8).withUnsafeBytes { Value(arena.copy($0), kind: kind) }
        }
        switch self {
        case .null: return .null
        case .bool(let bool): return Value(bool)
        case .int(let int): return Value(int)
        case .double(let double): return Value(double)
        case .time(let time): return Value(time: time)
        case .string(let string): return text(string, .string, &arena)
        case .json(let json): return text(json, .json, &arena)
        }
    }
}

/// What a program gave for some rows.
struct Evaluation {
    var values: [OwnedValue]
    var kept: [Bool]
    var badValues: Int
}

/// Runs an expression over rows of fields; a field that a row lacks is missing.
func evaluate(
    _ text: String, over rows: [[String: OwnedValue]] = [[:]], zone: ZoneOffsets = .utc
) throws(ExpressionError) -> Evaluation {
    let expression = try Expression.parse(text)
    let fields = expression.fields
    var program = try Program(expression, zone: zone) { path in fields.firstIndex(of: path) }
    var arena = ByteArena()
    var input = ByteArena()
    var columns = ColumnSet(columnCount: fields.count + 1, capacity: rows.count + 3)
    for (column, field) in fields.enumerated() {
        let cells = columns[column]
        for (row, record) in rows.enumerated() { cells[row] = record[field.text]?.value(&input) ?? .missing }
    }
    program.evaluate(over: &columns, rows: rows.count, into: fields.count, arena: &arena)
    let badValues = program.badValues
    let values = rows.indices.map { OwnedValue(columns[fields.count][$0]) }
    let keep = UnsafeMutablePointer<Bool>.allocate(capacity: rows.count + 1)
    defer { keep.deallocate() }
    keep.initialize(repeating: true, count: rows.count + 1)
    program.select(over: &columns, rows: rows.count, arena: &arena, keep: keep)
    return Evaluation(values: values, kept: rows.indices.map { keep[$0] }, badValues: badValues)
}

/// The value of an expression over one row.
func value(
    _ text: String, _ row: [String: OwnedValue] = [:], zone: ZoneOffsets = .utc
) throws(ExpressionError) -> OwnedValue {
    try evaluate(text, over: [row], zone: zone).values[0]
}

/// An expression as the oracle sees it, evaluated by walking the tree, one row at a time.
indirect enum Tree {
    case literal(OwnedValue)
    case field(String)
    case unary(String, Tree)
    case binary(String, Tree, Tree)
    case member(Tree, [Tree])
    case isNull(Tree)
    case choose(Tree, Tree, Tree)
    case call(String, [Tree])

    func value(_ row: [String: OwnedValue]) -> OwnedValue {
        switch self {
        case .literal(let datum): return datum
        case .field(let name): return row[name] ?? .null
        case .isNull(let tree): return .bool(tree.value(row) == .null)
        case .choose(let c, let a, let b): return c.value(row) == .bool(true) ? a.value(row) : b.value(row)
        case .unary(let sign, let tree):
            let x = tree.value(row)
            if sign == "-" { return Oracle.arithmetic("-", .int(0), x, negating: true) }
            if case .bool(let bool) = x { return .bool(!bool) }
            return .null
        case .binary(let sign, let a, let b): return Oracle.binary(sign, a.value(row), b.value(row))
        case .member(let x, let items):
            let results = items.map { Oracle.binary("==", x.value(row), $0.value(row)) }
            return results.reduce(.bool(false)) { Oracle.binary("||", $0, $1) }
        case .call(let name, let arguments): return Oracle.call(name, arguments.map { $0.value(row) })
        }
    }
}

enum Oracle {
    /// The value of a text that is a JSON number.
    private static func numeral(_ text: String) -> OwnedValue? {
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][\-+]?[0-9]+)?/) != nil
        else { return nil }
        if let int = Int64(text) { return .int(int) }
        return Double(text).flatMap { $0.isFinite ? .double($0) : nil }
    }

    private static func number(_ x: OwnedValue) -> OwnedValue? {
        switch x {
        case .int, .double: x
        case .string(let text): numeral(text)
        default: nil
        }
    }

    private static func double(_ x: OwnedValue) -> Double {
        switch x {
        case .int(let int): Double(int)
        case .double(let double): double
        default: .nan
        }
    }

    static func arithmetic(_ sign: String, _ x: OwnedValue, _ y: OwnedValue, negating: Bool = false) -> OwnedValue {
        guard let a = number(x), let b = number(y) else { return .null }
        if case .int(let a) = a, case .int(let b) = b, sign != "/" {
            // In a wider type nothing overflows.
            let wide: Int128
            switch sign {
            case "+": wide = Int128(a) + Int128(b)
            case "-": wide = Int128(a) - Int128(b)
            case "*": wide = Int128(a) * Int128(b)
            default:
                if b == 0 { return .null }
                wide = Int128(a) % Int128(b)
            }
            if let exact = Int64(exactly: wide) { return .int(exact) }
        }
        let result: Double
        switch sign {
        case "+": result = double(a) + double(b)
        case "-": result = negating ? -double(b) : double(a) - double(b)
        case "*": result = double(a) * double(b)
        case "/": result = double(b) == 0 ? .nan : double(a) / double(b)
        default: result = double(b) == 0 ? .nan : double(a).truncatingRemainder(dividingBy: double(b))
        }
        return result.isFinite ? .double(result) : .null
    }

    /// -1, 0, 1; nil for two values without an order.
    static func order(_ x: OwnedValue, _ y: OwnedValue) -> Int? {
        func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : (a == b ? 0 : 1) }
        if case .string(let a) = x, case .string(let b) = y {
            return a == b && Array(a.utf8) == Array(b.utf8) ? 0 : (a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1)
        }
        guard let a = number(x), let b = number(y) else { return nil }
        switch (a, b) {
        case (.int(let a), .int(let b)): return sign(a, b)
        case (.double(let a), .double(let b)): return sign(a, b)
        case (.int(let a), .double(let b)): return intOrder(a, b)
        case (.double(let a), .int(let b)): return -intOrder(b, a)
        default: return nil
        }
    }

    /// Without rounding: the whole part first, then the fraction.
    private static func intOrder(_ a: Int64, _ b: Double) -> Int {
        if b >= 0x1p63 { return -1 }
        if b < -0x1p63 { return 1 }
        let whole = b.rounded(.down)
        let c = Int64(whole)
        return a < c ? -1 : (a > c ? 1 : (b > whole ? -1 : 0))
    }

    static func binary(_ sign: String, _ x: OwnedValue, _ y: OwnedValue) -> OwnedValue {
        switch sign {
        case "+", "-", "*", "/", "%": return arithmetic(sign, x, y)
        case "??": return x == .null ? y : x
        case "&&":
            if x == .bool(false) || y == .bool(false) { return .bool(false) }
            return x == .bool(true) && y == .bool(true) ? .bool(true) : .null
        case "||":
            if x == .bool(true) || y == .bool(true) { return .bool(true) }
            return x == .bool(false) && y == .bool(false) ? .bool(false) : .null
        default: break
        }
        if x == .null || y == .null { return .null }
        guard let order = order(x, y) else {
            if sign == "==" { return .bool(x == y) }
            if sign == "!=" { return .bool(x != y) }
            return .null
        }
        switch sign {
        case "==": return .bool(order == 0)
        case "!=": return .bool(order != 0)
        case "<": return .bool(order < 0)
        case "<=": return .bool(order <= 0)
        case ">": return .bool(order > 0)
        default: return .bool(order >= 0)
        }
    }

    static func call(_ name: String, _ x: [OwnedValue]) -> OwnedValue {
        switch name {
        case "coalesce": return x.first { $0 != .null } ?? .null
        case "type":
            switch x[0] {
            case .null: return .string("null")
            case .bool: return .string("boolean")
            case .int, .double: return .string("number")
            case .string: return .string("string")
            case .json(let text): return .string(text.hasPrefix("[") ? "array" : "object")
            case .time: return .string("time")
            }
        case "number":
            if case .bool(let bool) = x[0] { return .int(bool ? 1 : 0) }
            return number(x[0]) ?? .null
        case "sign": return number(x[0]).map { .int(double($0) > 0 ? 1 : (double($0) < 0 ? -1 : 0)) } ?? .null
        default:
            if name == "length", case .json(let text) = x[0] { return .int(text == "[]" ? 0 : 1) }
            guard let text = text(x[0]) else { return .null }
            switch name {
            case "length": return .int(Int64(text.unicodeScalars.count))
            case "bytes": return .int(Int64(text.utf8.count))
            case "upper":
                return .string(String(String.UnicodeScalarView(text.unicodeScalars.map { ascii($0) })))
            case "concat":
                let parts = x.compactMap { self.text($0) }
                return parts.count == x.count ? .string(parts.joined()) : .null
            default: return .null
            }
        }
    }

    private static func ascii(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar >= "a" && scalar <= "z" ? Unicode.Scalar(UInt8(scalar.value - 32)) : scalar
    }

    private static func text(_ x: OwnedValue) -> String? {
        switch x {
        case .null, .time: nil
        case .bool(let bool): bool ? "true" : "false"
        case .int(let int): "\(int)"
        case .double(let double): "\(double)"
        case .string(let text), .json(let text): text
        }
    }
}
