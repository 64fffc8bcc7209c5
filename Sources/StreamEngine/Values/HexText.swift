/// Bytes as hexadecimal digits.
enum HexText {
    /// Precedes the digits where a text was expected, as in the texts of PostgreSQL's `bytea`.
    private static let mark = Array("\\x".utf8)

    /// The size of the mark and the digits of so many bytes.
    static func markedCount(_ count: Int) -> Int { mark.count + 2 * count }

    /// Writes the mark and the digits.
    static func writeMarked(_ bytes: UnsafeRawBufferPointer, to text: UnsafeMutableRawBufferPointer) {
        text.copyBytes(from: mark)
        write(bytes, to: UnsafeMutableRawBufferPointer(rebasing: text[mark.count...]))
    }

    /// Writes two digits for each byte.
    static func write(_ bytes: UnsafeRawBufferPointer, to digits: UnsafeMutableRawBufferPointer) {
        func digit(_ number: UInt8) -> UInt8 { number < 10 ? 0x30 &+ number : 0x57 &+ number }
        for (position, byte) in bytes.enumerated() where 2 &* position &+ 1 < digits.count {
            digits[2 &* position] = digit(byte >> 4)
            digits[2 &* position &+ 1] = digit(byte & 0xf)
        }
    }
}
