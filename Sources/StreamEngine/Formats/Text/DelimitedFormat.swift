/// Values between separators, under the names of a header: CSV (RFC 4180) and TSV (IANA text/tab-separated-values).
///
/// CSV: a value that begins with a double quote ends with one, and may contain separators, line breaks and doubled
/// quotes. A value without quotes is null if it is empty. TSV: `\t`, `\n`, `\r` and `\\` are escapes, `\N` is null, and so is
/// an empty value. A line that repeats the header is not a record, and neither is a blank one unless there is one column.
struct DelimitedFormat: LineFormat, ~Copyable {
    var scan: LineScan
    private let separator: UInt8
    private let hasQuotes: Bool
    /// For each value of a record, where it goes.
    private let targets: UnsafeMutablePointer<FieldTarget>
    private let targetsEnd: UnsafeMutablePointer<FieldTarget>
    /// Whether the last quoted value without an end may end after the limit.
    private var isCut = false
    /// The line of the header.
    private let header: [UInt8]
    /// Its first eight bytes, or all of them, as a number.
    private let headerStart: UInt64
    private let headerShift: UInt64
    private let rejectsShortRows: Bool

    /// - Parameter layout: the separator and the names.
    init(fields: [FieldPath], maxLine: Int, _ layout: DelimitedLayout) {
        var scan = LineScan(fields, maxLine: maxLine)
        targets = .allocate(capacity: max(1, layout.names.count))
        for (column, name) in layout.names.enumerated() { (targets + column).initialize(to: scan.target(name)) }
        targetsEnd = targets + layout.names.count
        self.scan = scan
        separator = layout.separator
        hasQuotes = layout.hasQuotes
        header = layout.header
        rejectsShortRows = layout.rejectsShortRows
        headerStart = header.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        headerShift = UInt64(64 - 8 * min(8, header.count))
    }

    deinit { targets.deallocate() }

    mutating func readRecord(_ base: UnsafeRawPointer, from start: Int, _ arena: inout ByteArena) -> LineEnd {
        scan.passLineBreaks()
        // In a single column, a blank line is a null.
        if targetsEnd - targets > 1, LineScan.isBlank(base, start) { return .blank(start) }
        if _slowPath(Self.word(base, start) >> headerShift == headerStart), repeatsHeader(base, start) {
            return .blank(start)
        }
        let row = scan.row
        let (separator, hasQuotes) = (separator, hasQuotes)
        // Tabs are marked anyway.
        let other = hasQuotes ? separator : UInt8(ascii: "\\")
        var next = targets
        var i = start
        // All ends of 64 bytes at once: looking for each of them after the one before takes a fifth longer.
        var block = start
        var marks = Words.marksOfCells(base + block, other)
        while true {
            guard next < targetsEnd else { return .rejected(i, .tooManyValues) }
            let target = next.pointee
            var end: Int
            var mark: UInt8
            if hasQuotes, byte(base, i) == UInt8(ascii: "\"") {
                let text = readQuoted(base, from: i &+ 1, target, &arena)
                guard text.end >= 0 else { return .rejected(i, text.defect) }
                end = text.end &+ 1
                mark = byte(base, end)
                (block, marks) = (end, Words.marksOfCells(base + end, other))
            } else {
                var isPlain = true
                while true {
                    while marks == 0 {
                        block &+= 64
                        marks = Words.marksOfCells(base + block, other)
                    }
                    end = block &+ marks.trailingZeroBitCount
                    mark = byte(base, end)
                    if mark == separator || mark == UInt8(ascii: "\n") { break }
                    if mark == UInt8(ascii: "\\"), !hasQuotes {
                        isPlain = false
                        marks &= marks &- 1
                        continue
                    }
                    end = unusualEnd(base, end)
                    guard end >= 0 else { return .rejected(i, .badUTF8) }
                    mark = byte(base, end)
                    (block, marks) = (end, Words.marksOfCells(base + end, other))
                    isPlain = hasQuotes || JSONString.plainEnd(base, from: i) >= end
                    break
                }
                if target.column != FieldTarget.noColumn {
                    if end == i {
                        scan.put(.null, target, row)
                    } else if isPlain {
                        scan.put(base, i, end, target, row)
                    } else {
                        putEscaped(UnsafeRawBufferPointer(start: base + i, count: end &- i), target, &arena)
                    }
                }
            }
            if mark == separator {
                i = end &+ 1
                next += 1
                marks &= marks &- 1
                continue
            }
            if mark == UInt8(ascii: "\r"), byte(base, end &+ 1) == UInt8(ascii: "\n") { end &+= 1 }
            guard byte(base, end) == UInt8(ascii: "\n") else { return .rejected(end, .strayText) }
            if _slowPath(next + 1 < targetsEnd) {
                if rejectsShortRows { return .rejected(end, .tooFewValues) }
                scan.note(.shortRow, Value(UnsafeRawBufferPointer(start: base + start, count: end &- start)))
            }
            return .valid(end)
        }
    }

