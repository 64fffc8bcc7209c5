import Plan
import StreamEngine

/// Keys and expressions.
extension Plan {
    /// `--by`, which can be repeated and can list several fields and expressions.
    static func groupKeys(_ texts: [String]) throws(UsageError) -> [GroupKeySpec] {
        var keys: [GroupKeySpec] = []
        for text in texts {
            for item in try keyItems(text, of: "--by", purpose: "to group by, such as --by service") {
                keys.append(GroupKeySpec(name: item.name, expression: item.expression))
            }
        }
        return keys
    }

    /// The fields and named expressions of a list with commas.
    ///
    /// - Parameter purpose: what the fields are for, with an example.
    static func keyItems(
        _ text: String, of flag: String, purpose: String
    ) throws(UsageError) -> [NamedExpression] {
        guard !text.isEmpty else { throw UsageError("\(flag) '': a field name is missing") }
        var items: [NamedExpression] = []
        var position = 0
        repeat {
            let start = position
            let (name, expression) = try keyItem(text, at: &position, of: flag, purpose)
            guard let name = name ?? expression.defaultName else {
                // A path before '=' is not a name.
                var reader = NamedFieldReader(text, of: flag, from: start)
                _ = try reader.next()
                throw UsageError("\(flag) '\(text)': an expression requires a name; write NAME=\(expression.text)")
            }
            items.append(NamedExpression(name: name, expression: expression))
            // At a comma, another key follows.
            position += 1
        } while position <= text.utf8.count
        return items
    }

    /// Reads `[NAME=]FIELD` or `[NAME=]EXPR` up to a comma or the end. In the name of a field, a `-` is not a minus.
    private static func keyItem(
        _ text: String, at position: inout Int, of flag: String, _ purpose: String
    ) throws(UsageError) -> (name: String?, expression: Expression) {
        if text.utf8.dropFirst(position).first == UInt8(ascii: "*") {
            throw UsageError("\(flag) '\(text)': '*' is not a field; name the fields \(purpose)")
        }
        if let fields = separated(text) {
            throw UsageError(
                "\(flag) '\(text)': write only names with commas between them: \(flag) \(fields.joined(separator: ","))"
            )
        }
        var reader = NamedFieldReader(text, of: flag, from: position)
        if let (name, field) = try? reader.next(), reader.isAtItemEnd {
            position = reader.position
            return (name, .field(field))
        }
        do throws(ExpressionError) {
            let item = try Expression.parseItem(text, at: &position)
            if let doubt = item.expression.doubt() { throw doubt }
            return (item.name, item.expression)
        } catch {
            throw usageError(error, flag)
        }
    }

    /// Fields in a list as other languages write it: with semicolons, blanks, brackets or quotes, or with a comma too
    /// many; nil for anything else.
    static func separated(_ text: String) -> [String]? {
        let marks: Set<Character> = [",", ";", " ", "[", "]", "(", ")", "{", "}", "'"]
        let parts = text.split { marks.contains($0) }.map { part in
            part.hasPrefix(".") ? String(part.dropFirst()) : String(part)
        }
        guard !parts.isEmpty, parts.allSatisfy({ (try? FieldPath.parse($0)) != nil && !$0.hasPrefix("\"") }) else {
            return nil
        }
        guard text.contains(where: { marks.contains($0) }) else { return nil }
        let joined = parts.joined(separator: ",")
        guard text.filter({ $0 != " " }) != joined, !parts.contains("as"), !parts.contains("AS") else { return nil }
        // A bracket behind a name is a call or an index.
        if let open = text.firstIndex(where: { "([{".contains($0) }), open != text.startIndex { return nil }
        return text.contains(" ") && !text.contains(where: { $0 != " " && marks.contains($0) }) ? nil : parts
    }

