internal import CVector

/// Remembers what stood between the values of earlier records, so that the next record's text is compared with it
/// instead of being scanned and looked up.
///
/// A literal is all from the end of one value to the beginning of the next: `{"id":`, `, "name": `. Records of one
/// source repeat their literals in one order, but for optional members. The same bytes in the same place of the grammar
/// mean the same, so a literal that matches needs no other check.
struct LayoutCache: ~Copyable {
    /// A literal of at most 32 bytes.
    struct Entry {
        /// Its first 16 bytes. Must come first: `begins` compares the bytes at the entry itself.
        fileprivate var head: (UInt64, UInt64) = (0, 0)
        /// The last 16 bytes of a longer literal.
        fileprivate var tail: (UInt64, UInt64) = (0, 0)
        /// A bit for each of the first 16 bytes that is not of the literal, and higher ones of no byte.
        fileprivate var others: UInt32 = 0
        /// The entry of the literal that followed last time.
        var next: UnsafeMutablePointer<Entry>
        var length: Int32 = 0
        /// Where in the grammar it was found; no other place will do.
        fileprivate var context: LiteralContext = .nowhere
        var target = FieldTarget.unwanted
        /// If it goes from the brace at the end of a record to the first value of the next one: the bytes from behind
        /// the brace to the next line. Otherwise 0.
        private(set) var lineEnd: UInt8 = 0
        /// The first 16 bytes are all of it, and no record ends in it.
        private(set) var isPlain = true
        /// The length of the value behind it, if it was the same twice; otherwise the complement of the last one, which
        /// is the length of no value: a wrong guess costs more than none.
        private(set) var valueLength = -1

        /// The value behind it is not as long as predicted.
        @inline(__always) mutating func mispredicted(_ length: Int) {
            valueLength = valueLength == ~length ? length : ~length
        }

        fileprivate init(next: UnsafeMutablePointer<Entry>) { self.next = next }

        /// - Parameter place: the first byte of the literal, with at least 32 readable ones.
        fileprivate init(
            _ place: UnsafeRawPointer, length: Int, _ context: LiteralContext, _ target: FieldTarget,
            next: UnsafeMutablePointer<Entry>
        ) {
            // Zeros behind a short one, so that the same literal has one hash.
            func mask(_ bytes: Int) -> UInt64 {
                bytes >= 8 ? .max : bytes <= 0 ? 0 : 1 << UInt64(truncatingIfNeeded: 8 &* bytes) &- 1
            }
            head = (Self.word(place, 0) & mask(length), Self.word(place, 8) & mask(length &- 8))
            if length > 16 { tail = (Self.word(place, length &- 16), Self.word(place, length &- 8)) }
            others = UInt32.max << UInt32(min(length, 16))
            self.length = Int32(truncatingIfNeeded: length)
            self.context = context
            self.target = target
            self.next = next
            if byte(place, 0) == UInt8(ascii: "}") { lineEnd = byte(place, 1) == UInt8(ascii: "\n") ? 1 : 2 }
            isPlain = length <= 16 && lineEnd == 0
        }

        @inline(__always) fileprivate static func word(_ place: UnsafeRawPointer, _ offset: Int) -> UInt64 {
            place.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }

        fileprivate var hash: UInt64 {
            KeyHash.fold(
                head.0 ^ tail.0 ^ UInt64(truncatingIfNeeded: context.rawValue), head.1 ^ tail.1 ^ 0x9e37_79b9_7f4a_7c15)
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
    @inline(never) func find(
        _ place: UnsafeRawPointer, _ context: LiteralContext, after expected: UnsafeMutablePointer<Entry>
    ) -> UnsafeMutablePointer<Entry>? {
        var entry = expected.pointee.next
        for _ in 0..<4 {
            if entry.matches(place, context) { return entry }
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
        let learned = Entry(place, length: length, context, target, next: start)
        let home = Int(truncatingIfNeeded: learned.hash % UInt64(Self.capacity - Self.reserved))
        var entry = entries + (Self.reserved + home)
        for probe in 0..<Self.probes {
            entry = entries + (Self.reserved + (home + probe) % (Self.capacity - Self.reserved))
            if entry.pointee.length == learned.length, entry.matches(place, context) {
                before.pointee.next = entry
                return entry
            }
            if entry.pointee.length == 0 { break }
        }
        // Without a free place it takes that of another: guesses are checked before they are used.
        entry.pointee = learned
        before.pointee.next = entry
        return entry
    }
}

extension UnsafeMutablePointer<LayoutCache.Entry> {
    /// True when the literal begins like this at `place`, of which 32 bytes must be readable. That is all of a plain
    /// one; of any other one `continues` must say so as well.
    @inline(__always) func begins(at place: UnsafeRawPointer, _ context: LiteralContext) -> Bool {
        vector_equal(place, self) | pointee.others == UInt32.max && pointee.context == context
    }

    @inline(__always) func continues(at place: UnsafeRawPointer) -> Bool {
        if pointee.length <= 16 { return true }
        let rest = place + (Int(pointee.length) &- 16)
        return LayoutCache.Entry.word(rest, 0) == pointee.tail.0 && LayoutCache.Entry.word(rest, 8) == pointee.tail.1
    }

    /// True when the literal stands at `place`, of which 32 bytes must be readable.
    @inline(__always) func matches(_ place: UnsafeRawPointer, _ context: LiteralContext) -> Bool {
        begins(at: place, context) && continues(at: place)
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
