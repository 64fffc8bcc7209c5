/// Comparisons, lists and patterns.
extension ExpressionParser {
    mutating func comparison() throws(ExpressionError) -> Syntax {
        let first = index
        let left = try fallback()
        guard let result = try comparison(of: left, from: first) else { return left }
        if case .sign(let next) = current.kind, Self.comparison(next) != nil || next == .match || next == .notMatch {
            throw error("comparisons cannot be chained; join them with 'and'")
        }
        return result
    }

    /// Parses the comparison that follows `left`, if any.
    ///
    /// - Parameter first: the index of the first token of `left`.
    private mutating func comparison(of left: Syntax, from first: Int) throws(ExpressionError) -> Syntax? {
        if current.keyword == "is" { return try nullTest(left) }
        let leftText = text(fromToken: first)
        let dashed = dashedName(from: first)
        let isNegated = current.keyword == "not" && ["in", "like", "ilike", "between"].contains(following.keyword)
        if isNegated { advance() }
        var result: Syntax
        switch current.keyword {
        case "in":
            advance()
            let items = try list(after: leftText)
            result = .apply(.isIn, [items.allSatisfy(Self.isWord) ? dashed ?? left : left] + items)
        case "like", "ilike":
            let isExact = current.keyword == "like"
            advance()
            result = .apply(.matches(try likePattern(isExact: isExact)), [dashed ?? left])
        case "between":
            advance()
            let least = try fallback()
            guard take(keyword: "and") || take(.and) else { throw error("expected 'and' between the two bounds") }
            let most = try fallback()
            result = .apply(
                .and,
                [.apply(.compare(.greaterOrEqual), [left, least]), .apply(.compare(.lessOrEqual), [left, most])])
        default:
            guard case .sign(let sign) = current.kind else { return nil }
            if sign == .match || sign == .notMatch {
                advance()
                let match = Syntax.apply(.matches(try pattern()), [dashed ?? left])
                return sign == .match ? match : .apply(.not, [match])
            }
            guard let comparison = Self.comparison(sign) else { return nil }
            let place = current
            advance()
            if let error = swappedNotEqual(place) { throw error }
            let rightIndex = index
            let right = try fallback()
            let sides = [(left, leftText), (right, text(fromToken: rightIndex))]
            for (number, side) in sides.enumerated() where Self.isNull(side.0) {
                if case .literal(let other) = sides[1 - number].0, other != .null {
                    throw error("null is a constant; for a field of that name, write \"null\"", at: place)
                }
                throw nullComparison(comparison, sides[1 - number].1, at: place)
            }
            result = .apply(.compare(comparison), [Self.isWord(right) ? dashed ?? left : left, right])
        }
        return isNegated ? .apply(.not, [result]) : result
    }

    /// Parses `is null` or `is not null`.
    private mutating func nullTest(_ left: Syntax) throws(ExpressionError) -> Syntax {
        advance()
        let negated = take(keyword: "not")
        guard take(keyword: "null") else {
            throw isWithValue(negated: negated)
        }
        return Self.wrap(.apply(.isNull, [left]), .not, negated ? 1 : 0)
    }

    private static func isNull(_ syntax: Syntax) -> Bool {
        switch syntax {
        case .literal(.null): true
        case .field(let path, _): ["None", "nil", "undefined"].contains(path.text)
        default: false
        }
    }

    private func nullComparison(_ comparison: Comparison, _ other: String, at place: Token) -> ExpressionError {
        switch comparison {
        case .equal: error("a comparison with null is never true; write '\(other) is null'", at: place)
        case .notEqual: error("a comparison with null is never true; write '\(other) is not null'", at: place)
        default: error("a comparison with null is never true; 'is null' and 'is not null' test for it", at: place)
        }
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

    /// Parses a list in parentheses or, as in other languages, in brackets.
    private mutating func list(after left: String) throws(ExpressionError) -> [Syntax] {
        let isBracket = take(.openBracket)
        if !isBracket, !take(.open) { throw missingList(after: left) }
        var result: [Syntax] = []
        repeat { result.append(try choice()) } while take(.comma)
        try expect(isBracket ? .closeBracket : .close, "or ','")
        return result
    }

    // MARK: Patterns

    /// Parses a regular expression literal.
    mutating func pattern() throws(ExpressionError) -> Regex {
        let token = current
        guard token.kind == .string else { throw missingPattern() }
        advance()
        do {
            return try Regex(lexer.pattern(of: token))
        } catch {
            throw lexer.error("regular expression: \(error.reason)", at: min(token.start + 1 + error.offset, token.end))
        }
    }

    /// Parses an SQL pattern, in which `%` stands for any text and `_` for one character, as a regular expression.
    private mutating func likePattern(isExact: Bool) throws(ExpressionError) -> Regex {
        let token = current
        guard token.kind == .string else {
            var example = "'/api/%'"
            if case .field = token.kind {
                example = "'\(self.text(from: token.start, to: token.end).filter { $0 != "\"" })'"
            }
            throw error("expected a pattern in single quotes after 'like', such as \(example)")
        }
        advance()
        let raw = lexer.pattern(of: token)
        if raw.contains("*"), !raw.contains("%"), !raw.contains("_") {
            throw error("in 'like', % stands for any text: '\(raw.replacing("*", with: "%"))'", at: token)
        }
        var text = isExact ? "^" : "(?i)^"
        var isEscaped = false
        for scalar in lexer.pattern(of: token).unicodeScalars {
            switch scalar {
            case "\\" where !isEscaped:
                isEscaped = true
                continue
            case "%" where !isEscaped: text += "(.|\n)*"
            case "_" where !isEscaped: text += "(.|\n)"
            default:
                if scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar), scalar.value > 0x20 {
                    text += "\\"
                }
                text.unicodeScalars.append(scalar)
            }
            isEscaped = false
        }
        do {
            return try Regex(text + "$")
        } catch {
            throw lexer.error("pattern: \(error.reason)", at: token.start)
        }
    }
}
