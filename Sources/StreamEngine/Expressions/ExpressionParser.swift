/// Parses expressions by recursive descent: one function for each level of precedence, loosest first.
///
///     c ? a : b    or ||    and &&    not    == != < <= > >= ~ !~ in, is null    ??    + -    * / %    - !
struct ExpressionParser {
    let lexer: ExpressionLexer
    let tokens: [Token]
    var index = 0
    private var depth = 0

    private static let depthLimit = 100
    private static let reserved: Set<String> = ["and", "or", "not", "in", "is"]

    init(_ text: String) throws(ExpressionError) {
        var lexer = ExpressionLexer(text)
        tokens = try lexer.tokens()
        self.lexer = lexer
    }

    mutating func whole() throws(ExpressionError) -> Expression {
        let result = try expression()
        guard current.kind == .end else { throw leftover() }
        return result
    }

    /// Parses one expression with its text.
    mutating func expression() throws(ExpressionError) -> Expression {
        let start = current.start
        let syntax = try choice()
        let end = index > 0 ? tokens[index - 1].end : start
        let text = String(decoding: lexer.bytes[start..<max(start, end)], as: UTF8.self)
        return Expression(text: text, source: lexer.text, syntax: syntax)
    }

    // MARK: Tokens

    var current: Token { tokens[index] }

    mutating func advance() { if index + 1 < tokens.count { index += 1 } }

    mutating func take(_ sign: Token.Sign) -> Bool {
        guard current.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    mutating func take(word: String) -> Bool {
        guard current.word == word else { return false }
        advance()
        return true
    }

    func error(_ reason: String, at token: Token? = nil) -> ExpressionError {
        lexer.error(reason, at: (token ?? current).start)
    }

    mutating func expect(_ sign: Token.Sign, _ place: String) throws(ExpressionError) {
        guard take(sign) else { throw error("expected '\(sign.rawValue)' \(place)") }
    }

    func leftover() -> ExpressionError {
        if let word = current.word, word != word.lowercased() {
            let small = word.lowercased()
            if Self.reserved.contains(small) { return error("operators are lowercase: write '\(small)'") }
        }
        return error("expected an operator or the end")
    }

    // MARK: Levels

    mutating func choice() throws(ExpressionError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw error("the expression is nested too deeply") }
        let condition = try disjunction()
        guard take(.question) else { return condition }
        let yes = try choice()
        try expect(.colon, "between the two values of '?'")
        return .apply(.choose, [condition, yes, try choice()])
    }

    private mutating func disjunction() throws(ExpressionError) -> Syntax {
        var left = try conjunction()
        while take(.or) || take(word: "or") { left = .apply(.or, [left, try conjunction()]) }
        return left
    }

    private mutating func conjunction() throws(ExpressionError) -> Syntax {
        var left = try negation()
        while take(.and) || take(word: "and") { left = .apply(.and, [left, try negation()]) }
        return left
    }

    private mutating func negation() throws(ExpressionError) -> Syntax {
        var count = 0
        while take(word: "not") { count += 1 }
        return Self.wrap(try comparison(), .not, count)
    }

    /// Applies a prefix operation repeatedly, without recursion.
    private static func wrap(_ syntax: Syntax, _ operation: Operation, _ count: Int) -> Syntax {
        var result = syntax
        for _ in 0..<count { result = .apply(operation, [result]) }
        return result
    }

    private mutating func comparison() throws(ExpressionError) -> Syntax {
        let left = try fallback()
        guard let result = try comparison(of: left) else { return left }
        if case .sign(let next) = current.kind, Self.comparison(next) != nil || next == .match || next == .notMatch {
            throw error("comparisons cannot be chained; join them with 'and'")
        }
        return result
    }

    /// Parses the comparison that follows `left`, if any.
    private mutating func comparison(of left: Syntax) throws(ExpressionError) -> Syntax? {
        if take(word: "is") {
            let negated = take(word: "not")
            guard take(word: "null") else { throw error("expected 'null' after 'is'") }
            return Self.wrap(.apply(.isNull, [left]), .not, negated ? 1 : 0)
        }
        if current.word == "not", index + 1 < tokens.count, tokens[index + 1].word == "in" {
            advance()
            advance()
            return .apply(.not, [try membership(left)])
        }
        if take(word: "in") { return try membership(left) }
        guard case .sign(let sign) = current.kind else { return nil }
        if sign == .match || sign == .notMatch {
            advance()
            let match = Syntax.apply(.matches(try pattern()), [left])
            return sign == .match ? match : .apply(.not, [match])
        }
        guard let comparison = Self.comparison(sign) else { return nil }
        let place = current
        advance()
        let right = try fallback()
        for side in [left, right] {
            if case .literal(.null) = side {
                throw error("a comparison with null is never true; write 'is null' or 'is not null'", at: place)
            }
        }
        return .apply(.compare(comparison), [left, right])
    }