    /// `--let`, in order.
    static func lets(_ texts: [String]) throws(UsageError) -> [NamedExpression] {
        var lets: [NamedExpression] = []
        var names: Set<String> = []
        for text in texts {
            guard let (name, rest) = splitName(text) else {
                if let name = SourceColumn.allCases.first(where: { text.hasPrefix("\($0.rawValue)=") })?.rawValue {
                    throw UsageError("--let \(text): \(name) is metadata of records; choose another name")
                }
                throw UsageError("--let '\(text)': \(missingName(text))")
            }
            guard names.insert(name).inserted else {
                throw UsageError("--let \(name) is given twice; choose another name for one of them")
            }
            if let others = severalLets(name, rest) {
                throw UsageError("--let '\(text)': one field at a time; write \(others.joined(separator: " "))")
            }
            lets.append(NamedExpression(name: name, expression: try expression(rest, of: "--let \(name)")))
        }
        return lets
    }

    /// The flags for `x=a, y=b`; nil if the text is anything else.
    private static func severalLets(_ name: String, _ rest: String) -> [String]? {
        guard rest.contains(","), (try? Expression.parse(rest)) == nil,
            let items = try? Expression.parseSelection("\"\(name)\"=\(rest)"), items.count > 1
        else { return nil }
        return items.map { "--let '\($0.name)=\($0.expression.text)'" }
    }

    private static func missingName(_ text: String) -> String {
        if let hint = otherAssignment(text) { return hint }
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            return "expected NAME=EXPR; put an unusual NAME in double quotes"
        }
        let name = text[..<equals].trimmingBlanks
        let rest = text[text.index(after: equals)...]
        guard !rest.hasPrefix("="), !name.contains("\""), !name.isEmpty else {
            return "expected NAME=EXPR; put an unusual NAME in double quotes"
        }
        let reason = name.contains(" ") ? "a name with a blank" : "an unusual name"
        return "\(reason) is written in double quotes: --let '\"\(name)\"=\(rest)'"
    }

    /// A computed field as other languages write it: `x:=a`, `x:a`, `x==a`, `.x=.a`, `a as x`, or without a name.
    private static func otherAssignment(_ text: String) -> String? {
        func write(_ name: some StringProtocol, _ value: some StringProtocol) -> String? {
            let name = String(name).trimmingSpaces
            let value = String(value).trimmingSpaces
            guard (try? FieldPath.parse(name))?.name != nil, (try? Expression.parse(value)) != nil else { return nil }
            return "write --let '\(name)=\(value)'"
        }
        for sign in [":=", "==", ":", "<-"] {
            if let parts = text.parts(around: sign), let hint = write(parts.before, parts.after) { return hint }
        }
        for word in [" as ", " AS "] {
            if let parts = text.parts(around: word), let hint = write(parts.after, parts.before) {
                return "the name comes first; \(hint)"
            }
        }
        if text.hasPrefix("."), let equals = text.firstIndex(of: "=") {
            let value = text[text.index(after: equals)...].trimmingSpaces
            let plain = value.split(separator: " ", omittingEmptySubsequences: false)
                .map { $0.hasPrefix(".") ? String($0.dropFirst()) : String($0) }.joined(separator: " ")
            if let hint = write(text[..<equals].dropFirst(), plain) { return "names have no dot in front; \(hint)" }
        }
        if let equals = text.firstIndex(of: "="), (try? FieldPath.parse(text[..<equals].trimmingSpaces)) != nil {
            return nil
        }
        guard (try? Expression.parse(text)) != nil, (try? FieldPath.parse(text)) == nil else { return nil }
        return "an expression requires a name; write --let 'NAME=\(text)'"
    }

    /// `--where`: all conditions must hold.
    static func filter(_ texts: [String]) throws(UsageError) -> Expression? {
        for text in texts { try checkCondition(try expression(text, of: "--where"), "--where") }
        guard texts.count > 1 else {
            return try texts.first.map { text throws(UsageError) in try expression(text, of: "--where") }
        }
        return try expression(texts.map { "(\($0))" }.joined(separator: " && "), of: "--where")
    }

    static func expression(
        _ text: String, of what: String, _ use: AggregateUse = .none
    ) throws(UsageError) -> Expression {
        do throws(ExpressionError) {
            let expression = try Expression.parse(text, use)
            if let doubt = expression.doubt() { throw doubt }
            return expression
        } catch {
            throw usageError(error, what)
        }
    }

    /// Refuses a condition that is never true or false.
    static func checkCondition(_ expression: Expression, _ what: String) throws(UsageError) {
        if let doubt = expression.doubt(isCondition: true) { throw usageError(doubt, what) }
    }

    static func usageError(_ error: ExpressionError, _ what: String) -> UsageError {
        guard !error.text.isEmpty else { return UsageError("\(what) '': \(error.reason)") }
        return UsageError("\(what) at column \(error.column): \(error.reason)", excerpt: error.excerpt)
    }

    /// Splits `NAME=rest`; nil unless the text starts with a name and an equals sign.
    static func splitName(_ text: String) -> (String, String)? {
        let bytes = Array(text.utf8)
        var position = 0
        guard let field = try? FieldPath.parse(bytes, at: &position), field.name != nil else { return nil }
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
        let equals = UInt8(ascii: "=")
        guard position < bytes.count, bytes[position] == equals,
            position + 1 == bytes.count || bytes[position + 1] != equals
        else { return nil }
        return (field.columnName, String(decoding: bytes[(position + 1)...], as: UTF8.self))
    }
}

