/// Checks and repairs UTF-8 (Unicode 15, table 3-7).
enum UTF8Text {
    /// Whether the bytes are well-formed. Three bytes behind them must be readable.
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress else { return true }
        var i = 0
        while i < text.count {
            if i &+ 8 <= text.count,
                base.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                i &+= 8
            } else if byte(base, i) < 0x80 {
                i &+= 1
            } else {
                // What follows the text must not complete a character.
                let length = JSONString.sequenceLength(base, at: i)
                guard length > 0, i &+ length <= text.count else { return false }
                i &+= length
            }
        }
        return true
    }

    /// Whether the bytes from `start` to before `end` are well-formed. Three bytes behind them must be readable.
    static func isValid(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
        isValid(UnsafeRawBufferPointer(start: base + start, count: end &- start))
    }

    /// A copy in which each ill-formed part is U+FFFD. Three bytes behind the text must be readable.
    static func repaired(_ text: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> UnsafeRawBufferPointer {
        guard let base = text.baseAddress else { return text }
        let room = arena.allocate(3 * text.count)
        var written = 0
        var i = 0
        func put(_ byte: UInt8) {
            room[written] = byte
            written &+= 1
        }
        while i < text.count {
            let length = byte(base, i) < 0x80 ? 1 : JSONString.sequenceLength(base, at: i)
            if length > 0, i &+ length <= text.count {
                for offset in 0..<length { put(byte(base, i &+ offset)) }
                i &+= length
            } else {
                put(0xef)
                put(0xbf)
                put(0xbd)
                i &+= illFormedLength(text, at: i)
            }
        }
        arena.giveBack(room.count &- written)
        return UnsafeRawBufferPointer(rebasing: room[0..<written])
    }

    /// The length of the longest beginning of a character at `i`, at least 1: Unicode's "maximal subpart".
    private static func illFormedLength(_ text: UnsafeRawBufferPointer, at i: Int) -> Int {
        let first = text[i]
        guard first >= 0xe0, first <= 0xf4, i &+ 1 < text.count else { return 1 }
        let low: UInt8 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80
        let high: UInt8 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf
        guard text[i &+ 1] >= low, text[i &+ 1] <= high else { return 1 }
        guard first >= 0xf0, i &+ 2 < text.count, text[i &+ 2] & 0xc0 == 0x80 else { return 2 }
        return 3
    }
}