    private static func comparison(_ sign: Token.Sign) -> Comparison? {
        switch sign {
        case .equalTo, .equals: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    private mutating func membership(_ left: Syntax) throws(ExpressionError) -> Syntax {
        try expect(.open, "after 'in'")
        return .apply(.isIn, [left] + (try arguments()))
    }

    /// Parses expressions up to the closing parenthesis.
    private mutating func arguments() throws(ExpressionError) -> [Syntax] {
        var result: [Syntax] = []
        repeat { result.append(try choice()) } while take(.comma)
        try expect(.close, "or ','")
        return result
    }

    private mutating func fallback() throws(ExpressionError) -> Syntax {
        var values = [try sum()]
        while take(.coalesce) { values.append(try sum()) }
        return values.count == 1 ? values[0] : .apply(.coalesce, values)
    }

    private mutating func sum() throws(ExpressionError) -> Syntax {
        var left = try product()
        while true {
            if take(.plus) {
                left = .apply(.add, [left, try product()])
            } else if take(.minus) {
                left = .apply(.subtract, [left, try product()])
            } else {
                return left
            }
        }
    }

    private mutating func product() throws(ExpressionError) -> Syntax {
        var left = try unary()
        while true {
            if take(.times) {
                left = .apply(.multiply, [left, try unary()])
            } else if take(.over) {
                left = .apply(.divide, [left, try unary()])
            } else if take(.modulo) {
                left = .apply(.remainder, [left, try unary()])
            } else {
                return left
            }
        }
    }

    private mutating func unary() throws(ExpressionError) -> Syntax {
        var operations: [Operation] = []
        while true {
            if take(.not) {
                operations.append(.not)
            } else if current.kind == .sign(.minus) {
                advance()
                // The smallest integer has no positive counterpart, so the sign belongs to the literal.
                if current.kind == .number {
                    let literal = try number(negative: true)
                    return operations.reversed().reduce(.literal(literal)) { .apply($1, [$0]) }
                }
                operations.append(.negate)
            } else {
                break
            }
        }
        return operations.reversed().reduce(try primary()) { .apply($1, [$0]) }
    }

    private mutating func primary() throws(ExpressionError) -> Syntax {
        let token = current
        switch token.kind {
        case .number: return .literal(try number(negative: false))
        case .string:
            advance()
            return .literal(.string(try lexer.value(of: token)))
        case .field(let path):
            if let word = token.word {
                if Self.reserved.contains(word) { throw error("expected a value") }
                if index + 1 < tokens.count, tokens[index + 1].kind == .sign(.open) { return try call(word) }
                if let literal = Self.constant(word) {
                    advance()
                    return .literal(literal)
                }
            }
            advance()
            return .field(path, offset: token.start)
        case .sign(.open):
            advance()
            let inner = try choice()
            try expect(.close, "to close '('")
            return inner
        case .sign, .end: throw error("expected a value")
        }
    }

    private static func constant(_ word: String) -> Literal? {
        switch word {
        case "true": .boolean(true)
        case "false": .boolean(false)
        case "null": .null
        default: nil
        }
    }

    private mutating func number(negative: Bool) throws(ExpressionError) -> Literal {
        let token = current
        advance()
        let text = (negative ? "-" : "") + String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw error("the number is too large", at: token) }
        return .double(double)
    }

    /// Parses a regular expression literal.
    mutating func pattern() throws(ExpressionError) -> Regex {
        let token = current
        guard token.kind == .string else { throw error("expected a regular expression in single quotes") }
        advance()
        do {
            return try Regex(lexer.pattern(of: token))
        } catch {
            throw lexer.error("regular expression: \(error.reason)", at: min(token.start + 1 + error.offset, token.end))
        }
    }
}
