@testable import StreamEngine

/// The only use of the encoder: rows of these columns as text.
private func encoded(_ format: OutputFormat, _ names: [String], _ rows: [[OwnedValue]]) -> [UInt8] {
    let columns = ColumnSet(columnCount: max(1, names.count), capacity: max(1, rows.count))
    var arena = ByteArena()
    for (row, values) in rows.enumerated() {
        for (column, value) in values.enumerated() { columns[column][row] = value.value(&arena) }
    }
    let keep = [Bool](repeating: true, count: max(1, rows.count))
    let encoder = TextEncoder(RowSchema(names: names, columns: Array(names.indices), format: format))
    var output = EncodedRows()
    keep.withUnsafeBufferPointer { keep in
        if let start = keep.baseAddress { encoder.encode(columns, rows: 0..<rows.count, keep: start, into: &output) }
    }
    encoder.finish(into: &output)
    return output.withBytes { Array($0) }
}

/// Rows as CSV and as TSV are read back by strict readers of their own, null and the empty string apart in CSV.
func checkCSV(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    let names = (0...input.below(3)).map { _ in input.text() }
    var rows: [[OwnedValue]] = []
    while !input.isAtEnd, rows.count < 20 { rows.append(names.map { _ in value(&input) }) }
    let csv = encoded(.csv, names, rows)
    let texts = rows.map { $0.map(text) }
    let header = [names.map(Optional.some)]
    expect(readCSV(csv) == header + texts, "\(names) \(rows) as CSV: \(String(decoding: csv, as: UTF8.self))")
    let tsv = encoded(.tsv, names, rows)
    expect(
        readTSV(tsv) == (header + texts).map { $0.map { $0 ?? "" } },
        "\(names) \(rows) as TSV: \(String(decoding: tsv, as: UTF8.self))")
}

private func value(_ input: inout Input) -> OwnedValue {
    switch input.below(8) {
    case 0: .null
    case 1: .bool(input.byte() & 1 == 1)
    case 2: .int(Int64(bitPattern: input.word()))
    case 3:
        // Doubles that are not finite become null before they are written.
        { $0.isFinite ? .double($0) : .null }(Double(bitPattern: input.word()))
    case 4: .json("[" + input.text() + "]")
    default: .string(input.text())
    }
}

private func text(_ value: OwnedValue) -> String? {
    switch value {
    case .null: nil
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let text), .json(let text): text
    case .time(let time): "\(time)"
    }
}

/// RFC 4180 with lines ended by a newline; nil where the text breaks a rule. A field without quotes and text is null.
private func readCSV(_ bytes: [UInt8]) -> [[String?]]? {
    var rows: [[String?]] = []
    var row: [String?] = []
    var at = 0
    while at < bytes.count {
        var field: [UInt8] = []
        let isQuoted = bytes[at] == UInt8(ascii: "\"")
        if isQuoted {
            at += 1
            while true {
                guard at < bytes.count else { return nil }
                if bytes[at] == UInt8(ascii: "\"") {
                    at += 1
                    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { break }
                }
                field.append(bytes[at])
                at += 1
            }
        } else {
            while at < bytes.count, bytes[at] != UInt8(ascii: ","), bytes[at] != UInt8(ascii: "\n") {
                guard bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\r") else { return nil }
                field.append(bytes[at])
                at += 1
            }
        }
        row.append(isQuoted || !field.isEmpty ? String(decoding: field, as: UTF8.self) : nil)
        guard at < bytes.count else { return nil }
        if bytes[at] == UInt8(ascii: "\n") {
            rows.append(row)
            row = []
        } else if bytes[at] != UInt8(ascii: ",") {
            return nil
        } else if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\n") {
            // A comma before the end of the line: one more field, which is empty.
            row.append(nil)
            rows.append(row)
            row = []
            at += 1
        }
        at += 1
    }
    return row.isEmpty ? rows : nil
}

/// Fields between tabs, with `\t \n \r \\`; nil where the text breaks a rule.
private func readTSV(_ bytes: [UInt8]) -> [[String]]? {
    guard bytes.last == UInt8(ascii: "\n") else { return nil }
    var rows: [[String]] = []
    for line in bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        var row: [String] = []
        for raw in line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false) {
            var field: [UInt8] = []
            var rest = raw[...]
            while let byte = rest.popFirst() {
                guard byte != UInt8(ascii: "\r") else { return nil }
                guard byte == UInt8(ascii: "\\") else {
                    field.append(byte)
                    continue
                }
                switch rest.popFirst() {
                case UInt8(ascii: "t"): field.append(9)
                case UInt8(ascii: "n"): field.append(10)
                case UInt8(ascii: "r"): field.append(13)
                case UInt8(ascii: "\\"): field.append(UInt8(ascii: "\\"))
                default: return nil
                }
            }
            row.append(String(decoding: field, as: UTF8.self))
        }
        rows.append(row)
    }
    return rows
}
