import Plan
import StreamEngine

/// Names, literals and types of Spark SQL, and calls of its Python interface.
enum SparkText {
    /// Words that mean something else without quotes.
    private static let words: Set<String> = [
        "all", "and", "any", "array", "between", "case", "cast", "current_date", "current_time", "current_timestamp",
        "current_user", "date", "distinct", "else", "end", "exists", "extract", "false", "filter", "first", "from",
        "if",
        "in", "interval", "is", "last", "like", "localtime", "map", "not", "null", "or", "over", "overlay", "position",
        "rlike", "select", "some", "struct", "substr", "substring", "then", "time", "timestamp", "timestamp_ltz",
        "timestamp_ntz", "trim", "true", "user", "when", "where", "x",
    ]

    /// A name in an expression.
    static func quoted(_ name: String) -> String {
        let isPlain = name.unicodeScalars.enumerated().allSatisfy { number, scalar in
            scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || number > 0 && ("0"..."9").contains(scalar)
        }
        // `x'00'` is a literal of bytes, but a name alone is none.
        if isPlain, !name.isEmpty, name == "x" || !words.contains(name.lowercased()) { return name }
        return "`" + name.map { $0 == "`" ? "``" : String($0) }.joined() + "`"
    }

    /// A text in SQL; one with backslashes, such as a pattern, stays readable.
    static func string(_ text: String) -> String {
        let scalars = text.unicodeScalars
        if scalars.contains("\\"), !scalars.contains("'"), !scalars.contains("\""), scalars.last != "\\",
            scalars.allSatisfy({ $0.value >= 0x20 })
        {
            return "r'\(text)'"
        }
        return "'" + scalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
    }

    /// SQL as a literal of Python.
    static func python(_ sql: String) -> String {
        let scalars = sql.unicodeScalars
        let isRaw =
            scalars.contains("\\") && !scalars.contains("\"") && scalars.last != "\\"
            && scalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && !(0x80..<0xa0).contains($0.value) }
        return isRaw ? "r\"\(sql)\"" : PythonText.string(sql)
    }

    /// A column of Spark for an expression.
    static func column(_ sql: String) -> String { "F.expr(\(python(sql)))" }

    /// A column with a name, in the short form that people write.
    static func column(_ sql: String, named name: String) -> String {
        if sql == quoted(name) { return python(sql) }
        let parts = sql.split(separator: "(", maxSplits: 1)
        if parts.count == 2, ["avg", "min", "max", "sum", "count"].contains(parts[0]), parts[1].hasSuffix(")") {
            let argument = String(parts[1].dropLast())
            if argument == "*" || argument == quoted(argument) {
                return "F.\(parts[0])(\(PythonText.string(argument))).alias(\(PythonText.string(name)))"
            }
        }
        return "\(column(sql)).alias(\(PythonText.string(name)))"
    }

    /// A length as Spark names it: `10 seconds`.
    static func duration(_ microseconds: Int64) -> String {
        let units: [(String, Int64)] = [
            ("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000),
            ("millisecond", 1000),
        ]
        for (unit, length) in units where microseconds != 0 && microseconds % length == 0 {
            let number = microseconds / length
            return "\(number) \(unit)\(number == 1 ? "" : "s")"
        }
        return microseconds == 0 ? "0 seconds" : "\(microseconds) microseconds"
    }

    static func type(_ type: FieldType) -> String { type.rawValue }

    static func type(_ shape: JobColumn.Shape) -> String {
        switch shape {
        case .value(let value): return type(value)
        case .object(let members):
            let texts = members.map { "\(quoted($0.name)): \(type($0.shape))" }
            return "STRUCT<\(texts.joined(separator: ", "))>"
        }
    }
}

/// A chain of calls on a data frame: a call on each line.
struct SparkChain {
    private(set) var text = JobText(comment: "#")

    mutating func call(_ call: String, notes: [Difference] = []) {
        for note in notes { text.differs(note, indent: 4) }
        text.line("    .\(call)")
    }

    mutating func remark(_ remark: String) { text.remark(remark, indent: 4) }

    /// A call with an argument on each line, below what differs in it.
    mutating func call(_ name: String, _ arguments: [(code: String, notes: [Difference])]) {
        let line = "\(name)(\(arguments.map(\.code).joined(separator: ", ")))"
        if line.count <= 110, arguments.allSatisfy({ $0.notes.isEmpty }) { return call(line) }
        text.line("    .\(name)(")
        for argument in arguments {
            for note in argument.notes { text.differs(note, indent: 8) }
            text.line("        \(argument.code),")
        }
        text.line("    )")
    }

    mutating func append(_ chain: SparkChain) { text.append(chain.text) }

    var isEmpty: Bool { text.text.isEmpty }

    /// The statement that gives the result a name.
    ///
    /// - Parameter source: what the first call is made on.
    func statement(_ name: String, from source: String) -> JobText {
        var result = JobText(comment: "#")
        result.line("\(name) = (")
        result.line("    \(source)")
        result.append(text)
        result.line(")")
        return result
    }
}

/// The columns of a data frame.
struct SparkRelation {
    /// Their names, which are those in expressions.
    var names: [String]
    /// The column with the event time, as an expression.
    var time: String?

    static let eventTime = "event_time_"

    /// The column of a name in an expression; nil if there is none.
    func column(_ path: FieldPath) -> String? {
        let name = path.sourceColumn?.rawValue ?? path.columnName
        if names.contains(name) { return SparkText.quoted(name) }
        let parts = path.steps.compactMap { step in
            if case .name(let name) = step { String(decoding: name, as: UTF8.self) } else { nil }
        }
        guard parts.count == path.steps.count, let first = parts.first, names.contains(first) else { return nil }
        return parts.map(SparkText.quoted).joined(separator: ".")
    }

    /// A name that no column has.
    func free(_ name: String, besides others: [String] = []) -> String {
        var result = name
        while names.contains(result) || others.contains(result) { result += "_" }
        return result
    }
}
