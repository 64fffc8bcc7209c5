internal import CVector

/// Line breaks in a record that must be printed on one line.
package enum LineBreaks {
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

    /// The index of the first newline at or after `start`; nil if there is none before `limit`. Some bytes after that must
    /// be readable.
    static func firstNewline(_ base: UnsafeRawPointer, from start: Int, limit: Int) -> Int? {
        var i = start
        while i < limit {
            var found = vector_line_breaks(base + i)
            while found != 0 {
                let index = i &+ found.trailingZeroBitCount
                if index >= limit { return nil }
                if byte(base, index) == UInt8(ascii: "\n") { return index }
                found &= found &- 1
            }
            i &+= 16
        }
        return nil
    }

    /// The number of newlines.
    package static func newlines(in bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var count = 0
        var position = 0
        while position &+ 64 <= bytes.count {
            count &+= Int(vector_count(base + position, UInt8(ascii: "\n")))
            position &+= 64
        }
        for byte in bytes[position...] where byte == UInt8(ascii: "\n") { count &+= 1 }
        return count
    }

    /// Replaces each newline and carriage return with a tab. In valid JSON, they are white space between tokens.
    static func replace(in bytes: UnsafeMutableRawBufferPointer) {
        for index in bytes.indices where isOne(bytes[index]) { bytes[index] = UInt8(ascii: "\t") }
    }

    private static func isOne(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}
