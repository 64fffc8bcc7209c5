/// Reads a record that the scanner rejected once more, slowly, to describe its first defect.
///
/// Accepts what the scanner accepts (RFC 8259), but makes no use of it: its only result is the description.
struct JSONDiagnosis {
    private let bytes: [UInt8]
    private var position = 0
    /// The open containers: `{` or `[`.
    private var open: [UInt8] = []

    /// The first defect of a record; nil if it has none.
    static func defect(in record: UnsafeRawBufferPointer) -> RecordDefect? {
        let bytes = Array(record)
        if let schema = ForeignContent.schema(of: bytes) {
            let message = "in Confluent wire format (schema \(schema)), not JSON"
            return RecordDefect(offset: 0, message: message, showsText: false)
        }
        // What is binary inside of an object is a bad string.
        if bytes.first(where: { $0 > 0x20 }) != UInt8(ascii: "{"), let content = ForeignContent(message: bytes) {
            return RecordDefect(offset: 0, message: "\(content.noun), not JSON", showsText: false)
        }
        var reader = JSONDiagnosis(bytes: bytes)
        do throws(Defect) {
            try reader.readRecord()
            return nil
        } catch {
            return error.defect
        }
    }

    private struct Defect: Error { let defect: RecordDefect }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func defect(_ message: String, at offset: Int? = nil, showsText: Bool = true) -> Defect {
        Defect(defect: RecordDefect(offset: offset ?? position, message: message, showsText: showsText))
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a { position += 1 }
    }

    private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        guard let byte = current, byte == UInt8(ascii: wanted) else { return false }
        position += 1
        return true
    }

    private mutating func readRecord() throws(Defect) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            throw defect("a byte order mark before the object", showsText: false)
        }
        skipSpace()
        guard take("{") else { throw defect("not a JSON object") }
        open.append(UInt8(ascii: "{"))
        try readFirstMember()
        while !open.isEmpty { try readRest() }
        skipSpace()
        guard let byte = current else { return }
        if byte == UInt8(ascii: "{") { throw defect("a second object in the same line") }
        throw defect(byte == UInt8(ascii: ",") ? "a comma after the object" : "text after the object")
    }

    /// Reads what follows a value in the innermost container.
    private mutating func readRest() throws(Defect) {
        skipSpace()
        let isObject = open.last == UInt8(ascii: "{")
        if take(isObject ? "}" : "]") {
            open.removeLast()
            return
        }
        guard current != nil else { throw cutOff() }
        guard take(",") else { throw defect(isObject ? "expected ',' or '}'" : "expected ',' or ']'") }
        skipSpace()
        if isObject {
            try readMember(afterComma: true)
        } else {
            if current == UInt8(ascii: "]") { throw defect("expected a value after ','") }
            try readValue()
        }
    }

    private func cutOff() -> Defect { defect("the record ends inside the object", showsText: false) }

    private mutating func readFirstMember() throws(Defect) {
        skipSpace()
        if take("}") {
            open.removeLast()
        } else {
            try readMember(afterComma: false)
        }
    }

    private mutating func readMember(afterComma: Bool) throws(Defect) {
        guard let byte = current else { throw cutOff() }
        guard byte == UInt8(ascii: "\"") else {
            if byte == UInt8(ascii: "'") { throw defect("names are in double quotes, not single quotes") }
            throw defect("expected a name in double quotes" + (afterComma ? " after ','" : ""))
        }
        try readString()
        skipSpace()
        guard current != nil else { throw cutOff() }
        guard take(":") else { throw defect("expected ':' after the name") }
        try readValue()
    }

    /// Reads a value; of a container, only its first member or element.
    private mutating func readValue() throws(Defect) {
        skipSpace()
        guard let byte = current else { throw cutOff() }
        switch byte {
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard open.count < RecordScanner.depthLimit else {
                throw defect("nested deeper than \(RecordScanner.depthLimit)", showsText: false)
            }
            open.append(byte)
            position += 1
            if byte == UInt8(ascii: "{") { return try readFirstMember() }
            skipSpace()
            if take("]") { open.removeLast() } else { try readValue() }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case UInt8(ascii: "'"): throw defect("text is in double quotes, not single quotes")
        default: try readWord()
        }
    }

    private mutating func readWord() throws(Defect) {
        let start = position
        var end = position
        while end < bytes.count, FieldPath.isNameByte(bytes[end]) { end += 1 }
        let word = String(decoding: bytes[start..<end], as: UTF8.self)
        if ["true", "false", "null", "NaN", "Infinity"].contains(word) {
            position = end
            return
        }
        switch word {
        case "None", "undefined", "nil", "NULL", "Null", "nan", "NAN", "inf", "Inf", "infinity":
            throw defect("\(word) is not JSON; write null", showsText: false)
        case "True", "TRUE", "False", "FALSE":
            throw defect("\(word) is not JSON; write \(word.lowercased())", showsText: false)
        default: throw defect("expected a value")
        }
    }

    private mutating func readNumber() throws(Defect) {
        let start = position
        let isNegative = take("-")
        let infinity = Array("Infinity".utf8)
        if isNegative, bytes[position...].starts(with: infinity) {
            position += infinity.count
            return
        }
        let first = position
        try readDigits(of: start)
        if bytes[first] == UInt8(ascii: "0"), position - first > 1 {
            throw defect("a number does not begin with 0", at: start)
        }
        if take(".") { try readDigits(of: start) }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try readDigits(of: start)
        }
        if let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isInfinite {
            throw defect("the number is too large", at: start)
        }
    }

    private mutating func readDigits(of start: Int) throws(Defect) {
        let first = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        if position == first { throw defect("not a number: a digit is missing", at: start) }
    }

    private mutating func readString() throws(Defect) {
        let start = position
        position += 1
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"): try readEscape()
            case 0x00..<0x20:
                throw defect("a control character inside a string; JSON writes it as an escape, such as \\n")
            case 0x80...:
                let length = (Array(bytes[position...].prefix(4)) + [0, 0, 0, 0]).withUnsafeBytes {
                    $0.baseAddress.map { JSONString.sequenceLength($0, at: 0) } ?? 0
                }
                guard length > 0 else { throw defect("bytes that are not UTF-8") }
                position += length
            default: position += 1
            }
        }
        throw defect("the closing quote of a string is missing", at: start)
    }

    private mutating func readEscape() throws(Defect) {
        let start = position
        position += 1
        switch current {
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(at: position + 1) else {
                throw defect("expected four digits after \\u", at: start)
            }
            position += 5
            guard unit & 0xf800 == 0xd800 else { return }
            guard unit < 0xdc00, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]),
                let low = hexUnit(at: position + 2), low & 0xfc00 == 0xdc00
            else { throw defect("half of a surrogate pair", at: start) }
            position += 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        default: throw defect("not an escape of JSON; a backslash itself is \\\\", at: start)
        }
    }

    private func hexUnit(at start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        let digits = bytes[start..<start + 4]
        guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
