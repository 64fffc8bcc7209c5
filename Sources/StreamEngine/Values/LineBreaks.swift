internal import CVector

/// Line breaks in a record that must be printed on one line.
enum LineBreaks {
    /// Whether any byte is a newline or a carriage return.
    static func areIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, bytes.count >= 16 else { return bytes.contains(where: isOne) }
        var found: UInt32 = 0
        var position = 0
        while position &+ 16 <= bytes.count {
            found |= vector_line_breaks(base + position)
            position &+= 16
        }
        return (found | vector_line_breaks(base + (bytes.count &- 16))) != 0
    }

    /// Replaces each newline and carriage return with a tab. In valid JSON, they are white space between tokens.
    static func replace(in bytes: UnsafeMutableRawBufferPointer) {
        for index in bytes.indices where isOne(bytes[index]) { bytes[index] = UInt8(ascii: "\t") }
    }

    private static func isOne(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}
