/// The path of a field in a record, such as `a.b[0].c` or `"odd name".x`, or a column of the source such as `@offset`.
///
/// Names are compared as bytes: é composed and decomposed are different names.
package struct FieldPath: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case name([UInt8])
        case index(Int)
        /// The only step: a column of the source, not of the record itself.
        case source(SourceColumn)
    }

    package let steps: [Step]
    /// The path as typed, for column names and messages.
    package let text: String

    package static func == (left: FieldPath, right: FieldPath) -> Bool { left.steps == right.steps }
    package func hash(into hasher: inout Hasher) { hasher.combine(steps) }

    package init(name: [UInt8]) {
        steps = [.name(name)]
        text = String(decoding: name, as: UTF8.self)
    }

    /// A path of plain names.
    init(names: [[UInt8]]) {
        steps = names.map { .name($0) }
        text = names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }

    /// A path of fields of records.
    init(steps: [Step], in text: String) {
        self.steps = steps
        self.text = text
    }

    private init(steps: [Step], text: String) {
        // A quoted name is always a field: its text keeps the quotes and never matches a source column.
        self.steps = SourceColumn(rawValue: text).map { [.source($0)] } ?? steps
        self.text = text
    }

    /// The source column that it names, if it is not a field of the record.
    package var sourceColumn: SourceColumn? {
        if case .source(let column)? = steps.first { column } else { nil }
    }

    /// The default column name: the path without quotes, a source column without the `@`.
    package var columnName: String {
        if let sourceColumn { return sourceColumn.columnName }
        return (name ?? flatKey).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// The name, if the path is a single name.
    package var name: [UInt8]? {
        guard steps.count == 1, case .name(let name) = steps[0] else { return nil }
        return name
    }

    /// The path without its last step and the name of that step, if it is not in double quotes: `path.lower` is `path`
    /// and `lower`.
    package var splitLast: (path: FieldPath, name: String)? {
        guard steps.count > 1, case .name(let name) = steps[steps.count - 1],
            let dot = text.lastIndex(of: "."), text[text.index(after: dot)...].utf8.elementsEqual(name)
        else { return nil }
        return (
            FieldPath(steps: Array(steps.dropLast()), text: String(text[..<dot])), String(decoding: name, as: UTF8.self)
        )
    }

    /// The source columns that hold JSON, by the names under which their parts are known.
    private static let documents = [("@key.", SourceColumn.key), ("@header.", SourceColumn.headers)]

    /// For `@key.PATH` and `@header.NAME`: the source column and the path in the JSON text that it holds.
    package var partOfMetadata: (column: FieldPath, path: FieldPath)? {
        guard steps.count > 1, sourceColumn == nil else { return nil }
        for (prefix, column) in Self.documents where text.hasPrefix(prefix) {
            return (
                FieldPath(steps: [], text: column.rawValue),
                FieldPath(steps: Array(steps.dropFirst()), in: String(text.dropFirst(prefix.count)))
            )
        }
        return nil
    }

    /// The key to look up in the record before the path is followed: `id.orig_h` in `{"id.orig_h": …}`.
    package var flatKey: [UInt8]? {
        guard steps.count > 1 else { return nil }
        var key: [UInt8] = []
        for (position, step) in steps.enumerated() {
            switch step {
            case .name(let name): key += (position > 0 ? [UInt8(ascii: ".")] : []) + name
            case .index(let index): key += Array("[\(index)]".utf8)
            case .source: return nil
            }
        }
        return key
    }

    /// Reads a whole path. A `-` in a name needs no quotes here, where it cannot be a minus.
    package static func parse(_ text: String) throws(FieldPathError) -> FieldPath {
        var reader = Reader(bytes: Array(text.utf8), allowsHyphen: true)
        let steps = try reader.path()
        guard reader.position == reader.bytes.count else { throw reader.error("unexpected character") }
        return FieldPath(steps: steps, text: text)
    }

    /// Reads the longest path at `position` of `bytes` and advances the position past it.
    ///
    /// - Parameter allowsHyphen: a `-` is part of a name; in an expression it would be a minus.
    package static func parse(
        _ bytes: [UInt8], at position: inout Int, allowsHyphen: Bool = false
    ) throws(FieldPathError) -> FieldPath {
        var reader = Reader(bytes: bytes, position: position, allowsHyphen: allowsHyphen)
        let steps = try reader.path()
        let text = String(decoding: bytes[position..<reader.position], as: UTF8.self)
        position = reader.position
        return FieldPath(steps: steps, text: text)
    }

    /// A name as paths write it: in double quotes if it is unusual.
    ///
    /// - Parameter allowsHyphen: false in expressions, where it is a minus.
    package static func written(_ name: some Collection<UInt8>, allowsHyphen: Bool = true) -> String {
        let text = String(decoding: name, as: UTF8.self)
        let isPlain = name.allSatisfy { isNameByte($0) || (allowsHyphen && $0 == UInt8(ascii: "-")) }
        if isPlain, !name.isEmpty { return text }
        return "\"" + text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// Letters, digits, `_`, `@`, `$` and everything beyond ASCII. The lexer of expressions rejects a name that starts
    /// with a digit.
    package static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "$"), 0x80...0xff:
            true
        default: false
        }
    }
}

/// A syntax error in a field path, with its byte offset.
package struct FieldPathError: Error, Equatable {
    package let reason: String
    package let offset: Int
}

private struct Reader {
    let bytes: [UInt8]
    var position = 0
    let allowsHyphen: Bool
    /// Where the path begins.
    private var start = 0

    init(bytes: [UInt8], position: Int = 0, allowsHyphen: Bool) {
        self.bytes = bytes
        self.position = position
        self.allowsHyphen = allowsHyphen
    }

