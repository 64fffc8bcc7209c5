@testable import StreamEngine

/// A JSON text as a tree, read by a second, plain reader that shares nothing with the scanner.
indirect enum JSONTree {
    case null
    case boolean(Bool)
    case number(String)
    case string([UInt8])
    case array([JSONTree], text: ArraySlice<UInt8>)
    case object([(key: [UInt8], value: JSONTree)], text: ArraySlice<UInt8>)

    /// The object that a line holds; nil when it is none.
    static func record(_ line: [UInt8]) -> JSONTree? {
        var reader = TreeReader(bytes: line)
        guard let tree = reader.document(), case .object = tree else { return nil }
        return tree
    }

    /// What a field path finds: at each level under the longest key that is there; of equal keys the last. nil: nothing.
    func find(_ path: FieldPath) -> JSONTree? {
        var tree = self
        var rest = path.steps[...]
        while let step = rest.popFirst() {
            switch step {
            case .name(var key):
                var found = tree.member(key).map { (value: $0, rest: rest) }
                var more = rest
                while let next = more.popFirst() {
                    if case .name(let name) = next { key += Array(".".utf8) + name }
                    if case .index(let index) = next { key += Array("[\(index)]".utf8) }
                    if let value = tree.member(key) { found = (value, more) }
                }
                guard let found else { return nil }
                (tree, rest) = found
            case .source: return nil
            case .index(let index):
                guard case .array(let elements, _) = tree, index < elements.count else { return nil }
                tree = elements[index]
            }
        }
        return tree
    }

    private func member(_ key: [UInt8]) -> JSONTree? {
        guard case .object(let members, _) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// As `describe` says of scanned values.
    var description: String {
        switch self {
        case .null: return "null"
        case .boolean(let value): return "\(value)"
        case .number(let text):
            let isInteger = !text.contains { $0 == "." || $0 == "e" || $0 == "E" }
            if isInteger, text != "-0", let value = Int64(text) { return "\(value)" }
            let double = Double(text) ?? .nan
            let decimal = normal(text)
            let standsAlone = decimal.digits.isEmpty || decimal == normal(double.description)
            return isInteger || !standsAlone ? "digits \(text)" : "double \(double)"
        case .string(let bytes): return "string \(String(decoding: bytes, as: UTF8.self))"
        case .array(_, let text), .object(_, let text): return "json \(String(decoding: text, as: UTF8.self))"
        }
    }
}

/// RFC 8259 by recursive descent: strict, and with the limits of DESIGN (depth 512, numbers within a double).
private struct TreeReader {
    let bytes: [UInt8]
    var place = 0
    var depth = 0

    private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: Character) -> Bool {
        guard let value = byte.asciiValue, peek() == value else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { place += 1 }
    }

    mutating func document() -> JSONTree? {
        skipSpace()
        guard let tree = value() else { return nil }
        skipSpace()
        return place == bytes.count ? tree : nil
    }

    private mutating func value() -> JSONTree? {
        guard let byte = peek() else { return nil }
        switch Character(Unicode.Scalar(byte)) {
        case "{": return object()
        case "[": return array()
        case "\"": return string().map { .string($0) }
        case "t": return word("true") ? .boolean(true) : nil
        case "f": return word("false") ? .boolean(false) : nil
        case "n": return word("null") ? .null : nil
        // Python writes these.
        case "N": return word("NaN") ? .null : nil
        case "I": return word("Infinity") ? .null : nil
        default: return word("-Infinity") ? .null : number()
        }
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[place...].starts(with: word.utf8) else { return false }
        place += word.utf8.count
        return true
    }

    private mutating func object() -> JSONTree? {
        let start = place
        guard take("{") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= 512 else { return nil }
        var members: [(key: [UInt8], value: JSONTree)] = []
        skipSpace()
        if take("}") { return .object([], text: bytes[start..<place]) }
        repeat {
            skipSpace()
            guard let key = string() else { return nil }
            skipSpace()
            guard take(":") else { return nil }
            skipSpace()
            guard let value = value() else { return nil }
            members.append((key, value))
            skipSpace()
        } while take(",")
        return take("}") ? .object(members, text: bytes[start..<place]) : nil
    }

    private mutating func array() -> JSONTree? {
        let start = place
        guard take("[") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= 512 else { return nil }
        var elements: [JSONTree] = []
        skipSpace()
        if take("]") { return .array([], text: bytes[start..<place]) }
        repeat {
            skipSpace()
            guard let value = value() else { return nil }
            elements.append(value)
            skipSpace()
        } while take(",")
        return take("]") ? .array(elements, text: bytes[start..<place]) : nil
    }

    private mutating func digits() -> Int {
        let start = place
        while let byte = peek(), byte >= 0x30, byte <= 0x39 { place += 1 }
        return place - start
    }

    private mutating func number() -> JSONTree? {
        let start = place
        _ = take("-")
        let first = peek()
        let whole = digits()
        guard whole > 0, whole == 1 || first != 0x30 else { return nil }
        if take("."), digits() == 0 { return nil }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() > 0 else { return nil }
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return nil }
        return .number(text)
    }

    /// The content of a string. UTF-8 is judged by the standard library.
    private mutating func string() -> [UInt8]? {
        guard take("\"") else { return nil }
        var content: [UInt8] = []
        var raw: [UInt8] = []
        func isText(_ raw: [UInt8]) -> Bool { String(validating: raw, as: UTF8.self) != nil }
        while let byte = peek() {
            place += 1
            if byte == 0x22 { return isText(raw) ? content + raw : nil }
            guard byte >= 0x20 else { return nil }
            if byte != 0x5c {
                raw.append(byte)
                continue
            }
            guard isText(raw), let scalar = escape() else { return nil }
            content += raw
            raw = []
            content += Array(String(scalar).utf8)
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = peek() else { return nil }
        place += 1
        switch Character(Unicode.Scalar(byte)) {
        case "\"", "\\", "/": return Unicode.Scalar(byte)
        case "b": return "\u{8}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            guard let unit = hex() else { return nil }
            guard unit >= 0xd800, unit < 0xdc00 else { return Unicode.Scalar(unit) }
            guard take("\\"), take("u"), let low = hex(), low >= 0xdc00, low < 0xe000 else { return nil }
            return Unicode.Scalar((unit - 0xd800) * 1024 + (low - 0xdc00) + 0x10000)
        default: return nil
        }
    }

    private mutating func hex() -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        let text = String(decoding: bytes[place..<(place + 4)], as: UTF8.self)
        guard text.allSatisfy(\.isHexDigit), text.utf8.count == 4 else { return nil }
        place += 4
        return UInt32(text, radix: 16)
    }
}

