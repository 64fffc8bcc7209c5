/// Rows of columns as text: JSON lines, CSV (the quoting of RFC 4180, lines ended as Unix does), TSV or an aligned table.
struct RowEncoder: ~Copyable {
    private let format: OutputFormat
    private let names: [String]
    private let columns: [Int]
    /// JSON: `"name":` of every column with what stands before it, one behind the other, and where each ends.
    private var openers = ByteBuffer(capacity: 256)
    private var openerEnds: [Int] = []
    private var wroteHeader = false
    private var table: TextTable

    /// - Parameter columns: for every name the column that holds its values.
    /// - Parameter hasHeader: the header has been written before.
    init(_ format: OutputFormat, names: [String], columns: [Int], hasHeader: Bool = false) {
        self.format = format
        self.names = names
        self.columns = columns
        table = TextTable(names: names)
        wroteHeader = hasHeader
        for (number, name) in names.enumerated() {
            openers.append(number == 0 ? "{" : "," as StaticString)
            openers.append(quotedName: name)
            openers.append(UInt8(ascii: ":"))
            openerEnds.append(openers.count)
        }
        // Openers are copied 16 bytes at a time.
        _ = openers.room(16)
    }

    /// Appends the rows that are to be kept.
    mutating func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into buffer: inout ByteBuffer
    ) {
        switch format {
        case .json: json(values, rows, keep, &buffer)
        case .csv: delimited(values, rows, keep, &buffer, isCSV: true)
        case .tsv: delimited(values, rows, keep, &buffer, isCSV: false)
        case .table: table.encode(values, columns: columns, rows: rows, keep: keep, into: &buffer)
        }
    }

    /// CSV and TSV have their header even when there are no rows.
    mutating func finish(into buffer: inout ByteBuffer) {
        if format == .csv || format == .tsv { header(&buffer) }
    }

    private func json(
        _ values: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>, _ buffer: inout ByteBuffer
    ) {
        guard let texts = openers.bytes.baseAddress else { return }
        columns.withUnsafeBufferPointer { columns in
            openerEnds.withUnsafeBufferPointer { ends in
                for row in rows where keep[row] {
                    var start = 0
                    for number in 0..<columns.count {
                        buffer.append(padded: texts + start, ends[number] &- start)
                        start = ends[number]
                        buffer.append(json: values[columns[number]][row])
                    }
                    buffer.append(columns.isEmpty ? "{}\n" : "}\n" as StaticString)
                }
            }
        }
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

    @inline(__always) private mutating func delimited(
        _ values: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>, _ buffer: inout ByteBuffer,
        isCSV: Bool
    ) {
        let separator = isCSV ? UInt8(ascii: ",") : UInt8(ascii: "\t")
        for row in rows where keep[row] {
            if !wroteHeader { header(&buffer) }
            columns.withUnsafeBufferPointer { columns in
                for number in 0..<columns.count {
                    if number > 0 { buffer.append(separator) }
                    let value = values[columns[number]][row]
                    switch value.kind {
                    case .missing, .null: break
                    case .string, .json:
                        if isCSV { buffer.append(csv: value.bytes) } else { buffer.append(tsv: value.bytes) }
                    case .time: buffer.append(time: value.integer)
                    default: buffer.append(json: value)
                    }
                }
            }
            buffer.append(UInt8(ascii: "\n"))
        }
    }
}

extension ByteBuffer {
    /// A CSV field: quoted where it must be. The empty string is quoted, so that it differs from null.
    mutating func append(csv text: UnsafeRawBufferPointer) {
        if !text.isEmpty, append(plain: text, where: { PlainText.isPlainCSV($0) }) { return }
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
