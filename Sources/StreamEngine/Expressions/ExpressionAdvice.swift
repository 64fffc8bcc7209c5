/// Errors that answer what a part of an expression means in another language, before they look at its spelling.
extension ExpressionParser {
    // MARK: Missing values

    /// The error where a value was expected.
    func missingValue() -> ExpressionError {
        if let error = doubledSign() { return error }
        if case .sign(let sign) = current.kind, index > 0, case .sign(.equals) = tokens[index - 1].kind,
            tokens[index - 1].end == current.start, sign == .greater || sign == .less
        {
            return error("expected a value; write '\(sign.rawValue)=' for the comparison", at: tokens[index - 1])
        }
        if index > 0, tokens[index - 1].keyword == "not" {
            return error("expected a value after 'not'; for a field of that name, write \"not\"")
        }
        if let name = oddName() { return error("expected a value; \(Self.oddNameHint): \"\(name)\"") }
        if case .sign(.openBracket) = current.kind { return error("expected a value; a list is written after 'in'") }
        return error("expected a value")
    }

    func missingPattern() -> ExpressionError {
        switch current.kind {
        case .sign(.times): return error("for capitals and small letters alike, write ~ '(?i)PATTERN'")
        case .sign(.equals): return error("write ~ to match a regular expression and != for not equal")
        case .field where lexer.bytes[current.start] == UInt8(ascii: "\""):
            let text = text(from: current.start + 1, to: current.end - 1)
            return error("expected a regular expression in single quotes: '\(text)'")
        case .end: return error("expected a regular expression in single quotes")
        default: return error("expected a regular expression in single quotes: '\(pattern(from: current.start))'")
        }
    }

    /// The error for an operator word where a value was expected.
    func reservedWord(_ token: Token) -> ExpressionError {
        var word = token.word ?? ""
        if word == "in" || word == "is", let end = phraseEnd(from: index) {
            word = text(from: token.start, to: tokens[end - 1].end)
            return error("expected a value; a name with a blank is written in double quotes: \"\(word)\"")
        }
        return error("expected a value, but '\(word)' is an operator; for a field of that name, write \"\(word)\"")
    }

    /// The error for `case when` or `if … then`.
    func conditionalPhrase() -> ExpressionError? {
        guard let word = current.word?.lowercased() else { return nil }
        let startsValue =
            switch following.kind {
            case .field, .string, .number: following.keyword == nil || following.keyword == "not"
            default: false
            }
        guard startsValue, word == "case" || word == "if" else { return nil }
        let start = word == "case" && following.word?.lowercased() == "when" ? index + 2 : index + 1
        let parts = split(from: start, at: ["then", "else", "end"])
        if parts.count >= 3, parts.dropFirst(3).allSatisfy(\.isEmpty) {
            return error("write \(parts[0]) ? \(parts[1]) : \(parts[2])")
        }
        return error("write a choice as CONDITION ? VALUE : OTHER, or if(CONDITION, VALUE, OTHER)")
    }

    /// The texts between these words, which follow in this order.
    private func split(from start: Int, at words: [String]) -> [String] {
        var parts: [String] = []
        var first = start
        var rest = words[...]
        var depth = 0
        for place in start..<tokens.count {
            if tokens[place].kind == .sign(.open) { depth += 1 }
            if tokens[place].kind == .sign(.close) { depth -= 1 }
            let isEnd = tokens[place].kind == .end || depth < 0
            guard isEnd || (rest.first != nil && tokens[place].word?.lowercased() == rest.first) else { continue }
            rest = rest.dropFirst()
            parts.append(first < place ? text(from: tokens[first].start, to: tokens[place - 1].end) : "")
            first = place + 1
            if isEnd { break }
        }
        return parts
    }

    // MARK: Unexpected tokens

    /// The error for the current token, which cannot continue the expression; nil if nothing is known about it.
    func explained() -> ExpressionError? {
        switch current.kind {
        case .invalid(let reason):
            // A semicolon ends something rather than being a part of a name.
            let remedy = currentText == ";" ? "" : oddNameRemedy()
            return lexer.error(reason + remedy, at: current.start)
        case .sign(.close): return error("')' has no matching '('")
        case .sign(.colon): return colon()
        case .sign(.comma): return comma()
        case .string: return adjoiningText()
        case .field:
            if lexer.bytes[current.start] == UInt8(ascii: ".") { return error("") }
            return current.word.flatMap { explained(word: $0) } ?? phrase()
        default: return nil
        }
    }

