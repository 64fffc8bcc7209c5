/// Turns lines of JSON into columns of the wanted fields, in one pass and without recursion.
///
/// Strict RFC 8259: everything in a line is checked, wanted or not. Nothing is allocated per record; only strings with
/// escapes are copied (to the arena). A repeated key replaces what the earlier one gave.
struct Scanner: ~Copyable {
    static let depthLimit = 512

    private let trie: FieldTrie
    private let fieldCount: Int
    /// Column of the record's `$watermark` member.
    private let controlColumn: Int
    private let maxLine: Int
    private let stack: UnsafeMutablePointer<Frame>
    /// For every column the number of the record in which its flat key was last seen.
    private let flatSeen: UnsafeMutablePointer<UInt64>
    private var recordNumber: UInt64 = 0
    private var memo = KeyMemo()

    /// An array or object that is not yet closed.
    private struct Frame {
        /// Where it begins.
        var start: Int
        var node: Int32
        /// Index of the next element; -1 in an object.
        var index: Int32
    }

    /// - Parameter fields: one column each, from column 0 on; the last one is the `$watermark` member.
    init(fields: [FieldPath], maxLine: Int) {
        trie = FieldTrie(fields)
        fieldCount = fields.count
        controlColumn = fields.count - 1
        self.maxLine = maxLine
        stack = .allocate(capacity: Self.depthLimit + 1)
        flatSeen = .allocate(capacity: max(1, fields.count))
        flatSeen.initialize(repeating: 0, count: max(1, fields.count))
    }

    deinit {
        stack.deallocate()
        flatSeen.deallocate()
    }

    /// Scans all lines of the batch into `records`.
    mutating func scan(_ batch: inout Batch, into records: inout Records) {
        batch.seal()
        let bytes = batch.bytes
        records.begin(bytes)
        guard let base = bytes.baseAddress else { return }
        let end = bytes.count
        var i = batch.startsInput && hasByteOrderMark(bytes) ? 3 : 0
        while i < end {
            let first = skipSpace(base, i)
            let byte = base.load(fromByteOffset: first, as: UInt8.self)
            if byte == UInt8(ascii: "\n"), first &- i <= maxLine {
                records.lineCount &+= 1
                i = first &+ 1
                continue
            }
            let row = records.addRow()
            recordNumber &+= 1
            for column in 0..<fieldCount { records.columns[column][row] = .missing }
            var behind = first
            var verdict = scanRecord(base, &behind, &records, row)
            if !verdict.isRejected {
                behind = skipSpace(base, behind)
                if base.load(fromByteOffset: behind, as: UInt8.self) != UInt8(ascii: "\n") { verdict = .badSyntax }
            }
            if verdict.isRejected { behind = lineEnd(base, from: behind) }
            var length = behind &- i
            if length > 0, base.load(fromByteOffset: behind &- 1, as: UInt8.self) == UInt8(ascii: "\r") { length &-= 1 }
            if length > maxLine { verdict = .tooLong }
            // What was found in a line that is rejected must not be looked at.
            if verdict.isRejected { for column in 0..<fieldCount { records.columns[column][row] = .missing } }
            records.places[row] = RecordPlace(
                start: UInt32(truncatingIfNeeded: i), length: UInt32(truncatingIfNeeded: length),
                line: UInt32(truncatingIfNeeded: records.lineCount), verdict: verdict)
            records.lineCount &+= 1
            i = behind &+ 1
        }
    }

