/// Scans one JSON object into the wanted columns of a row, in one pass and without recursion.
///
/// Strict RFC 8259: everything is checked, wanted or not. Nothing is allocated per record; only strings with escapes are
/// copied (to the arena). A repeated key replaces what the earlier one gave.
struct RecordScanner: ~Copyable {
    static let depthLimit = 512

    /// What the last record was, when `scan` did not end at an ordinary one: why it is none, or that it is a control line.
    private(set) var verdict = Verdict.accepted
    /// Where the last record that was rejected went wrong.
    private(set) var position = 0
    /// Rows of all batches before the present one, and one.
    var rowsBefore: UInt64 = 1

    /// Columns that any record has had a value for.
    private(set) var filled: [Int] = []
    private let trie: FieldTrie
    /// Column of the record's `$watermark` member.
    private let controlColumn: Int32
    private let stack: UnsafeMutablePointer<Frame>
    /// Open containers of the present record; the innermost is at `depth`, the record itself at 1.
    private var depth = 1
    /// For every column the number of the row in which its flat key was last seen.
    private let flatSeen: UnsafeMutablePointer<UInt64>
    /// The present record has a `$watermark` member.
    private var hasControl = false
    private var control = Value.missing
    private var memo = LiteralMemo()

    /// An array or object that is not yet closed.
    private struct Frame {
        /// Where it begins.
        var start: Int
        var node: Int32
        /// Index of the next element; -1 in an object.
        var index: Int32
        /// What literals in it are remembered for: the node, or a negative number.
        var place: Int32

        /// The context of a literal behind one of its values.
        var later: LiteralContext { index < 0 ? .later(in: place) : node < 0 ? .unwantedElements : .elements }
    }

    /// Where the values of the present record go.
    private struct Row {
        let cells: UnsafeMutablePointer<Value>
        let stride: Int
        let number: UInt64
    }

    /// How far the scan of a record has come.
    private struct Cursor {
        var position: Int
        var context: LiteralContext
        /// The literal before; the next one is guessed to be what followed it last time.
        var before: UnsafeMutablePointer<LiteralMemo.Entry>
        /// The entry that says where the next value goes.
        var source: UnsafeMutablePointer<LiteralMemo.Entry>
    }

    /// What `advance` came upon.
    private enum Step {
        case value
        case recordEnd
        case rejected(Verdict)
    }

    /// - Parameter fields: one column each, from column 0 on; the last one is the `$watermark` member.
    init(fields: [FieldPath]) {
        trie = FieldTrie(fields)
        controlColumn = Int32(fields.count) - 1
        stack = .allocate(capacity: Self.depthLimit + 1)
        stack.initialize(repeating: Frame(start: 0, node: 0, index: -1, place: 0), count: Self.depthLimit + 1)
        flatSeen = .allocate(capacity: max(1, fields.count))
        flatSeen.initialize(repeating: 0, count: max(1, fields.count))
    }

    deinit {
        stack.deallocate()
        flatSeen.deallocate()
    }

