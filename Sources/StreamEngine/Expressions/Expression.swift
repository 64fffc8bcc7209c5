/// A parsed expression of `--where`, `--let`, `--having`, `--select` or an aggregate, not yet bound to columns.
package struct Expression: Sendable {
    /// The expression as typed, without surrounding space.
    package let text: String
    /// The text of the whole flag, which offsets in the tree refer to.
    let source: String
    let syntax: Syntax

    init(text: String, source: String, syntax: Syntax) {
        self.text = text
        self.source = source
        self.syntax = syntax
    }

    /// Parses a whole expression.
    package static func parse(_ text: String) throws(ExpressionError) -> Expression {
        var parser = try ExpressionParser(text)
        return try parser.whole()
    }

    /// An expression that is just a field.
    package static func field(_ path: FieldPath) -> Expression {
        Expression(text: path.text, source: path.text, syntax: .field(path, offset: 0))
    }

    /// The fields it reads, without duplicates, in order of appearance.
    package var fields: [FieldPath] {
        var result: [FieldPath] = []
        var known: Set<FieldPath> = []
        syntax.eachField { if known.insert($0).inserted { result.append($0) } }
        return result
    }

    /// The field, if the expression is just a field.
    package var plainField: FieldPath? {
        if case .field(let path, _) = syntax { path } else { nil }
    }
}

/// The syntax tree of an expression.
indirect enum Syntax: Sendable {
    case literal(Literal)
    case field(FieldPath, offset: Int)
    case apply(Operation, [Syntax])

    func eachField(_ body: (FieldPath) -> Void) {
        switch self {
        case .literal: break
        case .field(let path, _): body(path)
        case .apply(_, let arguments): for argument in arguments { argument.eachField(body) }
        }
    }
}

enum Literal: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    case string([UInt8])
}

/// A syntax error or other mistake in an expression.
package struct ExpressionError: Error, Equatable {
    package let reason: String
    /// Byte offset of the error in `text`.
    package let offset: Int
    /// The whole text that was parsed.
    package let text: String

    /// Position of the error in characters (Unicode scalars), from 1.
    package var column: Int { String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars.count + 1 }

    /// The reason, then the text with a caret under the error.
    package var message: String {
        let line = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
        return "\(reason)\n  \(line)\n  \(String(repeating: " ", count: column - 1))^"
    }
}

/// A parsed aggregate of `-a`.
package struct ParsedAggregate: Sendable {
    /// The column name, if given.
    package var name: String?
    package var function: AggregateFunction
    package var arguments: [Expression]
    /// The rank of a quantile (0...1) or the length of `top`.
    package var parameter: Double?
}

extension Expression {
    /// Parses `[NAME=]FN(EXPR[,ARG])[, …]`, the value of `-a`.
    package static func parseAggregates(_ text: String) throws(ExpressionError) -> [ParsedAggregate] {
        var parser = try ExpressionParser(text)
        return try parser.aggregates()
    }

    /// Parses `NAME[=EXPR],…`, the value of `--select` and `--let`. A field without a name is its own name.
    package static func parseSelection(_ text: String) throws(ExpressionError) -> [NamedExpression] {
        var parser = try ExpressionParser(text)
        return try parser.selection()
    }
}
