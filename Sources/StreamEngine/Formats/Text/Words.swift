internal import CVector

/// Finds the end of words, in text that a newline follows.
enum Words {
    /// The index of the first blank or control character at or after `start`; -1 if the text before it is not UTF-8.
    @inline(__always) static func end(_ base: UnsafeRawPointer, from start: Int) -> Int {
        var i = start
        while true {
            let ends = vector_word_ends(base + i)
            if ends != 0 {
                i &+= ends.trailingZeroBitCount
                return byte(base, i) < 0x80 ? i : endBeyondASCII(base, from: i)
            }
            i &+= 16
        }
    }

    /// Which of 64 bytes are `other`, a tab, a line break, not ASCII, or one of a few other control characters. Bit n is
    /// byte n.
    @inline(__always) static func marksOfCells(_ place: UnsafeRawPointer, _ other: UInt8) -> UInt64 {
        mask(
            vector_cell_marks(place, other), vector_cell_marks(place + 16, other),
            vector_cell_marks(place + 32, other), vector_cell_marks(place + 48, other))
    }

    @inline(__always) private static func mask(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt64 {
        UInt64(a | b &<< 16) | UInt64(c | d &<< 16) &<< 32
    }

    /// The same as `end` where a character beyond ASCII is at `start`.
    @inline(never) private static func endBeyondASCII(_ base: UnsafeRawPointer, from start: Int) -> Int {
        firstIndex(base, from: start) { $0 <= 0x20 }
    }

    /// The index of the first ASCII character at or after `start` that ends the text; -1 if the text before it is not UTF-8.
    @inline(__always)
    private static func firstIndex(
        _ base: UnsafeRawPointer, from start: Int, where isEnd: (UInt8) -> Bool
    ) -> Int {
        var i = start
        while true {
            let next = byte(base, i)
            if isEnd(next) { return i }
            if next < 0x80 {
                i &+= 1
                continue
            }
            let length = JSONString.sequenceLength(base, at: i)
            if length == 0 { return -1 }
            i &+= length
        }
    }

    /// The index of the first separator or line break at or after `start`; -1 if the text before it is not UTF-8.
    @inline(__always)
    static func endOfCell(_ base: UnsafeRawPointer, from start: Int, separator: UInt8) -> Int {
        var i = start
        while true {
            let ends = vector_cell_ends(base + i, separator)
            if ends != 0 {
                i &+= ends.trailingZeroBitCount
                return byte(base, i) < 0x80 ? i : endOfCellBeyondASCII(base, from: i, separator: separator)
            }
            i &+= 16
        }
    }

    @inline(never)
    private static func endOfCellBeyondASCII(_ base: UnsafeRawPointer, from start: Int, separator: UInt8) -> Int {
        firstIndex(base, from: start) { $0 == separator || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }
}
