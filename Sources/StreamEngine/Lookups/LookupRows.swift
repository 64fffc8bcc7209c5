/// Rows of a table, as a worker has found them in a batch, in their order.
struct LookupRows: ~Copyable {
    struct Row {
        /// The bytes of its key, which are followed by those of its values.
        var start: Int
        var keyCount: Int
        var valueCount: Int
        var hash: UInt64
        /// Of the version, if the key has versions.
        var time: Int64
        /// Its number in the batch.
        var number: Int
    }

    private(set) var rows: [Row] = []
    private(set) var bytes = ByteBuffer(capacity: 1 << 16)

    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        bytes.removeAll()
    }

    /// Where the bytes of the next row begin.
    var end: Int { bytes.count }

    /// Takes back what was written of a row.
    mutating func drop(from start: Int) { bytes.truncate(to: start) }

    /// Memory for at least `count` more bytes of the row. Call `advance` after writing to it.
    @inline(__always) mutating func room(_ count: Int) -> UnsafeMutableRawPointer { bytes.room(count) }
    @inline(__always) mutating func advance(_ written: Int) { bytes.advance(written) }

    /// Adds the row whose bytes were written from `start` on.
    mutating func add(from start: Int, keyCount: Int, time: Int64, number: Int, _ hash: KeyHash, mask: UInt64) {
        bytes.append(KeyCoding.endMark)
        let hashed = bytes.withBytes {
            hash(UnsafeRawBufferPointer(rebasing: $0[start..<(start &+ keyCount)])) & mask
        }
        rows.append(
            Row(
                start: start, keyCount: keyCount, valueCount: bytes.count &- start &- keyCount, hash: hashed,
                time: time,
                number: number))
    }
}
