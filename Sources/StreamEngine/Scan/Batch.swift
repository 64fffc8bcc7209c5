/// A run of whole lines from one input, on its way to the scanner.
///
/// The memory belongs to the batch and is used again: a source fills it, a worker scans it, and so on.
package struct Batch: ~Copyable {
    /// Bytes that may be read (not used) behind the last line, so that the scanner can look at 16 at a time.
    package static let padding = 64

    /// Place of the batch in the order of reading, from 0 without gaps.
    package var sequence = 0
    /// Which input it came from: index of the file in the order given.
    package var input = 0
    /// True when the first byte of the input is here (a byte order mark may stand before it).
    package var startsInput = false
    /// Byte position in the input before the first line; the position after the batch is `position + count`.
    package var position = 0
    /// The last line is too long and goes on behind the batch: what has been read does not end between two lines.
    package var endsInsideLine = false
    /// Wall clock when it was read, microseconds since 1970.
    package var arrival: Int64 = 0
    /// Lines, each ended by a newline; the very last line of an input may lack it.
    package private(set) var count = 0
    private var memory: UnsafeMutableRawBufferPointer

    package init(capacity: Int = 256 * 1024) {
        memory = .allocate(byteCount: capacity + Batch.padding, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { memory.deallocate() }

    /// The lines.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[0..<count]) }

    /// Bytes that fit without growing.
    package var capacity: Int { memory.count - Batch.padding }

    package mutating func removeAll() {
        count = 0
        endsInsideLine = false
    }

    /// Grows so that `capacity` bytes fit; keeps what is there.
    package mutating func reserve(_ capacity: Int) {
        guard capacity > self.capacity else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + Batch.padding, alignment: 64)
        larger.initializeMemory(as: UInt8.self, repeating: 0)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }

    /// Copies `bytes` to the end, growing if it must.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if count + bytes.count > capacity { reserve(max(2 * capacity, count + bytes.count)) }
        (memory.baseAddress.unsafelyUnwrapped + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// The free room behind the lines, for a source to read into; `advance` says how much was used.
    package mutating func room() -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<capacity])
    }

    package mutating func advance(_ written: Int) { count = min(count + written, capacity) }

    /// Puts a newline behind the lines, which stops every loop of the scanner, and another one, which is the beginning
    /// of no record; they are not counted.
    mutating func seal() {
        memory[count] = UInt8(ascii: "\n")
        memory[count + 1] = UInt8(ascii: "\n")
    }

    /// Drops the bytes from `count` on.
    package mutating func truncate(to count: Int) { self.count = min(self.count, count) }
}
