/// Consecutive records from one partition of the input.
///
/// The batch owns its memory, which is reused: a source fills it, a worker scans it, then a source fills it again.
package struct Batch: ~Copyable {
    /// Readable bytes after the last record, so that a scanner can read 16 bytes at a time.
    package static let padding = 64

    /// Sequence number of the batch in read order, starting at 0, without gaps.
    package var sequence = 0
    /// The index of its input, in the order given; 0 if positions are offsets in partitions.
    package var input = 0
    /// The index of its partition. Inputs that are read sequentially are one partition.
    package var partition = 0
    /// Number of partitions.
    package var partitionCount = 1
    /// Whether its partition may have more records after this batch.
    package var outlook = Outlook.more
    /// Whether it contains the first byte of the input (a byte order mark may come first).
    package var startsInput = false
    /// Position of the first record: a byte position in the input, or an offset in the partition.
    package var position = 0
    /// Position after the batch if it is not that of its last byte: the next offset in the partition, or the end of a line
    /// of which only the beginning is kept.
    package var nextPosition: Int?
    /// Lines of the input before the batch; counted only if `@line_number` is used.
    package var linesBefore = 0
    /// Identifies the records of the partition up to the end of the batch; nil for files.
    package var checksum: PositionChecksum?
    /// The metadata of the records, which the source supplies in addition to their bytes.
    package var sourceColumns = SourceColumns()
    /// Whether the last record is too long and continues after the batch, so that the batch ends inside a record.
    package var endsInsideLine = false
    /// Whether the input ends inside the last line, which is too long.
    package var endsInTornLine = false
    /// Wall-clock time of the read, in microseconds since 1970.
    package var arrival: Int64 = 0
    /// When the input was last changed, or its first record was stored, microseconds since 1970; nil if unknown. The
    /// first time without a year is read by it.
    package var written: Int64?
    /// Whether an earlier run has delivered the rows of those of its records whose windows have closed.
    package var isReread = false
    /// Bytes of the records, including the byte that ends each of them.
    package private(set) var count = 0
    /// How the bytes are divided into records.
    package private(set) var framing = Framing.lines
    /// The end of each record added as a whole. The first record starts at 0, every other record starts one byte after
    /// the end of the previous one.
    package private(set) var recordEnds: [Int] = []
    /// Whether a record added as a whole contains line breaks.
    package private(set) var holdsLineBreaks = false
    /// For records of several lines, the number of lines before each of them in the batch; else empty.
    package private(set) var recordLines: [Int] = []
    /// The number of lines, if `recordLines` is not empty.
    package private(set) var lineCount = 0
    /// Whether the first record is only the rest of one that is too long, and is not read.
    package private(set) var startsWithRest = false
    /// Whether a source may leave a gap: what reads the batch calls `fillGap` first.
    package var mayHaveGap = false
    /// Bytes that are still to be read.
    var gap: BatchGap?
    private var memory: UnsafeMutableRawBufferPointer

    /// The bytes of most batches. Long copies from the cache of the system are faster: with 256 KiB, runs took 3 to 8 % longer.
    /// 1 MiB and its records are more than the cache of a core holds.
    package static let usualSize = 512 * 1024

    package init(capacity: Int = Batch.usualSize) {
        // Not cleared: `seal` clears what is read after the last record, and a small input touches few pages.
        memory = .allocate(byteCount: capacity + Batch.padding, alignment: 64)
    }

    deinit { memory.deallocate() }

    /// How the bytes of a batch are divided into records.
    package enum Framing: Sendable {
        /// A record is a line that ends with a newline. The last line of an input may lack its newline.
        case lines
        /// The source supplies the end of each record. Its bytes are unchanged, including line breaks; the byte after
        /// it does not belong to any record.
        case records
    }

    /// Whether a partition may have more records.
    package enum Outlook: Sendable {
        /// More records may follow.
        case more
        /// The partition is idle: the watermark does not wait for it until it has records again.
        case idle
        /// No more records will be read from it.
        case ended
    }

    /// The records.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[0..<count]) }

    /// Whether the last line lacks its newline: the input ends there, or its writer has not finished the line.
    package var isLastLineOpen: Bool {
        (framing == .lines || !recordLines.isEmpty) && count > 0 && memory[count - 1] != UInt8(ascii: "\n")
    }

    /// Whether the end of the last line has not been read. If its newline comes later, it ends this line and no other.
    package var lacksLastEnd: Bool {
        isLastLineOpen && !startsWithRest && !endsInsideLine && (nextPosition == nil || endsInTornLine)
    }

    /// Bytes that fit without growing.
    package var capacity: Int { memory.count - Batch.padding }

    package mutating func removeAll() {
        count = 0
        framing = .lines
        recordEnds.removeAll(keepingCapacity: true)
        recordLines.removeAll(keepingCapacity: true)
        startsWithRest = false
        holdsLineBreaks = false
        endsInsideLine = false
        endsInTornLine = false
        outlook = .more
        checksum = nil
        nextPosition = nil
        written = nil
        isReread = false
        gap = nil
        sourceColumns.removeAll()
    }

    /// Grows so that `capacity` bytes fit, and keeps the contents.
    package mutating func reserve(_ capacity: Int) {
        guard capacity > self.capacity else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + Batch.padding, alignment: 64)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }

    /// Appends a copy of `bytes`, growing if necessary.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if count + bytes.count > capacity { reserve(max(2 * capacity, count + bytes.count)) }
        (memory.baseAddress.unsafelyUnwrapped + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Adds a record together with its metadata.
    ///
    /// - Parameters:
    ///   - record: nil if it has no value at all, not even an empty one.
    ///   - time: when it was stored, microseconds since 1970; `Int64.min` if unknown.
    ///   - key: nil if it has none, or if the column is not used.
    ///   - headers: a JSON object (`HeaderObject`); nil if it has none, or if the column is not used.
    ///   - defect: why the source could not decode it; nil for others.
    package mutating func append(
        record: UnsafeRawBufferPointer?, offset: Int64, time: Int64, key: UnsafeRawBufferPointer?,
        headers: UnsafeRawBufferPointer? = nil, defect: RecordDefect? = nil
    ) {
        if let defect { sourceColumns.markNext(defect) }
        sourceColumns.append(offset: offset, time: time, key: key, headers: headers, hasValue: record != nil)
        append(record: record)
    }

    /// Adds a record as a whole; nil if it has no value.
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

    /// Replaces the bytes of lines with others that are no longer; the positions of the batch stay.
    mutating func replace(with bytes: [UInt8]) {
        nextPosition = end.position
        count = min(bytes.count, count)
        memory.copyBytes(from: bytes.prefix(count))
    }

    /// Divides the bytes into records of one or more lines each.
    ///
    /// - Parameters:
    ///   - ends: the end of each record, which is that of its last line.
    ///   - lines: the number of lines before each of them.
    ///   - lineCount: the number of all lines.
    ///   - startsWithRest: whether the first record is the rest of one that is too long.
    mutating func divide(ends: [Int], lines: [Int], lineCount: Int, startsWithRest: Bool) {
        framing = .records
        recordEnds.removeAll(keepingCapacity: true)
        recordEnds.append(contentsOf: ends)
        recordLines.removeAll(keepingCapacity: true)
        recordLines.append(contentsOf: lines)
        self.lineCount = lineCount
        self.startsWithRest = startsWithRest
        holdsLineBreaks = true
    }

    /// The free memory after the bytes, for a source to read into. Call `advance` after writing to it.
    package mutating func room() -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<capacity])
    }

    /// Some of the bytes, to be overwritten.
    mutating func bytes(in range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: memory[range.clamped(to: 0..<count)])
    }

    package mutating func advance(_ written: Int) { count = min(count + written, capacity) }

    /// Writes two newlines after the bytes, without counting them: the first one stops every loop of a scanner, the
    /// second one cannot start a record.
    mutating func seal() { seal(with: UInt8(ascii: "\n")) }

    /// The same with another byte.
    mutating func seal(with byte: UInt8) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + Batch.padding])
            .initializeMemory(as: UInt8.self, repeating: 0)
        memory[count] = byte
        memory[count + 1] = byte
    }

    /// Writes this byte after each record added as a whole, and twice after the last one, as `seal` does.
    mutating func separateRecords(by byte: UInt8) {
        for end in recordEnds { memory[end] = byte }
        seal(with: byte)
    }

    /// Drops all bytes after the first `count`.
    package mutating func truncate(to count: Int) { self.count = min(self.count, count) }
}
