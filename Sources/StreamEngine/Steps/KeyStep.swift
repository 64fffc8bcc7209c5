/// Encodes the group key of every record of a batch.
final class KeyStep: ColumnStep {
    private let columns: [Int]
    private let hash: KeyHash
    /// The key of null alone.
    private let nullKey: GroupKey

    init(_ columns: [Int], seed: UInt64) {
        self.columns = columns
        let hash = KeyHash(seed: seed)
        self.hash = hash
        nullKey = withUnsafeTemporaryAllocation(byteCount: KeyCoding.size(.null) + 16, alignment: 8) { room in
            guard let start = room.baseAddress else { return GroupKey(hash) }
            return GroupKey(UnsafeRawPointer(start), length: KeyCoding.write(.null, to: start), hash)
        }
    }

    /// Stores the keys of all rows in `records.keys`, and the bytes of longer ones in the arena.
    func apply(to records: inout Records, of batch: borrowing Batch) {
        guard let first = columns.first else {
            records.keys.update(repeating: GroupKey(hash), count: records.count)
            return
        }
        let isSingle = columns.count == 1
        var row = 0
        while true {
            if isSingle { row = encodeUsual(first, from: row, records) }
            guard row < records.count else { break }
            let value = records.columns[first][row]
            let isShort = isSingle && value.kind == .string && value.length <= 16
            records.keys[row] = isShort ? copy(value, &records) : encode(row, &records)
            row &+= 1
        }
    }

    /// Encodes the keys of one field from row `start`, as long as they are integers, null, or short texts in the batch
    /// itself. The batch has padding; after other texts, there may be no readable memory.
    ///
    /// - Returns: the row of the first other key, or the number of rows.
    private func encodeUsual(_ column: Int, from start: Int, _ records: borrowing Records) -> Int {
        let cells = UnsafePointer(records.columns[column])
        let keys = records.keys
        let count = records.count
        let (first, length) = (
            records.batchRange.lowerBound, records.batchRange.upperBound &- records.batchRange.lowerBound
        )
        let (hash, nullKey) = (hash, nullKey)
        var row = start
        while row < count {
            let value = cells[row]
            if value.kind == .string {
                guard value.length <= 16, value.bits &- first < length,
                    let text = UnsafeRawPointer(bitPattern: UInt(value.bits))
                else { break }
                keys[row] = GroupKey(text: text, length: Int(value.length), hash)
            } else if value.isNull {
                keys[row] = nullKey
            } else if value.kind == .integer {
                keys[row] = GroupKey(integer: value.integer, hash)
            } else {
                break
            }
            row &+= 1
        }
        return row
    }

    /// The key of a short text that is not in the batch.
    @inline(never) private func copy(_ value: Value, _ records: inout Records) -> GroupKey {
        let room = records.arena.allocate(16)
        defer { records.arena.giveBack(16) }
        room.copyMemory(from: value.bytes)
        guard let text = room.baseAddress else { return GroupKey(hash) }
        return GroupKey(text: UnsafeRawPointer(text), length: Int(value.length), hash)
    }

    private func encode(_ row: Int, _ records: inout Records) -> GroupKey {
        var most = 16
        for column in columns { most &+= KeyCoding.size(records.columns[column][row]) }
        let room = records.arena.allocate(most)
        guard let start = room.baseAddress else { return GroupKey(hash) }
        var length = 0
        for column in columns { length &+= KeyCoding.write(records.columns[column][row], to: start + length) }
        // The next key may start right here: the bytes read after this one may have any value.
        records.arena.giveBack(most &- length)
        return GroupKey(UnsafeRawPointer(start), length: length, hash)
    }
}
