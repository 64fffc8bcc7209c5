internal import CVector

/// Adds the columns of a table to the records (`--lookup`).
///
/// Works on blocks of rows: first the keys and their hashes, then the slots, then the entries, so that the memory of a
/// large table is asked for before it is needed.
final class LookupStep: ColumnStep {
    private let lookup: Lookup
    private let isTimed: Bool
    private let number: Int
    private let keys: UnsafeMutableBufferPointer<Int>
    /// For each column of the table: where its values go, and whether they are read as numbers.
    private let targets: UnsafeMutableBufferPointer<Target>
    private let probes: UnsafeMutablePointer<Probe>
    /// The keys of a block.
    private var bytes = ByteBuffer(capacity: 4096)
    /// Those of a batch, and the text of a number, if rows are fetched by key.
    private let batchKeys: LookupKeys?
    private var scratch = ByteBuffer(capacity: 64)

    struct Target {
        /// -1 if it is not used.
        var column: Int
        var isNumber: Bool
    }

    private struct Probe {
        var row = 0
        var start = 0
        /// 0 for a key that equals nothing.
        var length = 0
        var hash: UInt64 = 0
        /// Of the first slot that may be that of the key.
        var place: UInt64 = 0
    }

    private static let block = 64
    /// The most records of a batch whose rejection is described.
    private static let mostDescribed = 3

    /// - Parameter number: of the lookup in the query.
    init(_ lookup: Lookup, _ number: Int, keys: [Int], targets wanted: [Target]) {
        self.lookup = lookup
        self.number = number
        batchKeys = lookup.keyed?.makeKeys()
        isTimed = lookup.asOf != nil
        self.keys = .allocate(capacity: keys.count)
        _ = self.keys.initialize(from: keys)
        // Those behind the last one that is used are not read.
        let count = (wanted.lastIndex { $0.column >= 0 } ?? -1) + 1
        targets = .allocate(capacity: count)
        _ = targets.initialize(from: wanted.prefix(count))
        probes = .allocate(capacity: Self.block)
        probes.initialize(repeating: Probe(), count: Self.block)
    }

    deinit {
        keys.deallocate()
        targets.deallocate()
        probes.deallocate()
    }

    func apply(to records: inout Records, of batch: borrowing Batch) {
        if number == 0 {
            records.lookupMisses.removeAll(keepingCapacity: true)
            records.lookupFailure = nil
        }
        guard records.lookupFailure == nil, let table = table(for: &records) else {
            for row in 0..<records.count { clear(row, &records) }
            return
        }
        let index = table.index
        var noted = 0
        var row = 0
        while row < records.count {
            let count = prepare(&row, &records, index, &bytes)
            bytes.withBytes { keys in
                guard let base = keys.baseAddress else { return }
                for number in 0..<count where probes[number].length > 0 {
                    let place = index.seek(probes[number].hash, from: probes[number].place)
                    probes[number].place = place
                    let slot = index.slot(place).pointee
                    if slot != 0 { prefetch(index.entry(slot)) }
                }
                for number in 0..<count {
                    finish(probes[number], base + probes[number].start, index, &records, &noted)
                }
            }
        }
    }

    /// The table that the records of this batch are looked up in; nil if it cannot be had.
    private func table(for records: inout Records) -> LookupTable? {
        if let keyed = lookup.keyed, let batchKeys {
            do throws(RunError) {
                return try fetch(from: keyed, batchKeys, &records)
            } catch {
                records.lookupFailure = error
                return nil
            }
        }
        guard lookup.current != nil, records.lookupTables.indices.contains(number) else { return lookup.table }
        return records.lookupTables[number]
    }

    /// The rows of all keys of the batch.
    private func fetch(
        from keyed: KeyedTable, _ batchKeys: LookupKeys, _ records: inout Records
    ) throws(RunError) -> LookupTable {
        batchKeys.removeAll()
        for row in 0..<records.count where records.places[row].status == .accepted {
            batchKeys.add { appendKey(row, keyed.forms, records, to: &$0) }
        }
        let table = try keyed.table(of: batchKeys)
        while records.lookupTables.count <= number { records.lookupTables.append(nil) }
        records.lookupTables[number] = table
        return table
    }

    /// Appends the bytes of a key as the table compares it.
    ///
    /// - Returns: false if it equals nothing.
    private func appendKey(
        _ row: Int, _ forms: [KeyForm], _ records: borrowing Records, to bytes: inout ByteBuffer
    ) -> Bool {
        for (column, form) in zip(keys, forms) {
            let value = records.columns[column][row]
            guard form.append(value, of: records.columns, to: &bytes, &scratch) else { return false }
        }
        return true
    }

