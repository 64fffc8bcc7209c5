/// Iterates over the records of a batch according to its framing, for formats that do not find the end of a record
/// themselves.
struct RecordRanges: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private let framing: Batch.Framing
    private let ends: [Int]
    /// Index of the first byte of the next record.
    private var start = 0
    /// The number of records passed, including blank ones.
    private(set) var count = 0

    /// - Parameter batch: its bytes must not move during the iteration.
    init(_ batch: borrowing Batch) {
        bytes = batch.bytes
        framing = batch.framing
        ends = batch.recordEnds
        if batch.startsInput, bytes.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
    }

    /// The next record without its end: for a line, without the newline and a carriage return before it.
    mutating func next() -> Range<Int>? {
        switch framing {
        case .records:
            guard count < ends.count else { return nil }
            let record = start..<max(start, ends[count])
            start = record.upperBound &+ 1
            count &+= 1
            return record
        case .lines:
            guard start < bytes.count else { return nil }
            let newline = endOfLine()
            var end = newline
            if end > start, bytes[end &- 1] == UInt8(ascii: "\r") { end &-= 1 }
            defer { start = newline &+ 1 }
            count &+= 1
            return start..<end
        }
    }

    /// Index of the next newline, or of the end of the batch.
    private func endOfLine() -> Int {
        var i = start
        while i < bytes.count, bytes[i] != UInt8(ascii: "\n") { i &+= 1 }
        return i
    }
}
