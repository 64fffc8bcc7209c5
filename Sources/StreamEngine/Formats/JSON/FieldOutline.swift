/// The fields of sample records, for messages: their paths, kinds and first values. Slow; used only when something is
/// reported.
package struct FieldOutline: Sendable {
    package enum Kind: Sendable { case null, boolean, number, text, array, object }

    package struct Field: Sendable {
        /// The names from the record down to the field.
        package let path: [[UInt8]]
        /// The kind of its first value that is not null.
        package fileprivate(set) var kind: Kind
        /// The first value that is not null: decoded if it is a string, else its JSON text; truncated.
        package fileprivate(set) var value: [UInt8]

        /// The path as flags accept it: names with unusual characters in double quotes.
        package var text: String { path.map { FieldPath.written($0) }.joined(separator: ".") }
    }

    /// In order of first appearance, objects before their members.
    package private(set) var fields: [Field] = []
    /// The records inside of these.
    private(set) var inner: [Inner] = []

    /// Records inside of a field: the first element of an array, or a text.
    struct Inner: Sendable {
        let field: Field
        let outline: FieldOutline
    }

    /// Objects below this depth are not opened.
    private static let depthLimit = 6
    private static let fieldLimit = 256
    private static let valueLimit = 80
    /// The most fields whose records are read, and how far inside of each other those are.
    private static let innerLimit = 16
    private let level: Int

    /// Whether there were no records.
    package let isEmpty: Bool

    /// - Parameter records: valid JSON objects.
    package init(of records: [[UInt8]]) { self.init(of: records, level: 0) }

    private init(of records: [[UInt8]], level: Int) {
        self.level = level
        isEmpty = records.isEmpty
        for record in records {
            // `unescape` and the checks of digits read a few bytes past the end.
            (record + [UInt8](repeating: 0, count: 16)).withUnsafeBytes { bytes in
                var reader = JSONReader(bytes: bytes, end: record.count)
                readValue(&reader, [])
            }
        }
    }

    /// The field with this path.
    package func field(_ path: [[UInt8]]) -> Field? { place(of: path).map { fields[$0] } }

    /// The index of the field with this path. There are few, and a dictionary would cost more at each start.
    private func place(of path: [[UInt8]]) -> Int? { fields.firstIndex { $0.path == path } }

    private mutating func note(_ path: [[UInt8]], _ kind: Kind, _ value: some Sequence<UInt8>) {
        guard !path.isEmpty else { return }
        if let place = place(of: path) {
            guard fields[place].kind == .null else { return }
            fields[place].kind = kind
            fields[place].value = Array(value.prefix(Self.valueLimit))
        } else if fields.count < Self.fieldLimit {
            fields.append(Field(path: path, kind: kind, value: Array(value.prefix(Self.valueLimit))))
        }
    }

    private mutating func readValue(_ reader: inout JSONReader, _ path: [[UInt8]]) {
        reader.skipSpace()
        let start = reader.position
        switch reader.current {
        case UInt8(ascii: "\""):
            let text = reader.string()
            let isNew = place(of: path) == nil
            note(path, .text, text)
            if isNew { openText(text, path) }
        case UInt8(ascii: "{"):
            note(path, .object, [])
            if path.count < Self.depthLimit { readMembers(&reader, path) } else { reader.skipValue() }
        case UInt8(ascii: "["):
            reader.skipValue()
            let isNew = place(of: path) == nil
            note(path, .array, reader.bytes[start..<reader.position])
            if isNew {
                open(Self.firstElement(UnsafeRawBufferPointer(rebasing: reader.bytes[start..<reader.position])), path)
            }
        default:
            reader.skipValue()
            let text = reader.bytes[start..<reader.position]
            let kind: Kind =
                switch text.first {
                case UInt8(ascii: "n"): .null
                case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
                // NaN, Infinity and -Infinity.
                default: text.contains(UInt8(ascii: "N")) || text.contains(UInt8(ascii: "I")) ? .null : .number
                }
            note(path, kind, text)
        }
    }

    /// Reads the record inside of a field.
    private mutating func open(_ record: [UInt8], _ path: [[UInt8]]) {
        guard level < 3, inner.count < Self.innerLimit, record.first == UInt8(ascii: "{"), let place = place(of: path)
        else { return }
        inner.append(Inner(field: fields[place], outline: FieldOutline(of: [record], level: level + 1)))
    }

    private mutating func openText(_ text: [UInt8], _ path: [[UInt8]]) {
        let json = text.withUnsafeBytes { Array(Ascii.trimmed($0)) }
        if json.last == UInt8(ascii: "}") { return open(json, path) }
        guard text.count <= 4096, FormatChoice.isLogfmt(text) else { return }
        // The names are enough.
        let names = text.split(separator: Ascii.space).compactMap { word -> ArraySlice<UInt8>? in
            guard let sign = word.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return word[..<sign].allSatisfy { FieldPath.isNameByte($0) || $0 == Ascii.dot } ? word[..<sign] : nil
        }
        open(
            Array("{".utf8) + names.map { Array("\"".utf8) + $0 + Array("\":0".utf8) }.joined(separator: [Ascii.comma])
                + Array("}".utf8), path)
    }

    private static func firstElement(_ array: UnsafeRawBufferPointer) -> [UInt8] {
        guard array.first == UInt8(ascii: "[") else { return [] }
        var items = JSONItems(array)
        return items.next().map { Array($0) } ?? []
    }

    private mutating func readMembers(_ reader: inout JSONReader, _ path: [[UInt8]]) {
        reader.advance()
        while true {
            reader.skipSpace()
            guard reader.current == UInt8(ascii: "\"") else { break }
            let name = reader.string()
            reader.skipSpace()
            reader.advance()
            readValue(&reader, path + [name])
            reader.skipSpace()
            guard reader.current == UInt8(ascii: ",") else { break }
            reader.advance()
        }
        reader.advance()
    }
}

