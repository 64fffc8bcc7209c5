/// A token of an expression.
struct Token {
    enum Kind: Equatable {
        case number
        /// A literal in single quotes, including them.
        case string
        case field(FieldPath)
        case sign(Sign)
        case end
    }

    enum Sign: String, CaseIterable {
        // Longer signs first: the first match is taken.
        case equalTo = "==", notEqual = "!=", notMatch = "!~", lessOrEqual = "<=", greaterOrEqual = ">="
        case and = "&&", or = "||", coalesce = "??"
        case equals = "=", less = "<", greater = ">", not = "!", match = "~"
        case plus = "+", minus = "-", times = "*", over = "/", modulo = "%"
        case question = "?", colon = ":", open = "(", close = ")", comma = ","
    }

    var kind: Kind
    /// Its bytes in the text.
    var start: Int
    var end: Int
    /// The name, if the token is an unquoted name: perhaps a keyword or function.
    var word: String?
}

/// Splits the text of an expression into tokens.
struct ExpressionLexer {
    let text: String
    let bytes: [UInt8]
    private var position = 0

    /// Far more than in expressions written by people, and too few for a tree to exhaust the stack.
    private static let tokenLimit = 4000

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    func error(_ reason: String, at offset: Int) -> ExpressionError {
        ExpressionError(reason: reason, offset: offset, text: text)
    }

    mutating func tokens() throws(ExpressionError) -> [Token] {
        var result: [Token] = []
        repeat {
            guard result.count < Self.tokenLimit else { throw error("the expression is too long", at: position) }
            result.append(try next())
        } while result.last?.kind != .end
        return result
    }

    private mutating func next() throws(ExpressionError) -> Token {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
        let start = position
        guard start < bytes.count else { return Token(kind: .end, start: start, end: start) }
        let byte = bytes[start]
        if isDigit(byte) { return try number() }
        if byte == UInt8(ascii: "'") { return try string() }
        if byte == UInt8(ascii: "\"") || FieldPath.isNameByte(byte) { return try field() }
        for sign in Token.Sign.allCases where bytes[start...].starts(with: sign.rawValue.utf8) {
            position += sign.rawValue.utf8.count
            return Token(kind: .sign(sign), start: start, end: position)
        }
        throw error("unexpected '\(character(at: start))'", at: start)
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
        if position < bytes.count, FieldPath.isNameByte(bytes[position]) || bytes[position] == UInt8(ascii: ".") {
            throw error(
                "invalid number (put a name that starts with a digit in double quotes, a duration in single quotes)",
                at: start)
        }
        return Token(kind: .number, start: start, end: position)
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
