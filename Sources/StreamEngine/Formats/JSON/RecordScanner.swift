internal import CVector

/// Scans JSON objects into the wanted columns of rows, in one pass and without recursion.
///
/// It predicts these things from the previous record, and checks each: the text between two values (or what followed
/// the last time that members were missing), the length of a value, and that a record ends after the same value as the
/// last one, in a literal that continues into the next record. Where an unwanted object or array is nearly the same as
/// in the previous record, it is compared with that (`SkipTemplate`).
///
/// Strict RFC 8259: all values are checked, whether wanted or not. Scanning a record allocates nothing, and copies only
/// strings with escapes (to the arena). The last of several equal keys wins.
struct RecordScanner: ~Copyable {
    static let depthLimit = JSONTextCheck.depthLimit

    /// The status of the last record if `scan` returned -1: its defect, or `control` for a control line.
    private(set) var status = RecordStatus.accepted
    /// The position of the defect in the last rejected record.
    private(set) var position = 0

    var fields: FieldWriter
    /// The values of wanted fields that are NaN or an infinity, since `takeNotFinite(into:)`.
    private var notFinite: [BadValues] = []
    private let space: WhiteSpace
    private let stack: UnsafeMutablePointer<Frame>
    /// Open containers of the current record; the innermost is at `depth`, the record itself at 1.
    private var depth = 1
    private var memo = LayoutCache()
    private var templates = SkipTemplates()
    /// The end of the last record that did not end where predicted, and its last literal; the last literal across two.
    private var end = 0
    private var last, joint: UnsafeMutablePointer<LayoutCache.Entry>

    /// An array or object that is not yet closed.
    private struct Frame {
        /// Index of its first byte.
        var start: Int
        var node: Int32
        /// Index of the next element; -1 in an object.
        var index: Int32
        /// The object in the context of its literals: the node, or a negative number.
        var place: Int32

        /// The context of a literal after one of its values.
        var later: LiteralContext { index < 0 ? .later(in: place) : node < 0 ? .unwantedElements : .elements }
    }

    /// The progress of the scan of a record.
    private struct Cursor {
        var position: Int
        var context: LiteralContext
        /// The previous literal. The prediction is the literal that followed it last time.
        var before: UnsafeMutablePointer<LayoutCache.Entry>
        /// The entry that holds the target of the next value.
        var source: UnsafeMutablePointer<LayoutCache.Entry>
    }

    /// The result of `advance`.
    private enum Step {
        case value
        case recordEnd
        case rejected(RecordStatus)
    }

    /// - Parameters:
    ///   - fields: one column each, starting at column 0; the last one is the `$watermark` member.
    ///   - space: the white space; each record must be followed by another byte.
    init(fields: [FieldPath], _ space: WhiteSpace) {
        self.space = space
        last = memo.start
        joint = memo.start
        self.fields = FieldWriter(fields)
        stack = .allocate(capacity: Self.depthLimit + 1)
        stack.initialize(repeating: Frame(start: 0, node: 0, index: -1, place: 0), count: Self.depthLimit + 1)
    }

    deinit { stack.deallocate() }

