/// A row as pictures show it: its group, its window, and the first numbers in it.
struct PictureRow {
    /// The group keys and texts.
    var label = ""
    /// The first time, microseconds since 1970: the start of the window.
    var time: Int64?
    /// The value of the first column of numbers; nil for null.
    var number: Double?
    /// The pairs of `buckets(x)`, in ascending order.
    var buckets: [(bound: Double, count: Double)] = []
}

/// Takes rows apart: columns of keys and texts are labels, the first times are windows, the first numbers are values.
struct PictureColumns {
    private let schema: RowSchema
    /// The name of the column of numbers; nil until one was seen.
    private(set) var numberName: String?
    private var numberColumn: Int?

    init(_ schema: RowSchema) { self.schema = schema }

    mutating func row(_ number: Int, of values: borrowing ColumnSet) -> PictureRow {
        var row = PictureRow()
        var labels: [String] = []
        for (index, column) in schema.columns.enumerated() {
            let value = values.asRead(values[column][number])
            let isKey = schema.isRounded.indices.contains(index) && !schema.isRounded[index]
            switch value.kind {
            case .time where !isKey: if row.time == nil { row.time = value.integer }
            case .json where !isKey: if row.buckets.isEmpty { row.buckets = Self.buckets(value.bytes) }
            case .string: labels.append(Self.text(value))
            case _ where isKey: labels.append(Self.text(value))
            case _ where value.isNumber:
                if numberColumn == nil {
                    numberColumn = index
                    numberName = schema.names[index]
                }
                if numberColumn == index { row.number = Self.double(value) }
            default: break
            }
        }
        row.label = labels.joined(separator: " ")
        return row
    }

    static func double(_ value: Value) -> Double? {
        NumericValue.double(NumericValue.of(value)).flatMap { $0.isFinite ? $0 : nil }
    }

    static func text(_ value: Value) -> String {
        var buffer = ByteBuffer()
        switch value.kind {
        case .missing, .null: return "null"
        case .time: buffer.append(time: value.integer)
        case .string, .json: buffer.append(printable: value.bytes)
        default: buffer.append(json: value)
        }
        return buffer.text
    }

    /// The numbers of an array of pairs; empty for anything else.
    static func buckets(_ text: UnsafeRawBufferPointer) -> [(bound: Double, count: Double)] {
        guard text.count > 4, text[0] == UInt8(ascii: "["), text[1] == UInt8(ascii: "[") else { return [] }
        let parts = String(decoding: text, as: UTF8.self).split { $0 == "[" || $0 == "," || $0 == "]" }
        guard parts.count.isMultiple(of: 2) else { return [] }
        var pairs: [(bound: Double, count: Double)] = []
        for place in stride(from: 0, to: parts.count, by: 2) {
            guard let bound = Double(parts[place]), let count = Double(parts[place + 1]) else { return [] }
            pairs.append((bound, count))
        }
        return pairs
    }
}

/// Texts in pictures.
enum PictureText {
    /// A number with at most four digits that matter.
    static func number(_ value: Double) -> String {
        var buffer = ByteBuffer()
        if let decimals = FixedDecimals(nil, shortens: true, columns: [true]) {
            decimals.append(Value(value + 0), column: 0, to: &buffer)
        }
        let text = buffer.text
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    static func time(_ time: Int64) -> String {
        var buffer = ByteBuffer()
        buffer.append(time: time)
        return buffer.text
    }

    /// The text with blanks after it, or cut to the width.
    static func padded(_ text: String, to width: Int) -> String {
        let shown = TextWidth.clipped(text, to: width)
        return shown + String(repeating: " ", count: max(0, width - TextWidth.columns(shown)))
    }

    static func right(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - TextWidth.columns(text))) + text
    }
}
