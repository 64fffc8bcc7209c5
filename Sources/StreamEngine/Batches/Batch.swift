/// A run of whole lines from one partition of the input, on its way to the scanner.
///
/// The memory belongs to the batch and is used again: a source fills it, a worker scans it, and so on.
package struct Batch: ~Copyable {
    /// Bytes that may be read (not used) behind the last line, so that the scanner can look at 16 at a time.
    package static let padding = 64

    /// InputPosition of the batch in the order of reading, from 0 without gaps.
    package var sequence = 0
    /// Which input it came from: its index in the order given. 0 where offsets are counted in partitions.
    package var input = 0
    /// Which partition it came from. Inputs that are read one after the other are one partition.
    package var partition = 0
    /// Partitions that there are.
    package var partitionCount = 1
    /// What can be expected of its partition after it.
    package var outlook = Outlook.more
    /// True when the first byte of the input is here (a byte order mark may stand before it).
    package var startsInput = false
    /// Position before the first record: bytes of the input, or an offset in the partition.
    package var position = 0
    /// Position after the batch where positions are not bytes: the next offset of the partition.
    package var nextPosition: Int?
    /// What shows later on that the partition was read up to the end of the batch; nil for files.
    package var proof: PositionChecksum?
    /// What the source knows of the records besides their bytes.
    package var sourceColumns = SourceColumns()
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

    /// What can be expected of a partition.
    package enum Outlook: Sendable {
        /// Records may come.
        case more
        /// It has been silent for so long that nobody waits for it, until it brings records again.
        case idle
        /// Nothing more is wanted of it.
        case ended
    }

    /// The lines.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[0..<count]) }

    /// Bytes that fit without growing.
    package var capacity: Int { memory.count - Batch.padding }

    package mutating func removeAll() {
        count = 0
        endsInsideLine = false
        outlook = .more
        proof = nil
        nextPosition = nil
        sourceColumns.removeAll()
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

    /// Adds a record of which the source knows more than its bytes.
    ///
    /// - Parameters:
    ///   - record: nil when it has no value at all, not even an empty one.
    ///   - time: when it was stored, microseconds since 1970; `Int64.min` when that is not known.
    ///   - key: nil when it has none, or when no column of it is used.
    package mutating func append(
        record: UnsafeRawBufferPointer?, offset: Int64, time: Int64, key: UnsafeRawBufferPointer?
    ) {
        sourceColumns.append(offset: offset, time: time, key: key, hasValue: record != nil)
        append(line: record)
    }

    /// Adds one line, whatever is in it. Nothing at all becomes an empty string, which is as little a record.
    ///
    /// A line break between two tokens is white space like any other, and one inside a string is as wrong as a tab.
    mutating func append(line value: UnsafeRawBufferPointer?) {
        var length = value?.count ?? 0
        if count + length + 3 > capacity { reserve(max(2 * capacity, count + length + 3)) }
        let line = memory.baseAddress.unsafelyUnwrapped + count
        if let source = value?.baseAddress { line.copyMemory(from: source, byteCount: length) }
        let bytes = UnsafeMutableRawBufferPointer(start: line, count: length)
        if Batch.mayHoldBreak(line, length) {
            for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r") {
                bytes[index] = UInt8(ascii: "\t")
            }
        }
        let isBlank = bytes.first.map { $0 <= UInt8(ascii: " ") } ?? true
        if isBlank, bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
            line.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "\""), count: 2)
            length = 2
        }
        line.storeBytes(of: UInt8(ascii: "\n"), toByteOffset: length, as: UInt8.self)
        count += length + 1
    }

    /// There is a control character in it. Eight bytes at a time: comparing SIMD lanes took two thirds of a whole run.
    private static func mayHoldBreak(_ line: UnsafeMutableRawPointer, _ length: Int) -> Bool {
        func controls(_ position: Int) -> UInt64 {
            let bytes = line.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            return (bytes &- 0x2020_2020_2020_2020) & ~bytes & 0x8080_8080_8080_8080
        }
        var found: UInt64 = 0
        var position = 0
        while position &+ 8 <= length {
            found |= controls(position)
            position &+= 8
        }
        guard length >= 8 else {
            return (0..<length).contains { line.load(fromByteOffset: $0, as: UInt8.self) < UInt8(ascii: " ") }
        }
        return (found | controls(length &- 8)) != 0
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