extension RecordStatus {
    /// What tests call it.
    var name: String {
        switch self {
        case .accepted: "accepted"
        case .filtered: "filtered"
        case .control: "control"
        case .tooLong: "tooLong"
        case .noValue: "noValue"
        default: defect.flatMap { JSONDefect(rawValue: UInt8($0)) }.map { "\($0)" } ?? "unknown"
        }
    }
}

/// The records of a line, and the text before them, as the documentation of `JSONFormat` says; nil for what is malformed.
func recordsOfLine(_ line: [UInt8]) -> (prefix: String?, records: [JSONTree?]) {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
    /// The first whole object and what follows it and one comma.
    func first(_ text: ArraySlice<UInt8>) -> (JSONTree, rest: ArraySlice<UInt8>)? {
        for end in text.indices where text[end] == UInt8(ascii: "}") {
            guard let tree = JSONTree.record(Array(text[...end])) else { continue }
            var rest = text[(end + 1)...].drop(while: isBlank)
            if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst().drop(while: isBlank) }
            return (tree, rest)
        }
        return nil
    }
    var rest = line.drop(while: isBlank)
    if rest.isEmpty { return (nil, []) }
    guard rest.first == UInt8(ascii: "{") else {
        var tries = 0
        for start in line.indices where line[start] == UInt8(ascii: "{") {
            var before = line[..<start]
            while let last = before.last, last == 0x20 || last == 0x09 { before = before.dropLast() }
            guard let last = before.last, !Array("\",[{}\\".utf8).contains(last) else { continue }
            if last == UInt8(ascii: ":") {
                var name = before.dropLast()
                while let last = name.last, last == 0x20 || last == 0x09 { name = name.dropLast() }
                if name.last == UInt8(ascii: "\"") { continue }
            }
            guard line[(start + 1)...].drop(while: isBlank).first == UInt8(ascii: "\"") else { continue }
            guard line.last(where: { $0 > 0x20 }) == UInt8(ascii: "}") else { continue }
            tries += 1
            guard tries <= 8, let text = String(validating: line[..<start], as: UTF8.self),
                !line[..<start].contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x1b })
            else { break }
            guard let found = first(line[start...]), found.rest.isEmpty else { continue }
            let trimmed = text.unicodeScalars.drop { [" ", "\t"].contains($0) }
            let end = trimmed.lastIndex { ![" ", "\t", "|"].contains($0) }
            return (end.map { String(trimmed[...$0]) } ?? "", [found.0])
        }
        return (nil, [nil])
    }
    var records: [JSONTree?] = []
    while !rest.isEmpty {
        guard let found = first(rest), found.rest.isEmpty || found.rest.first == UInt8(ascii: "{") else {
            return (nil, records + [nil])
        }
        records.append(found.0)
        rest = found.rest
    }
    return (nil, records)
}

