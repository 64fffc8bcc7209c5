/// The part of reading a table that each worker does on its own: it finds the rows of a batch.
package struct LookupScanner: ~Copyable {
    private let lookup: Lookup
    private let maxLine: Int
    private let hash: KeyHash
    private let hashMask: UInt64
    private var columns: LookupColumns
    private var reader: TimeReader
    /// Reads the column of `as-of` where its values are not written like event times.
    private var otherReader: TimeReader
    private var format: any RecordFormat & ~Copyable
    /// Whether the format is that of the table.
    private var isPrepared = false
    private(set) var records: Records
    private(set) var rows = LookupRows()
    private var linesBefore = 0
    private var number = ByteBuffer(capacity: 64)

    init(_ lookup: Lookup, _ query: Query, _ hash: KeyHash, hashMask: UInt64) {
        self.lookup = lookup
        self.hash = hash
        self.hashMask = hashMask
        maxLine = query.maxLine
        let columns = LookupColumns(lookup)
        format = InputFormat.json.make(columns.fields, query.maxLine)
        records = Records(columnCount: columns.fields.count)
        self.columns = columns
        var written = TimeFormat.auto
        if case .field(_, let format) = query.time { written = format }
        reader = TimeReader(written, zone: query.zone, year: query.year)
        otherReader = TimeReader(.auto, zone: query.zone, year: query.year)
    }

    /// The columns that the rows of the last batch have.
    var valueCount: Int { columns.values.count }

    /// Finds the rows of a batch.
    ///
    /// - Parameter columns: to read.
    /// - Throws: `badData` for a row that cannot be read.
    package mutating func scan(
        _ batch: inout Batch, as input: InputFormat, _ columns: LookupColumns
    ) throws(RunError) {
        if !isPrepared || columns.values.count != self.columns.values.count {
            isPrepared = true
            self.columns = columns
            format = input.make(columns.fields, maxLine)
            records = Records(columnCount: columns.fields.count)
        }
        rows.removeAll()
        linesBefore = batch.linesBefore
        format.read(&batch, into: &records)
        records.describe(input.traits)
        for row in 0..<records.count where records.places[row].status.isRejected {
            throw wrong(
                row, "\(records.explanation(of: row)); a table must be whole (is it still being written?)")
        }
        for row in 0..<records.count where records.places[row].status == .accepted { try add(row) }
    }

    /// An error about a row.
    func wrong(_ row: Int, _ text: String) -> RunError {
        // The rows of a database have no numbers.
        guard lookup.database == nil else { return lookup.wrong(text) }
        return lookup.wrong("line \(linesBefore + Int(records.places[row].line) + 1): \(text)")
    }

    private mutating func add(_ row: Int) throws(RunError) {
        let start = rows.end
        for column in columns.keys {
            let value = records.columns[column][row]
            let written = LookupKey.write(value, to: rows.room(LookupKey.size(value)))
            // Nothing equals null.
            guard written > 0 else { return rows.drop(from: start) }
            rows.advance(written)
        }
        let keyCount = rows.end &- start
        var time: Int64 = 0
        if let column = columns.time { time = try self.time(records.columns[column][row], row) }
        for column in columns.values {
            let value = exact(records.columns[column][row])
            rows.advance(KeyCoding.writeExact(value, to: rows.room(KeyCoding.size(value))))
        }
        rows.add(from: start, keyCount: keyCount, time: time, number: row, hash, mask: hashMask)
    }

    func keyText(_ row: Int) -> String {
        columns.keys.map { Excerpt.value(records.columns[$0][row]) }.joined(separator: ", ")
    }

    private mutating func time(_ value: Value, _ row: Int) throws(RunError) -> Int64 {
        if case .time(let time) = reader.read(value) { return time }
        if case .time(let time) = otherReader.read(value) { return time }
        let text = value.isNull ? "null" : Excerpt.value(value)
        throw wrong(
            row, "as-of=\(lookup.asOf?.text ?? "") is \(text), not a time; write times as in 2026-03-01T12:00:00Z")
    }

    /// A number with the digits that it was read from, unless they are those that it is printed with.
    private mutating func exact(_ value: Value) -> Value {
        guard value.kind == .double else { return value }
        let read = records.columns.asRead(value)
        guard read.kind == .digits else { return value }
        number.removeAll()
        number.append(json: Value(value.double))
        return number.withBytes { compareBytes($0, read.bytes) } == 0 ? Value(value.double) : read
    }
}

extension Lookup {
    /// An error about the content of the table.
    func wrong(_ text: String) -> RunError { .badInput("lookup \(path): \(text)") }
}