    private func hasByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf
    }

    /// Index of the first byte that is no JSON white space; a newline ends a record, so it is not skipped.
    @inline(__always) private func skipSpace(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        var i = start
        while true {
            let byte = base.load(fromByteOffset: i, as: UInt8.self)
            guard byte == 0x20 || byte == 0x09 || byte == 0x0d else { return i }
            i &+= 1
        }
    }

    private func lineEnd(_ base: UnsafeRawPointer, from start: Int) -> Int {
        var i = start
        while base.load(fromByteOffset: i, as: UInt8.self) != UInt8(ascii: "\n") { i &+= 1 }
        return i
    }

    /// Scans one record whose first byte is at `position`; leaves the position behind it, or where it went wrong.
    @inline(__always) private mutating func scanRecord(
        _ base: UnsafeRawPointer, _ position: inout Int, _ records: inout Records, _ row: Int
    ) -> Verdict {
        @inline(__always) func byte(_ i: Int) -> UInt8 { base.load(fromByteOffset: i, as: UInt8.self) }
        var i = position
        defer { position = i }
        guard byte(i) == UInt8(ascii: "{") else { return .notAnObject }
        var depth = 1
        var members = 0
        // Entry of the key before, for the guess at the next one.
        var previousKey: Int32 = 0
        // The innermost open container; those around it are on the stack.
        var frame = Frame(start: i, node: 0, index: -1)
        i = skipSpace(base, i &+ 1)
        if byte(i) == UInt8(ascii: "}") {
            i &+= 1
            return .accepted
        }
        while true {
            // A key (in an object) tells which wanted field the value is, if any.
            let node: Int32
            if frame.index < 0 {
                let expected = memo[memo[previousKey].pointee.next]
                if expected.pointee.matches(base + i, parent: frame.node) {
                    previousKey = memo[previousKey].pointee.next
                    node = expected.pointee.node
                    i = skipSpace(base, i &+ Int(expected.pointee.length))
                } else {
                    guard byte(i) == UInt8(ascii: "\"") else { return .badSyntax }
                    let key = JSONString.scan(base, from: i &+ 1)
                    guard key.end >= 0 else { return .badString }
                    node =
                        key.hasEscapes
                        ? escapedChild(of: frame.node, base, from: i &+ 1, to: key.end, &records.arena)
                        : trie.child(of: frame.node, key: base + (i &+ 1), length: key.end &- i &- 1)
                    let colon = skipSpace(base, key.end &+ 1)
                    guard byte(colon) == UInt8(ascii: ":") else { return .badSyntax }
                    previousKey =
                        colon == key.end &+ 1
                        ? memo.learn(
                            base + i, length: colon &- i &+ 1, parent: frame.node, node: node, after: previousKey)
                        : 0
                    i = skipSpace(base, colon &+ 1)
                }
                if depth == 1 { members &+= 1 }
            } else {
                node = trie.child(of: frame.node, index: frame.index)
                if frame.index < Int32.max { frame.index &+= 1 }
            }
            if node >= 0, trie.nodes[Int(node)].childCount > 0 { forget(below: node, &records, row) }

            var value = Value.missing
            let first = byte(i)
            switch first {
            case UInt8(ascii: "\""):
                let text = JSONString.scan(base, from: i &+ 1)
                guard text.end >= 0 else { return .badString }
                if node >= 0 {
                    value = Value(
                        text.hasEscapes
                            ? JSONString.unescape(base, from: i &+ 1, to: text.end, arena: &records.arena)
                            : UnsafeRawBufferPointer(start: base + (i &+ 1), count: text.end &- i &- 1))
                }
                i = text.end &+ 1
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let behind =
                    node < 0
                    ? JSONNumber.skip(base, from: i)
                    : JSONNumber.parse(base, from: i, end: Int.max, into: &value)
                guard behind >= 0 else { return .badNumber }
                i = behind
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < Self.depthLimit else { return .tooDeep }
                stack[depth] = frame
                depth &+= 1
                frame = Frame(start: i, node: node, index: first == UInt8(ascii: "[") ? 0 : -1)
                i = skipSpace(base, i &+ 1)
                // '}' and ']' are their openers plus 2.
                guard byte(i) == first &+ 2 else { continue }
                i &+= 1
                depth &-= 1
                value = Value(UnsafeRawBufferPointer(start: base + frame.start, count: i &- frame.start), kind: .json)
                frame = stack[depth]
            case UInt8(ascii: "t"):
                guard isWord(base + i, "true") else { return .badSyntax }
                value = Value(true)
                i &+= 4
            case UInt8(ascii: "f"):
                guard isWord(base + (i &+ 1), "alse") else { return .badSyntax }
                value = Value(false)
                i &+= 5
            case UInt8(ascii: "n"):
                guard isWord(base + i, "null") else { return .badSyntax }
                value = .null
                i &+= 4
            default:
                return .badSyntax
            }
            if node >= 0 { store(value, at: node, &records, row) }

            // Behind a value: the next one, or the end of one or more containers.
            while true {
                i = skipSpace(base, i)
                let next = byte(i)
                if next == UInt8(ascii: ",") {
                    i = skipSpace(base, i &+ 1)
                    break
                }
                guard next == (frame.index < 0 ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return .badSyntax }
                i &+= 1
                depth &-= 1
                if depth == 0 {
                    guard members == 1 else { return .accepted }
                    let control = records.columns[controlColumn][row]
                    return control.kind == .json && control.bytes.first == UInt8(ascii: "{") ? .control : .accepted
                }
                if frame.node >= 0 {
                    let text = UnsafeRawBufferPointer(start: base + frame.start, count: i &- frame.start)
                    store(Value(text, kind: .json), at: frame.node, &records, row)
                }
                frame = stack[depth]
            }
        }
    }

    @inline(__always) private func isWord(_ place: UnsafeRawPointer, _ word: StaticString) -> Bool {
        place.loadUnaligned(as: UInt32.self) == UnsafeRawPointer(word.utf8Start).loadUnaligned(as: UInt32.self)
    }

    @inline(__always) private func store(_ value: Value, at node: Int32, _ records: inout Records, _ row: Int) {
        var leaf = node
        while leaf >= 0 {
            let entry = trie.nodes[Int(leaf)]
            leaf = entry.twin
            let column = Int(entry.column)
            guard column >= 0 else { return }
            if entry.isHideable, flatSeen[column] == recordNumber { continue }
            if entry.isFlat { flatSeen[column] = recordNumber }
            records.columns[column][row] = value
        }
    }

    /// A key came (perhaps again): what an earlier one of the same name held is gone.
    private func forget(below node: Int32, _ records: inout Records, _ row: Int) {
        for column in trie.columnsBelow[Int(node)] where flatSeen[column] != recordNumber {
            records.columns[column][row] = .missing
        }
    }

    @inline(never) private func escapedChild(
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
