/// The part of reading a table that each worker does on its own: it finds the rows of a batch and stores them.
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
    /// The rows of the last batch, and where their bytes are.
    private var arena: LookupArena
    private var slots: LookupArena
    private var found: [UInt64] = []
    private var foundSize = 0
    /// The memory before these rows; nil after they were taken.
    private var mark: LookupArena.Mark?
    /// The first row of the last batch that cannot be used: rows after it are not read.
    private var problem: RunError?
    private var linesBefore = 0
    private var number = ByteBuffer(capacity: 64)

    /// - Parameters:
    ///   - memory: for the entries of the table.
    ///   - slots: for the slots of rows, until the table is whole.
    init(
        _ lookup: Lookup, _ query: Query, _ memory: LookupMemory, slots: LookupMemory, _ hash: KeyHash, hashMask: UInt64
    ) {
        self.lookup = lookup
        self.hash = hash
        self.hashMask = hashMask
        maxLine = query.maxLine
        let columns = LookupColumns(lookup)
        format = InputFormat.json.make(columns.fields, query.maxLine)
        records = Records(columnCount: columns.fields.count)
        self.columns = columns
        arena = LookupArena(memory)
        self.slots = LookupArena(slots)
        var written = TimeFormat.auto
        if case .field(_, let format) = query.time { written = format }
        reader = TimeReader(written, zone: query.zone, year: query.year)
        otherReader = TimeReader(.auto, zone: query.zone, year: query.year)
    }

    /// The columns that the rows of the last batch have.
    var valueCount: Int { columns.values.count }

    /// Finds the rows of a batch, up to the first one that cannot be used.
    ///
    /// - Parameter columns: to read.
    package mutating func scan(_ batch: inout Batch, as input: InputFormat, _ columns: LookupColumns) {
        if !isPrepared || columns.values.count != self.columns.values.count {
            isPrepared = true
            self.columns = columns
            format = input.make(columns.fields, maxLine)
            records = Records(columnCount: columns.fields.count)
        }
        if let mark { arena.goBack(to: mark) }
        mark = arena.mark
        found.removeAll(keepingCapacity: true)
        foundSize = 0
        problem = nil
        linesBefore = batch.linesBefore
        format.read(&batch, into: &records)
        records.describe(input.traits)
        do throws(RunError) {
            try addRows(keys: columns.keys, values: columns.values)
        } catch {
            problem = error
        }
    }

    /// The rows of the last batch.
    ///
    /// - Throws: `badData` if one of its rows cannot be used; `rows` has those before it.
    mutating func take(_ rows: inout [LookupRows]) throws(RunError) {
        mark = nil
        guard let found = LookupRows(found, byteCount: foundSize, &slots) else { throw lookup.isTooLarge }
        rows.append(found)
        if let problem { throw problem }
    }

    /// Calls `body` with the key and the values of each row of the last batch; the next scan reuses their memory.
    ///
    /// - Throws: `badData` if a row cannot be used, after those before it; what `body` throws.
    func forEachRow(
        _ body: (_ key: UnsafeRawBufferPointer, _ values: UnsafeRawBufferPointer) throws(RunError) -> Void
    ) throws(RunError) {
        for slot in found {
            let entry = arena.place(slot &>> LookupIndex.tagBits)
            let key = entry + LookupEntry.head(isTimed: columns.time != nil)
            let keyCount = LookupEntry.keyCount(entry)
            try body(
                UnsafeRawBufferPointer(start: key, count: keyCount),
                UnsafeRawBufferPointer(start: key + keyCount, count: LookupEntry.valueCount(key + keyCount)))
        }
        if let problem { throw problem }
    }

    private func wrong(_ row: Int, _ text: String) -> RunError { lookup.wrong(line(of: row), text) }

    private func line(of row: Int) -> Int { linesBefore + Int(records.places[row].line) + 1 }

    private mutating func addRows(keys: [Int], values: [Int]) throws(RunError) {
        let mustDiffer = lookup.match == .error
        for row in 0..<records.count {
            let status = records.places[row].status
            if status == .accepted {
                try add(row, keys, values, mustDiffer)
            } else if status.isRejected {
                throw wrong(
                    row, "\(records.explanation(of: row)); a table must be whole (is it still being written?)")
            }
        }
    }

    /// - Parameter mustDiffer: whether each key must be the only one.
    @inline(__always)
    private mutating func add(_ row: Int, _ keys: [Int], _ values: [Int], _ mustDiffer: Bool) throws(RunError) {
        let texts = records.batchRange
        let head = LookupEntry.head(isTimed: columns.time != nil)
        // The upper bounds of what is written.
        var size = head &+ 1
        for column in keys { size &+= KeyCoding.size(records.columns[column][row]) }
        for column in values { size &+= KeyCoding.size(records.columns.asRead(records.columns[column][row])) }
        if mustDiffer { size &+= size &+ 16 }
        guard let entry = arena.room(size) else { throw lookup.isTooLarge }
        var end = head
        for column in keys {
            let written = LookupKey.write(records.columns[column][row], in: texts, to: entry + end)
            // Nothing equals null.
            guard written > 0 else { return }
            end &+= written
        }
        let keyCount = end &- head
        LookupEntry.begin(entry, keyCount: keyCount)
        if let column = columns.time {
            LookupEntry.setTime(try time(records.columns[column][row], row), of: entry)
        }
        for column in values {
            let value = records.columns[column][row]
            if let text = LookupKey.shortText(value, in: texts) {
                end &+= KeyCoding.write(padded: text, Int(value.length), to: entry + end)
            } else {
                end &+= KeyCoding.writeExact(exact(value), to: entry + end)
            }
        }
        entry.storeBytes(of: KeyCoding.endMark, toByteOffset: end, as: UInt8.self)
        end &+= 1
        if mustDiffer { addOrigin(of: row, keys, entry, &end) }
        found.append(LookupIndex.slot(arena.address, hash(entry + head, keyCount) & hashMask))
        foundSize &+= end
        arena.advance(end)
    }

    /// What the message says if another row before has the key.
    private func addOrigin(of row: Int, _ keys: [Int], _ entry: UnsafeMutableRawPointer, _ end: inout Int) {
        end += KeyCoding.writeExact(Value(Int64(line(of: row))), to: entry + end)
        for column in keys { end += KeyCoding.writeExact(records.columns[column][row], to: entry + end) }
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

    var isTooLarge: RunError { wrong("it has more rows than a table can hold") }

    /// An error about a row. Those of a database have no numbers.
    func wrong(_ line: Int, _ text: String) -> RunError { wrong(database == nil ? "line \(line): \(text)" : text) }
}
