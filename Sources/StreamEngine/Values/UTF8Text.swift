/// Checks of UTF-8.
enum UTF8Text {
    /// Whether the bytes are UTF-8. Some bytes after them must be readable.
    static func isValid(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
        var i = start
        while i < end {
            if i &+ 8 <= end, base.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                i &+= 8
            } else if byte(base, i) < 0x80 {
                i &+= 1
            } else {
                // The bytes behind the text must not complete a character.
                let length = JSONString.sequenceLength(base, at: i)
                guard length > 0, i &+ length <= end else { return false }
                i &+= length
            }
        }
        return true
    }
}
