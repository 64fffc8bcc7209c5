internal import CVector

/// Caches the text between the values of earlier records. The scanner compares the next record with it, which is faster
/// than scanning the text and looking up keys.
///
/// A literal is the text from the end of one value to the start of the next: `{"id":`, `, "name": `. Records from one
/// source repeat their literals in the same order, except for optional members. The same bytes at the same position in
/// the grammar have the same meaning, so a matching literal needs no further check.
struct LayoutCache: ~Copyable {
    /// A literal of at most 32 bytes.
    struct Entry {
        /// Its first 16 bytes. Must be the first field: `begins` compares the bytes at the address of the entry.
        fileprivate var head: (UInt64, UInt64) = (0, 0)
        /// The last 16 bytes of a longer literal.
        fileprivate var tail: (UInt64, UInt64) = (0, 0)
        /// A bit for each of the first 16 bytes that does not belong to the literal, and all higher bits.
        fileprivate var others: UInt32 = 0
        /// The entry of the literal that followed it last time.
        var next: UnsafeMutablePointer<Entry>
        /// The entry of a literal further on that followed it where members were missing, the last time.
        var other: UnsafeMutablePointer<Entry>
        var length: Int32 = 0
        /// The position in the grammar at which it was found. It matches only there.
        fileprivate var context: LiteralContext = .nowhere
        var target = FieldTarget.unwanted
        /// The number of the template of the unwanted object or array after it; 0 if there is none.
        var template: UInt8 = 0
        /// If it extends from the closing brace of a record to the first value of the next one: the number of bytes
        /// between the brace and the next line. Otherwise 0.
        private(set) var lineEnd: UInt8 = 0
        /// Whether it fits the first 16 bytes and does not contain the end of a record.
        private(set) var isPlain = true
        /// The predicted length of the value after it, if the last two had the same length. Otherwise the bitwise
        /// complement of the last length, which never matches: a wrong prediction costs more than none.
        private(set) var valueLength = -1

        /// Updates the prediction after a value of a different length.
        @inline(__always) mutating func mispredicted(_ length: Int) {
            valueLength = valueLength == ~length ? length : ~length
        }

        /// How often a prediction was wrong, up to the limit at which there are no more.
        private var misses: UInt8 = 0
        private static let mostMisses: UInt8 = 16

        /// The same for values whose end is found at once, so that a prediction is worth less: those whose length keeps
        /// changing get no more of them.
        @inline(__always) mutating func mispredictedWord(_ length: Int) {
            guard misses < Self.mostMisses else { return }
            if valueLength >= 0 { misses &+= 1 }
            valueLength = valueLength == ~length && misses < Self.mostMisses ? length : ~length
        }

        fileprivate init(next: UnsafeMutablePointer<Entry>) {
            self.next = next
            other = next
        }

        /// - Parameter place: the first byte of the literal; at least 32 bytes must be readable.
        fileprivate init(
            _ place: UnsafeRawPointer, length: Int, _ context: LiteralContext, _ target: FieldTarget,
            next: UnsafeMutablePointer<Entry>
        ) {
            // Pad a short literal with zeros, so that equal literals have equal hashes.
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
            other = next
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

    /// Maximum length of a cached literal in bytes.
    private static let longest = 32
    private static let capacity = 1024
    /// The number of consecutive slots, starting at that of its hash, in which a literal can be stored.
    private static let probes = 8
    private let entries: UnsafeMutablePointer<Entry>
    /// Whether each slot holds a literal. The memory of the others stays untouched, which a short run would pay for.
    private let isUsed: UnsafeMutablePointer<Bool>

    /// The entry before the first literal of every record, and for unwanted values. Matches nothing.
    var start: UnsafeMutablePointer<Entry> { entries }
    /// The entry for all literals that are too long to be cached. Matches nothing.
    var long: UnsafeMutablePointer<Entry> { entries + 1 }
    private static let reserved = 3

    init() {
        entries = .allocate(capacity: Self.capacity)
        entries.initialize(repeating: Entry(next: entries), count: Self.reserved)
        // No text has these bytes: they match nothing even where the position in the grammar is not compared.
        for number in 0..<Self.reserved { entries[number].head = (.max, .max) }
        isUsed = .allocate(capacity: Self.capacity)
        isUsed.initialize(repeating: false, count: Self.capacity)
    }

    deinit {
        entries.deallocate()
        isUsed.deallocate()
    }

    /// An entry for the target of a value that does not follow a cached literal.
    func loose(_ target: FieldTarget) -> UnsafeMutablePointer<Entry> {
        entries[2].target = target
        return entries + 2
    }

    /// The number of the unwanted object or array that follows a literal; nil if the literal is not cached.
    func container(behind literal: UnsafeMutablePointer<Entry>) -> Int32? {
        let number = literal - entries
        return number < Self.reserved ? nil : -1 - Int32(truncatingIfNeeded: number)
    }

    /// The literal before the unwanted object or array of that number. May be another one by now; nil if none was cached.
    func literal(before container: Int32) -> UnsafeMutablePointer<Entry>? {
        let number = -1 - Int(container)
        return number < Self.reserved || number >= Self.capacity ? nil : entries + number
    }

    /// Finds the literal at `place` if the expected literal, and perhaps a few after it, are missing from this record.
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

    /// Caches an unexpected literal as the successor of `before`.
    ///
    /// - Parameters:
    ///   - place: its first byte; at least 32 bytes must be readable.
    ///   - target: the target of the value after it.
    /// - Returns: the entry of the literal; if it is too long, an entry that matches nothing.
    mutating func learn(
        _ place: UnsafeRawPointer, length: Int, context: LiteralContext, target: FieldTarget,
        after before: UnsafeMutablePointer<Entry>
    ) -> UnsafeMutablePointer<Entry> {
        guard length <= Self.longest else { return long }
        let learned = Entry(place, length: length, context, target, next: start)
        let home = Int(truncatingIfNeeded: learned.hash % UInt64(Self.capacity - Self.reserved))
        var slot = Self.reserved + home
        for probe in 0..<Self.probes {
            slot = Self.reserved + (home + probe) % (Self.capacity - Self.reserved)
            guard isUsed[slot] else { break }
            let entry = entries + slot
            if entry.pointee.length == learned.length, entry.matches(place, context) {
                before.pointee.next = entry
                return entry
            }
        }
        // If no slot is free, replace another literal. That is safe: predictions are checked before they are used.
        isUsed[slot] = true
        let entry = entries + slot
        entry.initialize(to: learned)
        before.pointee.next = entry
        return entry
    }
}

extension UnsafeMutablePointer<LayoutCache.Entry> {
    /// Whether the bytes at `place`, of which 32 must be readable, start like the literal. For a plain literal, this
    /// means a match; for any other, `continues` must be true too.
    @inline(__always) func begins(at place: UnsafeRawPointer, _ context: LiteralContext) -> Bool {
        vector_equal(place, self) | pointee.others == UInt32.max && pointee.context == context
    }

