internal import CVector

/// Finds where the bytes of an input can be cut into batches: between two records.
///
/// For formats whose records are not lines. A source calls it with the bytes that it has read, more each time, until it
/// has cut them. A record of more than the limit, or one that never ends, is cut as its format reads it.
package protocol RecordSplitter: AnyObject {
    /// The index after the last whole record.
    ///
    /// - Parameters:
    ///   - batch: bytes from the start of a record.
    ///   - isAtEnd: whether no more will follow.
    /// - Returns: nil if there is no whole record yet.
    func cut(_ batch: inout Batch, isAtEnd: Bool) -> Int?
    /// Forgets the bytes that it has seen: they were delivered without a cut.
    func reset()

    /// Prepares the batch for its format, after it was cut.
    func complete(_ batch: inout Batch)

    /// The same as `cut` when nothing has come for a while: what has come may be a whole record.
    func flush(_ batch: inout Batch) -> Int?
}

extension RecordSplitter {
    package func reset() {}
    package func complete(_ batch: inout Batch) {}
    package func flush(_ batch: inout Batch) -> Int? { nil }
}

/// Cuts delimited text, in which quoted values may contain line breaks.
final class DelimitedSplitter: RecordSplitter {
    private var format: DelimitedFormat
    private var arena = ByteArena()
    /// The end of the last whole record of the batch.
    private var done = 0

    init(_ layout: DelimitedLayout, maxLine: Int) {
        format = DelimitedFormat(fields: [], maxLine: maxLine, layout)
    }

    func cut(_ batch: inout Batch, isAtEnd: Bool) -> Int? {
        batch.seal()
        let bytes = batch.bytes
        guard let base = bytes.baseAddress else { return nil }
        var i = done
        while i < bytes.count {
            i = afterPlainLines(bytes, from: i)
            if i == bytes.count { break }
            let end = format.endOfRecord(base, from: i, limit: bytes.count, isAtEnd: isAtEnd, &arena)
            guard let end else { break }
            i = end
        }
        arena.removeAll()
        done = i
        guard i > 0 else { return nil }
        done = 0
        return i
    }

    /// The index after the last line break before the next quote: each line without a quote is a record.
    private func afterPlainLines(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        var end = start
        // There are no quotes in the padding.
        while end < bytes.count, vector_holds(base + end, UInt8(ascii: "\"")) == 0 { end &+= 64 }
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end &+= 1 }
        end = min(end, bytes.count)
        while end > start, bytes[end &- 1] != UInt8(ascii: "\n") { end &-= 1 }
        return end
    }
}

/// Cuts a sequence of JSON values.
final class JSONStreamSplitter: RecordSplitter {
    private let maxLine: Int
    /// The end of the last whole value.
    private var done = 0
    /// Where the value after it has been walked to.
    private var progress = JSONStreamWalk.Progress()

    init(maxLine: Int) { self.maxLine = maxLine }

    func cut(_ batch: inout Batch, isAtEnd: Bool) -> Int? {
        let end = endOfValues(&batch, isAtEnd: isAtEnd)
        if end != nil { reset() }
        return end
    }

    func reset() {
        done = 0
        progress = JSONStreamWalk.Progress()
    }

    private func endOfValues(_ batch: inout Batch, isAtEnd: Bool) -> Int? {
        batch.seal(with: 0)
        let bytes = batch.bytes
        guard let base = bytes.baseAddress else { return nil }
        while true {
            let start: Int
            switch JSONStreamWalk.next(base, from: done, limit: bytes.count, maxLength: maxLine, &progress) {
            case .value(let range):
                // A number or word at the end may go on.
                if range.upperBound == bytes.count, !isAtEnd, byte(base, range.lowerBound) != UInt8(ascii: "{") {
                    return done > 0 ? done : nil
                }
                done = range.upperBound
                continue
            case .end: return bytes.count
            case .broken(let range): start = range.lowerBound
            case .open(let first):
                guard isAtEnd else { return done > 0 ? done : nil }
                start = first
            }
            // Where to cut must not depend on how many bytes have come.
            switch JSONStreamWalk.goOn(base, after: start, limit: bytes.count, maxLength: maxLine) {
            case .line(let next):
                done = next
                progress = JSONStreamWalk.Progress()
            case .end(let end): return end
            case .limit:
                if isAtEnd { return bytes.count }
                return done > 0 ? done : nil
            }
        }
    }
}
