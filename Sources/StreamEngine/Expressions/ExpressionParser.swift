/// Parses expressions by recursive descent: one function for each level of precedence, loosest first.
///
///     c ? a : b    or ||    and &&    not    == != < <= > >= ~ !~ in, like, between, is null    ??    + -    * / %    - !
///
/// Other spellings of the operators are accepted where they can mean nothing else.
struct ExpressionParser {
    let lexer: ExpressionLexer
    let tokens: [Token]
    var index = 0
    private var depth = 0
    let use: AggregateUse
    /// The index of the first token of the current item of a list, behind its name.
    var itemStart = 0
    /// The aggregate whose arguments are being parsed.
    var enclosing: AggregateFunction?
    /// The text is the value of `-a`.
    var isAggregateList = false

    private static let depthLimit = 100

    /// - Parameter start: the offset of the first byte to read.
    init(_ text: String, from start: Int = 0, _ use: AggregateUse = .none) throws(ExpressionError) {
        var lexer = ExpressionLexer(text, from: start)
        tokens = try lexer.tokens()
        self.lexer = lexer
        self.use = use
    }

    mutating func whole() throws(ExpressionError) -> Expression {
        if current.kind == .end { throw error("the expression is empty; write one, such as status >= 500") }
        let result = try expression()
        guard current.kind == .end else { throw leftover() }
        return result
    }

    /// Parses one expression with its text.
    mutating func expression() throws(ExpressionError) -> Expression {
        let first = index
        let syntax = try choice()
        let words = tokens[first..<max(first, index)].map { text(from: $0.start, to: $0.end) }
        return Expression(
            text: text(fromToken: first), normalText: words.joined(separator: " "), source: lexer.text, syntax: syntax)
    }

    /// The text from the token with this index to the current one, without the space in front of that.
    func text(fromToken first: Int) -> String {
        guard index > first else { return "" }
        return text(from: tokens[first].start, to: tokens[index - 1].end)
    }

    func text(from start: Int, to end: Int) -> String {
        String(decoding: lexer.bytes[start..<max(start, end)], as: UTF8.self)
    }

    // MARK: Tokens

    var current: Token { tokens[index] }

    mutating func advance() { if index + 1 < tokens.count { index += 1 } }

    mutating func take(_ sign: Token.Sign) -> Bool {
        guard current.kind == .sign(sign) else { return false }
        advance()
        return true
    }

    mutating func take(keyword: String) -> Bool {
        guard current.keyword == keyword else { return false }
        advance()
        return true
    }

    /// The token after the current one.
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    func error(_ reason: String, at token: Token? = nil) -> ExpressionError {
        let token = token ?? current
        if case .invalid(let reason) = token.kind { return lexer.error(reason, at: token.start) }
        return lexer.error(reason, at: token.start)
    }

    mutating func expect(_ sign: Token.Sign, _ place: String) throws(ExpressionError) {
        guard take(sign) else { throw explained() ?? error("expected '\(sign.rawValue)' \(place)") }
    }

    func leftover() -> ExpressionError {
        if let error = explained() { return error }
        let isClosing = current.kind == .sign(.closeBracket)
        return error(isClosing ? "']' has no matching '['" : "expected an operator or the end of the expression")
    }

    // MARK: Levels

    mutating func choice() throws(ExpressionError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw error("the expression is nested too deeply") }
        let condition = try disjunction()
        guard current.kind == .sign(.question) else { return condition }
        if let error = optionalPath() { throw error }
        advance()
        let yes = try choice()
        try expect(.colon, "between the two values of '?'")
        return .apply(.choose, [condition, yes, try choice()])
    }

    private mutating func disjunction() throws(ExpressionError) -> Syntax {
        var left = try conjunction()
        while take(.or) || take(keyword: "or") { left = .apply(.or, [left, try conjunction()]) }
        return left
    }

    private mutating func conjunction() throws(ExpressionError) -> Syntax {
        var left = try negation()
        while take(.and) || take(keyword: "and") { left = .apply(.and, [left, try negation()]) }
        return left
    }

    private mutating func negation() throws(ExpressionError) -> Syntax {
        var count = 0
        while take(keyword: "not") { count += 1 }
        return Self.wrap(try comparison(), .not, count)
    }

    /// Applies a prefix operation repeatedly, without recursion.
    static func wrap(_ syntax: Syntax, _ operation: Operation, _ count: Int) -> Syntax {
        var result = syntax
        for _ in 0..<count { result = .apply(operation, [result]) }
        return result
    }

    mutating func fallback() throws(ExpressionError) -> Syntax {
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
            if let keyword = token.keyword, Token.reserved.contains(keyword) { throw reservedWord(token) }
            if following.kind == .sign(.open) {
                if let word = token.word { return try call(word) }
                if let method = path.splitLast { return try call(method.name, on: method.path) }
            }
            if let literal = token.keyword.flatMap(Self.constant) ?? token.word.flatMap(Self.constant) {
                advance()
                return .literal(literal)
            }
            if let error = conditionalPhrase() { throw error }
            advance()
            return Syntax(path, offset: token.start)
        case .sign(.open):
            advance()
            let inner = try choice()
            try expect(.close, "to close '('")
            return inner
        case .sign, .end, .invalid: throw missingValue()
        }
    }

    private static func constant(_ word: String) -> Literal? {
        switch word {
        case "true", "True": .boolean(true)
        case "false", "False": .boolean(false)
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
        let bytes = Array(text.utf8)
        let isLong = bytes.withUnsafeBytes { JSONNumber.parseWhole($0)?.kind == .digits }
        return isLong ? .digits(bytes) : .double(double)
    }
}
