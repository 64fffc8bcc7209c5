import Plan
import StreamEngine

/// What an engine's SQL writes in its own way.
protocol SQLDialect {
    /// The name in messages, with an article: `a Flink`.
    static var engine: String { get }
    static func string(_ text: String) -> String
    static func type(_ type: FieldType) -> String
    /// A division by zero ends the job, so the divisor must be null then.
    static var failsAtZero: Bool { get }
    static var hasRemainderOfDoubles: Bool { get }
    /// The smallest or largest of values; null if one of them is.
    static func extremum(_ function: String, _ values: [String]) -> String
    /// A cast for which a place has not only the target.
    static func text(_ value: String, of type: FieldType, _ note: (String) -> Void) -> String
    /// Numbers with a fraction as integers, rounded toward zero.
    static func integer(_ value: String) -> String
    static func call(
        _ operation: Operation, _ arguments: [Syntax], _ expressions: inout SQLExpressions<Self>
    ) throws(UsageError) -> SQLExpressions<Self>.Typed

    // Times
    /// Whether times have microseconds; else they are cut to milliseconds.
    static var hasMicroseconds: Bool { get }
    static func time(_ microseconds: Int64) -> String
    static func time(number: String, _ format: TimeFormat, isDouble: Bool) -> String?
    /// The seconds from the second time to the first.
    static func seconds(from second: String, to first: String) -> String
    /// A time plus or minus seconds.
    static func shifted(_ time: String, _ sign: String, seconds: String) -> String
}

/// Expressions as SQL, node by node.
///
/// Types are static there: a place that needs another type gets a conversion. What differs is noted.
struct SQLExpressions<Dialect: SQLDialect> {
    /// The flag in messages.
    let flag: String
    /// The column of a field, and its type; nil if there is none.
    let field: (FieldPath) -> (sql: String, type: FieldType)?
    /// The column of an aggregate.
    var aggregate: (AggregateCall) -> (sql: String, type: FieldType)? = { _ in nil }
    /// The local clock is not that of UTC.
    var isLocal = false
    private(set) var notes: [Difference] = []

    init(_ flag: String, field: @escaping (FieldPath) -> (sql: String, type: FieldType)?) {
        self.flag = flag
        self.field = field
    }

    typealias Typed = (sql: String, type: FieldType?)

    mutating func note(_ text: String) {
        let note = Difference(flag, text)
        if !notes.contains(note) { notes.append(note) }
    }

    func refused(_ what: String, _ remedy: String) -> UsageError {
        .refusal(Dialect.engine, flag, "job has no counterpart of \(what)", remedy)
    }

    /// Translates an expression, to the type that the place needs if one is given.
    mutating func translate(_ syntax: Syntax, as wanted: FieldType? = nil) throws(UsageError) -> String {
        let typed = try value(syntax)
        guard let wanted, wanted != typed.type else { return typed.sql }
        return try convert(typed, to: wanted)
    }

    mutating func value(_ syntax: Syntax) throws(UsageError) -> Typed {
        switch syntax {
        case .literal(let literal): return Self.literal(literal)
        case .field(let path, _):
            guard let found = field(path) else {
                throw refused("'\(path.text)'", "use a field of the record")
            }
            return found
        case .aggregate(let call):
            guard let found = aggregate(call) else { throw refused("'\(call.text)'", "give it a column of its own") }
            return found
        case .apply(let operation, let arguments): return try apply(operation, arguments)
        }
    }

    private static func literal(_ literal: Literal) -> Typed {
        switch literal {
        case .null: ("NULL", nil)
        case .boolean(let value): (value ? "TRUE" : "FALSE", .boolean)
        case .integer(.min): ("(-9223372036854775807 - 1)", .bigint)
        case .integer(let value): ("\(value)", .bigint)
        case .double(let value): (SQLText.number(value), .double)
        case .digits(let bytes): ("CAST('\(String(decoding: bytes, as: UTF8.self))' AS DOUBLE)", .double)
        case .string(let bytes): (Dialect.string(String(decoding: bytes, as: UTF8.self)), .string)
        }
    }

    // MARK: Types

    mutating func convert(_ value: Typed, to wanted: FieldType) throws(UsageError) -> String {
        switch (value.type, wanted) {
        case (nil, _): return "CAST(NULL AS \(Dialect.type(wanted)))"
        case (.bigint, .double): return "CAST(\(value.sql) AS DOUBLE)"
        case (.string, .double):
            note("texts with blanks around a number count as numbers")
            return "TRY_CAST(\(value.sql) AS DOUBLE)"
        case (.string, .bigint): return "TRY_CAST(\(value.sql) AS BIGINT)"
        case (.double, .bigint): return Dialect.integer(value.sql)
        case (let type?, .string):
            if type == .double {
                note("numbers become texts as Java writes them: 5.0 instead of 5, 1.0E20 instead of 1e20")
            }
            var notes: [String] = []
            let sql = Dialect.text(value.sql, of: type) { notes.append($0) }
            for text in notes { note(text) }
            return sql
        default:
            throw refused(
                "a \(value.type?.rawValue ?? "NULL") where it needs a \(wanted.rawValue)",
                "declare the fields with --types, such as --types FIELD=\(wanted.rawValue)")
        }
    }

