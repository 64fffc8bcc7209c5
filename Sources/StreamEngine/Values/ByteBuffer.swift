/// A growing byte buffer to which rows are written.
package struct ByteBuffer: ~Copyable {
    package private(set) var count = 0
    private var memory: UnsafeMutableRawPointer
    /// The bytes that fit into the memory.
    private var capacity: Int

    package init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        memory = .allocate(byteCount: max(capacity, 64), alignment: 16)
    }

    deinit { memory.deallocate() }

    /// Calls `body` with the bytes written so far. There is no property for them: a pointer would not keep the buffer
    /// alive after its last use.
    @inline(__always) package borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(self) }
        return try body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// A copy of the bytes as a string; invalid UTF-8 is replaced with U+FFFD.
    package var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    package mutating func removeAll() { count = 0 }

    /// Truncates the buffer to its first `count` bytes.
    package mutating func truncate(to count: Int) { self.count = min(self.count, count) }

    /// Memory for at least `extra` more bytes. Call `advance` after writing to it.
    @inline(__always) package mutating func room(_ extra: Int) -> UnsafeMutableRawPointer {
        if capacity &- count < extra { grow(extra) }
        return memory + count
    }

    /// The first byte; at least `padding` bytes after the last one are readable.
    mutating func start(padding: Int) -> UnsafeMutableRawPointer { room(padding) - count }

    /// Counts `written` bytes of that memory as contents.
    @inline(__always) package mutating func advance(_ written: Int) { count &+= written }

    @inline(__always) package mutating func append(_ byte: UInt8) {
        room(1).storeBytes(of: byte, as: UInt8.self)
        count &+= 1
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        room(bytes.count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Appends a copy of the bytes of another buffer.
    package mutating func append(_ other: borrowing ByteBuffer) { other.withBytes { append($0) } }

    package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Replaces line breaks after the first `start` bytes with tabs.
    mutating func replaceLineBreaks(from start: Int) {
        guard start < count else { return }
        LineBreaks.replace(in: UnsafeMutableRawBufferPointer(start: memory + start, count: count &- start))
    }

    /// Overwrites 4 bytes with a number, the lowest byte first.
    mutating func replace(length: UInt32, at start: Int) {
        guard start >= 0, start &+ 4 <= count else { return }
        memory.storeBytes(of: length.littleEndian, toByteOffset: start, as: UInt32.self)
    }

    private mutating func grow(_ extra: Int) {
        capacity = max(capacity * 2, count + extra)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        memory = larger
    }
}
