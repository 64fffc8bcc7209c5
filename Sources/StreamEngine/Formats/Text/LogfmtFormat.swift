internal import CVector

/// logfmt: a record is a line of NAME=VALUE pairs between blanks.
///
/// A value is text in double quotes with the escapes of JSON, `\'` and `\xHH`, or everything up to the next blank; with
/// nothing after the `=` it is null. A name alone has the value `true`. The last of several equal names wins.
struct LogfmtFormat: LineFormat, ~Copyable {
    var scan: LineScan
    /// Caches the text between two values, as `RecordScanner` does: from the end of a value to the next `=`.
    private var memo = LayoutCache()
    /// The newline at the end of the last record that did not end where predicted, and its last literal.
    private var end = -1
    private var last: UnsafeMutablePointer<LayoutCache.Entry>

    init(fields: [FieldPath], maxLine: Int) {
        scan = LineScan(fields, maxLine: maxLine)
        last = memo.start
    }

    /// Reads the records on the next lines too, as long as the first name of each is the predicted one: the newline
    /// and the name are one literal.
    @inline(__always) mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena)
        -> LineEnd
    {
        var i = start
        // A literal has the same meaning wherever it is.
        let context = LiteralContext.recordStart
        var isFirst = true
        var before = memo.start
        var hasPair = false
        let rows = scan.rows
        var row = scan.row
        if end == start &- 1 { joinRecords(base, start) }
        while true {
            let target: FieldTarget
            let expected = before.pointee.next
            if expected.matches(base + i) {
                if byte(base, i) == UInt8(ascii: "\n") {
                    guard scan.recordEnd == nil, rows.pointee.takeOneOfMany(to: i, gap: 1) else { return .valid(i) }
                    row = scan.row
                }
                i &+= Int(expected.pointee.length)
                target = expected.pointee.target
                before = expected
            } else {
                let literal = i
                while byte(base, i) <= 0x20, byte(base, i) != UInt8(ascii: "\n") { i &+= 1 }
                if byte(base, i) == UInt8(ascii: "\n") {
                    if hasPair {
                        // With text between them, such as a carriage return, they are no literal.
                        end = i == literal ? i : -1
                        last = before
                        return .valid(i)
                    }
                    return isFirst ? .blank(i) : .rejected(start, .noPair)
                }
                let word = i
                let name = readName(base, from: i, &arena)
                if let defect = name.defect { return .rejected(i, defect) }
                i = name.end
                guard byte(base, i) == UInt8(ascii: "=") else {
                    let yes = UnsafeRawBufferPointer(
                        start: LogfmtFormat.yes.utf8Start, count: LogfmtFormat.yes.utf8CodeUnitCount)
                    scan.put(Value(yes), name.target)
                    if byte(base, word) == UInt8(ascii: "=") { hasPair = true }
                    isFirst = false
                    continue
                }
                i &+= 1
                if name.isPlain {
                    before = memo.learn(
                        base + literal, length: i &- literal, context: context, target: name.target, after: before)
                    if before == memo.long { before = memo.loose(name.target) }
                }
                target = name.target
            }
            hasPair = true
            isFirst = false
            if byte(base, i) == UInt8(ascii: "\"") {
                let text = QuotedText.read(base, from: i &+ 1, isWanted: target.column != FieldTarget.noColumn, &arena)
                guard text.end >= 0 else { return .rejected(i, text.defect) }
                if text.isRepaired { scan.note(.badEscape, text.value) }
                scan.put(text.value, target, row)
                i = text.end &+ 1
                guard byte(base, i) <= 0x20 else { return .rejected(i, .strayText) }
            } else {
                let end = Words.end(base, from: i)
                guard end >= 0 else { return .rejected(i, .badUTF8) }
                if end > i { scan.put(base, i, end, target, row) } else { scan.put(.null, target, row) }
                // The processor goes on at the predicted end instead of waiting for the end, as in `RecordScanner`.
                let predicted = i &+ before.pointee.valueLength
                let copy = opaque_copy(predicted)
                if end == predicted {
                    i = copy
                } else {
                    before.pointee.mispredictedWord(end &- i)
                    i = end
                }
            }
        }
    }

    /// Caches the end of the last record and the first name of the one at `start` as a single literal.
    @inline(never) private mutating func joinRecords(_ base: UnsafeRawPointer, _ start: Int) {
        let first = memo.start.pointee.next
        guard start > 0, byte(base, start &- 1) == UInt8(ascii: "\n"), last != memo.start,
            first.matches(base + start)
        else { return }
        _ = memo.learn(
            base + (start &- 1), length: 1 &+ Int(first.pointee.length), context: .recordStart,
            target: first.pointee.target, after: last)
    }

    private struct Name {
        /// The index after it.
        var end: Int
        var target = FieldTarget.unwanted
        /// Whether it has no quotes.
        var isPlain = true
        var defect: TextDefect?
    }

    @inline(never)
    private mutating func readName(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> Name {
        if byte(base, start) == UInt8(ascii: "\"") {
            let text = QuotedText.read(base, from: start &+ 1, isWanted: true, &arena)
            guard text.end >= 0 else { return Name(end: start, defect: text.defect) }
            let end = text.end &+ 1
            guard byte(base, end) == UInt8(ascii: "=") || byte(base, end) <= 0x20 else {
                return Name(end: start, defect: .strayText)
            }
            return Name(end: end, target: target(text.value.bytes, &arena), isPlain: false)
        }
        let limit = Words.end(base, from: start)
        guard limit >= 0 else { return Name(end: start, defect: .badUTF8) }
        var end = start
        while end < limit, byte(base, end) != UInt8(ascii: "=") {
            if byte(base, end) == UInt8(ascii: "\"") { return Name(end: start, defect: .strayText) }
            end &+= 1
        }
        // A `=` without a name before it: the word is a name alone.
        if end == start { end = limit }
        return Name(end: end, target: scan.target(base + start, length: end &- start))
    }

    /// The target of a name with escapes, which is copied: the look-up reads eight bytes.
    private mutating func target(_ name: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> FieldTarget {
        let room = arena.allocate(name.count &+ 8)
        room.copyMemory(from: name)
        guard let start = room.baseAddress else { return .unwanted }
        return scan.target(UnsafeRawPointer(start), length: name.count)
    }

    /// The value of a name alone.
    private static let yes: StaticString = "true"
}