    /// The index after a value that has a character at `place` which may not end it; -1 if it is not UTF-8.
    /// A carriage return belongs to the value unless a newline follows.
    @inline(never) private mutating func unusualEnd(_ base: UnsafeRawPointer, _ place: Int) -> Int {
        var end = place
        while true {
            end = Words.endOfCell(base, from: end, separator: separator)
            guard end >= 0, byte(base, end) == UInt8(ascii: "\r"), byte(base, end &+ 1) != UInt8(ascii: "\n") else {
                return end
            }
            end &+= 1
        }
    }

    @inline(__always) private static func word(_ base: UnsafeRawPointer, _ start: Int) -> UInt64 {
        UInt64(bigEndian: base.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }

    /// Whether the line is the header, as in files that were joined.
    @inline(never) private mutating func repeatsHeader(_ base: UnsafeRawPointer, _ start: Int) -> Bool {
        for (offset, expected) in header.enumerated() where byte(base, start &+ offset) != expected { return false }
        return !header.isEmpty && LineScan.isBlank(base, start &+ header.count)
    }

    /// Stores a value of tab-separated text, which may have escapes.
    @inline(never) private mutating func putEscaped(
        _ text: UnsafeRawBufferPointer, _ target: FieldTarget, _ arena: inout ByteArena
    ) {
        scan.put(text.contains(UInt8(ascii: "\\")) ? TabbedText.value(text, &arena) : Value(text), target)
    }

    /// The index after the record at `start`, without storing its values.
    ///
    /// - Parameters:
    ///   - limit: the number of bytes that there are; a newline follows.
    ///   - isAtEnd: whether no more will follow.
    /// - Returns: nil if the record may end after the limit.
    mutating func endOfRecord(
        _ base: UnsafeRawPointer, from start: Int, limit: Int, isAtEnd: Bool, _ arena: inout ByteArena
    ) -> Int? {
        scan.setLimit(limit)
        isCut = false
        let found = readRecord(base, from: start, &arena)
        if isCut, !isAtEnd { return nil }
        var end = found.index
        while end < limit, byte(base, end) != UInt8(ascii: "\n") { end &+= 1 }
        if end < limit { return end &+ 1 }
        return isAtEnd ? limit : nil
    }

    /// Reads the value whose first byte after the opening quote is at `start`.
    @inline(never) private mutating func readQuoted(
        _ base: UnsafeRawPointer, from start: Int, _ target: FieldTarget, _ arena: inout ByteArena
    ) -> QuotedText.Text {
        let end = QuotedCell.end(base, from: start, limit: scan.limit, maxLength: scan.maxLine)
        guard end.index >= 0 else {
            isCut = end.isCut
            return QuotedText.Text(end: -1, defect: end.defect)
        }
        if target.column != FieldTarget.noColumn {
            let text = UnsafeRawBufferPointer(start: base + start, count: end.index &- start)
            scan.put(Value(end.hasPairs ? QuotedCell.unescape(text, &arena) : text), target)
        }
        scan.lineBreaks &+= end.lineBreaks
        return QuotedText.Text(end: end.index)
    }
}

/// Names and separator of delimited records.
package struct DelimitedLayout: Sendable, Equatable {
    package let separator: UInt8
    /// Whether values may be in double quotes; otherwise a backslash escapes.
    package let hasQuotes: Bool
    package let names: [String]
    /// The line of the header without its end; empty if the input has none.
    let header: [UInt8]
    /// Whether a record with fewer values than names is rejected; otherwise the missing ones are null.
    var rejectsShortRows = false
}

/// A value in double quotes, in which a quote is doubled.
enum QuotedCell {
    /// A value that does not end within so many lines has no closing quote.
    static let mostLines = 1000

