/// Copies text that needs no escapes, checking eight bytes at a time.
enum PlainText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Whether none of eight bytes needs an escape in a JSON string: no control character, DEL, quote or backslash.
    @inline(__always) static func isPlainJSON(_ bytes: UInt64) -> Bool {
        let controls = (bytes &- ones &* 0x20) & ~bytes
        return (controls | zeros(bytes ^ ones &* 0x7f) | zeros(bytes ^ ones &* 0x22) | zeros(bytes ^ ones &* 0x5c))
            & highs == 0
    }

    /// Whether none of eight bytes needs quotes in a CSV field: no comma, quote or line end.
    @inline(__always) static func isPlainCSV(_ bytes: UInt64) -> Bool {
        (zeros(bytes ^ ones &* 0x2c) | zeros(bytes ^ ones &* 0x22) | zeros(bytes ^ ones &* 0x0a)
            | zeros(bytes ^ ones &* 0x0d)) & highs == 0
    }

    /// Nonzero in the highest bits if and only if one of the bytes is 0.
    @inline(__always) private static func zeros(_ bytes: UInt64) -> UInt64 { (bytes &- ones) & ~bytes }
}

extension ByteBuffer {
    /// Appends text if all of it is plain. Otherwise appends nothing and returns false.
    @inline(__always)
    mutating func append(plain text: UnsafeRawBufferPointer, where isPlain: (UInt64) -> Bool) -> Bool {
        guard let source = text.baseAddress else { return true }
        let out = room(text.count &+ 8)
        var i = 0
        while i &+ 8 <= text.count {
            let bytes = source.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            guard isPlain(bytes) else { return false }
            out.storeBytes(of: bytes, toByteOffset: i, as: UInt64.self)
            i &+= 8
        }
        let rest = text.count &- i
        if rest > 0 {
            // Pad the rest with letters.
            let bytes = PlainText.tail(source + i, rest)
            guard isPlain(bytes) else { return false }
            out.storeBytes(of: bytes.littleEndian, toByteOffset: i, as: UInt64.self)
        }
        advance(text.count)
        return true
    }

    /// Appends bytes that are followed by at least 16 readable bytes.
    @inline(__always) mutating func append(padded source: UnsafeRawPointer, _ count: Int) {
        let out = room(count &+ 16)
        var i = 0
        while i < count {
            let bytes = source.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
            out.storeBytes(of: bytes, toByteOffset: i, as: SIMD16<UInt8>.self)
            i &+= 16
        }
        advance(count)
    }
}

extension PlainText {
    /// One to seven bytes as a number, the first lowest, padded with letters.
    @inline(__always) fileprivate static func tail(_ place: UnsafeRawPointer, _ count: Int) -> UInt64 {
        let letters = ones &* 0x61 &<< UInt64(truncatingIfNeeded: 8 &* count)
        if count >= 4 {
            let low = UInt64(UInt32(littleEndian: place.loadUnaligned(as: UInt32.self)))
            let high = UInt64(UInt32(littleEndian: place.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
            return low | high &<< UInt64(truncatingIfNeeded: 8 &* (count &- 4)) | letters
        }
        let first = UInt64(place.load(as: UInt8.self))
        let middle = UInt64(place.load(fromByteOffset: count &>> 1, as: UInt8.self))
        let last = UInt64(place.load(fromByteOffset: count &- 1, as: UInt8.self))
        return first | middle &<< UInt64(truncatingIfNeeded: 8 &* (count &>> 1))
            | last &<< UInt64(truncatingIfNeeded: 8 &* (count &- 1)) | letters
    }
}
