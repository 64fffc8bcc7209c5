/// Errors for what other languages write between values: doubled signs, colons, pipes, phrases and clauses.
extension ExpressionParser {
    static let filterAdvice = "for one column, write count_if(CONDITION) or sum(CONDITION ? x : null)"

    // MARK: Texts

    var currentText: String { text(from: current.start, to: current.end) }

    /// Whether an item of a list ends in front of the token with this index.
    func isItemEnd(_ place: Int) -> Bool {
        guard place < tokens.count else { return true }
        return tokens[place].kind == .end || tokens[place].kind == .sign(.comma)
    }

    /// The text of the value in front of the current token: a field, a literal, or a call with its arguments.
    var operandText: String {
        guard index > 0 else { return "" }
        var first = index - 1
        if tokens[first].kind == .sign(.close) {
            var depth = 0
            while first > 0 {
                if tokens[first].kind == .sign(.close) { depth += 1 }
                if tokens[first].kind == .sign(.open) { depth -= 1 }
                if depth == 0 { break }
                first -= 1
            }
            if first > 0, case .field = tokens[first - 1].kind, tokens[first - 1].end == tokens[first].start {
                first -= 1
            }
        }
        return text(from: tokens[first].start, to: tokens[index - 1].end)
    }

    /// A value as it was probably meant: text in double quotes or without quotes becomes a string.
    private func meantText(_ token: Token) -> String {
        let text = text(from: token.start, to: token.end)
        guard case .field = token.kind, token.keyword == nil else { return text }
        return "'\(text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text)'"
    }

    /// The regular expression that starts here without quotes, or between slashes.
    func pattern(from start: Int) -> String {
        let rest = String(decoding: lexer.bytes[start...], as: UTF8.self)
        if rest.hasPrefix("/"), let end = rest.dropFirst().firstIndex(of: "/") {
            let ignoresCase = rest[rest.index(after: end)...].hasPrefix("i")
            return (ignoresCase ? "(?i)" : "") + rest[rest.index(after: rest.startIndex)..<end]
        }
        return String(rest.prefix { $0 != " " && $0 != "'" })
    }

    // MARK: Signs

    /// The error for `**`, `//`, `+=`, `++` and the like; nil for anything else.
    func doubledSign() -> ExpressionError? {
        guard case .sign(let sign) = current.kind else { return nil }
        if sign == .modulo, case .field = following.kind, following.start == current.end {
            return error("a field has no '%' in front; write \(text(from: following.start, to: following.end))")
        }
        guard index > 0, tokens[index - 1].end == current.start, case .sign(let former) = tokens[index - 1].kind else {
            guard index == 0 || tokens[index - 1].kind != .sign(.over), sign == .over else { return nil }
            let word = pattern(from: current.start)
            return error("expected a value; to match a regular expression, write FIELD ~ '\(word)'")
        }
        let place = tokens[index - 1]
        switch (former, sign) {
        case (.times, .times): return error("there is no '**'; write x * x", at: place)
        case (.over, .over): return error("there is no '//'; write trunc(a / b)", at: place)
        case (.plus, .equals), (.minus, .equals), (.times, .equals), (.over, .equals):
            return error("there is no '\(former.rawValue)='; write --let NAME=EXPR for a computed field", at: place)
        case (.plus, .plus): return error("there is no '++'; write x + 1", at: place)
        case (.minus, .greater):
            // request->'id' and request->>'id'
            var next = index + 1
            if tokens[min(next, tokens.count - 1)].kind == .sign(.greater) { next += 1 }
            guard next < tokens.count, index > 1 else { return nil }
            let name = text(from: tokens[next].start, to: tokens[next].end).filter { $0 != "'" && $0 != "\"" }
            let object = text(from: tokens[index - 2].start, to: tokens[index - 2].end)
            return error("there is no '->'; write the path \(object).\(name)", at: place)
        default: return nil
        }
    }

    /// The error for `a =! b`.
    func swappedNotEqual(_ place: Token) -> ExpressionError? {
        guard case .sign(.equals) = place.kind, current.kind == .sign(.not), current.start == place.end else {
            return nil
        }
        return error("write '!=' for not equal", at: place)
    }

