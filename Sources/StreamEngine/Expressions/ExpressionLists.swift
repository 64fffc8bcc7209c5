extension ExpressionParser {
    /// `NAME=` when it stands here. The name is a single one, in double quotes if it is odd.
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
                throw error("an expression needs a name: NAME=EXPRESSION", at: place)
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
        guard let word = current.word else { throw error("expected the name of an aggregate, such as avg(ms)") }
        guard let function = AggregateFunction(rawValue: word) else { throw unknownAggregate(word) }
        advance()
        guard take(.open) else {
            guard function.argumentCounts.contains(0) else { throw error("expected '(' after \(word)") }
            return ParsedAggregate(function: function, arguments: [])
        }
        var arguments: [Expression] = []
        if function == .count && take(.times) {
            try expect(.close, "after '*'")
        } else if !take(.close) {
            repeat { arguments.append(try expression()) } while take(.comma)
            try expect(.close, "or ','")
        }
        var parameter: Double?
        if function.takesParameter, arguments.count > 1 {
            parameter = try self.parameter(of: function, arguments.removeLast(), place)
        }
        let complete = function.argumentCounts.contains(arguments.count)
        guard complete, function.takesParameter == (parameter != nil) else {
            throw error("wrong number of arguments: \(Self.usage(function))", at: place)
        }
        return ParsedAggregate(function: function, arguments: arguments, parameter: parameter)
    }

    private func unknownAggregate(_ word: String) -> ExpressionError {
        let known = AggregateFunction.allCases.map(\.rawValue)
        if let near = Spelling.nearest(to: word, among: known) {
            return error("unknown aggregate '\(word)': did you mean '\(near)'?")
        }
        return error("unknown aggregate '\(word)'; known are \(known.joined(separator: " "))")
    }

    private func parameter(
        of function: AggregateFunction, _ expression: Expression, _ place: Token
    ) throws(ExpressionError) -> Double {
        let value: Double
        switch expression.syntax {
        case .literal(.integer(let integer)): value = Double(integer)
        case .literal(.double(let double)): value = double
        default: throw error("the last argument must be a number: \(Self.usage(function))", at: place)
        }
        if function == .top {
            guard value >= 1, value <= 1_000_000, value == ExactMath.truncated(value) else {
                throw error("top takes a whole number from 1 to 1000000: \(Self.usage(function))", at: place)
            }
        } else if value < 0 || value > 1 {
            throw error("the rank of a quantile is from 0 to 1: \(Self.usage(function))", at: place)
        }
        return value
    }

    /// How an aggregate is written.
    static func usage(_ function: AggregateFunction) -> String {
        switch function {
        case .count: "count() or count(x)"
        case .countIf: "count_if(condition)"
        case .quantile: "quantile(x, 0.99)"
        case .top: "top(x, 3)"
        case .minBy, .maxBy: "\(function.rawValue)(x, by)"
        default: "\(function.rawValue)(x)"
        }
    }
}
