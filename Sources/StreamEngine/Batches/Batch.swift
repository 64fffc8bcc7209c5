/// A run of records from one partition of the input, on its way to its format.
///
/// The memory belongs to the batch and is used again: a source fills it, a worker scans it, and so on.
package struct Batch: ~Copyable {
    /// Bytes after the last record that may be read (not used), so that a scanner can look at 16 at a time.
    package static let padding = 64

    /// Number of the batch in the order of reading, from 0 without gaps.
    package var sequence = 0
    /// Which input it came from: its index in the order given. 0 where offsets are counted in partitions.
    package var input = 0
    /// Which partition it came from. Inputs that are read one after the other are one partition.
    package var partition = 0
    /// Partitions that there are.
    package var partitionCount = 1
    /// What can be expected of its partition after it.
    package var outlook = Outlook.more
    /// The first byte of the input is here (a byte order mark may come first).
    package var startsInput = false
    /// Position before the first record: bytes of the input, or an offset in the partition.
    package var position = 0
    /// Position after the batch where positions are not bytes: the next offset of the partition.
    package var nextPosition: Int?
    /// What shows later that the partition was read up to the end of the batch; nil for files.
    package var proof: PositionChecksum?
    /// What the source knows of the records besides their bytes.
    package var sourceColumns = SourceColumns()
    /// The last line is too long and continues after the batch: what has been read does not end between two lines.
    package var endsInsideLine = false
    /// Wall clock when it was read, microseconds since 1970.
    package var arrival: Int64 = 0
    /// Bytes of the records, those that end them included.
    package private(set) var count = 0
    /// How the bytes are cut into records.
    package private(set) var framing = Framing.lines
    /// Where each record ends that was added as one: the first begins at 0, the others one byte after the end before.
    package private(set) var recordEnds: [Int] = []
    /// A record that was added as one has line breaks in it.
    package private(set) var holdsLineBreaks = false
    private var memory: UnsafeMutableRawBufferPointer

    package init(capacity: Int = 256 * 1024) {
        memory = .allocate(byteCount: capacity + Batch.padding, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { memory.deallocate() }

    /// How the bytes of a batch are cut into records.
    package enum Framing: Sendable {
        /// A record is a line, ended by a newline; the very last line of an input may lack it.
        case lines
        /// The source says where each record ends. What is in it, line breaks included, is as it came; one byte after it
        /// belongs to no record.
        case records
    }

    /// What can be expected of a partition.
    package enum Outlook: Sendable {
        /// Records may come.
        case more
        /// It is idle: the watermark does not wait for it until it brings records again.
        case idle
        /// Nothing more is wanted of it.
        case ended
    }

    /// The records.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[0..<count]) }

    /// The last line has no end: the input ends there, or its writer has not finished it.
    package var isLastLineOpen: Bool { framing == .lines && count > 0 && memory[count - 1] != UInt8(ascii: "\n") }

    /// Bytes that fit without growing.
    package var capacity: Int { memory.count - Batch.padding }

    package mutating func removeAll() {
        count = 0
        framing = .lines
        recordEnds.removeAll(keepingCapacity: true)
        holdsLineBreaks = false
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
        append(record: record)
    }

    /// Adds a record with all its bytes; nil: it has none.
    package mutating func append(record: UnsafeRawBufferPointer?) {
        framing = .records
        let length = record?.count ?? 0
        if count + length + 1 > capacity { reserve(max(2 * capacity, count + length + 1)) }
        let start = memory.baseAddress.unsafelyUnwrapped + count
        if let source = record?.baseAddress { start.copyMemory(from: source, byteCount: length) }
        if !holdsLineBreaks {
            holdsLineBreaks = LineBreaks.areIn(UnsafeRawBufferPointer(start: start, count: length))
        }
        start.storeBytes(of: UInt8(ascii: "\n"), toByteOffset: length, as: UInt8.self)
        recordEnds.append(count + length)
        count += length + 1
    }

    /// The free memory after the bytes, for a source to read into; `advance` says how much was used.
    package mutating func room() -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<capacity])
    }

    package mutating func advance(_ written: Int) { count = min(count + written, capacity) }

    /// Puts a newline after the bytes, which stops every loop of a scanner, and another one, which begins no record;
    /// they are not counted.
    mutating func seal() { seal(with: UInt8(ascii: "\n")) }

    private mutating func seal(with byte: UInt8) {
        memory[count] = byte
        memory[count + 1] = byte
    }

    /// Puts this byte after each record that was added as one, and after the last one as `seal` does.
    mutating func separateRecords(by byte: UInt8) {
        for end in recordEnds { memory[end] = byte }
        seal(with: byte)
    }

    /// Drops the bytes from `count` on.
    package mutating func truncate(to count: Int) { self.count = min(self.count, count) }
}
