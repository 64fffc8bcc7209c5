/// A token of an expression.
struct Token {
    enum Kind: Equatable {
        case number
        /// A literal in single quotes, including them.
        case string
        case field(FieldPath)
        case sign(Sign)
        case end
        /// Text that is not a token. It is reported only if the parser gets here, because an earlier error may explain it.
        case invalid(String)
    }

    enum Sign: String, CaseIterable {
        // Longer signs first: the first match is taken.
        case equalTo = "==", notEqual = "!=", notMatch = "!~", lessOrEqual = "<=", greaterOrEqual = ">="
        case and = "&&", or = "||", coalesce = "??"
        case equals = "=", less = "<", greater = ">", not = "!", match = "~"
        case plus = "+", minus = "-", times = "*", over = "/", modulo = "%"
        case question = "?", colon = ":", open = "(", close = ")", comma = ","
        case openBracket = "[", closeBracket = "]"

        /// Other spellings, longer ones first.
        static let spellings: [(text: String, sign: Sign)] =
            [
                ("===", .equalTo), ("!==", .notEqual), ("<>", .notEqual), ("=~", .match), ("≠", .notEqual),
                ("≤", .lessOrEqual), ("≥", .greaterOrEqual), ("−", .minus),
            ] + allCases.map { ($0.rawValue, $0) }
    }

    var kind: Kind
    /// Its bytes in the text.
    var start: Int
    var end: Int
    /// The name, if the token is an unquoted name: perhaps a keyword or function.
    var word: String?

    /// The keyword, in lower case, if it is one in small letters or capitals.
    var keyword: String? {
        guard let word else { return nil }
        let small = word.lowercased()
        return (word == small || word == word.uppercased()) && Self.keywords.contains(small) ? small : nil
    }

    private static let keywords: Set<String> = [
        "and", "or", "not", "in", "is", "null", "true", "false", "like", "ilike", "between",
    ]
    /// Keywords that are never the name of a field, unless in double quotes.
    static let reserved: Set<String> = ["and", "or", "not", "in", "is"]
}

/// Splits the text of an expression into tokens.
struct ExpressionLexer {
    let text: String
    let bytes: [UInt8]
    private var position = 0

    /// Far more than in expressions written by people, and too few for a tree to exhaust the stack.
    private static let tokenLimit = 4000

    /// - Parameter start: the offset of the first byte to read.
    init(_ text: String, from start: Int = 0) {
        self.text = text
        bytes = Array(text.utf8)
        position = start
    }

    func error(_ reason: String, at offset: Int) -> ExpressionError {
        ExpressionError(reason: reason, offset: offset, text: text)
    }

    mutating func tokens() throws(ExpressionError) -> [Token] {
        var result: [Token] = []
        repeat {
            guard result.count < Self.tokenLimit else { throw error("the expression is too long", at: position) }
            let start = position
            do {
                result.append(try next())
            } catch {
                result.append(Token(kind: .invalid(error.reason), start: error.offset, end: max(start, error.offset)))
                return result
            }
        } while result.last?.kind != .end
        return result
    }

    private mutating func next() throws(ExpressionError) -> Token {
        skipSpace()
        let start = position
        guard start < bytes.count else { return Token(kind: .end, start: start, end: start) }
        let byte = bytes[start]
        if isDigit(byte) { return try number() }
        if byte == UInt8(ascii: "'") { return try string() }
        for (text, sign) in Token.Sign.spellings where bytes[start...].starts(with: text.utf8) {
            position += text.utf8.count
            return Token(kind: .sign(sign), start: start, end: position)
        }
        if ["‘", "’", "“", "”", "´"].contains(character(at: start)) {
            throw error("these are not quotes; write text in ' and unusual names in \"", at: start)
        }
        if byte == UInt8(ascii: "."), start + 1 < bytes.count, isDigit(bytes[start + 1]) {
            throw error("write a digit in front of the point: 0.5", at: start)
        }
        let isName = byte == UInt8(ascii: "\"") || FieldPath.isNameByte(byte)
        if isName || byte == UInt8(ascii: ".") { return try field() }
        throw error("unexpected '\(character(at: start))'\(callHint(at: start) ?? Self.hints[byte] ?? "")", at: start)
    }

    /// What to write instead of a character that starts no token.
    private static let hints: [UInt8: String] = [
        UInt8(ascii: "&"): "; write && or 'and'", UInt8(ascii: "|"): "; write || or 'or'",
        UInt8(ascii: "{"): "; fields have no braces, and lists are in parentheses",
        UInt8(ascii: ";"): "; an expression is one value",
        UInt8(ascii: "^"): "; there is no power operator, write x * x",
        UInt8(ascii: "`"): "; write a name in double quotes",
        UInt8(ascii: "#"): "; an expression has no comments",
    ]

