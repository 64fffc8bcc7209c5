/// Encodes rows in the text format of PostgreSQL's COPY: a tab between columns, `\N` for null, a backslash before
/// characters that would be misread, and a newline after each row. The key columns come first.
///
/// Detects values that a column cannot accept, so that one bad row does not fail a whole transaction. Rows are marked,
/// with their keys if the table has a key.
///
/// If rows are changes, the number of the change, negative for a deletion, follows the values of each. A deletion has
/// values only in its key and its version.
package final class CopyEncoder: RowEncoder {
    private let table: any RowTable
    private let columns: [Int]
    /// Known as soon as the first rows arrive.
    private var targets: [CopyColumn] = []
    private var cells: [CopyCell] = []
    private let refusedEncoder: TextEncoder
    private var refused = EncodedRows()
    private let one: UnsafeMutablePointer<Bool>
    /// Reads times that are texts, and the event time as --time does.
    private var times: TimeReader
    private var eventTimes: TimeReader
    /// The columns with the event time.
    private let timeColumns: Set<Int>
    private let zone: ZoneOffsets
    private let holdsChanges: Bool
    /// The column that is true for deletions.
    private let deletion: Int?
    /// The number of the last change.
    private var changeNumber: Int64 = 0

    /// Bytes of a key that always fit into a page of an index.
    private static let longestKey = 2600

    package init(_ table: any RowTable, _ schema: RowSchema) {
        self.table = table
        columns = schema.columns
        zone = schema.zone
        holdsChanges = schema.holdsChanges
        deletion = schema.deletion
        times = TimeReader(.auto, zone: schema.zone, year: schema.year)
        eventTimes = TimeReader(schema.times.format, zone: schema.zone, year: schema.year)
        timeColumns = schema.times.columns
        refusedEncoder = TextEncoder(RowSchema(names: schema.names, columns: schema.columns))
        one = .allocate(capacity: 1)
        one.initialize(to: true)
    }

    deinit { one.deallocate() }

    package var marksRows: Bool { true }
    package var takesLines: Bool { false }

    /// Appends the rows to keep; refuses those that do not fit.
    package func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into output: inout EncodedRows
    ) throws(RunError) {
        if targets.isEmpty {
            let contents = columns.map { ColumnContent(of: values[$0], rows: rows, keep: keep) }
            targets = try table.columns(for: contents)
            cells = targets.map { CopyCell($0, column: columns[$0.source]) }
        }
        let cells = cells
        for row in rows where keep[row] {
            if let (number, misfit) = append(values, row, cells, &output) {
                let name = targets[number].name
                try refuse(values, row, "\(name): \(misfit.text(name))")
            }
        }
    }

    /// Records cannot become rows of a table unchanged.
    package func markRecord(
        _ row: Int, of values: borrowing ColumnSet, from start: Int, in output: inout EncodedRows
    ) {}

    package func finish(into output: inout EncodedRows) {}

    /// Appends one row. If a column cannot accept its value, appends nothing and returns its number and the reason.
    private func append(
        _ values: borrowing ColumnSet, _ row: Int, _ cells: [CopyCell], _ output: inout EncodedRows
    ) -> (number: Int, Misfit)? {
        let start = output.buffer.count
        var keyEnd = -1
        let isDeletion = deletion.map { values[$0][row].kind == .true } ?? false
        for number in 0..<cells.count {
            if number > 0 { output.buffer.append(UInt8(ascii: "\t")) }
            let cell = cells[number]
            let value = values[cell.column][row]
            // A deletion without a version deletes any row.
            if isDeletion, !cell.isKey, !cell.isVersion || value.isNull {
                output.buffer.append("\\N" as StaticString)
                continue
            }
            var misfit: Misfit?
            switch (cell.form, value.kind) {
            case (.text, .string): misfit = output.buffer.append(copyText: value.bytes)
            case (.integer, .integer): output.buffer.append(integer: value.integer)
            case (.double, .double), (.double, .integer): output.buffer.append(json: value)
            case (.time, .time): misfit = output.buffer.append(copyTime: value.integer)
            case (_, .missing) where cell.takesNull, (_, .null) where cell.takesNull:
                output.buffer.append("\\N" as StaticString)
            default: misfit = append(values, value, of: number, cell, &output.buffer)
            }
            if let misfit {
                output.buffer.truncate(to: start)
                return (number, misfit)
            }
            if cell.isKey {
                keyEnd = output.buffer.count
                guard keyEnd &- start <= Self.longestKey else {
                    output.buffer.truncate(to: start)
                    return (number, .longKey)
                }
            }
        }
        if holdsChanges {
            changeNumber &+= 1
            output.buffer.append(UInt8(ascii: "\t"))
            output.buffer.append(integer: isDeletion ? -changeNumber : changeNumber)
        }
        output.buffer.append(UInt8(ascii: "\n"))
        output.endRow(from: start, key: keyEnd < 0 ? nil : start..<keyEnd)
        return nil
    }

    /// Appends a value as its column takes it.
    @inline(never) private func append(
        _ values: borrowing ColumnSet, _ value: Value, of number: Int, _ cell: CopyCell, _ buffer: inout ByteBuffer
    ) -> Misfit? {
        var value = value
        switch cell.reading {
        case .asWritten: value = values.asRead(value)
        case .doubleKey: value = Self.doubleKey(value)
        case .time: if value.kind != .time { value = time(value, cell.column) }
        case .day: value = day(value, cell.column)
        case .plain: break
        }
        return buffer.append(copy: value, to: targets[number])
    }

    /// The double that a value is as a key, whole ones as an integer: equal ones have the same text.
    private static func doubleKey(_ value: Value) -> Value {
        guard let number = ByteBuffer.number(value), case let rounded = ByteBuffer.rounded(number), !rounded.isNull
        else {
            return value
        }
        let double = rounded.kind == .integer ? Double(rounded.integer) : rounded.double
        return Int64(exactly: double).map { Value($0) } ?? Value(double)
    }

    /// The time that a text is, or a number in a column of event times; unchanged if it is none, which the column refuses.
    @inline(never) private func time(_ value: Value, _ column: Int) -> Value {
        guard !value.isNull else { return value }
        if timeColumns.contains(column) {
            guard case .time(let time) = eventTimes.read(value) else { return value }
            return Value(time: time)
        }
        guard !value.isNumber, case .time(let time) = times.read(value) else { return value }
        return Value(time: time)
    }

    /// The local time of a time as if it were UTC: a date is that of the zone.
    @inline(never) private func day(_ value: Value, _ column: Int) -> Value {
        let time = time(value, column)
        return time.kind == .time ? Value(time: zone.local(fromUTC: time.integer)) : time
    }

    private func refuse(_ values: borrowing ColumnSet, _ row: Int, _ reason: String) throws(RunError) {
        refused.removeAll()
        refusedEncoder.encode(values, rows: row..<(row + 1), keep: one - row, into: &refused)
        // Without the newline.
        try refused.withBytes { row throws(RunError) in
            try table.refuse(UnsafeRawBufferPointer(rebasing: row.dropLast()), reason: reason)
        }
    }
}

extension ColumnContent {
    /// The kind of values of a column, inferred from the first rows.
    init(of values: UnsafePointer<Value>, rows: Range<Int>, keep: UnsafePointer<Bool>) {
        var content = ColumnContent.unknown
        for row in rows where keep[row] {
            let next: ColumnContent
            switch values[row].kind {
            case .missing, .null: continue
            case .false, .true: next = .boolean
            case .integer: next = .integer
            case .double: next = .double
            case .digits: next = .number
            case .time: next = .time
            case .string: next = .text
            case .json: next = .json
            }
            if content == .unknown || content == next {
                content = next
            } else if content.isNumeric && next.isNumeric {
                content = content == .number || next == .number ? .number : .double
            } else {
                content = .mixed
            }
        }
        self = content
    }
}

extension ColumnContent {
    fileprivate var isNumeric: Bool { self == .integer || self == .double || self == .number }
}