    /// The error for `request?.id`.
    func optionalPath() -> ExpressionError? {
        guard current.end < lexer.bytes.count, lexer.bytes[current.end] == UInt8(ascii: "."), index > 0 else {
            return nil
        }
        let rest = lexer.bytes[(current.end + 1)...].prefix { FieldPath.isNameByte($0) }
        guard !rest.isEmpty, rest.first.map({ $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") }) ?? false else {
            return nil
        }
        return error("a missing field is null by itself; write \(operandText).\(String(decoding: rest, as: UTF8.self))")
    }

    /// The error for a colon: `ms::int`, `level:error`, `avg:ms` and `n: count()`.
    func colon() -> ExpressionError? {
        if following.kind == .sign(.colon) {
            return error("there is no '::'; write integer(x), number(x) or string(x)")
        }
        guard index > 0, case .field(let path) = tokens[index - 1].kind, following.kind != .end else { return nil }
        let right = text(from: following.start, to: following.end)
        switch following.kind {
        case .sign(.equals): return error("a name is followed by '=' alone: \(path.text)=...")
        case .sign(let sign) where sign.isComparison:
            return error("write \(path.text) \(right) VALUE, without the colon")
        case .sign:
            return error("write \(path.text) in (A, B) for several values, \(path.text) between A and B for a range")
        default: break
        }
        if isAggregateList, let word = following.word, Synonyms.aggregate(word) != nil {
            let isCall = tokens[min(index + 2, tokens.count - 1)].kind == .sign(.open)
            return error(
                isCall ? "a name is followed by '=': \(path.text)=\(word)(...)" : "write \(word)(\(path.text))")
        }
        if Synonyms.aggregate(path.text) != nil || Synonyms.function(path.text) != nil {
            return error("write \(path.text)(\(right))")
        }
        if case .sign(let next) = tokens[min(index + 2, tokens.count - 1)].kind, next.isComparison {
            return error("a path is written with a point: \(path.text).\(right)\(oddNameRemedy())")
        }
        return error("write \(path.text) == \(meantText(following))\(oddNameRemedy())")
    }

    /// The error for a comma where no list is.
    func comma() -> ExpressionError? {
        guard index > 0, tokens[index - 1].kind == .number, tokens[index - 1].end == current.start,
            following.kind == .number, following.start == current.end
        else {
            return error("expected the end; for several values, write FIELD in (A, B); join conditions with 'and'")
        }
        let (whole, rest) = (operandText, text(from: following.start, to: following.end))
        let plain = rest.utf8.count == 3 && whole != "0" ? whole + rest : "\(whole.filter { $0 != "." }).\(rest)"
        return error("numbers have no commas; write \(plain)")
    }

    /// The error for `f'{path}'` and for texts side by side.
    func adjoiningText() -> ExpressionError? {
        guard index > 0 else { return nil }
        if tokens[index - 1].kind == .string, tokens[index - 1].end == current.start {
            return error("a quote inside of text is written \\'", at: tokens[index - 1])
        }
        if let word = tokens[index - 1].word?.lowercased(),
            ["timestamp", "timestamptz", "date", "datetime", "time", "interval"].contains(word)
        {
            return word == "interval"
                ? error("write a duration as a number of seconds", at: tokens[index - 1])
                : error("write the time alone, as \(currentText)", at: tokens[index - 1])
        }
        if case .field = tokens[index - 1].kind, tokens[index - 1].end == current.start {
            return error("text has no prefix; to join values, write concat(a, ' ', b)")
        }
        return error("expected an operator in front of the text, such as \(operandText) == \(currentText)")
    }

    // MARK: Words

    /// The error for two words that are a call, a comparison or an option rather than one name.
    func habitualPhrase() -> ExpressionError? {
        let left = tokens[index - 1]
        if let word = left.word?.lowercased(), index - 1 == itemStart || index == 1,
            ["select", "where", "having", "if", "filter", "let", "set", "return", "stats"].contains(word)
        {
            return error("remove '\(left.word ?? "")'; an expression starts with the value or call itself", at: left)
        }
        if let word = current.word?.lowercased(), ["equals", "equal", "is_equal", "isequal"].contains(word) {
            return error("write \(operandText) == \(following.kind == .end ? "VALUE" : meantText(following))")
        }
        if case .sign(let sign) = following.kind {
            if sign == .open, let word = left.word {
                return error("remove '\(word)'; an expression starts with the value or call itself", at: left)
            }
            if index > 1, case .sign(let former) = tokens[index - 2].kind, former.isComparison, sign.isComparison {
                return error("expected an operator; join conditions with 'and' or 'or'")
            }
        }
        if index > 1, tokens[index - 2].kind == .sign(.minus), (left.word ?? "").utf8.count == 1 {
            return error("close the quotes in front of the option -\(left.word ?? "")", at: tokens[index - 2])
        }
        guard let name = left.word, isItemEnd(index + 1) else { return nil }
        if Synonyms.aggregate(name) != nil || Synonyms.function(name) != nil {
            return error("write \(name)(\(currentText))")
        }
        return Synonyms.advice(name, [currentText]).map { error($0) }
    }

    /// The error for `is` in front of another value than null.
    func isWithValue(negated: Bool) -> ExpressionError {
        let word = current.word?.lowercased() ?? ""
        if ["in", "like", "ilike", "between"].contains(word) {
            return error("write '\(negated ? "not " : "")\(word)' without 'is'")
        }
        let kinds = [
            "number": "number", "int": "number", "integer": "number", "float": "number", "text": "string",
            "string": "string", "bool": "boolean", "boolean": "boolean", "object": "object", "array": "array",
        ]
        if let kind = kinds[word] { return error("write type(x) \(negated ? "!=" : "==") '\(kind)'") }
        if ["none", "nil", "undefined", "missing", "empty", "unknown"].contains(word) {
            return error("expected 'null' after 'is'; write is \(negated ? "not " : "")null")
        }
        let sign = negated ? "!=" : "=="
        guard current.kind != .end else { return error("expected 'null' after 'is'") }
        return error("'is' tests for null only; write \(sign) \(meantText(current))")
    }

    /// The error for `in` without a list.
    func missingList(after left: String) -> ExpressionError {
        switch current.kind {
        case .field where left.hasPrefix("'"): return error("write contains(\(currentText), \(left))")
        case .string, .number, .field:
            var values = meantText(current)
            var place = index + 1
            while place + 1 < tokens.count, tokens[place].kind == .sign(.comma) {
                values += ", \(meantText(tokens[place + 1]))"
                place += 2
            }
            return error("expected '(' after 'in'; write in (\(values))")
        default: return error("expected '(' after 'in'; write the values in parentheses, such as in (500, 502)")
        }
    }

    // MARK: Arguments

    func wrongArguments(
        of function: AggregateFunction, _ arguments: [Expression], at place: Token
    ) -> ExpressionError {
        guard let first = arguments.first, arguments.count == 1, first.plainField != nil else {
            return error("wrong number of arguments; write \(function.usage)", at: place)
        }
        return error(
            "wrong number of arguments; write \(function.usage.replacing("(x", with: "(\(first.text)"))", at: place)
    }
}

extension Token.Sign {
    var isComparison: Bool {
        [.equalTo, .equals, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .match, .notMatch].contains(self)
    }
}

/// Numbers as other tools write them.
enum NumberHint {
    /// The number in our form: `1_000` is 1000, `10k` is 10000, `0x10` is 16 and `5xx` a range; nil for other words.
    static func plain(_ word: String) -> String? {
        let bounds = word.split(separator: ".", omittingEmptySubsequences: false)
        if bounds.count == 3, bounds[1].isEmpty, Int64(bounds[0]) != nil, Int64(bounds[2]) != nil {
            return "between \(bounds[0]) and \(bounds[2])"
        }
        let joined = word.filter { $0 != "_" }
        if joined != word, Double(joined) != nil, joined.utf8.allSatisfy({ $0 != UInt8(ascii: "x") }) { return joined }
        if word.hasPrefix("0x") || word.hasPrefix("0X") {
            return UInt64(word.dropFirst(2), radix: 16).map { "\($0)" }
        }
        if word.utf8.count == 3, word.lowercased().hasSuffix("xx"), let digit = word.first {
            return "between \(digit)00 and \(digit)99"
        }
        let scale: Double
        switch word.last {
        case "k", "K": scale = 1e3
        case "M": scale = 1e6
        case "G", "B": scale = 1e9
        case "%": scale = 0.01
        default: return nil
        }
        guard let value = Double(word.dropLast()), value < 1e9 else { return nil }
        let product = value * scale
        return Int64(exactly: product).map { "\($0)" } ?? "\(product)"
    }
}
