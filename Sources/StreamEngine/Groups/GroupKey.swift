/// The key of a group: the typed bytes of its fields one behind the other, and their hash.
///
/// Up to 16 bytes are held as two numbers, zero behind the end; of a longer key `low` is the address.
struct GroupKey {
    var low: UInt64
    var high: UInt64
    var length: Int
    var hash: UInt64

    /// The key of no fields.
    init(_ hash: KeyHash) {
        (low, high, length) = (0, 0, 0)
        self.hash = hash(0, 0)
    }

    /// - Parameter bytes: 16 of them may be read whatever the length; a longer key must stay there while it is used.
    @inline(__always) init(_ bytes: UnsafeRawPointer, length: Int, _ hash: KeyHash) {
        self.length = length
        if length > 16 {
            (low, high) = (UInt64(UInt(bitPattern: bytes)), 0)
            self.hash = hash(bytes, length)
            return
        }
        low = bytes.loadUnaligned(as: UInt64.self)
        high = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        if length <= 8 {
            low &= Self.ones(length)
            high = 0
        } else {
            high &= Self.ones(length &- 8)
        }
        self.hash = hash(low, high)
    }

    /// The key of one string of up to 14 bytes, without copying it: what stands before its bytes is replaced by the tag
    /// and the length that `TypedBytes` would write there.
    ///
    /// - Parameter text: the bytes, with two readable bytes before and 14 behind the first one.
    @inline(__always) init(shortText text: UnsafeRawPointer, length: Int, _ hash: KeyHash) {
        let start = text - 2
        self.length = length &+ 2
        low =
            start.loadUnaligned(as: UInt64.self) & ~0xffff | UInt64(TypedBytes.stringTag)
            | UInt64(truncatingIfNeeded: length) << 8
        high = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        if length <= 6 {
            low &= UInt64.max &>> UInt64(truncatingIfNeeded: 48 &- 8 &* length)
            high = 0
        } else {
            high &= UInt64.max &>> UInt64(truncatingIfNeeded: 112 &- 8 &* length)
        }
        self.hash = hash(low, high)
    }

    /// The low `count` bytes, for 0 to 8.
    @inline(__always) private static func ones(_ count: Int) -> UInt64 {
        count == 8 ? UInt64.max : (1 << UInt64(truncatingIfNeeded: 8 &* count)) &- 1
    }
}

/// Encodes the group key of every record of a batch; part of the scan, so that workers share the labour.
struct KeyEncoder {
    private let columns: [Int]
    private let hash: KeyHash

    init(_ columns: [Int], seed: UInt64) {
        self.columns = columns
        hash = KeyHash(seed: seed)
    }

    /// Puts the keys of all rows into `records.keys`; the bytes of longer ones go to the arena.
    func encode(_ records: inout Records) {
        guard let first = columns.first else {
            records.keys.update(repeating: GroupKey(hash), count: records.count)
            return
        }
        let isSingle = columns.count == 1
        let cells = records.columns[first]
        let keys = records.keys
        let lines = records.batchRange
        let hash = hash
        for row in 0..<records.count {
            let value = cells[row]
            // In a batch two bytes stand before a string, in the arena another text or its beginning might not.
            if isSingle, value.kind == .string, value.length <= 14, lines.contains(value.bits),
                let text = UnsafeRawPointer(bitPattern: UInt(value.bits))
            {
                keys[row] = GroupKey(shortText: text, length: Int(value.length), hash)
            } else {
                keys[row] = encode(row, &records)
            }
        }
    }

    private func encode(_ row: Int, _ records: inout Records) -> GroupKey {
        var most = 16
        for column in columns { most &+= TypedBytes.size(records.columns[column][row]) }
        let room = records.arena.allocate(most)
        guard let start = room.baseAddress else { return GroupKey(hash) }
        var length = 0
        for column in columns { length &+= TypedBytes.write(records.columns[column][row], to: start + length) }
        // The next key may begin right here: what is read behind this one need not be anything in particular.
        records.arena.giveBack(most &- length)
        return GroupKey(UnsafeRawPointer(start), length: length, hash)
    }
}