    private func explained(word: String) -> ExpressionError? {
        let left = operandText
        var right = following.kind == .end ? "" : text(from: following.start, to: following.end)
        // Text in double quotes would be a field.
        if right.hasPrefix("\"") { right = "'\(right.dropFirst().dropLast())'" }
        switch word.lowercased() {
        case "not" where word == "not" || word == "NOT": return error("write \(left) != \(right)")
        case "and", "or", "not", "in", "is", "like", "ilike", "between":
            return error("operators are lowercase: write '\(word.lowercased())'")
        case "by" where use == .inRows, "group": return error("groups are set with -g FIELD, for all aggregates")
        case "where", "having": return error("conditions are set with --\(word.lowercased()); \(Self.filterAdvice)")
        case "over": return error("there are no window functions; set windows with -w SIZE and groups with -g FIELD")
        case "order", "sort": return error("set the order of rows with --sort [-]COLUMN")
        case "limit", "offset": return error("--limit N prints the first N rows of each window")
        case "from": return error("name the INPUT outside of the expression; for a part of a time, write hour(t)")
        case "as":
            return error("the name comes first; write \(right.isEmpty ? "NAME" : right)=\(text(fromToken: itemStart))")
        case "contains", "includes", "has": return error("write contains(\(left), \(right))")
        case "starts_with", "startswith", "begins_with", "beginswith":
            return error("write starts_with(\(left), \(right))")
        case "ends_with", "endswith": return error("write ends_with(\(left), \(right))")
        case "matches", "match", "regexp", "rlike", "similar", "glob": return error("write \(left) ~ 'REGEX'")
        case "eq": return error("write \(left) == \(right)")
        case "ne", "neq": return error("write \(left) != \(right)")
        case "gt": return error("write \(left) > \(right)")
        case "ge", "gte": return error("write \(left) >= \(right)")
        case "lt": return error("write \(left) < \(right)")
        case "le", "lte": return error("write \(left) <= \(right)")
        case "i" where index > 1 && tokens[index - 1].kind == .string:
            let pattern = text(from: tokens[index - 1].start + 1, to: tokens[index - 1].end - 1)
            return error("for capitals and small letters alike, write '(?i)\(pattern)'")
        case "mod": return error("write \(left) % \(right)")
        case "div": return error("write trunc(\(left) / \(right))")
        case "xor": return error("write (A) != (B) for two conditions")
        case "then", "when", "else", "if", "unless":
            return error("write a choice as CONDITION ? VALUE : OTHER, or if(CONDITION, VALUE, OTHER)")
        case "filter": return error(Self.filterAdvice)
        case _ where index > 0 && [.number, .string].contains(tokens[index - 1].kind):
            if case .sign(let sign) = following.kind, sign.isComparison {
                return error("expected an operator; join conditions with 'and' or 'or'")
            }
            guard tokens[index - 1].kind == .number else { return nil }
            return isItemEnd(index + 1) ? error("numbers have no units; write \(left) alone") : nil
        default: return nil
        }
    }

    /// The error for words with blanks between them, which are one name.
    private func phrase() -> ExpressionError? {
        if index > 0, tokens[index - 1].kind == .sign(.close), isItemEnd(index + 1), use == .inRows {
            return error("the name comes first; write \(currentText)=\(text(fromToken: itemStart))")
        }
        guard index > 0, case .field = tokens[index - 1].kind, tokens[index - 1].keyword == nil,
            lexer.bytes[tokens[index - 1].start] != UInt8(ascii: "\"")
        else { return nil }
        if let error = habitualPhrase() { return error }
        guard let end = phraseEnd(from: index - 1) else { return nil }
        let name = text(from: tokens[index - 1].start, to: tokens[end - 1].end)
        return error("expected an operator; a name with a blank is written in double quotes: \"\(name)\"")
    }

    /// The end of a message: that the text may be a name; empty if it is not.
    func oddNameRemedy() -> String {
        guard let name = oddName(), !name.hasSuffix(":") else { return "" }
        return "; \(Self.oddNameHint): \"\(name)\""
    }

    /// The index behind the names that follow the token at `start`; nil if there are none.
    private func phraseEnd(from start: Int) -> Int? {
        var end = start + 1
        while end < tokens.count, tokens[end].word != nil, tokens[end].keyword == nil { end += 1 }
        // Not the name of a function.
        if end < tokens.count, tokens[end].kind == .sign(.open) { end -= 1 }
        return end > start + 1 ? end : nil
    }

    private static let oddNameHint = "a name with such a character is written in double quotes"

    /// The name with characters that names without quotes cannot have, such as `a:b` or `cpu%`, of which the current
    /// token or the one before it is a part; nil if the text there is not such a name.
    private func oddName() -> String? {
        // In front of the sign is a name.
        guard let sign = [index, index - 1].first(where: { isGluedSign($0) }) else { return nil }
        let start = tokens[sign - 1].start
        let ends = Array(" \t\r\n()[],='\"<>!?~".utf8)
        let end = lexer.bytes[start...].firstIndex { ends.contains($0) } ?? lexer.bytes.count
        return end > tokens[sign].start ? text(from: start, to: end) : nil
    }

