/// Remembers what stood between the values of earlier records, so that the next record's text is compared with it
/// instead of being scanned and looked up.
///
/// A literal is all from the end of one value to the beginning of the next: `{"id":`, `, "name": `. Records of one
/// source repeat their literals in one order, but for optional members. The same bytes in the same place of the grammar
/// mean the same, so a literal that matches needs no other check.
struct LiteralMemo: ~Copyable {
    /// A literal of at most 32 bytes.
    struct Entry {
        /// Its first and its last eight bytes; of a shorter one twice all of them.
        fileprivate var head: UInt64 = 0
        fileprivate var tail: UInt64 = 0
        /// Where the last eight bytes begin.
        fileprivate var tailOffset = 0
        /// Ones where the bytes of both count; all of them do unless the literal is shorter.
        fileprivate var mask: UInt64 = 0
        /// Of a literal of more than 16 bytes the eight behind the head and the eight before the tail.
        fileprivate var middle: (UInt64, UInt64) = (0, 0)
        /// The entry of the literal that followed last time.
        var next: UnsafeMutablePointer<Entry>
        var length: Int32 = 0
        /// Where in the grammar it was found; no other place will do.
        fileprivate var context: LiteralContext = .nowhere
        var target = FieldTarget.unwanted

        /// True when the literal stands at `place`, of which 32 bytes must be readable.
        @inline(__always) func matches(_ place: UnsafeRawPointer, _ context: LiteralContext) -> Bool {
            let first = place.loadUnaligned(as: UInt64.self) ^ head
            let last = place.loadUnaligned(fromByteOffset: tailOffset, as: UInt64.self) ^ tail
            guard (first | last) & mask == 0, self.context == context else { return false }
            return length <= 16 || matchesMiddle(place)
        }

        @inline(__always) private func matchesMiddle(_ place: UnsafeRawPointer) -> Bool {
            place.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == middle.0
                && place.loadUnaligned(fromByteOffset: tailOffset &- 8, as: UInt64.self) == middle.1
        }
    }

    /// Longest literal that is remembered, in bytes.
    private static let longest = 32
    private static let capacity = 1024
    /// Places where a literal can stand, from that of its hash on.
    private static let probes = 8
    private let entries: UnsafeMutablePointer<Entry>

    /// Stands before the first literal of every record, and for values that nobody wants. Matches nothing.
    var start: UnsafeMutablePointer<Entry> { entries }
    /// Stands for all literals that are too long to be remembered. Matches nothing.
    var long: UnsafeMutablePointer<Entry> { entries + 1 }
    private static let reserved = 3

    init() {
        entries = .allocate(capacity: Self.capacity)
        entries.initialize(repeating: Entry(next: entries), count: Self.capacity)
    }

    deinit { entries.deallocate() }

    /// An entry that says where one value goes that no literal of the memo stands before.
    func loose(_ target: FieldTarget) -> UnsafeMutablePointer<Entry> {
        entries[2].target = target
        return entries + 2
    }

    /// The number of an object or array that nobody wants and that stands behind a literal; nil when that is not
    /// remembered.
    func container(behind literal: UnsafeMutablePointer<Entry>) -> Int32? {
        let number = literal - entries
        return number < Self.reserved ? nil : -1 - Int32(truncatingIfNeeded: number)
    }

    /// The literal at `place` among those that would follow if the expected one, and perhaps a few more, were left out.
    func find(
        _ place: UnsafeRawPointer, _ context: LiteralContext, after expected: UnsafeMutablePointer<Entry>
    ) -> UnsafeMutablePointer<Entry>? {
        var entry = expected.pointee.next
        for _ in 0..<4 {
            if entry.pointee.matches(place, context) { return entry }
            entry = entry.pointee.next
        }
        return nil
    }

    /// A literal came that was not expected: remembers it as the one that follows `before`.
    ///
    /// - Parameters:
    ///   - place: its first byte, with at least 32 readable ones.
    ///   - target: where the value behind it goes.
    /// - Returns: the entry of the literal; one that matches nothing when it is too long.
    mutating func learn(
        _ place: UnsafeRawPointer, length: Int, context: LiteralContext, target: FieldTarget,
        after before: UnsafeMutablePointer<Entry>
    ) -> UnsafeMutablePointer<Entry> {
        guard length <= Self.longest else { return long }
        func word(at offset: Int) -> UInt64 { place.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        let mask = length < 8 ? (1 << UInt64(8 * length)) - 1 : UInt64.max
        let offset = max(0, length - 8)
        let head = word(at: 0) & mask
        let tail = word(at: offset) & mask
        let middle = length > 16 ? (word(at: 8), word(at: offset - 8)) : (0, 0)
        let hash = KeyHash.fold(
            head ^ middle.0 ^ UInt64(truncatingIfNeeded: context.rawValue), tail ^ middle.1 ^ 0x9e37_79b9_7f4a_7c15)
        let home = Int(truncatingIfNeeded: hash % UInt64(Self.capacity - Self.reserved))
        var entry = entries + (Self.reserved + home)
        for probe in 0..<Self.probes {
            entry = entries + (Self.reserved + (home + probe) % (Self.capacity - Self.reserved))
            if entry.pointee.length == Int32(length), entry.pointee.matches(place, context) {
                before.pointee.next = entry
                return entry
            }
            if entry.pointee.length == 0 { break }
        }
        // Without a free place it takes that of another: guesses are checked before they are used.
        entry.pointee = Entry(
            head: head, tail: tail, tailOffset: offset, mask: mask, middle: middle, next: start,
            length: Int32(length), context: context, target: target)
        before.pointee.next = entry
        return entry
    }
}

/// A place of the grammar where a literal can begin: in which object, and behind what.
struct LiteralContext: Equatable {
    fileprivate let rawValue: Int32

    /// Of no place at all.
    fileprivate static let nowhere = LiteralContext(rawValue: Int32.max)
    /// At the beginning of a record.
    static let recordStart = LiteralContext(rawValue: Int32.max - 1)
    /// Among the elements of an array, where no literals are remembered.
    static let elements = LiteralContext(rawValue: Int32.max - 2)
    /// Behind an element of an array that nobody wants.
    static let unwantedElements = LiteralContext(rawValue: Int32.max - 3)

    /// Behind the opening brace of an object, which is told by its node in the trie, or by a negative number when nobody
    /// wants it. Different numbers for those at different places make for better guesses and mean the same.
    @inline(__always) static func first(in object: Int32) -> LiteralContext { LiteralContext(rawValue: object &* 2) }
    /// Behind a value in an object.
    @inline(__always) static func later(in object: Int32) -> LiteralContext {
        LiteralContext(rawValue: object &* 2 &+ 1)
    }
}

/// Where the value behind a key goes.
struct FieldTarget {
    /// Its node in the trie, -1 when nobody wants it.
    var node: Int32
    /// Its column when that is all there is to it; otherwise one of the two below.
    var column: Int32

    static let noColumn: Int32 = -1
    /// The trie has to be asked: several columns, wanted fields below, or a flat key that hides nested ones.
    static let manyColumns: Int32 = -2
    static let unwanted = FieldTarget(node: -1, column: noColumn)
}