    /// Encodes the keys of the next rows.
    ///
    /// - Parameter bytes: those of the step, passed on so that access to them is checked once a block.
    /// - Returns: the number of probes.
    private func prepare(
        _ row: inout Int, _ records: inout Records, _ index: LookupIndex, _ bytes: inout ByteBuffer
    ) -> Int {
        let forms = lookup.keyed?.forms
        // Those of an empty block must have an address too.
        _ = bytes.room(64)
        bytes.removeAll()
        var count = 0
        while row < records.count, count < Self.block {
            defer { row &+= 1 }
            guard records.places[row].status == .accepted else {
                clear(row, &records)
                continue
            }
            var probe = Probe(row: row, start: bytes.count)
            if let forms {
                encode(row, forms, records, &bytes, &probe, index)
            } else {
                encode(row, records, &bytes, &probe, index)
            }
            if probe.length > 0 {
                probe.place = LookupIndex.home(probe.hash, shift: index.shift)
                prefetch(index.slot(probe.place))
            }
            probes[count] = probe
            count &+= 1
        }
        return count
    }

    @inline(__always)
    private func encode(
        _ row: Int, _ records: borrowing Records, _ bytes: inout ByteBuffer, _ probe: inout Probe, _ index: LookupIndex
    ) {
        // Some bytes more are read with the last one.
        var size = 16
        for column in keys { size &+= LookupKey.size(records.columns[column][row]) }
        let place = bytes.room(size)
        for column in keys {
            let value = records.columns[column][row]
            let written = LookupKey.write(value, in: records.batchRange, to: place + probe.length)
            guard written > 0 else {
                probe.length = 0
                return
            }
            probe.length &+= written
        }
        bytes.advance(probe.length)
        probe.hash = index.hash(of: UnsafeRawPointer(place), probe.length)
    }

    /// The same for a table whose rows are fetched.
    private func encode(
        _ row: Int, _ forms: [KeyForm], _ records: borrowing Records, _ bytes: inout ByteBuffer, _ probe: inout Probe,
        _ index: LookupIndex
    ) {
        guard appendKey(row, forms, records, to: &bytes) else { return }
        probe.length = bytes.count &- probe.start
        _ = bytes.room(64)
        probe.hash = bytes.withBytes { bytes in
            bytes.baseAddress.map { index.hash(of: $0 + probe.start, probe.length) } ?? 0
        }
    }

    @inline(__always)
    private func finish(
        _ probe: Probe, _ key: UnsafeRawPointer, _ index: LookupIndex, _ records: inout Records, _ noted: inout Int
    ) {
        let row = probe.row
        var time: Int64?
        if isTimed {
            switch records.timeKinds[row] {
            case .known: time = records.times[row]
            // Such a record will be rejected.
            case .none: return clear(row, &records)
            case .yearless:
                return reject(row, "a time without a year, which --lookup needs; add --year", &records, &noted)
            }
        }
        guard probe.length > 0,
            let found = index.find(key, probe.length, probe.hash, from: probe.place, at: time)
        else {
            return miss(row, &records, &noted)
        }
        var offset = 0
        var hasEnded = false
        for target in targets {
            // A row lacks the columns that were first seen in a later one.
            hasEnded = hasEnded || byte(found, offset) == KeyCoding.endMark
            var value = hasEnded ? .null : KeyCoding.read(found, at: &offset)
            guard target.column >= 0 else { continue }
            if target.isNumber, value.kind == .string { value = NumericValue.exact(value.bytes) ?? value }
            records.columns[target.column][row] = value
        }
    }

    @inline(__always) private func clear(_ row: Int, _ records: inout Records) {
        for target in targets where target.column >= 0 { records.columns[target.column][row] = .null }
    }

    @inline(never) private func miss(_ row: Int, _ records: inout Records, _ noted: inout Int) {
        records.lookupMisses.append(LookupMiss(lookup: UInt32(number), row: UInt32(row)))
        switch lookup.missing {
        case .null: clear(row, &records)
        case .drop:
            clear(row, &records)
            records.filter(row)
        case .reject:
            let values = zip(lookup.fields, keys).map { field, column in
                "\(field.text) \(Excerpt.value(records.columns[column][row]))"
            }
            reject(row, "no row of \(lookup.path) for \(values.joined(separator: ", "))", &records, &noted)
        }
    }

    /// Only the first records of a batch are described.
    private func reject(_ row: Int, _ reason: @autoclosure () -> String, _ records: inout Records, _ noted: inout Int) {
        clear(row, &records)
        if noted < Self.mostDescribed {
            records.note(RecordDefect(offset: 0, message: reason(), showsText: false), of: row)
            noted &+= 1
        }
        records.places[row].status = .noRow
        records.unusualRows &+= 1
    }
}
