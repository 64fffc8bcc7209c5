/// Reads the batches of a file as the rows of a table.
package final class LookupLoader {
    private let lookup: Lookup
    private let maxLine: Int
    private let builder: LookupBuilder
    private var columns: LookupColumns
    private var reader: TimeReader
    /// Reads the column of `as-of` where its values are not written like event times.
    private var otherReader: TimeReader
    private var format: any RecordFormat & ~Copyable
    private var records: Records
    private var size = 0
    private var hash = FNV1a()
    private var key = ByteBuffer(capacity: 256)
    private var values = ByteBuffer(capacity: 1024)
    private var number = ByteBuffer(capacity: 64)

    /// - Parameter hashMask: the bits of hashes that are used.
    package init(_ lookup: Lookup, _ query: Query, seed: UInt64, hashMask: UInt64 = .max) {
        self.lookup = lookup
        maxLine = query.maxLine
        builder = LookupBuilder(
            seed: seed, isTimed: lookup.asOf != nil, keepsLast: lookup.match == .last, hashMask: hashMask)
        columns = LookupColumns(lookup)
        var written = TimeFormat.auto
        if case .field(_, let format) = query.time { written = format }
        reader = TimeReader(written, zone: query.zone, year: query.year)
        otherReader = TimeReader(.auto, zone: query.zone, year: query.year)
        format = InputFormat.json.make(columns.fields, maxLine)
        records = Records(columnCount: columns.fields.count)
    }

    /// The plan by which the format of a table is decided.
    package static func plan(_ format: FormatName = .auto) -> FormatPlan {
        var plan = FormatPlan(format)
        plan.rejectsShortRows = true
        return plan
    }

    private func wrong(_ text: String) -> RunError { .badInput("lookup \(lookup.path): \(text)") }

    /// Takes the rows of a batch.
    ///
    /// - Throws: `badData` for a row that cannot be read, `usage` for a column that the table does not have.
    package func add(_ batch: inout Batch, as input: InputFormat) throws(RunError) {
        if size == 0 {
            guard ["csv", "tsv", "json", "json-stream"].contains(input.name) else {
                throw wrong("it looks like \(input.name), but a table is CSV, TSV or JSON lines")
            }
            try columns.begin(input)
            prepare(input)
        }
        size += batch.count
        hash.add(batch.bytes)
        try read(&batch, input)
        if columns.addNames(of: records) {
            prepare(input)
            try read(&batch, input)
        }
        columns.noteFound(records)
        for row in 0..<records.count where records.places[row].status == .accepted { try add(row, batch) }
    }

    private func prepare(_ input: InputFormat) {
        format = input.make(columns.fields, maxLine)
        records = Records(columnCount: columns.fields.count)
    }

    private func read(_ batch: inout Batch, _ input: InputFormat) throws(RunError) {
        format.read(&batch, into: &records)
        records.describe(input.traits)
        for row in 0..<records.count where records.places[row].status.isRejected {
            throw wrong(
                "line \(line(row, batch)): \(records.explanation(of: row)); a table must be whole (is it still being "
                    + "written?)")
        }
    }

    private func line(_ row: Int, _ batch: borrowing Batch) -> Int {
        batch.linesBefore + Int(records.places[row].line) + 1
    }

    private func add(_ row: Int, _ batch: borrowing Batch) throws(RunError) {
        key.removeAll()
        for column in columns.keys {
            let value = records.columns[column][row]
            let written = LookupKey.write(value, to: key.room(LookupKey.size(value)))
            // Nothing equals null.
            guard written > 0 else { return }
            key.advance(written)
        }
        var time: Int64 = 0
        if let column = columns.time { time = try self.time(records.columns[column][row], row, batch) }
        values.removeAll()
        for column in columns.values {
            let value = exact(records.columns[column][row])
            values.advance(KeyCoding.writeExact(value, to: values.room(KeyCoding.size(value))))
        }
        values.append(KeyCoding.endMark)
        let outcome = key.withBytes { key in values.withBytes { builder.add(key: key, values: $0, time: time) } }
        switch outcome {
        case .added: break
        case .duplicate:
            guard lookup.match == .error else { return }
            throw wrong(
                "line \(line(row, batch)): another row before has the key \(keyText(row)); match=first takes the first "
                    + "one, match=last the last one")
        case .full: throw wrong("it has more rows than a table can hold")
        }
    }

    private func keyText(_ row: Int) -> String {
        columns.keys.map { Excerpt.value(records.columns[$0][row]) }.joined(separator: ", ")
    }

    private func time(_ value: Value, _ row: Int, _ batch: borrowing Batch) throws(RunError) -> Int64 {
        if case .time(let time) = reader.read(value) { return time }
        if case .time(let time) = otherReader.read(value) { return time }
        let text = value.isNull ? "null" : Excerpt.value(value)
        throw wrong(
            "line \(line(row, batch)): as-of=\(lookup.asOf?.text ?? "") is \(text), not a time; write times as in "
                + "2026-03-01T12:00:00Z")
    }

    /// A number with the digits that it was read from, unless they are those that it is printed with.
    private func exact(_ value: Value) -> Value {
        guard value.kind == .double else { return value }
        let read = records.columns.asRead(value)
        guard read.kind == .digits else { return value }
        number.removeAll()
        number.append(json: Value(value.double))
        return number.withBytes { compareBytes($0, read.bytes) } == 0 ? Value(value.double) : read
    }

    /// - Throws: `badData` if the file is empty, `usage` if no row has a column.
    package func finish() throws(RunError) -> LookupTable {
        guard size > 0 else {
            throw wrong("the file is empty, without even a header (is it still being written?)")
        }
        try columns.end()
        return builder.finish(
            columns.names, LookupTable.Content(size: size, hash: Int64(bitPattern: hash.value)))
    }
}