    /// Several values as one type.
    mutating func unified(_ arguments: [Syntax]) throws(UsageError) -> (sql: [String], type: FieldType?) {
        let values = try arguments.map { argument throws(UsageError) in try value(argument) }
        let types = values.compactMap(\.type)
        guard let first = types.first else { return (values.map(\.sql), nil) }
        let type: FieldType =
            types.allSatisfy { $0 == first }
            ? first : types.allSatisfy { $0 == .bigint || $0 == .double } ? .double : .string
        return (
            try values.map { value throws(UsageError) in
                value.type == type ? value.sql : try convert(value, to: type)
            }, type
        )
    }

    // MARK: Operators

    private mutating func apply(_ operation: Operation, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        switch operation {
        case .add, .subtract, .multiply, .divide, .remainder: return try arithmetic(operation, arguments)
        case .negate:
            let value = try value(arguments[0])
            if value.type == .bigint { return ("(-\(value.sql))", .bigint) }
            return ("(-\(try translate(arguments[0], as: .double)))", .double)
        case .compare(let comparison): return (try compare(comparison, arguments[0], arguments[1]), .boolean)
        case .isIn:
            let terms = try arguments.dropFirst().map { item throws(UsageError) in
                try compare(.equal, arguments[0], item)
            }
            return ("(\(terms.joined(separator: " OR ")))", .boolean)
        case .and, .or:
            let sides = try arguments.map { side throws(UsageError) in try condition(side) }
            return ("(\(sides.joined(separator: operation.isAnd ? " AND " : " OR ")))", .boolean)
        case .not: return ("(NOT \(try condition(arguments[0])))", .boolean)
        case .isNull: return ("(\(try value(arguments[0]).sql) IS NULL)", .boolean)
        case .choose:
            let (values, type) = try unified(Array(arguments.dropFirst()))
            let test = try condition(arguments[0])
            return ("CASE WHEN \(test) THEN \(values[0]) ELSE \(values[1]) END", type)
        case .coalesce:
            let (values, type) = try unified(arguments)
            return ("COALESCE(\(values.joined(separator: ", ")))", type)
        case .least, .greatest:
            let (values, type) = try unified(arguments)
            guard values.count > 1 else { return (values[0], type) }
            return (Dialect.extremum(operation.isLeast ? "LEAST" : "GREATEST", values), type)
        default: return try Dialect.call(operation, arguments, &self)
        }
    }

    /// Anything but true and false is unknown.
    mutating func condition(_ syntax: Syntax) throws(UsageError) -> String {
        let value = try value(syntax)
        guard value.type == .boolean || value.type == nil else {
            throw refused(
                "a condition that is a \(value.type?.rawValue ?? "")",
                "compare it, such as with != 0, or declare the field with --types FIELD=BOOLEAN")
        }
        return value.type == nil ? "CAST(NULL AS BOOLEAN)" : value.sql
    }

    private mutating func arithmetic(_ operation: Operation, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        let (left, right) = (try value(arguments[0]), try value(arguments[1]))
        if left.type == .timestamp || right.type == .timestamp { return try timeArithmetic(operation, arguments) }
        if left.type == .bigint, right.type == .bigint, let sign = operation.sign {
            if !arguments.contains(where: \.isSmallLiteral) { note("results beyond 64 bits wrap around") }
            return ("(\(left.sql) \(sign) \(right.sql))", .bigint)
        }
        if case .remainder = operation {
            let isWhole = left.type == .bigint && right.type == .bigint
            guard isWhole || Dialect.hasRemainderOfDoubles else {
                throw refused("% of doubles", "declare the fields with --types FIELD=BIGINT")
            }
            let type: FieldType = isWhole ? .bigint : .double
            let sides = (try translate(arguments[0], as: type), try translate(arguments[1], as: type))
            return ("MOD(\(sides.0), \(divisor(sides.1, arguments[1])))", type)
        }
        let (a, b) = (try translate(arguments[0], as: .double), try translate(arguments[1], as: .double))
        if case .divide = operation {
            // Engines do not compile a division by a literal zero.
            if case .literal = arguments[1], !arguments[1].isNonZero { return ("CAST(NULL AS DOUBLE)", .double) }
            return ("(\(a) / \(divisor(b, arguments[1])))", .double)
        }
        return ("(\(a) \(operation.sign ?? "+") \(b))", .double)
    }

