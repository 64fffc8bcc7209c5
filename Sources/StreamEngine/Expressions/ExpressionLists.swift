extension ExpressionParser {
    /// Parses `NAME=`, if present: a single name, in double quotes if it is not a plain word.
    private mutating func columnName() -> String? {
        guard case .field(let path) = current.kind, let name = path.name, following.kind == .sign(.equals) else {
            return nil
        }
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
            itemStart = index
            let expression = try expression()
            guard let name = given ?? expression.defaultName else {
                try checkItemEnd()
                throw error("an expression requires a name; write NAME=\(expression.text)", at: place)
            }
            result.append(NamedExpression(name: name, expression: expression))
        } while take(.comma)
        try checkEnd()
        return result
    }

    /// Parses `[NAME=]EXPR` up to a comma or the end.
    ///
    /// - Parameter position: set to the offset of the comma or the end.
    mutating func item(_ position: inout Int) throws(ExpressionError) -> ParsedKey {
        let name = columnName()
        let expression = try expression()
        try checkItemEnd()
        position = current.start
        return ParsedKey(name: name, expression: expression)
    }

    private func checkItemEnd() throws(ExpressionError) {
        if current.kind != .sign(.comma) { try checkEnd() }
    }

    private func checkEnd() throws(ExpressionError) {
        guard current.kind == .end else { throw leftover() }
    }

    // MARK: [NAME=]EXPR[, …] over aggregates

    mutating func aggregates() throws(ExpressionError) -> [ParsedAggregate] {
        var result: [ParsedAggregate] = []
        isAggregateList = true
        repeat {
            let place = current
            let name = columnName()
            itemStart = index
            if current.kind == .end {
                throw error(
                    result.isEmpty
                        ? "expected an aggregate, such as avg(ms)" : "expected another aggregate; remove the comma")
            }
            let bare = try bareAggregate()
            let expression = if let bare { bare } else { try expression() }
            try checkItemEnd()
            // An expression over other columns of the row needs no aggregate of its own.
            if expression.aggregates.isEmpty, name == nil || expression.fields.isEmpty {
                throw missingAggregate(expression, at: place)
            }
            if case .aggregate(let call) = expression.syntax, call.function == .latest {
                result += try fields(of: call, name, at: place)
                continue
            }
            guard !expression.aggregates.contains(where: { $0.function == .latest }) else {
                throw error("latest() gives columns, not a value; in an expression, write last_row(FIELD)", at: place)
            }
            result.append(ParsedAggregate(name: name, expression: expression))
        } while take(.comma)
        return result
    }

    /// `latest(x, y)` as a `last_row` of each field, named like it: all of them keep the same record.
    private func fields(
        of latest: AggregateCall, _ name: String?, at place: Token
    ) throws(ExpressionError) -> [ParsedAggregate] {
        var result: [ParsedAggregate] = []
        for argument in latest.arguments {
            guard let field = argument.plainField else {
                throw error("latest() takes fields; for an expression, write NAME=last_row(EXPR)", at: place)
            }
            guard name == nil || latest.arguments.count == 1 else {
                throw error(
                    "latest() names its columns like the fields; for another name, write NAME=last_row(FIELD)",
                    at: place)
            }
            let text = "last_row(\(argument.text))"
            let call = AggregateCall(text: text, function: .lastRow, arguments: [argument])
            let expression = Expression(text: text, source: lexer.text, syntax: .aggregate(call))
            result.append(ParsedAggregate(name: name ?? field.columnName, expression: expression))
        }
        return result
    }

    /// Parses an aggregate without parentheses: `count`.
    private mutating func bareAggregate() throws(ExpressionError) -> Expression? {
        let first = index
        guard let word = current.word, [.end, .sign(.comma)].contains(following.kind),
            let function = Synonyms.aggregate(word)?.function
        else { return nil }
        advance()
        guard function.arguments.contains(0) else {
            throw error("expected '(' after \(word); write \(word)(FIELD)", at: tokens[first])
        }
        let text = text(fromToken: first)
        let call = AggregateCall(text: text, function: function, arguments: [])
        return Expression(text: text, source: lexer.text, syntax: .aggregate(call))
    }

    private func missingAggregate(_ expression: Expression, at place: Token) -> ExpressionError {
        guard let field = expression.fields.first else {
            return error("expected an aggregate, such as avg(ms)", at: place)
        }
        return error("expected an aggregate, such as avg(\(field.text))", at: place)
    }

    /// Parses a call of an aggregate whose name is the current token.
    ///
    /// - Parameter implied: the parameter that the name stands for, as in `p99(ms)`.
    mutating func aggregate(_ function: AggregateFunction, _ implied: Double?) throws(ExpressionError) -> Syntax {
        let first = index
        let place = current
        if let error = refusal(of: function) { throw error }
        if function == .latest, !isAggregateList || first != itemStart {
            throw error("latest() gives columns of -a, not a value; in an expression, write last_row(FIELD)")
        }
        advance()
        advance()
        enclosing = function
        defer { enclosing = nil }
        var function = function
        var arguments: [Expression] = []
        if function.arguments.contains(0), take(.times) {
            try expect(.close, "after '*'")
        } else if !take(.close) {
            if current.kind == .sign(.times) { throw error("\(function) requires a field; write \(function)(FIELD)") }
            if try takeDistinct(function) { function = .distinct }
            repeat { arguments.append(try expression()) } while take(.comma)
            try expect(.close, "or ','")
        }
        // SQL counts rows so.
        if function == .count, arguments.count == 1, case .literal(.integer) = arguments[0].syntax { arguments = [] }
        var parameter = implied
        if implied == nil, let rules = function.parameter, arguments.count > 1 {
            let last = arguments.removeLast()
            parameter = try self.parameter(rules, of: function, last, arguments.first, place)
        }
        let complete = function.arguments.contains(arguments.count)
        guard complete, (function.parameter != nil) == (parameter != nil) else {
            throw wrongArguments(of: function, arguments, at: place)
        }
        for argument in arguments { try checkConstant(argument, of: function) }
        try checkCounted(function, arguments, at: place)
        return .aggregate(
            AggregateCall(
                text: text(fromToken: first), function: function, arguments: arguments, parameter: parameter))
    }

    /// Takes the `distinct` of `count(distinct x)`.
    private mutating func takeDistinct(_ function: AggregateFunction) throws(ExpressionError) -> Bool {
        guard let word = current.word, word.lowercased() == "distinct" else { return false }
        switch following.kind {
        case .field, .string, .number: break
        default: return false
        }
        guard function == .count else {
            throw error("distinct values can only be counted: distinct(x)")
        }
        advance()
        return true
    }

    /// Refuses `count(status = 500)`, which would count the other records too.
    private func checkCounted(
        _ function: AggregateFunction, _ arguments: [Expression], at place: Token
    ) throws(ExpressionError) {
        guard function == .count, let argument = arguments.first, argument.content({ _ in .unknown }) == .boolean,
            argument.plainField == nil
        else { return }
        throw error(
            "count() would count every record in which the condition is not null; write "
                + (itemStart == 0 ? "n=" : "") + "count_if(\(argument.text))",
            at: place)
    }

    /// Refuses `sum(null)` and `sum('ms')`, where a field of that name was meant.
    private func checkConstant(_ argument: Expression, of function: AggregateFunction) throws(ExpressionError) {
        if case .literal(.string(let bytes)) = argument.syntax {
            let name = String(decoding: bytes, as: UTF8.self)
            let field = (try? FieldPath.parse(name)) == nil ? "\"\(name)\"" : name
            throw error("'\(name)' is text; for the field, write \(function)(\(field))", at: tokens[max(0, index - 2)])
        }
        let isWord =
            switch argument.syntax {
            case .literal(.null), .literal(.boolean): true
            default: false
            }
        guard isWord,
            let place = tokens.last(where: {
                $0.start < current.start && text(from: $0.start, to: $0.end) == argument.text
            })
        else { return }
        throw error("\(argument.text) is a constant; for a field of that name, write \"\(argument.text)\"", at: place)
    }

    private func parameter(
        _ rules: AggregateParameter, of function: AggregateFunction, _ expression: Expression, _ first: Expression?,
        _ place: Token
    ) throws(ExpressionError) -> Double {
        let value: Double
        switch expression.syntax {
        case .literal(.integer(let integer)): value = Double(integer)
        case .literal(.double(let double)): value = double
        case .literal(.digits(let digits)): value = Double(String(decoding: digits, as: UTF8.self)) ?? .nan
        default:
            if case .literal(.integer)? = first?.syntax, let first {
                throw error("the number comes last; write \(function)(\(expression.text), \(first.text))", at: place)
            }
            if case .literal(.double)? = first?.syntax, let first {
                throw error("the number comes last; write \(function)(\(expression.text), \(first.text))", at: place)
            }
            throw error("the last argument must be a number: \(function.usage)", at: place)
        }
        guard rules.accepts(value) else { throw error(rules.rule, at: place) }
        return value
    }
}