    /// Whether the literal is at `place`, of which 32 bytes must be readable, in a format whose literals have the same
    /// meaning wherever they are. Before a byte that is not UTF-8, the reserved entries match too, with no length.
    @inline(__always) func matches(_ place: UnsafeRawPointer) -> Bool {
        vector_equal(place, self) | pointee.others == UInt32.max && continues(at: place)
    }

    @inline(__always) func continues(at place: UnsafeRawPointer) -> Bool {
        if pointee.length <= 16 { return true }
        let rest = place + (Int(pointee.length) &- 16)
        return LayoutCache.Entry.word(rest, 0) == pointee.tail.0 && LayoutCache.Entry.word(rest, 8) == pointee.tail.1
    }

    /// Whether the literal is at `place`, of which 32 bytes must be readable.
    @inline(__always) func matches(_ place: UnsafeRawPointer, _ context: LiteralContext) -> Bool {
        begins(at: place, context) && continues(at: place)
    }
}

/// A position in the grammar at which a literal can start: the object, and what precedes the literal.
struct LiteralContext: Equatable {
    fileprivate let rawValue: Int32

    /// Not a position.
    fileprivate static let nowhere = LiteralContext(rawValue: Int32.max)
    /// At the start of a record.
    static let recordStart = LiteralContext(rawValue: Int32.max - 1)
    /// Among the elements of an array, where literals are not cached.
    static let elements = LiteralContext(rawValue: Int32.max - 2)
    /// After an element of an unwanted array.
    static let unwantedElements = LiteralContext(rawValue: Int32.max - 3)

    /// After the opening brace of an object. The object is identified by its node in the trie, or by a negative number
    /// if it is unwanted. Different numbers for unwanted objects have the same meaning but give better predictions.
    @inline(__always) static func first(in object: Int32) -> LiteralContext { LiteralContext(rawValue: object &* 2) }
    /// After a value in an object.
    @inline(__always) static func later(in object: Int32) -> LiteralContext {
        LiteralContext(rawValue: object &* 2 &+ 1)
    }
}

/// The target of the value after a key.
struct FieldTarget {
    /// Its node in the trie; -1 if it is unwanted.
    var node: Int32
    /// Its column, in the simple case; otherwise one of those below.
    var column: Int32

    static let noColumn: Int32 = -1
    /// Use the trie: there are several columns, wanted fields below, or other routes to the column.
    static let manyColumns: Int32 = -2
    static let unwanted = FieldTarget(node: -1, column: noColumn)

    /// One column, whose other routes never hide the value. Its `column` is below `manyColumns`.
    static func top(_ node: Int32, column: Int32) -> FieldTarget {
        FieldTarget(node: node, column: manyColumns - 1 - column)
    }
    /// The column of `top`.
    @inline(__always) var topColumn: Int { Int(Self.manyColumns &- 1 &- column) }
}
