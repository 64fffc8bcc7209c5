/// The reason why a column cannot accept a value.
enum Misfit: Equatable {
    case null, nullInKey, noKey, noVersion, longKey, nul, range, timeOfDay, fraction
    case length(Int)
    /// A number for a column of times.
    case number(ColumnType)
    case kind(ColumnType)

    /// The reason, with a remedy where there is one.
    ///
    /// - Parameter column: its name.
    func text(_ column: String) -> String {
        let name = FieldPath.written(column.utf8, allowsHyphen: false)
        return switch self {
        case .null: "null, but the column is NOT NULL"
        case .nullInKey: "null, but the unique index allows repeated nulls (use NULLS NOT DISTINCT)"
        case .noKey: "null, but it is part of the key, which needs a value"
        case .noVersion: "null, but --if-newer compares it"
        case .longKey: "the key is longer than 2600 bytes"
        case .nul: "text with a NUL character, which Postgres does not store"
        case .length(let limit): "longer than the \(limit) characters of the column"
        case .range: "out of the range of the column's type"
        case .timeOfDay:
            "it has a time of day, which a date does not hold; select \(name)=format_time(time(\(name)), '%Y-%m-%d')"
        case .fraction: "it has a fraction, which the type of the column does not hold; select \(name)=round(\(name))"
        case .number(let type):
            "a number for type \(type.name); if it counts from 1970, select \(name)=time(\(name))"
        case .kind(let type): "not a value of type \(type.name)"
        }
    }
}

extension ColumnType {
    /// The name of the type in the database.
    package var name: String {
        switch self {
        case .double: "double precision"
        case .other(let name): name
        default: "\(self)"
        }
    }
}

extension ByteBuffer {
    /// Appends a value in the form that the column requires. If it returns a misfit, the appended bytes are invalid.
    mutating func append(copy value: Value, to column: CopyColumn) -> Misfit? {
        if value.isNull {
            if column.isNotNull { return column.isKey ? .noKey : column.isVersion ? .noVersion : .null }
            if column.isKey, column.nullsRepeat { return .nullInKey }
            append("\\N" as StaticString)
            return nil
        }
        guard column.type == .text, let limit = column.limit else { return append(copy: value, column.type) }
        let start = count
        if let misfit = append(copyAnything: value) { return misfit }
        return Self.characters(of: value, written: count &- start) > limit ? .length(limit) : nil
    }

    private mutating func append(copy value: Value, _ type: ColumnType) -> Misfit? {
        switch type {
        case .other(let name) where value.kind == .json && name.hasSuffix("[]"):
            return append(copyArray: value.bytes) ? nil : .kind(type)
        case .text, .other: return append(copyAnything: value)
        case .json: return append(copyJSON: value, isBinary: false)
        case .jsonb: return append(copyJSON: value, isBinary: true)
        case .smallint: return append(copyInteger: value, type, Int64(Int16.min)...Int64(Int16.max))
        case .integer: return append(copyInteger: value, type, Int64(Int32.min)...Int64(Int32.max))
        case .bigint: return append(copyInteger: value, type, Int64.min...Int64.max)
        case .real, .double, .numeric: return append(copyNumber: value, type)
        case .boolean:
            guard let truth = Self.truth(value) else { return .kind(type) }
            append(truth ? UInt8(ascii: "t") : UInt8(ascii: "f"))
            return nil
        case .timestamp, .timestamptz, .date: return append(copyTime: value, type)
        case .uuid:
            guard value.kind == .string, append(uuid: value.bytes) else { return .kind(type) }
            return nil
        }
    }

    // MARK: - Text

    /// Appends text with a backslash before each character that COPY would misread.
    mutating func append(copyText text: UnsafeRawBufferPointer) -> Misfit? {
        if append(plain: text, where: { PlainText.isPlainJSON($0, $1) }) { return nil }
        for byte in text {
            switch byte {
            case 0: return .nul
            case UInt8(ascii: "\\"): append("\\\\" as StaticString)
            case UInt8(ascii: "\t"): append("\\t" as StaticString)
            case UInt8(ascii: "\n"): append("\\n" as StaticString)
            case UInt8(ascii: "\r"): append("\\r" as StaticString)
            default: append(byte)
            }
        }
        return nil
    }

    /// The number of characters of a value as text.
    ///
    /// - Parameter written: its bytes; values other than text are ASCII.
    private static func characters(of value: Value, written: Int) -> Int {
        guard value.isText else { return written }
        return value.bytes.reduce(0) { $0 + ($1 & 0xc0 == 0x80 ? 0 : 1) }
    }