/// Reads `[NAME=]FIELD,[NAME=]FIELD…`.
struct NamedFieldReader {
    private let bytes: [UInt8]
    private let text: String
    private let what: String
    private(set) var position = 0

    /// - Parameter start: the offset of the first byte to read.
    init(_ text: String, of what: String, from start: Int = 0) {
        bytes = Array(text.utf8)
        self.text = text
        self.what = what
        position = start
    }

    var isAtEnd: Bool { position == bytes.count }
    var isAtItemEnd: Bool { isAtEnd || bytes[position] == UInt8(ascii: ",") }

    mutating func next() throws(UsageError) -> (name: String?, field: FieldPath) {
        let first = try field()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return (nil, first) }
        guard first.name != nil else {
            throw UsageError(
                "\(what) '\(text)': '\(first.text)' is not a column name; put unusual names in double quotes")
        }
        position += 1
        return (first.columnName, try field())
    }

    /// The fields that are left, for a message; nil if anything else is there.
    mutating func fields() -> [FieldPath]? {
        var fields: [FieldPath] = []
        while !isAtEnd {
            guard bytes[position] == UInt8(ascii: ",") else { return nil }
            position += 1
            while !isAtEnd, bytes[position] == UInt8(ascii: " ") { position += 1 }
            guard let field = try? field() else { return nil }
            fields.append(field)
        }
        return fields
    }

    /// Skips a comma, if there is one.
    ///
    /// - Returns: true when another field follows.
    mutating func skipComma() throws(UsageError) -> Bool {
        if isAtEnd { return false }
        guard bytes[position] == UInt8(ascii: ",") else {
            throw UsageError(
                "\(what) '\(text)' at column \(position + 1): unexpected character; separate fields with commas")
        }
        position += 1
        return true
    }

    private mutating func field() throws(UsageError) -> FieldPath {
        let start = position
        do {
            return try FieldPath.parse(bytes, at: &position, allowsHyphen: true)
        } catch {
            if let hint = Self.hint(String(decoding: bytes[start...], as: UTF8.self)) {
                throw UsageError("\(what) '\(text)' at column \(error.offset + 1): \(error.reason); \(hint)")
            }
            throw UsageError("\(what) '\(text)' at column \(error.offset + 1): \(error.reason)")
        }
    }
    /// Fields as other tools write them.
    private static func hint(_ text: String) -> String? {
        if text.hasPrefix("."), text.utf8.count > 1 { return "a path has no dot at its start: \(text.dropFirst())" }
        if text.hasPrefix("*") { return "name the fields; '--fields' lists them" }
        return nil
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: String { String(Substring(self).trimmingBlanks) }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
