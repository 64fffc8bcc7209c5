/// Encodes the group key of every record of a batch, and divides the rows among the lanes that look up groups.
final class KeyStep: ColumnStep {
    private let columns: [Int]
    private let hash: KeyHash
    /// The key of null alone.
    private let nullKey: GroupKey
    private let lanes: LaneDivision?

    init(_ columns: [Int], seed: UInt64, _ lanes: LaneDivision?) {
        self.columns = columns
        self.lanes = lanes
        let hash = KeyHash(seed: seed)
        self.hash = hash
        nullKey = withUnsafeTemporaryAllocation(byteCount: KeyCoding.size(.null) + 16, alignment: 8) { room in
            guard let start = room.baseAddress else { return GroupKey(hash) }
            return GroupKey(UnsafeRawPointer(start), length: KeyCoding.write(.null, to: start), hash)
        }
    }

    /// Stores the keys of all rows, and the bytes of longer ones in the arena.
    func apply(to records: inout Records, of batch: borrowing Batch) {
        let lanes = lanes.map { $0.isOn ? $0.count : 0 } ?? 0
        guard let first = columns.first else {
            records.keys.update(repeating: GroupKey(hash), count: records.count)
            return records.laneRows.divide(records.count, records.keys, among: lanes)
        }
        if lanes == 2 {
            let rows = records.laneRows
            return rows.divideInHalves(records.count, records.keys) { encode(first, &records, into: &$0) }
        }
        var inOrder = KeysInOrder(keys: records.keys)
        encode(first, &records, into: &inOrder)
        records.laneRows.divide(records.count, records.keys, among: lanes)
    }

    private func encode(_ first: Int, _ records: inout Records, into keys: inout some KeyStore) {
        let isSingle = columns.count == 1
        var row = 0
        while true {
            if isSingle { row = encodeUsual(first, from: row, records, into: &keys) }
            guard row < records.count else { break }
            let value = records.columns[first][row]
            let isShort = isSingle && value.kind == .string && value.length <= 16
            let key = isShort ? copy(value, &records) : encode(row, &records)
            keys.store(key, of: row)
            row &+= 1
        }
    }

    /// Encodes the keys of one field from row `start`, as long as they are integers, null, or short texts in the batch
    /// itself. The batch has padding; after other texts, there may be no readable memory.
    ///
    /// - Returns: the row of the first other key, or the number of rows.
    private func encodeUsual<Store: KeyStore>(
        _ column: Int, from start: Int, _ records: borrowing Records, into keys: inout Store
    ) -> Int {
        let cells = UnsafePointer(records.columns[column])
        let count = records.count
        let (first, length) = (
            records.batchRange.lowerBound, records.batchRange.upperBound &- records.batchRange.lowerBound
        )
        let (hash, nullKey) = (hash, nullKey)
        var row = start
        // A copy stays in registers.
        var store = keys
        defer { keys = store }
        while row < count {
            let value = cells[row]
            let key: GroupKey
            if value.kind == .string {
                guard value.length <= 16, value.bits &- first < length,
                    let text = UnsafeRawPointer(bitPattern: UInt(value.bits))
                else { break }
                key = GroupKey(text: text, length: Int(value.length), hash)
            } else if value.isNull {
                key = nullKey
            } else if value.kind == .integer {
                key = GroupKey(integer: value.integer, hash)
            } else {
                break
            }
            store.store(key, of: row)
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