    /// Scans the record on the line of `rows`, and the records on the next lines as long as each ends where predicted.
    /// Adds all but the last to `rows`. Returns the index after the last one if it is an ordinary record. Otherwise
    /// returns -1 and sets `status` and `position` to its status and the position of its end or defect.
    ///
    /// This loop handles the common cases: predicted literals, plain strings and numbers.
    @inline(__always) mutating func scan(
        _ base: UnsafeRawPointer, _ rows: UnsafeMutablePointer<RowCursor>, _ arena: inout ByteArena
    ) -> Int {
        var i = rows.pointee.start
        if i > end, i &- end <= 2 { joinRecords(base, from: end, i) }
        depth = 1
        var context = LiteralContext.recordStart
        // The context after a value of the innermost container.
        var later = LiteralContext.later(in: 0)
        var before = memo.start
        while true {
            // The entry that holds the target of the value.
            let source: UnsafeMutablePointer<LayoutCache.Entry>
            let expected = before.pointee.next
            var isExpected = expected.begins(at: base + i, context)
            if isExpected, !expected.pointee.isPlain {
                isExpected = expected.continues(at: base + i)
                if isExpected, expected.pointee.lineEnd > 0, !nextRow(rows, i, expected) {
                    return finish(base, rows.pointee.start, i &+ 1, before)
                }
            }
            if isExpected {
                i &+= Int(expected.pointee.length)
                source = expected
                before = expected
            } else if context == .later(in: 0), byte(base, i) == UInt8(ascii: "}") {
                let next = joint.matches(base + i, context) ? joint : memo.find(base + i, context, after: expected)
                guard let next, nextRow(rows, i, next) else {
                    return finish(base, rows.pointee.start, i &+ 1, before)
                }
                joint = next
                i &+= Int(next.pointee.length)
                source = next
                before = next
            } else if context == .unwantedElements, byte(base, i) == UInt8(ascii: ",") {
                i &+= 1
                source = memo.start
            } else if before.pointee.other.matches(base + i, context), before.pointee.other.pointee.lineEnd == 0 {
                source = before.pointee.other
                i &+= Int(source.pointee.length)
                before = source
            } else {
                var cursor = Cursor(position: i, context: context, before: before, source: before)
                let step = advance(base, &cursor, &arena, fields.row(rows))
                i = cursor.position
                switch step {
                case .value:
                    let brace = i &- Int(cursor.source.pointee.length)
                    if cursor.source.pointee.lineEnd > 0, !nextRow(rows, brace, cursor.source) {
                        return finish(base, rows.pointee.start, brace &+ 1, before)
                    }
                case .recordEnd: return finish(base, rows.pointee.start, i, cursor.before)
                case .rejected(let status): return reject(status, i)
                }
                source = cursor.source
                before = cursor.before
                later = stack[depth].later
            }

            value: while true {
                let first = byte(base, i)
                let end: Int
                if first == UInt8(ascii: "\"") {
                    let quote = JSONString.plainEnd(base, from: i &+ 1)
                    if byte(base, quote) == UInt8(ascii: "\"") {
                        fields.put(
                            Value(UnsafeRawBufferPointer(start: base + (i &+ 1), count: quote &- i &- 1)), source, rows)
                        end = quote &+ 1
                    } else {
                        let isWanted = source.pointee.target.column != FieldTarget.noColumn
                        let text = JSONString.read(base, from: i &+ 1, isWanted: isWanted, arena: &arena)
                        guard text.end >= 0 else { return reject(.badString, i) }
                        fields.put(text.value, source, rows)
                        i = text.end &+ 1
                        context = later
                        break value
                    }
                } else if first &- UInt8(ascii: "-") <= UInt8(ascii: "9") &- UInt8(ascii: "-") {
                    // Two of the characters between minus and nine cannot start a number; the parser detects that.
                    if source.pointee.target.column == FieldTarget.noColumn {
                        let behind = JSONNumber.skip(base, from: i)
                        end = behind >= 0 ? behind : takeNotFinite(base, i, source, rows)
                        guard end >= 0 else { return reject(.badNumber, rows.pointee.start) }
                    } else {
                        let number = JSONNumber.parse(base, from: i)
                        if number.end >= 0 {
                            fields.put(number.value, source, rows)
                            end = number.end
                        } else {
                            end = takeNotFinite(base, i, source, rows)
                            guard end >= 0 else { return reject(.badNumber, rows.pointee.start) }
                        }
                    }
                } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                    if source.pointee.template != 0 {
                        let behind = templates.end(base, from: i, source.pointee.template, depth: depth)
                        if behind >= 0 {
                            i = behind
                            context = later
                            break value
                        }
                    }
                    guard depth < Self.depthLimit else { return reject(.tooDeep, i) }
                    if first == UInt8(ascii: "["), source.pointee.target.node < 0 {
                        let behind = JSONString.endOfPlainArray(base, from: i)
                        if behind >= 0 {
                            i = behind
                            context = later
                            break value
                        }
                    }
                    context = open(i, isObject: first == UInt8(ascii: "{"), source, fields.row(rows))
                    later = stack[depth].later
                    i &+= 1
                    break value
                } else {
                    let word = JSONWord.read(base, i)
                    if word.length > 0 {
                        fields.put(word.value, source, rows)
                        i &+= word.length
                        context = later
                        break value
                    }
                    let behind = space.skip(base, i)
                    if behind > i {
                        i = behind
                        continue value
                    }
                    end = takeNotFinite(base, i, source, rows)
                    guard end >= 0 else { return reject(.badSyntax, i) }
                }
                context = later
                // A value of the usual length ends where predicted. With this copy, the processor continues
                // speculatively at the predicted end instead of waiting for the computed end.
                let predicted = i &+ source.pointee.valueLength
                let copy = opaque_copy(predicted)
                if end == predicted {
                    i = copy
                } else {
                    source.pointee.mispredicted(end &- i)
                    i = end
                }
                break value
            }
        }
    }

    /// Moves the values that are NaN or an infinity, which were read as null, to `list`.
    mutating func takeNotFinite(into list: inout [BadValues]) {
        for values in notFinite { list.note(values) }
        notFinite.removeAll(keepingCapacity: true)
    }

    /// Takes NaN or an infinity at `i` as null. Returns the index after it; -1 if neither is there.
    ///
    /// The index is not passed inout: the loop of `scan` would keep it in memory.
    @inline(never) private mutating func takeNotFinite(
        _ base: UnsafeRawPointer, _ i: Int, _ source: UnsafeMutablePointer<LayoutCache.Entry>,
        _ rows: UnsafeMutablePointer<RowCursor>
    ) -> Int {
        let length = JSONWord.notFinite(base, i)
        guard length > 0 else { return -1 }
        if source.pointee.target.column != FieldTarget.noColumn {
            let text = UnsafeRawBufferPointer(start: base + i, count: length)
            notFinite.note(BadValues(kind: .notFinite, count: 1, first: (rows.pointee.row, Value(text, kind: .digits))))
        }
        fields.put(.null, source, rows)
        return i &+ length
    }

    /// Ends the record with the brace at `end`, in a literal that continues into the next record. Returns false if the
    /// fast path does not apply.
    @inline(__always) private func nextRow(
        _ rows: UnsafeMutablePointer<RowCursor>, _ end: Int, _ literal: UnsafeMutablePointer<LayoutCache.Entry>
    ) -> Bool {
        !fields.hasControl && rows.pointee.takeOneOfMany(to: end &+ 1, gap: Int(literal.pointee.lineEnd))
    }

    /// Opens the object or array that starts at `start`. Returns the context of its first literal.
    @inline(__always) private mutating func open(
        _ start: Int, isObject: Bool, _ source: UnsafeMutablePointer<LayoutCache.Entry>, _ row: FieldWriter.Row
    ) -> LiteralContext {
        let node = source.pointee.target.node
        if source.pointee.target.column == FieldTarget.manyColumns { fields.forget(below: node, row) }
        // Assume that all elements of an array have the same layout.
        let place = node >= 0 ? node : memo.container(behind: source) ?? min(stack[depth].place, -1)
        depth &+= 1
        stack[depth] = Frame(start: start, node: node, index: isObject ? -1 : 0, place: place)
        return isObject ? .first(in: place) : .elements
    }

    /// Advances to the next value, or to the end of the record, after an unexpected literal.
    @inline(never) private mutating func advance(
        _ base: UnsafeRawPointer, _ cursor: inout Cursor, _ arena: inout ByteArena, _ row: FieldWriter.Row
    ) -> Step {
        var i = cursor.position
        defer { cursor.position = i }
        // There is no literal after the last value of a container, nor between elements.
        let next = byte(base, i)
        if stack[depth].index < 0, next != UInt8(ascii: "}"),
            let entry = memo.find(base + i, cursor.context, after: cursor.before.pointee.next)
        {
            if cursor.before.pointee.next == memo.start { cursor.before.pointee.next = entry }
            cursor.before.pointee.other = entry
            follow(entry, &cursor, &i)
            return .value
        }
        var literal = i
        i = space.skip(base, i)
        if cursor.context == .recordStart {
            guard byte(base, i) == UInt8(ascii: "{") else { return .rejected(.notAnObject) }
            i = space.skip(base, i &+ 1)
            if byte(base, i) == UInt8(ascii: "}") {
                i &+= 1
                return .recordEnd
            }
        } else {
            var isFirst =
                stack[depth].index < 0 ? cursor.context == .first(in: stack[depth].place) : stack[depth].index == 0
            while byte(base, i) == (stack[depth].index < 0 ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                i &+= 1
                let closed = stack[depth]
                depth &-= 1
                if depth == 0 { return .recordEnd }
                if closed.node >= 0 {
                    let text = UnsafeRawBufferPointer(start: base + closed.start, count: i &- closed.start)
                    fields.store(Value(text, kind: .json), at: closed.node, row)
                } else if i &- closed.start >= SkipTemplate.shortest, stack[depth].node >= 0 {
                    learnTemplate(base, closed, to: i)
                }
                cursor.context = stack[depth].later
                let expected = cursor.before.pointee.next
                if expected.matches(base + i, cursor.context) {
                    follow(expected, &cursor, &i)
                    return .value
                }
                isFirst = false
                literal = i
                i = space.skip(base, i)
            }
            if !isFirst {
                guard byte(base, i) == UInt8(ascii: ",") else { return .rejected(.badSyntax) }
                i = space.skip(base, i &+ 1)
            }
        }
        let parent = stack[depth].node
        let index = stack[depth].index
        if index >= 0 {
            cursor.source =
                parent < 0 ? memo.start : memo.loose(fields.target(fields.trie.child(of: parent, index: index)))
            if index < Int32.max { stack[depth].index = index &+ 1 }
            return .value
        }
        guard byte(base, i) == UInt8(ascii: "\"") else { return .rejected(.badSyntax) }
        let key = JSONString.scan(base, from: i &+ 1)
        guard key.end >= 0 else { return .rejected(.badString) }
        let node =
            key.hasEscapes
            ? fields.trie.child(of: parent, escapedKey: base, from: i &+ 1, to: key.end, &arena)
            : fields.trie.child(of: parent, key: base + (i &+ 1), length: key.end &- i &- 1)
        i = space.skip(base, key.end &+ 1)
        guard byte(base, i) == UInt8(ascii: ":") else { return .rejected(.badSyntax) }
        i = space.skip(base, i &+ 1)
        let target = fields.target(node)
        cursor.before = memo.learn(
            base + literal, length: i &- literal, context: cursor.context, target: target, after: cursor.before)
        cursor.source = cursor.before == memo.long ? memo.loose(target) : cursor.before
        return .value
    }

    /// Keeps the text of an unwanted object or array whose parent is wanted, for the next one after the same literal.
    @inline(never) private mutating func learnTemplate(_ base: UnsafeRawPointer, _ closed: Frame, to end: Int) {
        guard let literal = memo.literal(before: closed.place), literal.pointee.target.node < 0 else { return }
        let text = UnsafeRawBufferPointer(start: base + closed.start, count: end &- closed.start)
        templates.learn(text, depth: depth, after: literal)
    }

    /// Advances past a literal that was found in the cache.
    @inline(__always) private func follow(
        _ entry: UnsafeMutablePointer<LayoutCache.Entry>, _ cursor: inout Cursor, _ i: inout Int
    ) {
        i &+= Int(entry.pointee.length)
        cursor.before = entry
        cursor.source = entry
    }

    /// Caches the end of the last record at `end` and the start of the next one as a single literal.
    @inline(never) private mutating func joinRecords(_ base: UnsafeRawPointer, from end: Int, _ start: Int) {
        let first = memo.start.pointee.next
        guard end > 0, byte(base, end &- 1) == UInt8(ascii: "}"), byte(base, start &- 1) == UInt8(ascii: "\n"),
            start == end &+ 1 || (start == end &+ 2 && byte(base, end) == UInt8(ascii: "\r")),
            first.matches(base + start, .recordStart)
        else { return }
        let length = start &- end &+ 1 &+ Int(first.pointee.length)
        _ = memo.learn(
            base + (end &- 1), length: length, context: .later(in: 0), target: first.pointee.target, after: last)
    }

    @inline(never) private mutating func reject(_ status: RecordStatus, _ position: Int) -> Int {
        self.status = status
        self.position = position
        fields.hasControl = false
        return -1
    }

    /// Completes the record from `start` to `end`, whose last literal is `last`.
    @inline(never) private mutating func finish(
        _ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ last: UnsafeMutablePointer<LayoutCache.Entry>
    ) -> Int {
        self.end = end
        self.last = last
        guard fields.hasControl else { return end }
        // If the member `$watermark` is an object and the only member, this is a control line.
        fields.hasControl = false
        guard fields.isControlAlone(base, start, end, space) else { return end }
        return reject(.control, end)
    }
}
