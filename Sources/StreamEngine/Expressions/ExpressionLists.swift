extension ExpressionParser {
    /// Parses `NAME=`, if present: a single name, in double quotes if it is not a plain word.
    private mutating func columnName() -> String? {
        guard case .field(let path) = current.kind, let name = path.name, index + 1 < tokens.count,
            tokens[index + 1].kind == .sign(.equals)
        else { return nil }
        advance()
        advance()
        return String(decoding: name, as: UTF8.self)
    }

    // MARK: NAME[=EXPR],…

    mutating func selection() throws(ExpressionError) -> [NamedExpression] {
        var result: [NamedExpression] = []
        repeat {
            let place = current
            let given = columnName()
            let expression = try expression()
            guard let name = given ?? Self.name(of: expression) else {
                throw error("an expression requires a name; write NAME=EXPR", at: place)
            }
            result.append(NamedExpression(name: name, expression: expression))
        } while take(.comma)
        guard current.kind == .end else { throw leftover() }
        return result
    }

    private static func name(of expression: Expression) -> String? {
        expression.plainField?.columnName
    }

    // MARK: [NAME=]FN(EXPR[,ARG])[, …]

    mutating func aggregates() throws(ExpressionError) -> [ParsedAggregate] {
        var result: [ParsedAggregate] = []
        repeat {
            let name = columnName()
            var aggregate = try aggregate()
            aggregate.name = name
            result.append(aggregate)
        } while take(.comma)
        guard current.kind == .end else { throw error("expected ',' or the end") }
        return result
    }

    private mutating func aggregate() throws(ExpressionError) -> ParsedAggregate {
        let place = current
        guard let word = current.word else { throw error("expected an aggregate, such as avg(ms)") }
        guard let function = AggregateFunction.named(word) else { throw unknownAggregate(word) }
        advance()
        guard take(.open) else {
            guard function.arguments.contains(0) else { throw error("expected '(' after \(word)") }
            return ParsedAggregate(function: function, arguments: [])
        }
        var arguments: [Expression] = []
        if function.arguments.contains(0) && take(.times) {
            try expect(.close, "after '*'")
        } else if !take(.close) {
            repeat { arguments.append(try expression()) } while take(.comma)
            try expect(.close, "or ','")
        }
        var parameter: Double?
        if let rules = function.parameter, arguments.count > 1 {
            parameter = try self.parameter(rules, of: function, arguments.removeLast(), place)
        }
        let complete = function.arguments.contains(arguments.count)
        guard complete, (function.parameter != nil) == (parameter != nil) else {
            throw error("wrong number of arguments; write \(function.usage)", at: place)
        }
        return ParsedAggregate(function: function, arguments: arguments, parameter: parameter)
    }

    private func unknownAggregate(_ word: String) -> ExpressionError {
        let known = AggregateFunction.all.map(\.name)
        if let near = Spelling.nearest(to: word, among: known) {
            return error("unknown aggregate '\(word)'; did you mean '\(near)'?")
        }
        return error("unknown aggregate '\(word)'; the aggregates are \(known.joined(separator: " "))")
    }

    private func parameter(
        _ rules: AggregateParameter, of function: AggregateFunction, _ expression: Expression, _ place: Token
    ) throws(ExpressionError) -> Double {
        let value: Double
        switch expression.syntax {
        case .literal(.integer(let integer)): value = Double(integer)
        case .literal(.double(let double)): value = double
        default: throw error("the last argument must be a number: \(function.usage)", at: place)
        }
        guard rules.accepts(value) else { throw error(rules.rule, at: place) }
        return value
    }
}
