/// The key of a group: the typed bytes of its fields one behind the other, and their hash.
struct GroupKey {
    /// 16 bytes may be read here whatever the length.
    var bytes: UnsafeRawPointer
    var length: Int
    var hash: UInt64
}

/// Encodes the group key of every record of a batch; part of the scan, so that workers share the labour.
struct KeyEncoder {
    private let columns: [Int]
    private let hash: KeyHash

    init(_ columns: [Int], seed: UInt64) {
        self.columns = columns
        hash = KeyHash(seed: seed)
    }

    /// Puts the keys of all rows into `records.keys`; their bytes go to the arena.
    func encode(_ records: inout Records) {
        for row in 0..<records.count {
            var most = 16
            for column in columns { most &+= TypedBytes.size(records.columns[column][row]) }
            let room = records.arena.allocate(most)
            guard let start = room.baseAddress else { continue }
            var length = 0
            for column in columns { length &+= TypedBytes.write(records.columns[column][row], to: start + length) }
            // The next key may begin right here: what is read behind this one need not be anything in particular.
            records.arena.giveBack(most &- length)
            records.keys[row] = GroupKey(
                bytes: UnsafeRawPointer(start), length: length, hash: hash(UnsafeRawPointer(start), length))
        }
    }
}