    /// The depth that records may have.
    private static let stepLimit = 512

    func error(_ reason: String) -> FieldPathError { FieldPathError(reason: reason, offset: position) }

    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func path() throws(FieldPathError) -> [FieldPath.Step] {
        start = position
        if peek() == UInt8(ascii: ".") { throw foreign("'.'", rest: position + 1) }
        var steps: [FieldPath.Step] = [.name(try name())]
        if position == start + 1, bytes[start] == UInt8(ascii: "$"), let next = peek(),
            next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
        {
            throw foreign(next == UInt8(ascii: ".") ? "'$.'" : "'$'", rest: position + 1, at: start)
        }
        while let byte = peek() {
            guard steps.count < Self.stepLimit else {
                throw error("the path has more than \(Self.stepLimit) steps; records are not nested that deeply")
            }
            if byte == UInt8(ascii: ".") {
                position += 1
                steps.append(.name(try name()))
            } else if byte == UInt8(ascii: "[") {
                position += 1
                steps.append(.index(try index()))
            } else {
                break
            }
        }
        return steps
    }

    /// The error for a path as `jq` or JSONPath write it, with the path as it is written here.
    ///
    /// - Parameter rest: the offset of the path without its prefix.
    private func foreign(_ prefix: String, rest: Int, at offset: Int? = nil) -> FieldPathError {
        let path = bytes[rest...].prefix {
            FieldPath.isNameByte($0) || [UInt8(ascii: "."), UInt8(ascii: "-")].contains($0)
        }
        let remedy = path.isEmpty ? "name the field" : "write \(String(decoding: path, as: UTF8.self))"
        return FieldPathError(reason: "a field has no \(prefix) in front; \(remedy)", offset: offset ?? position)
    }

    private mutating func name() throws(FieldPathError) -> [UInt8] {
        if peek() == UInt8(ascii: "\"") { return try quotedName() }
        let start = position
        while let byte = peek(), FieldPath.isNameByte(byte) || (allowsHyphen && byte == UInt8(ascii: "-")),
            allowsHyphen || !isSign()
        {
            position += 1
        }
        guard position > start else {
            if peek() == UInt8(ascii: "'") { throw error("a name is put in double quotes, text in single quotes") }
            throw error(peek() == UInt8(ascii: "*") ? "'*' is not a field; name the fields" : "a field name is missing")
        }
        return Array(bytes[start..<position])
    }

    /// Whether a sign beyond ASCII follows that ends a name in an expression: ≠ ≤ ≥ −, a curved quote, or a no-break space.
    private func isSign() -> Bool {
        let next = bytes[position...].prefix(3)
        guard let first = next.first, first == 0xe2 || first == 0xc2 else { return false }
        return Self.signs.contains { next.starts(with: $0) }
    }

    private static let signs = ["≠", "≤", "≥", "−", "‘", "’", "“", "”", "\u{a0}"].map { Array($0.utf8) }

    /// A name in double quotes; `\"` and `\\` are escapes for `"` and `\`.
    private mutating func quotedName() throws(FieldPathError) -> [UInt8] {
        position += 1
        var name: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "\"") { return name }
            if byte == UInt8(ascii: "\\"), let next = peek() {
                position += 1
                name.append(next)
            } else {
                name.append(byte)
            }
        }
        throw error("the closing quote is missing")
    }

    private mutating func index() throws(FieldPathError) -> Int {
        var value = 0
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            guard position - start < 9 else { throw error("the index is too large") }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
        }
        guard position > start, peek() == UInt8(ascii: "]") else { throw error(indexError(at: start)) }
        position += 1
        return value
    }

    private func indexError(at start: Int) -> String {
        switch start < bytes.count ? bytes[start] : 0 {
        case UInt8(ascii: "]"), UInt8(ascii: "*"): "a path names one element, such as [0]\(eachHint(at: start))"
        case let quote where quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""):
            "an index consists of digits; write the name of a field as \(member(quote, at: start + 1))"
        default:
            Self.indexHint(bytes[start...].prefix { $0 != UInt8(ascii: "]") })
        }
    }

    /// For `items[].price`, with the index of what is between the brackets.
    private func eachHint(at index: Int) -> String {
        let array = String(decoding: bytes[start..<index - 1], as: UTF8.self)
        let rest = bytes[index...].drop { $0 == UInt8(ascii: "*") }.dropFirst().drop { $0 == UInt8(ascii: ".") }
        let field = rest.prefix { FieldPath.isNameByte($0) || ".-\"".utf8.contains($0) }
        let name = field.isEmpty ? "value" : String(decoding: field, as: UTF8.self)
        return "; for all of them, add --each \(array) and write \(name)"
    }

    /// For what is between brackets and not a number: a range `0:3`, or `5m` as in PromQL.
    private static func indexHint(_ text: ArraySlice<UInt8>) -> String {
        if text.contains(UInt8(ascii: ":")) {
            return "a path names one element; for a part of a text, write substr(TEXT, start, length)"
        }
        let isDuration =
            text.first.map { $0 < UInt8(ascii: ":") } == true && text.last.map { $0 >= UInt8(ascii: "a") } == true
        return isDuration
            ? "there are no ranges of time; set windows with -w SIZE" : "an index consists of digits and ']'"
    }

    /// The step for a name that was written in brackets and quotes.
    private func member(_ quote: UInt8, at start: Int) -> String {
        let name = bytes[start...].prefix { $0 != quote }
        let text = String(decoding: name, as: UTF8.self)
        return name.allSatisfy(FieldPath.isNameByte) ? ".\(text)" : ".\"\(text)\""
    }
}
