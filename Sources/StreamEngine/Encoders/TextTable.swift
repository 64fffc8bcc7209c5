/// An aligned table for human readers: text on the left, numbers on the right.
///
/// A column is as wide as its widest value so far. When a wider value comes, the header is printed again for the new
/// widths, so that rows are always aligned with their header. The first rows are encoded together, and how many those are
/// depends on how the input arrives: so do widths, alignment and further headers, but never the values.
struct TextTable: ~Copyable {
    private let names: [String]
    private var widths: [Int]
    private var isNumber: [Bool] = []
    private var wroteHeader = false
    private var cells: TableCells
    /// Rows that are shown, but are not part of the table.
    private var previewed: TableCells

    init(names: [String], _ decimals: FixedDecimals? = nil, isForTerminal: Bool = false) {
        self.names = names
        cells = TableCells(decimals, isForTerminal: isForTerminal)
        previewed = TableCells(decimals, isForTerminal: isForTerminal)
        widths = names.map { TextWidth.columns($0) }
    }

    mutating func encode(
        _ values: borrowing ColumnSet, columns: [Int], rows: Range<Int>, keep: UnsafePointer<Bool>,
        into buffer: inout ByteBuffer
    ) {
        cells.removeAll()
        for row in rows where keep[row] { cells.add(row, of: values, columns) }
        guard cells.count > 0 else { return }
        let firstRows = !wroteHeader
        if firstRows { isNumber = columns.indices.map { cells.areNumbers(inColumn: $0) } }
        var hasGrown = false
        for number in columns.indices {
            let width = cells.width(ofColumn: number)
            guard width > widths[number] else { continue }
            // Some room, so that not every row widens the column again.
            widths[number] = firstRows ? width : width + 2
            // The last column of text needs no width.
            if isNumber[number] || number + 1 < columns.count { hasGrown = true }
        }
        if firstRows || hasGrown {
            // A blank line before the header of later rows.
            if wroteHeader { buffer.append(UInt8(ascii: "\n")) }
            wroteHeader = true
            header(TableShape(widths: widths, isNumber: isNumber), &buffer)
        }
        cells.append(to: &buffer, TableShape(widths: widths, isNumber: isNumber))
    }

    /// Collects rows to show.
    ///
    /// - Returns: the number of rows that were not collected because there are `limit` already.
    mutating func preview(
        _ values: borrowing ColumnSet, columns: [Int], rows: Range<Int>, keep: UnsafePointer<Bool>, limit: Int
    ) -> Int {
        var left = 0
        for row in rows where keep[row] {
            if previewed.count < limit { previewed.add(row, of: values, columns) } else { left += 1 }
        }
        return left
    }

    /// The collected rows under a header, aligned like those of the table where these have room.
    mutating func takePreview() -> (header: String, rows: [String]) {
        defer { previewed.removeAll() }
        var shape = TableShape(widths: widths, isNumber: isNumber)
        if !wroteHeader { shape.isNumber = names.indices.map { previewed.areNumbers(inColumn: $0) } }
        for number in names.indices {
            shape.widths[number] = max(shape.widths[number], previewed.width(ofColumn: number))
        }
        var buffer = ByteBuffer()
        header(shape, &buffer)
        previewed.append(to: &buffer, shape)
        var lines = buffer.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return (lines.removeFirst(), lines.dropLast())
    }

    private func header(_ shape: TableShape, _ buffer: inout ByteBuffer) {
        for (number, name) in names.enumerated() {
            var name = name
            name.withUTF8 { shape.put(UnsafeRawBufferPointer($0), number, &buffer) }
        }
    }
}

/// How the columns of a table are aligned.
private struct TableShape {
    var widths: [Int]
    var isNumber: [Bool]

    /// Appends one cell, padded to its width; the last cell of a row ends the line.
    func put(_ text: UnsafeRawBufferPointer, _ number: Int, _ buffer: inout ByteBuffer) {
        let isLast = number + 1 == widths.count
        let blanks = max(0, widths[number] - TextWidth.columns(text))
        if isNumber[number] { for _ in 0..<blanks { buffer.append(UInt8(ascii: " ")) } }
        buffer.append(text)
        if isLast {
            buffer.append(UInt8(ascii: "\n"))
        } else {
            for _ in 0..<((isNumber[number] ? 0 : blanks) + 2) { buffer.append(UInt8(ascii: " ")) }
        }
    }
}

/// The texts of some rows.
private struct TableCells: ~Copyable {
    private var texts = ByteBuffer()
    private var ends: [Int] = []
    private var widths: [Int] = []
    private var areNumbers: [Bool] = []
    private(set) var count = 0
    private let decimals: FixedDecimals?
    private let isForTerminal: Bool

    init(_ decimals: FixedDecimals?, isForTerminal: Bool) {
        self.decimals = decimals
        self.isForTerminal = isForTerminal
    }

    mutating func removeAll() {
        texts.removeAll()
        ends.removeAll(keepingCapacity: true)
        widths.removeAll(keepingCapacity: true)
        areNumbers.removeAll(keepingCapacity: true)
        count = 0
    }

    /// The width of the widest cell.
    func width(ofColumn number: Int) -> Int { widths.indices.contains(number) ? widths[number] : 0 }

    func areNumbers(inColumn number: Int) -> Bool { areNumbers.indices.contains(number) ? areNumbers[number] : true }

    mutating func add(_ row: Int, of values: borrowing ColumnSet, _ columns: [Int]) {
        if count == 0 {
            widths = columns.map { _ in 0 }
            areNumbers = columns.map { _ in true }
        }
        count += 1
        for (number, column) in columns.enumerated() {
            let value = values.asRead(values[column][row])
            let start = texts.count
            write(value, number)
            ends.append(texts.count)
            let width = texts.withBytes { TextWidth.columns(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            widths[number] = max(widths[number], width)
            if !value.isNumber, !value.isNull { areNumbers[number] = false }
        }
    }

    func append(to buffer: inout ByteBuffer, _ shape: TableShape) {
        var start = 0
        for (index, end) in ends.enumerated() {
            texts.withBytes {
                shape.put(UnsafeRawBufferPointer(rebasing: $0[start..<end]), index % shape.widths.count, &buffer)
            }
            start = end
        }
    }

    /// Control characters are escaped, so that no value can control the terminal; for a terminal, invisible ones too.
    private mutating func write(_ value: Value, _ column: Int) {
        switch value.kind {
        case .missing, .null: break
        case .time: texts.append(time: value.integer)
        case .string, .json: texts.append(printable: value.bytes, invisible: isForTerminal)
        default:
            if let decimals { decimals.append(value, column: column, to: &texts) } else { texts.append(json: value) }
        }
    }
}