/// What the scanner made of one line.
struct ScannedLine {
    var status: RecordStatus
    /// As `describe` says, or `missing`.
    var values: [String]
    /// The bytes of the record.
    var text = ""
}

/// Scans lines for fields, as a batch that does or does not begin an input; blank lines have no entry.
func scanLines(
    _ bytes: [UInt8], _ fields: [FieldPath] = [], maxLine: Int = 1 << 20, startsInput: Bool = false
) -> [Int: ScannedLine] {
    let rows = scanRows(bytes, fields, maxLine: maxLine, startsInput: startsInput)
    return Dictionary(rows.map { ($0.line, $0.record) }) { _, last in last }
}

/// Scans the lines in one batch.
///
/// - Returns: what became of each record, with the number of its line.
func scanRows(
    _ bytes: [UInt8], _ fields: [FieldPath] = [], maxLine: Int = 1 << 20, startsInput: Bool = false
) -> [(line: Int, record: ScannedLine)] {
    var scanner = JSONFormat(fields: fields + [FieldPath(name: Array("$watermark".utf8))], maxLine: maxLine)
    var batch = Batch(capacity: 64)
    var records = Records(columnCount: fields.count + 1)
    bytes.withUnsafeBytes { batch.append($0) }
    batch.startsInput = startsInput
    scanner.read(&batch, into: &records)
    return (0..<records.count).map { row in
        let status = records.places[row].status
        var values: [String] = []
        if !status.isRejected {
            for column in fields.indices {
                let value = records.columns[column][row]
                values.append(value.kind == .missing ? "missing" : describe(value))
            }
        }
        let text = String(decoding: records.text(of: row), as: UTF8.self)
        return (Int(records.places[row].line), ScannedLine(status: status, values: values, text: text))
    }
}

/// What became of one line.
func scanLine(_ line: [UInt8], _ fields: String...) throws -> ScannedLine {
    let paths = try fields.map { try FieldPath.parse($0) }
    return scanLines(line + [UInt8(ascii: "\n")], paths)[0] ?? ScannedLine(status: .accepted, values: [])
}

func scanLine(_ line: String, _ field: String) throws -> ScannedLine { try scanLine(Array(line.utf8), field) }

/// The digits of a number without zeros at the ends, and the power of ten of the last one.
func normal(_ text: String) -> (digits: String, power: Int) {
    let halves = text.drop { $0 == "-" }.split { $0 == "e" || $0 == "E" }
    let parts = halves[0].split(separator: ".")
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    var digits = Substring(parts[0] + fraction)
    var power = (halves.count == 2 ? Int(halves[1]) ?? -99_999 : 0) - fraction.count
    while digits.last == "0" {
        digits.removeLast()
        power += 1
    }
    return (String(digits.drop { $0 == "0" }), power)
}