/// Moves through valid JSON text. Stops at its end, whatever the text.
private struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    /// The end of the text; a few more bytes are readable.
    let end: Int
    var position = 0

    init(bytes: UnsafeRawBufferPointer, end: Int) {
        self.bytes = bytes
        self.end = end
    }

    /// The current byte; 0 at the end.
    var current: UInt8 { position < end ? bytes[position] : 0 }

    mutating func advance() { if position < end { position += 1 } }

    mutating func skipSpace() { while [0x20, 0x09, 0x0a, 0x0d].contains(current) { position += 1 } }

    /// Reads a string whose opening quote is the current byte, and returns it decoded.
    mutating func string() -> [UInt8] {
        advance()
        let start = position
        var hasEscapes = false
        while position < end, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") {
                hasEscapes = true
                advance()
            }
            advance()
        }
        let stop = position
        advance()
        guard hasEscapes, let base = bytes.baseAddress else { return Array(bytes[start..<stop]) }
        var arena = ByteArena()
        return Array(JSONString.unescape(base, from: start, to: stop, arena: &arena))
    }

    /// Skips a value: a string, a container with all of its contents, or a word or number.
    mutating func skipValue() {
        var depth = 0
        repeat {
            switch current {
            case 0 where position >= end: return
            case UInt8(ascii: "\""): _ = string()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                advance()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                advance()
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0a, 0x0d: advance()
            default:
                while position < end, !Self.endsWord(bytes[position]) { position += 1 }
            }
        } while depth > 0 && position < end
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "["), UInt8(ascii: "\""), 0x00...0x20:
            true
        default: false
        }
    }
}

extension FieldOutline.Field {
    /// Its first value as a time from 2000 to 2100, microseconds since 1970; nil if it is none, or a number too small to
    /// be one.
    package var time: Int64? {
        guard kind == .text || kind == .number else { return nil }
        let usual: Range<Int64> = 946_684_800_000_000..<4_102_444_800_000_000
        return value.withUnsafeBytes { bytes -> Int64? in
            let text = kind == .text ? Value(bytes) : JSONNumber.parseWhole(bytes) ?? .null
            var reader = TimeReader(.auto, zone: .utc)
            let time =
                if case .time(let time) = reader.read(text) { time } else { EpochUnit.guess(text).time(text) }
            return time.flatMap { usual.contains($0) ? $0 : nil }
        }
    }
}
