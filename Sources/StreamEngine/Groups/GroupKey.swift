/// The key of a group and its hash.
///
/// A key of one string of up to 16 bytes is that text as it is. Any other key is the typed bytes of its fields, one
/// behind the other. Up to 16 bytes are held as two numbers, zero behind the end; of a longer key `low` is the address.
struct GroupKey {
    var low: UInt64
    var high: UInt64
    var shape: KeyShape
    var hash: UInt64

    /// The key of no fields.
    init(_ hash: KeyHash) {
        (low, high, shape) = (0, 0, KeyShape(length: 0))
        self.hash = hash(0, 0)
    }

    init(low: UInt64, high: UInt64, shape: KeyShape, _ hash: KeyHash) {
        (self.low, self.high, self.shape) = (low, high, shape)
        self.hash = hash(low, high)
    }

    /// - Parameter bytes: 16 of them may be read whatever the length; a longer key must stay there while it is used.
    @inline(__always) init(_ bytes: UnsafeRawPointer, length: Int, _ hash: KeyHash) {
        shape = KeyShape(length: length)
        if length > 16 {
            (low, high) = (UInt64(UInt(bitPattern: bytes)), 0)
            self.hash = hash(bytes, length)
            return
        }
        (low, high) = Self.words(bytes, length)
        self.hash = hash(low, high)
    }

    /// The key of one string of up to 16 bytes, of which 16 may be read.
    @inline(__always) init(text: UnsafeRawPointer, length: Int, _ hash: KeyHash) {
        shape = KeyShape(textLength: length)
        (low, high) = Self.words(text, length)
        self.hash = hash(low, high)
    }

    /// Up to 16 bytes as two numbers.
    @inline(__always)
    private static func words(_ bytes: UnsafeRawPointer, _ length: Int) -> (low: UInt64, high: UInt64) {
        let low = bytes.loadUnaligned(as: UInt64.self)
        let high = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        // Shifts are modulo 64: of no byte the lowest must not stay.
        if length <= 8 { return (length == 0 ? 0 : low & UInt64.max &>> UInt64(truncatingIfNeeded: -8 &* length), 0) }
        return (low, high & UInt64.max &>> UInt64(truncatingIfNeeded: -8 &* length))
    }
}

/// The length of a key, and whether it is the text of one string or typed bytes.
struct KeyShape: Equatable {
    /// The highest 256 numbers are the lengths of texts.
    let bits: UInt32

    private static let text: UInt32 = 0xffff_ff00

    @inline(__always) init(bits: UInt32) { self.bits = bits }
    @inline(__always) init(length: Int) { bits = UInt32(truncatingIfNeeded: length) }
    @inline(__always) init(textLength: Int) { bits = Self.text | UInt32(truncatingIfNeeded: textLength) }

    @inline(__always) var isText: Bool { bits >= Self.text }
    /// Up to 16 bytes.
    @inline(__always) var isShort: Bool { bits &- Self.text <= 16 &- Self.text }
    @inline(__always) var length: Int { Int(isText ? bits & 0xff : bits) }
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
        var row = 0
        while true {
            if isSingle { row = encodeTexts(of: first, from: row, records) }
            guard row < records.count else { break }
            let value = records.columns[first][row]
            let isShort = isSingle && value.kind == .string && value.length <= 16
            records.keys[row] = isShort ? copy(value, &records) : encode(row, &records)
            row &+= 1
        }
    }

    /// Encodes the keys of one field from `start` on, as long as they are short texts that stand in the batch itself:
    /// behind it there is padding, behind other texts there might be nothing that can be read.
    ///
    /// - Returns: the row of the first other key, or the number of rows.
    private func encodeTexts(of column: Int, from start: Int, _ records: borrowing Records) -> Int {
        let cells = UnsafePointer(records.columns[column])
        let keys = records.keys
        let count = records.count
        let (first, length) = (
            records.batchRange.lowerBound, records.batchRange.upperBound &- records.batchRange.lowerBound
        )
        let hash = hash
        var row = start
        while row < count, cells[row].kind == .string, cells[row].length <= 16, cells[row].bits &- first < length,
            let text = UnsafeRawPointer(bitPattern: UInt(cells[row].bits))
        {
            keys[row] = GroupKey(text: text, length: Int(cells[row].length), hash)
            row &+= 1
        }
        return row
    }

    /// The key of a short text that stands in the arena.
    @inline(never) private func copy(_ value: Value, _ records: inout Records) -> GroupKey {
        let room = records.arena.allocate(16)
        defer { records.arena.giveBack(16) }
        room.copyMemory(from: value.bytes)
        guard let text = room.baseAddress else { return GroupKey(hash) }
        return GroupKey(text: UnsafeRawPointer(text), length: Int(value.length), hash)
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