    /// Scans the record on the line that begins at `start`. Returns the index behind an ordinary record, or -1: then
    /// `verdict` and `position` say what it is and where it ends or went wrong.
    ///
    /// This loop does what most records consist of: literals that were expected, plain strings, numbers.
    ///
    /// - Parameter cells: the row's cell in column 0; those of the other columns follow `stride` cells apart.
    @inline(__always) mutating func scan(
        _ base: UnsafeRawPointer, from start: Int, _ cells: UnsafeMutablePointer<Value>, stride: Int,
        _ arena: inout ByteArena, _ row: Int
    ) -> Int {
        let row = Row(cells: cells, stride: stride, number: rowsBefore &+ UInt64(truncatingIfNeeded: row))
        var i = start
        depth = 1
        var context = LiteralContext.recordStart
        // The context behind a value of the innermost container.
        var later = LiteralContext.later(in: 0)
        var before = memo.start
        while true {
            // The entry that says where the value goes.
            let source: UnsafeMutablePointer<LiteralMemo.Entry>
            let expected = before.pointee.next
            if expected.pointee.matches(base + i, context) {
                i &+= Int(expected.pointee.length)
                source = expected
                before = expected
            } else if byte(base, i) == UInt8(ascii: "}"), context == .later(in: 0) {
                i &+= 1
                return hasControl ? finish(base, start, i) : i
            } else if byte(base, i) == UInt8(ascii: ","), context == .unwantedElements {
                i &+= 1
                source = memo.start
            } else {
                var cursor = Cursor(position: i, context: context, before: before, source: before)
                let step = advance(base, &cursor, &arena, row)
                i = cursor.position
                switch step {
                case .value: break
                case .recordEnd: return hasControl ? finish(base, start, i) : i
                case .rejected(let verdict): return reject(verdict, i)
                }
                source = cursor.source
                before = cursor.before
                later = stack[depth].later
            }

            var first = byte(base, i)
            if first <= 0x20 {
                i = skipSpace(base, i)
                first = byte(base, i)
            }
            context = later
            if first == UInt8(ascii: "\"") {
                let end = JSONString.plainEnd(base, from: i &+ 1)
                if byte(base, end) == UInt8(ascii: "\"") {
                    let text = UnsafeRawBufferPointer(start: base + (i &+ 1), count: end &- i &- 1)
                    i = end &+ 1
                    put(Value(text), source, row)
                } else {
                    let isWanted = source.pointee.target.column != FieldTarget.noColumn
                    let text = JSONString.read(base, from: i &+ 1, isWanted: isWanted, arena: &arena)
                    guard text.end >= 0 else { return reject(.badString, i) }
                    i = text.end &+ 1
                    put(text.value, source, row)
                }
            } else if first &- UInt8(ascii: "-") <= UInt8(ascii: "9") &- UInt8(ascii: "-") {
                // Two of the characters between minus and nine begin no number, which is found out there.
                if source.pointee.target.column == FieldTarget.noColumn {
                    i = JSONNumber.skip(base, from: i)
                    guard i >= 0 else { return reject(.badNumber, start) }
                } else {
                    let number = JSONNumber.parse(base, from: i)
                    guard number.end >= 0 else { return reject(.badNumber, start) }
                    i = number.end
                    put(number.value, source, row)
                }
            } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                guard depth < Self.depthLimit else { return reject(.tooDeep, i) }
                context = open(i, isObject: first == UInt8(ascii: "{"), source, row)
                later = stack[depth].later
                i &+= 1
            } else {
                let word = JSONWord.read(base, i)
                guard word.length > 0 else { return reject(.badSyntax, i) }
                i &+= word.length
                put(word.value, source, row)
            }
        }
    }

    @inline(__always) private mutating func put(
        _ value: Value, _ source: UnsafeMutablePointer<LiteralMemo.Entry>, _ row: Row
    ) {
        let column = source.pointee.target.column
        if column >= 0 {
            row.cells[Int(column) &* row.stride] = value
        } else if column == FieldTarget.manyColumns {
            putInMany(value, source.pointee.target.node, row)
        }
    }

    @inline(never) private mutating func putInMany(_ value: Value, _ node: Int32, _ row: Row) {
        forget(below: node, row)
        store(value, at: node, row)
    }

    /// Opens the object or array that begins at `start`; the context of its first literal.
    @inline(__always) private mutating func open(
        _ start: Int, isObject: Bool, _ source: UnsafeMutablePointer<LiteralMemo.Entry>, _ row: Row
    ) -> LiteralContext {
        let node = source.pointee.target.node
        if source.pointee.target.column == FieldTarget.manyColumns { forget(below: node, row) }
        // What stands in an array is taken to be alike.
        let place = node >= 0 ? node : memo.container(behind: source) ?? min(stack[depth].place, -1)
        depth &+= 1
        stack[depth] = Frame(start: start, node: node, index: isObject ? -1 : 0, place: place)
        return isObject ? .first(in: place) : .elements
    }

    /// Goes on to the next value, or to the end of the record, where the literal was not the expected one.
    @inline(never) private mutating func advance(
        _ base: UnsafeRawPointer, _ cursor: inout Cursor, _ arena: inout ByteArena, _ row: Row
    ) -> Step {
        var i = cursor.position
        defer { cursor.position = i }
        // Behind the last value of a container stands no literal, among elements neither.
        let next = byte(base, i)
        if stack[depth].index < 0, next != UInt8(ascii: "}"),
            let entry = memo.find(base + i, cursor.context, after: cursor.before.pointee.next)
        {
            follow(entry, &cursor, &i)
            return .value
        }
        var literal = i
        i = skipSpace(base, i)
        if cursor.context == .recordStart {
            guard byte(base, i) == UInt8(ascii: "{") else { return .rejected(.notAnObject) }
            i = skipSpace(base, i &+ 1)
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
                    store(Value(text, kind: .json), at: closed.node, row)
                }
                cursor.context = stack[depth].later
                let expected = cursor.before.pointee.next
                if expected.pointee.matches(base + i, cursor.context) {
                    follow(expected, &cursor, &i)
                    return .value
                }
                isFirst = false
                literal = i
                i = skipSpace(base, i)
            }
            if !isFirst {
                guard byte(base, i) == UInt8(ascii: ",") else { return .rejected(.badSyntax) }
                i = skipSpace(base, i &+ 1)
            }
        }
        let parent = stack[depth].node
        let index = stack[depth].index
        if index >= 0 {
            cursor.source = parent < 0 ? memo.start : memo.loose(target(trie.child(of: parent, index: index)))
            if index < Int32.max { stack[depth].index = index &+ 1 }
            return .value
        }
        guard byte(base, i) == UInt8(ascii: "\"") else { return .rejected(.badSyntax) }
        let key = JSONString.scan(base, from: i &+ 1)
        guard key.end >= 0 else { return .rejected(.badString) }
        let node =
            key.hasEscapes
            ? escapedChild(of: parent, base, from: i &+ 1, to: key.end, &arena)
            : trie.child(of: parent, key: base + (i &+ 1), length: key.end &- i &- 1)
        i = skipSpace(base, key.end &+ 1)
        guard byte(base, i) == UInt8(ascii: ":") else { return .rejected(.badSyntax) }
        i = skipSpace(base, i &+ 1)
        let target = target(node)
        cursor.before = memo.learn(
            base + literal, length: i &- literal, context: cursor.context, target: target, after: cursor.before)
        cursor.source = cursor.before == memo.long ? memo.loose(target) : cursor.before
        return .value
    }

    /// Goes behind a literal that was found in the memo.
    @inline(__always) private func follow(
        _ entry: UnsafeMutablePointer<LiteralMemo.Entry>, _ cursor: inout Cursor, _ i: inout Int
    ) {
        i &+= Int(entry.pointee.length)
        cursor.before = entry
        cursor.source = entry
    }

    /// Where the value at a node goes. The member `$watermark` takes the long way, where it is noticed.
    private mutating func target(_ node: Int32) -> FieldTarget {
        var target = trie.target(node)
        if target.column == controlColumn { target.column = FieldTarget.manyColumns }
        var leaf = node
        while leaf >= 0 {
            let column = Int(trie.nodes[Int(leaf)].column)
            if column >= 0, !filled.contains(column) { filled.append(column) }
            leaf = trie.nodes[Int(leaf)].twin
        }
        return target
    }

    @inline(never) private mutating func reject(_ verdict: Verdict, _ position: Int) -> Int {
        self.verdict = verdict
        self.position = position
        hasControl = false
        return -1
    }

    /// A record with a member `$watermark` has ended: if that is an object and the only member, this is a control line.
    @inline(never) private mutating func finish(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
        hasControl = false
        guard isOnlyMember(control, base, start, end) else { return end }
        return reject(.control, end)
    }

    /// True when the value is an object and the only member of the record at `start..<end`.
    @inline(never)
    private func isOnlyMember(_ value: Value, _ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
        guard value.kind == .json, value.bytes.first == UInt8(ascii: "{"), let text = value.bytes.baseAddress else {
            return false
        }
        let key = JSONString.scan(base, from: skipSpace(base, skipSpace(base, start) &+ 1) &+ 1)
        return base + skipSpace(base, skipSpace(base, key.end &+ 1) &+ 1) == text
            && skipSpace(base, text - base &+ value.bytes.count) == end &- 1
    }

    private mutating func store(_ value: Value, at node: Int32, _ row: Row) {
        var leaf = node
        while leaf >= 0 {
            let entry = trie.nodes[Int(leaf)]
            leaf = entry.twin
            let column = Int(entry.column)
            guard column >= 0 else { return }
            if entry.isHideable, flatSeen[column] == row.number { continue }
            if entry.isFlat { flatSeen[column] = row.number }
            if column == Int(controlColumn) {
                hasControl = true
                control = value
            }
            row.cells[column &* row.stride] = value
        }
    }

    /// A key came (perhaps again): what an earlier one of the same name held is gone.
    private func forget(below node: Int32, _ row: Row) {
        guard trie.nodes[Int(node)].childCount > 0 else { return }
        for column in trie.columnsBelow[Int(node)] where flatSeen[column] != row.number {
            row.cells[column &* row.stride] = .missing
        }
    }

    @inline(never) private mutating func escapedChild(
        of node: Int32, _ base: UnsafeRawPointer, from start: Int, to end: Int, _ arena: inout ByteArena
    ) -> Int32 {
        guard node >= 0 else { return -1 }
        let key = JSONString.unescape(base, from: start, to: end, arena: &arena)
        // A copy with eight readable bytes behind it, as the look-up wants.
        let room = arena.allocate(key.count &+ 8)
        room.copyMemory(from: key)
        guard let name = room.baseAddress else { return -1 }
        return trie.child(of: node, key: UnsafeRawPointer(name), length: key.count)
    }
}
