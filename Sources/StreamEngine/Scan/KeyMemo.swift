/// Remembers which key followed which, so that the next key is compared with the one expected there instead of being
/// scanned and looked up.
///
/// Records of one source repeat their keys in one order, but for optional ones. A guess that fails costs three loads.
struct KeyMemo: ~Copyable {
    /// A key as it stands in the text, `"name":`, of at most 24 bytes.
    struct Entry {
        /// The bytes, zero behind the end, and ones where they count.
        var text: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var mask: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var length: Int32 = 0
        /// The object that the key was found in, as a node of the trie, and the node it leads to.
        var parent: Int32 = Int32.min
        var node: Int32 = -1
        /// The entry of the key that followed last time.
        var next: Int32 = 0

        @inline(__always) func matches(_ place: UnsafeRawPointer, parent: Int32) -> Bool {
            let first = (place.loadUnaligned(as: UInt64.self) ^ text.0) & mask.0
            let second = (place.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ text.1) & mask.1
            let third = (place.loadUnaligned(fromByteOffset: 16, as: UInt64.self) ^ text.2) & mask.2
            return first | second | third == 0 && self.parent == parent
        }
    }

    private static let capacity = 256
    /// Entry 0 matches nothing; it stands for the beginning of a record and for keys that are not remembered.
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: Self.capacity)
        entries.initialize(repeating: Entry(), count: Self.capacity)
    }

    deinit { entries.deallocate() }

    @inline(__always) subscript(entry: Int32) -> UnsafeMutablePointer<Entry> { entries + Int(entry) }

    /// A key came that was not expected: remembers it as the one that follows `before`.
    ///
    /// - Parameters:
    ///   - place: the quote before the key, with at least 24 readable bytes.
    ///   - length: bytes up to and with the colon, when that stands right behind the key.
    /// - Returns: the entry of the key, 0 when it is too long.
    @inline(never)
    mutating func learn(_ place: UnsafeRawPointer, length: Int, parent: Int32, node: Int32, after before: Int32)
        -> Int32
    {
        guard length <= 24 else { return 0 }
        func mask(_ word: Int) -> UInt64 {
            let bytes = min(max(length - 8 * word, 0), 8)
            return bytes == 8 ? UInt64.max : (1 << UInt64(8 * bytes)) - 1
        }
        var entry = Entry(
            mask: (mask(0), mask(1), mask(2)), length: Int32(length), parent: parent, node: node)
        entry.text.0 = place.loadUnaligned(as: UInt64.self) & entry.mask.0
        entry.text.1 = place.loadUnaligned(fromByteOffset: 8, as: UInt64.self) & entry.mask.1
        entry.text.2 = place.loadUnaligned(fromByteOffset: 16, as: UInt64.self) & entry.mask.2
        // A key has one place, which it takes from another if need be: guesses are checked before they are used.
        let hash = KeyHash.fold(
            entry.text.0 ^ entry.text.2 ^ UInt64(truncatingIfNeeded: parent), entry.text.1 ^ 0x9e37_79b9_7f4a_7c15)
        let number = Int32(truncatingIfNeeded: 1 + hash % UInt64(Self.capacity - 1))
        let isKnown = self[number].pointee.length == entry.length && self[number].pointee.matches(place, parent: parent)
        if !isKnown { self[number].pointee = entry }
        self[before].pointee.next = number
        return number
    }
}
