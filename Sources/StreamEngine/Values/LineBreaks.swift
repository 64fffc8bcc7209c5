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
        var count = 0
        var position = 0
        // Blocks of few enough bytes that their number fits into one: the compiler counts many at a time.
        while position < bytes.count {
            let block = min(255, bytes.count &- position)
            var found: UInt8 = 0
            for index in position..<position &+ block { found &+= bytes[index] == UInt8(ascii: "\n") ? 1 : 0 }
            count &+= Int(found)
            position &+= block
        }
        return count
    }

    /// Replaces each newline and carriage return with a tab. In valid JSON, they are white space between tokens.
    static func replace(in bytes: UnsafeMutableRawBufferPointer) {
        for index in bytes.indices where isOne(bytes[index]) { bytes[index] = UInt8(ascii: "\t") }
    }

    private static func isOne(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}
