/// Rows of columns as text: JSON lines, CSV (the quoting of RFC 4180, lines ended as Unix does), TSV or an aligned table.
struct RowEncoder: ~Copyable {
    private let format: OutputFormat
    private let names: [String]
    private let columns: [Int]
    /// JSON: `"name":` of every column, with what stands before it.
    private var openers: [[UInt8]] = []
    private var wroteHeader = false
    private var table: TableLayout

    /// - Parameter columns: for every name the column that holds its values.
    init(_ format: OutputFormat, names: [String], columns: [Int]) {
        self.format = format
        self.names = names
        self.columns = columns
        table = TableLayout(names: names)
        for (number, name) in names.enumerated() {
            var text = ByteBuffer(capacity: 64)
            text.append(number == 0 ? "{" : "," as StaticString)
            text.append(quotedName: name)
            text.append(UInt8(ascii: ":"))
            openers.append(Array(text.bytes))
        }
    }

    /// Appends the rows that are to be kept.
    mutating func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into buffer: inout ByteBuffer
    ) {
        switch format {
        case .json: for row in rows where keep[row] { json(values, row, &buffer) }
        case .csv: for row in rows where keep[row] { delimited(values, row, &buffer, isCSV: true) }
        case .tsv: for row in rows where keep[row] { delimited(values, row, &buffer, isCSV: false) }
        case .table: table.encode(values, columns: columns, rows: rows, keep: keep, into: &buffer)
        }
    }

    /// CSV and TSV have their header even when there are no rows.
    mutating func finish(into buffer: inout ByteBuffer) {
        if format == .csv || format == .tsv { header(&buffer) }
    }

    private func json(_ values: borrowing ColumnSet, _ row: Int, _ buffer: inout ByteBuffer) {
        for (number, column) in columns.enumerated() {
            buffer.append(openers[number])
            buffer.append(json: values[column][row])
        }
        buffer.append(columns.isEmpty ? "{}\n" : "}\n" as StaticString)
    }

    private mutating func header(_ buffer: inout ByteBuffer) {
        guard !wroteHeader else { return }
        wroteHeader = true
        for (number, name) in names.enumerated() {
            if number > 0 { buffer.append(format == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t")) }
            var name = name
            name.withUTF8 { text in
                if format == .csv {
                    buffer.append(csv: UnsafeRawBufferPointer(text))
                } else {
                    buffer.append(tsv: UnsafeRawBufferPointer(text))
                }
            }
        }
        buffer.append(UInt8(ascii: "\n"))
    }

    private mutating func delimited(
        _ values: borrowing ColumnSet, _ row: Int, _ buffer: inout ByteBuffer, isCSV: Bool
    ) {
        header(&buffer)
        for (number, column) in columns.enumerated() {
            if number > 0 { buffer.append(isCSV ? UInt8(ascii: ",") : UInt8(ascii: "\t")) }
            let value = values[column][row]
            switch value.kind {
            case .missing, .null: break
            case .string, .json:
                if isCSV { buffer.append(csv: value.bytes) } else { buffer.append(tsv: value.bytes) }
            case .time: buffer.append(time: value.integer)
            default: buffer.append(json: value)
            }
        }
        buffer.append(UInt8(ascii: "\n"))
    }
}

extension ByteBuffer {
    mutating func append(quotedName name: String) {
        var name = name
        name.withUTF8 { append(quoted: UnsafeRawBufferPointer($0)) }
    }

    /// A CSV field: quoted where it must be. The empty string is quoted, so that it differs from null.
    mutating func append(csv text: UnsafeRawBufferPointer) {
        let needsQuotes =
            text.isEmpty
            || text.contains { byte in
                byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
                    || byte == UInt8(ascii: "\r")
            }
        guard needsQuotes else { return append(text) }
        append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }

    /// A TSV field: tab, newline, carriage return and backslash as `\t \n \r \\`.
    mutating func append(tsv text: UnsafeRawBufferPointer) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\t"): append("\\t" as StaticString)
            case UInt8(ascii: "\n"): append("\\n" as StaticString)
            case UInt8(ascii: "\r"): append("\\r" as StaticString)
            case UInt8(ascii: "\\"): append("\\\\" as StaticString)
            default: append(byte)
            }
        }
    }
}