    /// Appends a value that was encoded for COPY as a JSON string. COPY's escapes mean the same in JSON.
    package mutating func append(quotedCopy text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        var isEscaped = false
        for byte in text {
            if isEscaped || byte == UInt8(ascii: "\\") {
                append(byte)
                isEscaped = !isEscaped
            } else {
                append(quotedByte: byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a string as its characters, anything else as in JSON; times in RFC 3339.
    private mutating func append(copyAnything value: Value) -> Misfit? {
        switch value.kind {
        case .string, .json: return append(copyText: value.bytes)
        case .time: append(time: value.integer)
        default: append(json: value)
        }
        return nil
    }

    private mutating func append(copyJSON value: Value, isBinary: Bool) -> Misfit? {
        var text = ByteBuffer()
        text.append(json: value)
        return text.withBytes { text in
            isBinary && Self.hasEscapedNUL(text) ? .nul : append(copyText: text)
        }
    }

    /// Whether a JSON text contains `\u0000` whose backslash is not escaped.
    private static func hasEscapedNUL(_ text: UnsafeRawBufferPointer) -> Bool {
        var i = 0
        while i < text.count {
            guard text[i] == UInt8(ascii: "\\") else {
                i += 1
                continue
            }
            if text[i...].starts(with: "\\u0000".utf8) { return true }
            i += 2
        }
        return false
    }

    // MARK: - Booleans

    /// The truth of a value: a boolean, the number 0 or 1, or one of the words that PostgreSQL reads, in full or as its
    /// first letter.
    private static func truth(_ value: Value) -> Bool? {
        switch value.kind {
        case .true: return true
        case .false: return false
        case .integer: return value.integer == 1 ? true : value.integer == 0 ? false : nil
        case .string:
            if isWord(value.bytes, ["true", "t", "yes", "y", "on", "1"]) { return true }
            return isWord(value.bytes, ["false", "f", "no", "n", "off", "0"]) ? false : nil
        default: return nil
        }
    }

    /// Whether a text is one of the words, in capital or small letters.
    private static func isWord(_ text: UnsafeRawBufferPointer, _ words: [StaticString]) -> Bool {
        words.contains { word in
            word.utf8CodeUnitCount == text.count
                && text.indices.allSatisfy { i in
                    let byte = text[i]
                    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    return (isCapital ? byte | 0x20 : byte) == word.utf8Start[i]
                }
        }
    }

    // MARK: - Numbers

    /// The texts of numbers without digits, which columns other than those of integers hold.
    private static let unusualNumbers: [StaticString] = ["nan", "infinity", "-infinity", "inf", "-inf"]

    /// A number as an integer or a double.
    static func rounded(_ number: Value) -> Value {
        number.kind == .digits ? JSONNumber.parseRounded(number.bytes) ?? .null : number
    }

    /// The number in a value: the value itself, or the content of a string that is a number.
    static func number(_ value: Value) -> Value? {
        value.kind == .string ? JSONNumber.parseWhole(value.bytes) : value.isNumber ? value : nil
    }

    private mutating func append(
        copyInteger value: Value, _ type: ColumnType, _ range: ClosedRange<Int64>
    ) -> Misfit? {
        guard let number = Self.number(value) else { return .kind(type) }
        switch number.kind {
        case .integer:
            guard range.contains(number.integer) else { return .range }
            append(integer: number.integer)
        case .double:
            // A whole number counts as an integer, however it is written.
            guard number.double.magnitude < 0x1p63 else { return .range }
            guard number.double == number.double.rounded(.towardZero) else { return .fraction }
            guard range.contains(Int64(number.double)) else { return .range }
            append(integer: Int64(number.double))
        default:
            let decimal = WrittenDecimal(number.bytes)
            guard decimal.isWhole else { return .fraction }
            guard let integer = decimal.integer, range.contains(integer) else { return .range }
            append(integer: integer)
        }
        return nil
    }

    private mutating func append(copyNumber value: Value, _ type: ColumnType) -> Misfit? {
        guard let number = Self.number(value) else {
            guard value.kind == .string, Self.isWord(value.bytes, Self.unusualNumbers) else { return .kind(type) }
            append(value.bytes)
            return nil
        }
        // Unchanged, because numeric keeps every digit. It has room for 16383 of them after the point.
        if type == .numeric, value.isText, WrittenDecimal(value.bytes).power >= -16_383 {
            append(value.bytes)
            return nil
        }
        // The other types refuse numbers smaller than any double.
        let rounded = Self.rounded(number)
        if type == .real {
            let magnitude = rounded.kind == .integer ? Double(rounded.integer).magnitude : rounded.double.magnitude
            guard magnitude == 0 || (magnitude >= 0x1p-149 && magnitude < 0x1p128) else { return .range }
        }
        append(json: rounded)
        return nil
    }

    // MARK: - Times

    private mutating func append(copyTime value: Value, _ type: ColumnType) -> Misfit? {
        guard value.kind == .time else { return value.isNumber ? .number(type) : .kind(type) }
        let time = value.integer
        guard type == .date else { return append(copyTime: time, zone: type == .timestamptz) }
        // A date would lose the time of day.
        guard floorRemainder(time, Microseconds.day) == 0 else { return .timeOfDay }
        return append(copyTime: time, zone: false)
    }

    /// Appends a time, if it is not before 4713 BC, the first year of PostgreSQL. Its last year, 294276, is later than
    /// any time here.
    mutating func append(copyTime time: Int64, zone: Bool = true) -> Misfit? {
        guard time >= Self.earliest else { return .range }
        if time >= Self.yearOne, time < Self.year10000 {
            append(time: time)
            // A type without a zone must not get one.
            if !zone { truncate(to: count &- 1) }
            return nil
        }
        let days = floorDivide(time, Microseconds.day)
        let date = CivilDate(days: days)
        let rest = UInt64(bitPattern: time &- days &* Microseconds.day)
        append(number: (date.year > 0 ? date.year : 1 &- date.year).magnitude, width: 4)
        for number in [date.month, date.day] {
            append(UInt8(ascii: "-"))
            append(number: number.magnitude, width: 2)
        }
        append(UInt8(ascii: " "))
        for (number, width, mark) in [
            (rest / 3_600_000_000, 2, ":"), (rest / 60_000_000 % 60, 2, ":"), (rest / 1_000_000 % 60, 2, "."),
            (rest % 1_000_000, 6, zone ? "+00" : ""),
        ] {
            append(number: number, width: width)
            append(mark)
        }
        if date.year <= 0 { append(" BC" as StaticString) }
        return nil
    }

    private static let yearOne = CivilDate(year: 1, month: 1, day: 1).days &* Microseconds.day
    private static let year10000 = CivilDate(year: 10_000, month: 1, day: 1).days &* Microseconds.day
    private static let earliest = CivilDate(year: -4712, month: 1, day: 1).days &* Microseconds.day
}
