/// Cuts lines of text into records that begin at each line that a regular expression matches (`--record-start`).
///
/// Lines before the first such line are a record each. A record of more than `maxLine` bytes is too long as a whole: only
/// its beginning is kept, and its other lines are dropped. A line is tested by as many bytes as a record may have.
final class RecordStartSplitter: RecordSplitter {
    private let search: LazyDFA?
    private let maxLine: Int
    /// The records that have ended: their ends, and the number of lines before each of them.
    private var ends: [Int] = []
    private var lines: [Int] = []
    /// The record that may go on.
    private var open: OpenRecord?
    /// The index of the first byte that has not been looked at.
    private var next = 0
    /// Newlines before it.
    private var lineCount = 0
    /// Whether it is inside a line that has been looked at.
    private var isInsideLine = false
    /// Whether the first record of the batch is the rest of one that is too long.
    private var startsWithRest = false

    private struct OpenRecord {
        var start: Int
        var line: Int
        /// Whether it ends with its line: it is before the first start.
        var isOneLine: Bool
        /// Whether it is the rest of a record that is too long.
        var isRest = false
    }

    init(_ pattern: Regex, maxLine: Int) {
        // The pattern has been compiled before.
        search = try? LazyDFA(pattern)
        self.maxLine = maxLine
    }

    func cut(_ batch: inout Batch, isAtEnd: Bool) -> Int? {
        batch.seal()
        let bytes = batch.bytes
        guard let base = bytes.baseAddress else { return nil }
        if batch.startsInput, next == 0, bytes.count >= 3, byte(base, 0) == 0xef, byte(base, 1) == 0xbb { next = 3 }
        look(base, bytes.count, isAtEnd: isAtEnd)
        if isAtEnd {
            // A line that its writer may not have finished comes on its own.
            let isTorn = bytes.count > 0 && byte(base, bytes.count &- 1) != UInt8(ascii: "\n")
            if isTorn, !ends.isEmpty, let open { return deliver(open.start, &batch) }
            close(at: isTorn ? bytes.count : bytes.count &- 1)
            return deliver(bytes.count, &batch)
        }
        let end = isInsideLine ? next : next &- 1
        if let open, open.isRest ? end > open.start : end &- open.start > maxLine {
            close(at: end)
            self.open = OpenRecord(start: next, line: lineCount, isOneLine: open.isOneLine, isRest: true)
            batch.endsInsideLine = true
            return deliver(next, &batch)
        }
        return ends.isEmpty ? nil : deliver(open?.start ?? next, &batch)
    }

    func flush(_ batch: inout Batch) -> Int? {
        guard let open, next > open.start, !isInsideLine else { return nil }
        batch.seal()
        close(at: next &- 1)
        return deliver(next, &batch)
    }

    /// Bytes of a line beyond `maxLine` that are not part of its text: its end, a byte order mark.
    private static let slack = 8

    /// Looks at all lines that are whole, or too long to wait for their end.
    private func look(_ base: UnsafeRawPointer, _ count: Int, isAtEnd: Bool) {
        while next < count {
            let newline = LineBreaks.firstNewline(base, from: next, limit: count)
            if isInsideLine {
                next = newline.map { $0 &+ 1 } ?? count
                guard let newline else { return }
                isInsideLine = false
                endLine(at: newline)
                continue
            }
            if let newline {
                take(base, next..<newline)
                next = newline &+ 1
                endLine(at: newline)
            } else if isAtEnd || count &- next > maxLine &+ Self.slack {
                take(base, next..<count)
                next = count
                isInsideLine = true
            } else {
                return
            }
        }
    }

    /// Decides what a line is.
    private func take(_ base: UnsafeRawPointer, _ line: Range<Int>) {
        var end = min(line.upperBound, line.lowerBound &+ maxLine &+ Self.slack)
        if end > line.lowerBound, end == line.upperBound, byte(base, end &- 1) == UInt8(ascii: "\r") { end &-= 1 }
        let text = UnsafeRawBufferPointer(start: base + line.lowerBound, count: end &- line.lowerBound)
        if search?.matches(text) ?? true {
            close(at: line.lowerBound &- 1)
            open = OpenRecord(start: line.lowerBound, line: lineCount, isOneLine: false)
        } else if open == nil {
            open = OpenRecord(start: line.lowerBound, line: lineCount, isOneLine: true)
        }
    }

    private func endLine(at newline: Int) {
        if let open, open.isOneLine { close(at: newline) }
        lineCount &+= 1
    }

    /// Ends the open record.
    private func close(at end: Int) {
        guard let last = open else { return }
        open = nil
        // Nothing is left of a record that is too long if another one begins at once.
        guard end >= last.start else { return }
        startsWithRest = startsWithRest || last.isRest
        ends.append(end)
        lines.append(last.line)
    }

    /// Divides the first `count` bytes of the batch into the records that have ended.
    private func deliver(_ count: Int, _ batch: inout Batch) -> Int {
        let before = open?.line ?? lineCount
        batch.divide(ends: ends, lines: lines, lineCount: before, startsWithRest: startsWithRest)
        startsWithRest = false
        ends.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        next &-= count
        lineCount &-= before
        open?.start &-= count
        open?.line &-= before
        return count
    }
}
