/// A parsed expression of `--where`, `--let`, `--by`, `--having`, `--select` or an aggregate, not yet bound to columns.
package struct Expression: Sendable {
    /// The expression as typed, without surrounding space.
    package let text: String
    /// Its tokens with one space between them: two expressions with the same tokens are equal.
    package let normalText: String
    /// The text of the whole flag, which offsets in the tree refer to.
    let source: String
    /// What it does; printers of other languages read it too.
    package let syntax: Syntax

    init(text: String, normalText: String? = nil, source: String, syntax: Syntax) {
        self.text = text
        self.normalText = normalText ?? text
        self.source = source
        self.syntax = syntax
    }

    /// Parses a whole expression.
    ///
    /// - Parameter use: whether it may use aggregates.
    package static func parse(_ text: String, _ use: AggregateUse = .none) throws(ExpressionError) -> Expression {
        var parser = try ExpressionParser(text, use)
        return try parser.whole()
    }

    /// An expression that is just a field.
    package static func field(_ path: FieldPath) -> Expression {
        Expression(text: path.text, source: path.text, syntax: Syntax(path, offset: 0))
    }

    /// The fields it reads outside of aggregates, without duplicates, in order of appearance.
    package var fields: [FieldPath] {
        var result: [FieldPath] = []
        var known: Set<FieldPath> = []
        syntax.eachField { path, _ in if known.insert(path).inserted { result.append(path) } }
        return result
    }

    /// The first field that meets a condition, as an error at its place.
    package func firstField(_ reason: (FieldPath) -> String?) -> ExpressionError? {
        var error: ExpressionError?
        syntax.eachField { path, offset in
            if error == nil, let reason = reason(path) {
                error = ExpressionError(reason: reason, offset: offset, text: source)
            }
        }
        return error
    }

    /// Whether its value depends on when a record is read.
    package var usesNow: Bool {
        var found = false
        syntax.eachOperation { if case .now = $0 { found = true } }
        return found
    }

    /// The name of its column unless another is given: that of the field, or of the part of the metadata, such as `id`
    /// for `@key.id`.
    package var defaultName: String? {
        guard case .apply(.json(let path?), let arguments) = syntax, case .field(let column, _)? = arguments.first,
            column.sourceColumn == .key || column.sourceColumn == .headers
        else { return plainField?.columnName }
        return path.columnName
    }

    /// The field, if the expression is just a field.
    package var plainField: FieldPath? {
        if case .field(let path, _) = syntax { path } else { nil }
    }

    /// The aggregates it uses, in order of appearance, each once.
    package var aggregates: [AggregateCall] {
        var result: [AggregateCall] = []
        syntax.eachAggregate { call in if !result.contains(call) { result.append(call) } }
        return result
    }

    /// The aggregate, if the expression is just one.
    package var plainAggregate: AggregateCall? {
        if case .aggregate(let call) = syntax { call } else { nil }
    }
}

/// Whether an expression may use aggregates.
package enum AggregateUse: Sendable {
    /// No: it is computed for every record.
    case none
    /// Yes: it is computed for every row.
    case inRows
}

/// The syntax tree of an expression.
package indirect enum Syntax: Sendable {
    case literal(Literal)
    case field(FieldPath, offset: Int)
    case aggregate(AggregateCall)
    case apply(Operation, [Syntax])

    /// A field, or the part of a source column that `@key.PATH` or `@header.NAME` names.
    init(_ path: FieldPath, offset: Int) {
        if let part = path.partOfMetadata {
            self = .apply(.json(part.path), [.field(part.column, offset: offset)])
        } else {
            self = .field(path, offset: offset)
        }
    }

    func eachField(_ body: (FieldPath, Int) -> Void) {
        switch self {
        case .literal, .aggregate: break
        case .field(let path, let offset): body(path, offset)
        case .apply(_, let arguments): for argument in arguments { argument.eachField(body) }
        }
    }

    func eachOperation(_ body: (Operation) -> Void) {
        guard case .apply(let operation, let arguments) = self else { return }
        body(operation)
        for argument in arguments { argument.eachOperation(body) }
    }

    func eachAggregate(_ body: (AggregateCall) -> Void) {
        switch self {
        case .literal, .field: break
        case .aggregate(let call): body(call)
        case .apply(_, let arguments): for argument in arguments { argument.eachAggregate(body) }
        }
    }
}

/// A constant.
package enum Literal: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    /// A number that is neither, as its text.
    case digits([UInt8])
    case string([UInt8])
}

/// A call of an aggregate function.
package struct AggregateCall: Sendable, Equatable {
    /// The call as typed.
    package var text: String
    package var function: AggregateFunction
    package var arguments: [Expression]
    /// The rank of a quantile (0...1) or the length of `top`.
    package var parameter: Double?

    package static func == (left: Self, right: Self) -> Bool {
        left.function == right.function && left.parameter == right.parameter
            && left.arguments.map(\.normalText) == right.arguments.map(\.normalText)
    }
}

/// A column of `-a`: an aggregate, or an expression over aggregates.
package struct ParsedAggregate: Sendable {
    /// The column name, if given.
    package var name: String?
    package var expression: Expression
}

/// An item of `--by`: a field or an expression.
package struct ParsedKey: Sendable {
    /// The column name, if given.
    package var name: String?
    package var expression: Expression
}

extension Expression {
    /// Parses `[NAME=]EXPR[, …]` with at least one aggregate in each expression, the value of `-a`.
    package static func parseAggregates(_ text: String) throws(ExpressionError) -> [ParsedAggregate] {
        var parser = try ExpressionParser(text, .inRows)
        return try parser.aggregates()
    }

    /// Parses `NAME[=EXPR],…`, the value of `--select`. A field without a name is its own name.
    package static func parseSelection(
        _ text: String, _ use: AggregateUse = .none
    ) throws(ExpressionError) -> [NamedExpression] {
        var parser = try ExpressionParser(text, use)
        return try parser.selection()
    }

    /// Parses one item `[NAME=]EXPR` that starts at `position`, and advances the position past it, to a comma or the end.
    package static func parseItem(_ text: String, at position: inout Int) throws(ExpressionError) -> ParsedKey {
        var parser = try ExpressionParser(text, from: position)
        return try parser.item(&position)
    }
}