    /// Whether the token is a sign, or a character that cannot start a token, directly behind an unquoted name.
    private func isGluedSign(_ number: Int) -> Bool {
        guard number > 0, number < tokens.count, tokens[number].start == tokens[number - 1].end,
            case .field = tokens[number - 1].kind, lexer.bytes[tokens[number - 1].start] != UInt8(ascii: "\"")
        else { return false }
        switch tokens[number].kind {
        case .invalid, .sign(.colon), .sign(.modulo), .sign(.plus), .sign(.minus), .sign(.times), .sign(.over):
            return true
        default: return false
        }
    }

    // MARK: Names with dashes

    /// The field whose name the tokens from `first` on spell with dashes and without blanks, such as `event-type`.
    ///
    /// As an expression, these are differences. Where a difference makes no sense, the name is meant.
    func dashedName(from first: Int) -> Syntax? {
        let parts = tokens[first..<max(first, index)]
        guard parts.count > 2, parts.count % 2 == 1 else { return nil }
        for (number, part) in parts.enumerated() {
            if number > 0, part.start != tokens[first + number - 1].end { return nil }
            switch part.kind {
            case .sign(.minus) where number % 2 == 1: break
            case .field where number % 2 == 0, .number where number % 2 == 0 && number > 0: break
            default: return nil
            }
        }
        guard let path = try? FieldPath.parse(text(fromToken: first)) else { return nil }
        return .field(path, offset: tokens[first].start)
    }

    /// Whether it is a string that is clearly neither a number nor a time, so that a difference never equals it.
    static func isWord(_ syntax: Syntax) -> Bool {
        guard case .literal(.string(let bytes)) = syntax, let first = bytes.first else { return false }
        return first >= UInt8(ascii: "A")
    }

    // MARK: Functions

    /// The error for a function that does not exist.
    func unknownFunction(_ name: String, _ subject: FieldPath?) -> ExpressionError {
        var arguments = argumentTexts()
        if let subject { arguments.insert(subject.text, at: 0) }
        if let advice = Synonyms.advice(name, arguments) { return error("there is no \(name)(); \(advice)") }
        if let subject, let aggregate = Synonyms.aggregate(name) {
            let call = "\(aggregate.function.name)(\(subject.text))"
            return error(
                "an aggregate is not written behind a field; write \(aggregate.parameter == nil ? call : "\(name)(\(subject.text))")"
            )
        }
        var known = ExpressionFunction.allCases.map(\.rawValue)
        if use == .inRows, enclosing == nil { known = AggregateFunction.all.map(\.name) + known }
        if let near = Spelling.nearest(to: name.lowercased(), among: known) {
            return error("unknown function '\(name)'; did you mean '\(near)'?")
        }
        return error("unknown function '\(name)'; 'streamctl --help functions' lists all functions")
    }

    /// The texts of the arguments of the call that starts at the current token.
    private func argumentTexts() -> [String] {
        var texts: [String] = []
        var depth = 0
        var start = index + 2
        for place in (index + 1)..<tokens.count {
            switch tokens[place].kind {
            case .sign(.open): depth += 1
            case .sign(.close): depth -= 1
            case .sign(.comma) where depth == 1: break
            default: continue
            }
            if depth == 0 || tokens[place].kind == .sign(.comma), depth <= 1 {
                if start < place { texts.append(text(from: tokens[start].start, to: tokens[place - 1].end)) }
                start = place + 1
            }
            if depth == 0 { break }
        }
        return texts
    }

    /// The error for an aggregate where none can be computed; nil where it can.
    func refusal(of function: AggregateFunction) -> ExpressionError? {
        let arguments = argumentTexts()
        if let several = several(function, arguments.count) { return several }
        if let enclosing { return error("aggregates cannot be nested: \(function) in \(enclosing)") }
        guard use == .none else { return nil }
        return error(
            "\(function) is an aggregate, computed over many records; use it in -a, or in --having and --select of "
                + "aggregated rows")
    }

    /// The error for `max(a, b)`, which is `greatest(a, b)`.
    private func several(_ function: AggregateFunction, _ count: Int) -> ExpressionError? {
        guard function == .max || function == .min, count > 1 else { return nil }
        let values = argumentTexts().joined(separator: ", ")
        return function == .max
            ? error("max is over many records; for the largest of several values, write greatest(\(values))")
            : error("min is over many records; for the smallest of several values, write least(\(values))")
    }

}
