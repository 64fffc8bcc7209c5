/// The texts of the last times of some columns: the rows of a window repeat its bounds.
struct RecentTimes: ~Copyable {
    private struct Entry {
        var time: Int64 = 0
        /// Bytes of the text; 0 if there was no time.
        var length = 0
        /// 30 bytes are the most: a sign, six digits for the year, and microseconds.
        var text = SIMD32<UInt8>()
    }

    private static var size: Int { MemoryLayout<SIMD32<UInt8>>.size }

    private let entries: UnsafeMutablePointer<Entry>

    init(columns: Int) {
        entries = .allocate(capacity: max(1, columns))
        entries.initialize(repeating: Entry(), count: max(1, columns))
    }

    deinit { entries.deallocate() }

    /// Appends a time, microseconds since 1970, as `ByteBuffer.append(time:)` does.
    @inline(__always) func append(_ time: Int64, column: Int, to buffer: inout ByteBuffer) {
        let entry = entries + column
        guard entry.pointee.time == time, entry.pointee.length > 0 else { return renew(entry, time, &buffer) }
        buffer.room(Self.size).storeBytes(of: entry.pointee.text, as: SIMD32<UInt8>.self)
        buffer.advance(entry.pointee.length)
    }

    @inline(never) private func renew(
        _ entry: UnsafeMutablePointer<Entry>, _ time: Int64, _ buffer: inout ByteBuffer
    ) {
        // With more room than the text needs, the buffer is not moved.
        let place = UnsafeRawPointer(buffer.room(2 &* Self.size))
        let start = buffer.count
        buffer.append(time: time)
        entry.pointee = Entry(
            time: time, length: buffer.count &- start, text: place.loadUnaligned(as: SIMD32<UInt8>.self))
    }
}