    /// For `path | contains('x')`, as jq and templates write it.
    private func callHint(at start: Int) -> String? {
        guard bytes[start] == UInt8(ascii: "|") else { return nil }
        let rest = bytes[(start + 1)...].drop { $0 == UInt8(ascii: " ") }
        let name = rest.prefix { FieldPath.isNameByte($0) }
        guard !name.isEmpty, rest.dropFirst(name.count).first == UInt8(ascii: "(") else { return nil }
        let function = String(decoding: name, as: UTF8.self)
        return "; there are no pipes, the value is the first argument: \(function)(VALUE, ...)"
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            if [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
                position += 1
            } else if bytes[position...].starts(with: [0xc2, 0xa0]) {
                // A no-break space, from a web page.
                position += 2
            } else {
                return
            }
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private func character(at offset: Int) -> String {
        String(decoding: bytes[offset...].prefix(4), as: UTF8.self).unicodeScalars.first.map { String($0) } ?? ""
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        return position - start
    }

    private mutating func number() throws(ExpressionError) -> Token {
        let start = position
        _ = digits()
        if position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."), isDigit(bytes[position + 1]) {
            position += 1
            _ = digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            let exponent = position
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            if digits() == 0 { position = exponent }
        }
        let rest = bytes[position...].prefix { FieldPath.isNameByte($0) || $0 == UInt8(ascii: ".") }
        if !rest.isEmpty { throw invalidNumber(from: start, to: position + rest.count) }
        if isDate(from: start) {
            throw error("write a time in single quotes, such as '2026-03-28T20:00:00Z'", at: start)
        }
        return Token(kind: .number, start: start, end: position)
    }

    private func invalidNumber(from start: Int, to end: Int) -> ExpressionError {
        let word = String(decoding: bytes[start..<end], as: UTF8.self)
        if let plain = NumberHint.plain(word) { return error("invalid number '\(word)'; write \(plain)", at: start) }
        if let length = try? DurationText.parse(word) {
            let seconds = Double(length) / 1e6
            let text = seconds == seconds.rounded(.towardZero) ? "\(Int64(seconds))" : "\(seconds)"
            return error("invalid number '\(word)'; for a duration, write its seconds: \(text)", at: start)
        }
        return error(
            "invalid number '\(word)'; write text in single quotes and a name that starts with a digit in double quotes",
            at: start)
    }

    /// Whether the number is the year of an unquoted date: `2026-03-28`, or `2026-03`.
    private func isDate(from start: Int) -> Bool {
        guard position - start == 4 else { return false }
        let rest = Array(bytes[position...].prefix(4))
        return rest.count >= 3 && rest[0] == UInt8(ascii: "-") && isDigit(rest[1]) && isDigit(rest[2])
            && (rest[1] == UInt8(ascii: "0") || rest.count == 4 && rest[3] == UInt8(ascii: "-"))
    }

    private mutating func string() throws(ExpressionError) -> Token {
        let start = position
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\\") { position += 1 }
            if byte == UInt8(ascii: "'") { return Token(kind: .string, start: start, end: position) }
        }
        throw error("the closing ' is missing", at: start)
    }

    private mutating func field() throws(ExpressionError) -> Token {
        let start = position
        do {
            let path = try FieldPath.parse(bytes, at: &position)
            let quoted = bytes[start] == UInt8(ascii: "\"")
            let word = quoted || path.name == nil ? nil : path.text
            return Token(kind: .field(path), start: start, end: position, word: word)
        } catch {
            throw self.error(error.reason, at: error.offset)
        }
    }

    // MARK: String literals

    /// The bytes of a string literal with escapes decoded.
    func value(of token: Token) throws(ExpressionError) -> [UInt8] {
        var result: [UInt8] = []
        var place = token.start + 1
        while place < token.end - 1 {
            let byte = bytes[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            let escape = bytes[place]
            place += 1
            switch escape {
            case UInt8(ascii: "'"), UInt8(ascii: "\\"): result.append(escape)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "u"):
                guard let scalar = scalar(at: place, before: token.end - 1) else {
                    throw error("\\u must be followed by four hexadecimal digits of a character", at: place - 2)
                }
                result += Array(String(scalar).utf8)
                place += 4
            default: throw error("unknown escape; write \\' \\\\ \\n \\t or \\u00e9", at: place - 2)
            }
        }
        return result
    }

    private func scalar(at place: Int, before end: Int) -> Unicode.Scalar? {
        guard place + 4 <= end else { return nil }
        let digits = bytes[place..<(place + 4)]
        guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap { Unicode.Scalar($0) }
    }

    /// The text of a regular expression: only `\'` is decoded, other backslashes belong to the expression.
    func pattern(of token: Token) -> String {
        var result: [UInt8] = []
        for place in (token.start + 1)..<max(token.start + 1, token.end - 1) {
            if bytes[place] == UInt8(ascii: "'") { result.removeLast() }
            result.append(bytes[place])
        }
        return String(decoding: result, as: UTF8.self)
    }
}
