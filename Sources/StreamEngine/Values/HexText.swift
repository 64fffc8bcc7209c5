/// Bytes as hexadecimal digits.
enum HexText {
    /// Precedes the digits where a text was expected, as in the texts of PostgreSQL's `bytea`.
    static let mark = Array("\\x".utf8)

    /// Writes two digits for each byte.
    static func write(_ bytes: UnsafeRawBufferPointer, to digits: UnsafeMutableRawBufferPointer) {
        func digit(_ number: UInt8) -> UInt8 { number < 10 ? 0x30 &+ number : 0x57 &+ number }
        for (position, byte) in bytes.enumerated() where 2 &* position &+ 1 < digits.count {
            digits[2 &* position] = digit(byte >> 4)
            digits[2 &* position &+ 1] = digit(byte & 0xf)
        }
    }
}
