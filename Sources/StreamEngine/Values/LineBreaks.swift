/// Line breaks in a record that has to be printed as one line.
enum LineBreaks {
    /// Whether any byte is a newline or a carriage return.
    static func areIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        mayBeIn(bytes) && bytes.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// Puts a tab for each newline and carriage return. In valid JSON they are white space between tokens.
    static func replace(in bytes: UnsafeMutableRawBufferPointer) {
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r") {
            bytes[index] = UInt8(ascii: "\t")
        }
    }

    /// Whether any byte is a control character. Eight bytes at a time: comparing SIMD lanes took two thirds of a whole
    /// run over a topic.
    private static func mayBeIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, bytes.count >= 8 else { return bytes.contains { $0 < UInt8(ascii: " ") } }
        func controls(_ position: Int) -> UInt64 {
            let word = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            return (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
        }
        var found: UInt64 = 0
        var position = 0
        while position &+ 8 <= bytes.count {
            found |= controls(position)
            position &+= 8
        }
        return (found | controls(bytes.count &- 8)) != 0
    }
}
