/// Objects and arrays without the white space between their tokens: they are equal however they are spaced.
enum CompactJSON {
    /// The next byte at or after `i` that is not white space, nil at the end. The text is valid JSON.
    @inline(__always)
    private static func next(_ text: UnsafeRawBufferPointer, _ i: inout Int, _ inString: inout Bool) -> UInt8? {
        while i < text.count {
            let byte = text[i]
            i &+= 1
            if byte == UInt8(ascii: "\"") {
                // A quote after an odd number of backslashes does not end the string.
                if !inString || !isEscaped(text, i &- 1) { inString.toggle() }
                return byte
            }
            if inString || byte > 0x20 { return byte }
        }
        return nil
    }

    private static func isEscaped(_ text: UnsafeRawBufferPointer, _ quote: Int) -> Bool {
        var start = quote
        while start > 0, text[start &- 1] == UInt8(ascii: "\\") { start &-= 1 }
        return (quote &- start) & 1 == 1
    }

    /// The length of the text without white space.
    static func length(_ text: UnsafeRawBufferPointer) -> Int {
        var i = 0, length = 0
        var inString = false
        while next(text, &i, &inString) != nil { length &+= 1 }
        return length
    }

    /// Copies the text without white space.
    static func copy(_ text: UnsafeRawBufferPointer, to room: UnsafeMutableRawPointer) {
        var i = 0, length = 0
        var inString = false
        while let byte = next(text, &i, &inString) {
            room.storeBytes(of: byte, toByteOffset: length, as: UInt8.self)
            length &+= 1
        }
    }

    /// Compares two texts bytewise without their white space: negative, zero or positive.
    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        var i = 0, j = 0
        var inLeft = false, inRight = false
        while true {
            let a = next(left, &i, &inLeft), b = next(right, &j, &inRight)
            guard let a, let b else { return (a == nil ? 0 : 1) &- (b == nil ? 0 : 1) }
            if a != b { return a < b ? -1 : 1 }
        }
    }
}