    struct End {
        /// The index of the closing quote; -1 if there is none.
        var index: Int
        /// Whether it contains doubled quotes.
        var hasPairs = false
        var lineBreaks = 0
        var defect = TextDefect.unclosedQuote
        /// Whether it may end after the limit.
        var isCut = false
    }

    /// Finds the end of the value whose first byte after the opening quote is at `start`.
    ///
    /// - Parameters:
    ///   - limit: the index of the first newline that ends it in any case.
    ///   - maxLength: the most bytes that it may have.
    static func end(_ base: UnsafeRawPointer, from start: Int, limit: Int, maxLength: Int) -> End {
        var i = start
        var hasPairs = false
        var lines = 0
        while true {
            i = JSONString.plainEnd(base, from: i)
            if i &- start > maxLength { return End(index: -1) }
            switch byte(base, i) {
            case UInt8(ascii: "\""):
                guard byte(base, i &+ 1) == UInt8(ascii: "\"") else {
                    return End(index: i, hasPairs: hasPairs, lineBreaks: lines)
                }
                hasPairs = true
                i &+= 2
            case UInt8(ascii: "\n"):
                lines &+= 1
                if i >= limit { return End(index: -1, isCut: lines <= mostLines) }
                if lines > mostLines { return End(index: -1) }
                i &+= 1
            case 0x80...:
                let length = JSONString.sequenceLength(base, at: i)
                if length == 0 {
                    // Behind a line break, the first line is rejected, which may be all that there is to see.
                    return End(index: -1, defect: lines == 0 ? .badUTF8 : .unclosedQuote, isCut: i &+ 4 > limit)
                }
                i &+= length
            default: i &+= 1
            }
        }
    }

    /// Makes one quote of two.
    static func unescape(_ text: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> UnsafeRawBufferPointer {
        let room = arena.allocate(text.count)
        var count = 0
        var i = 0
        while i < text.count {
            room[count] = text[i]
            count &+= 1
            i &+= text[i] == UInt8(ascii: "\"") ? 2 : 1
        }
        arena.giveBack(room.count &- count)
        return UnsafeRawBufferPointer(rebasing: room[0..<count])
    }
}

/// A value of tab-separated text with a backslash in it.
enum TabbedText {
    static func value(_ text: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> Value {
        if text.count == 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "N") { return .null }
        let room = arena.allocate(text.count)
        var count = 0
        var i = 0
        while i < text.count {
            var next = text[i]
            i &+= 1
            if next == UInt8(ascii: "\\"), i < text.count {
                let plain: UInt8? =
                    switch text[i] {
                    case UInt8(ascii: "t"): 0x09
                    case UInt8(ascii: "n"): 0x0a
                    case UInt8(ascii: "r"): 0x0d
                    case UInt8(ascii: "\\"): next
                    default: nil
                    }
                if let plain {
                    next = plain
                    i &+= 1
                }
            }
            room[count] = next
            count &+= 1
        }
        arena.giveBack(room.count &- count)
        return Value(UnsafeRawBufferPointer(rebasing: room[0..<count]))
    }
}