    private func divisor(_ sql: String, _ syntax: Syntax) -> String {
        Dialect.failsAtZero && !syntax.isNonZero ? "NULLIF(\(sql), 0)" : sql
    }

    /// A time plus or minus seconds, or the seconds between two times.
    private mutating func timeArithmetic(_ operation: Operation, _ arguments: [Syntax]) throws(UsageError) -> Typed {
        let (left, right) = (try value(arguments[0]), try value(arguments[1]))
        guard let sign = operation.sign, sign != "*" else {
            throw refused("this calculation with a time", "use epoch() of it")
        }
        if left.type == .timestamp, right.type == .timestamp, sign == "-" {
            return (Dialect.seconds(from: right.sql, to: left.sql), .double)
        }
        let isFirst = left.type == .timestamp
        guard isFirst || sign == "+" else { throw refused("this calculation with a time", "use epoch() of it") }
        let (time, seconds) = isFirst ? (left.sql, arguments[1]) : (right.sql, arguments[0])
        let shift = try translate(seconds, as: .double)
        return (Dialect.shifted(time, sign, seconds: shift), .timestamp)
    }

    private mutating func compare(
        _ comparison: Comparison, _ first: Syntax, _ second: Syntax
    ) throws(UsageError) -> String {
        let (left, right) = (try value(first), try value(second))
        let sign = comparison.sql
        switch (left.type, right.type) {
        case (nil, _), (_, nil): return "CAST(NULL AS BOOLEAN)"
        case (.bigint, .bigint), (.double, .double), (.string, .string), (.timestamp, .timestamp), (.bigint, .double),
            (.double, .bigint):
            return "(\(left.sql) \(sign) \(right.sql))"
        case (.boolean, .boolean) where comparison.isEquality: return "(\(left.sql) \(sign) \(right.sql))"
        case (.string, .bigint), (.string, .double):
            return mixed(text: left.sql, "TRY_CAST(\(left.sql) AS DOUBLE) \(sign) \(right.sql)", comparison)
        case (.bigint, .string), (.double, .string):
            return mixed(text: right.sql, "\(left.sql) \(sign) TRY_CAST(\(right.sql) AS DOUBLE)", comparison)
        case (.timestamp, _): return "(\(left.sql) \(sign) \(try moment(second, right)))"
        case (_, .timestamp): return "(\(try moment(first, left)) \(sign) \(right.sql))"
        default:
            throw refused(
                "a comparison of a \(left.type?.rawValue ?? "") with a \(right.type?.rawValue ?? "")",
                "declare the fields with --types")
        }
    }

    /// A text that is no number differs from every number, but is neither more nor less.
    private func mixed(text: String, _ test: String, _ comparison: Comparison) -> String {
        guard comparison.isEquality else { return "(\(test))" }
        let other = comparison.sql == "=" ? "FALSE" : "TRUE"
        return "CASE WHEN \(text) IS NOT NULL THEN COALESCE(\(test), \(other)) END"
    }

    /// A constant that is compared with a time: a text in RFC 3339, or seconds since 1970.
    private mutating func moment(_ syntax: Syntax, _ value: Typed) throws(UsageError) -> String {
        if case .literal(.string(let bytes)) = syntax {
            let time = bytes.withUnsafeBytes { RFC3339.parse($0) }
            guard let time, !isLocal || bytes.last == UInt8(ascii: "Z") else {
                throw refused("a time without a zone in a comparison", "write it with a Z: '2026-01-31T12:00:00Z'")
            }
            if time % 1000 != 0, !Dialect.hasMicroseconds { note("times are compared in milliseconds") }
            return Dialect.time(time)
        }
        if value.type == .bigint || value.type == .double {
            return Dialect.time(number: value.sql, .seconds, isDouble: value.type == .double) ?? value.sql
        }
        throw refused("a comparison of a time with this", "use time() of it")
    }
}

extension Operation {
    fileprivate var isAnd: Bool { if case .and = self { true } else { false } }
    fileprivate var isLeast: Bool { if case .least = self { true } else { false } }

    /// Those of integers that give integers.
    fileprivate var sign: String? {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        default: nil
        }
    }
}

extension Comparison {
    var sql: String {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
    var isEquality: Bool {
        switch self {
        case .equal, .notEqual: true
        default: false
        }
    }
}

extension Syntax {
    fileprivate var isNonZero: Bool {
        switch self {
        case .literal(.integer(let value)): value != 0
        case .literal(.double(let value)): value != 0
        default: false
        }
    }
    /// A constant so small that a sum or product with it goes beyond 64 bits only for odd data.
    fileprivate var isSmallLiteral: Bool {
        if case .literal(.integer(let value)) = self { value.magnitude < 1 << 20 } else { false }
    }
}
