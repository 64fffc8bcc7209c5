/// Encodes rows as text: JSON lines, CSV (quoted as in RFC 4180, lines ended by LF), TSV or an aligned table.
package final class TextEncoder: RowEncoder {
    private let schema: RowSchema
    private let key: RowKey
    private let headers: RowHeaders
    /// Whether rows are marked, with their keys; those of the aligned table are not.
    package let marksRows: Bool
    /// JSON: `"name":` of each column with the punctuation before it, concatenated, and the end of each.
    private var openers = ByteBuffer(capacity: 256)
    private var openerEnds: [Int] = []
    private var wroteHeader: Bool
    /// The header of CSV and TSV with its line end, and the length of the first name in it.
    private var headerLine = ByteBuffer(capacity: 64)
    private var firstName = 0
    private var table: TextTable
    private let decimals: FixedDecimals?
    private let times: RecentTimes

    /// - Parameter isForTerminal: whether cells of a table must show invisible characters too.
    package init(_ schema: RowSchema, marksRows: Bool = false, isForTerminal: Bool = false) {
        self.schema = schema
        self.marksRows = marksRows
        key = RowKey(columns: schema.key)
        headers = RowHeaders(columns: schema.headers.map(\.column))
        decimals = FixedDecimals(schema.digits, shortens: schema.shortensNumbers, columns: schema.isRounded)
        times = RecentTimes(columns: schema.columns.count)
        table = TextTable(names: schema.names, decimals, isForTerminal: isForTerminal)
        wroteHeader = schema.hasHeader
        for (number, name) in schema.names.enumerated() {
            openers.append(number == 0 ? "{" : "," as StaticString)
            openers.append(quotedName: name)
            openers.append(UInt8(ascii: ":"))
            openerEnds.append(openers.count)
        }
        if schema.format == .csv || schema.format == .tsv { writeHeaderLine() }
        // Openers are copied 16 bytes at a time.
        _ = openers.room(16)
    }

    package var takesLines: Bool { true }

    package func makeFollower() -> (any RowEncoder)? {
        switch schema.format {
        case .json, .csv, .tsv: break
        case .table, .spark, .bars, .heat, .svg: return nil
        }
        var schema = schema
        schema.hasHeader = true
        return TextEncoder(schema, marksRows: marksRows)
    }

    package func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into output: inout EncodedRows
    ) {
        if let decimals, schema.format != .table { return rounded(values, rows, keep, &output, decimals) }
        switch schema.format {
        case .json: json(values, rows, keep, &output)
        case .csv: delimited(values, rows, keep, &output, isCSV: true)
        case .tsv: delimited(values, rows, keep, &output, isCSV: false)
        case .table: table.encode(values, columns: schema.columns, rows: rows, keep: keep, into: &output.buffer)
        // They have an encoder of their own.
        case .spark, .bars, .heat, .svg: break
        }
    }

    package func markRecord(
        _ row: Int, of values: borrowing ColumnSet, from start: Int, in output: inout EncodedRows
    ) {
        mark(row, values, from: start, &output)
    }

    @inline(__always)
    private func mark(_ row: Int, _ values: borrowing ColumnSet, from start: Int, _ output: inout EncodedRows) {
        output.endRow(from: start) { buffer in key.append(row, of: values, to: &buffer) }
        if !headers.columns.isEmpty { headers.append(row, of: values, to: &output.buffer) }
    }

    package func lead(into output: inout EncodedRows) {
        if schema.format == .csv || schema.format == .tsv { header(&output.buffer) }
    }

    /// CSV and TSV have a header even if there are no rows.
    package func finish(into output: inout EncodedRows) { lead(into: &output) }

    package func preview(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, limit: Int
    ) -> Int {
        table.preview(values, columns: schema.columns, rows: rows, keep: keep, limit: limit)
    }

    package func takePreview() -> (header: String, rows: [String]) { table.takePreview() }

    private func json(
        _ values: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>, _ output: inout EncodedRows
    ) {
        // Results were not read from anywhere: two loops, since the one over results should not look for digits.
        openers.withBytes { openers in
            guard let texts = openers.baseAddress else { return }
            if values.source.isEmpty {
                json(values, rows, keep, &output, texts, asRead: false)
            } else {
                json(values, rows, keep, &output, texts, asRead: true)
            }
        }
    }

    @inline(__always) private func json(
        _ values: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>, _ output: inout EncodedRows,
        _ texts: UnsafeRawPointer, asRead: Bool
    ) {
        let marksRows = marksRows
        schema.columns.withUnsafeBufferPointer { columns in
            openerEnds.withUnsafeBufferPointer { ends in
                for row in rows where keep[row] {
                    let rowStart = output.buffer.count
                    var start = 0
                    for number in 0..<columns.count {
                        output.buffer.append(padded: texts + start, ends[number] &- start)
                        start = ends[number]
                        let value = values[columns[number]][row]
                        if asRead {
                            values.append(value, to: &output.buffer)
                        } else if value.kind == .time {
                            output.buffer.append(UInt8(ascii: "\""))
                            times.append(value.integer, column: number, to: &output.buffer)
                            output.buffer.append(UInt8(ascii: "\""))
                        } else {
                            output.buffer.append(json: value)
                        }
                    }
                    output.buffer.append(columns.isEmpty ? "{}\n" : "}\n" as StaticString)
                    if marksRows { mark(row, values, from: rowStart, &output) }
                }
            }
        }
    }

    /// Rows with a fixed number of decimals: a separate loop, since the usual ones should not look for it in each cell.
    private func rounded(
        _ values: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>, _ output: inout EncodedRows,
        _ decimals: FixedDecimals
    ) {
        let isJSON = schema.format == .json
        for row in rows where keep[row] {
            if !isJSON { header(&output.buffer) }
            let rowStart = output.buffer.count
            var start = 0
            for (number, column) in schema.columns.enumerated() {
                let value = values[column][row]
                if isJSON {
                    let end = openerEnds[number]
                    openers.withBytes { output.buffer.append(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
                    start = end
                    decimals.append(value, column: number, to: &output.buffer)
                    continue
                }
                if number > 0 { output.buffer.append(schema.format == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t")) }
                switch value.kind {
                case .missing, .null: break
                case .string, .json:
                    if schema.format == .csv {
                        output.buffer.append(csv: value.bytes)
                    } else {
                        output.buffer.append(tsv: value.bytes)
                    }
                case .time: times.append(value.integer, column: number, to: &output.buffer)
                default: decimals.append(value, column: number, to: &output.buffer)
                }
            }
            output.buffer.append(isJSON ? schema.columns.isEmpty ? "{}\n" : "}\n" : "\n" as StaticString)
            if schema.format == .csv { distinguish(rowAt: rowStart, &output.buffer) }
            if marksRows { mark(row, values, from: rowStart, &output) }
        }
    }

    private func header(_ buffer: inout ByteBuffer) {
        guard !wroteHeader else { return }
        wroteHeader = true
        buffer.append(headerLine)
    }

    private func writeHeaderLine() {
        for (number, name) in schema.names.enumerated() {
            if number > 0 { headerLine.append(schema.format == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t")) }
            var name = name
            name.withUTF8 { text in
                if schema.format == .csv {
                    headerLine.append(csv: UnsafeRawBufferPointer(text))
                } else {
                    headerLine.append(tsv: UnsafeRawBufferPointer(text))
                }
            }
            if number == 0 { firstName = headerLine.count }
        }
        headerLine.append(UInt8(ascii: "\n"))
    }

    /// Puts the first value of a row of CSV into quotes if the row is equal to the header: readers skip a header that is
    /// repeated, as in files that were joined.
    @inline(__always) private func distinguish(rowAt start: Int, _ buffer: inout ByteBuffer) {
        if buffer.count &- start == headerLine.count { compare(rowAt: start, &buffer) }
    }

    @inline(never) private func compare(rowAt start: Int, _ buffer: inout ByteBuffer) {
        let row = buffer.withBytes { Array($0[start...]) }
        guard row.first != UInt8(ascii: "\""), headerLine.withBytes({ $0.elementsEqual(row) }) else { return }
        buffer.truncate(to: start)
        buffer.append(UInt8(ascii: "\""))
        buffer.append(Array(row[..<firstName]))
        buffer.append(UInt8(ascii: "\""))
        buffer.append(Array(row[firstName...]))
    }

    @inline(__always) private func delimited(
        _ values: borrowing ColumnSet, _ rows: Range<Int>, _ keep: UnsafePointer<Bool>, _ output: inout EncodedRows,
        isCSV: Bool
    ) {
        let separator = isCSV ? UInt8(ascii: ",") : UInt8(ascii: "\t")
        let marksRows = marksRows
        for row in rows where keep[row] {
            if !wroteHeader { header(&output.buffer) }
            let start = output.buffer.count
            schema.columns.withUnsafeBufferPointer { columns in
                for number in 0..<columns.count {
                    if number > 0 { output.buffer.append(separator) }
                    let value = values.asRead(values[columns[number]][row])
                    switch value.kind {
                    case .missing, .null: break
                    case .string, .json:
                        if isCSV {
                            output.buffer.append(csv: value.bytes)
                        } else {
                            output.buffer.append(tsv: value.bytes)
                        }
                    case .time: times.append(value.integer, column: number, to: &output.buffer)
                    default: output.buffer.append(json: value)
                    }
                }
            }
            output.buffer.append(UInt8(ascii: "\n"))
            if isCSV { distinguish(rowAt: start, &output.buffer) }
            if marksRows { mark(row, values, from: start, &output) }
        }
    }
}

extension RowWriter {
    /// Text, for an output that needs only the bytes.
    package func makeEncoder(_ schema: RowSchema) -> any RowEncoder { TextEncoder(schema) }
}

extension ByteBuffer {
    /// Appends a line of CSV or TSV.
    package mutating func append(delimited cells: [String], asCSV isCSV: Bool) {
        for (number, cell) in cells.enumerated() {
            if number > 0 { append(isCSV ? UInt8(ascii: ",") : UInt8(ascii: "\t")) }
            var cell = cell
            cell.withUTF8 { text in
                guard !text.isEmpty else { return }
                if isCSV {
                    append(csv: UnsafeRawBufferPointer(text))
                } else {
                    append(tsv: UnsafeRawBufferPointer(text))
                }
            }
        }
        append(UInt8(ascii: "\n"))
    }

    /// Appends a CSV field, quoted if necessary. The empty string is quoted, to differ from null.
    @inline(__always) mutating func append(csv text: UnsafeRawBufferPointer) {
        if !text.isEmpty, append(plain: text, where: { PlainText.isPlainCSV($0, $1) }) { return }
        append(quotedCSV: text)
    }

    @inline(never) private mutating func append(quotedCSV text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a TSV field: tab, newline, carriage return and backslash as `\t \n \r \\`.
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
