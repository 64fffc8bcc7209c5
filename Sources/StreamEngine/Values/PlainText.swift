internal import CVector

/// Copies text that needs no escapes, checking sixteen bytes at a time.
enum PlainText {
    /// Whether none of the eight bytes at each of two places needs an escape in a JSON string: no control character, DEL,
    /// quote or backslash.
    @inline(__always) static func isPlainJSON(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer) -> Bool {
        vector_needs_escapes(first, second) == 0
    }

    /// Whether none of the eight bytes at each of two places needs quotes in a CSV field: no comma, quote or line end.
    @inline(__always) static func isPlainCSV(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer) -> Bool {
        vector_needs_quotes(first, second) == 0
    }
}

extension ByteBuffer {
    /// Appends text if all of it is plain. Otherwise appends nothing and returns false.
    ///
    /// - Parameter isPlain: whether the eight bytes at each of two places are plain.
    @inline(__always)
    mutating func append(
        plain text: UnsafeRawBufferPointer, where isPlain: (UnsafeRawPointer, UnsafeRawPointer) -> Bool
    ) -> Bool {
        let count = text.count
        guard count > 0, let source = text.baseAddress else { return true }
        let out = room(count &+ 8)
        if count < 8 {
            out.storeBytes(of: PlainText.tail(source, count).littleEndian, as: UInt64.self)
            guard isPlain(out, out) else { return false }
            advance(count)
            return true
        }
        var i = 0
        while i &+ 16 < count {
            guard isPlain(source + i, source + (i &+ 8)) else { return false }
            out.storeBytes(
                of: source.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self), toByteOffset: i,
                as: SIMD16<UInt8>.self)
            i &+= 16
        }
        // The rest of up to 16 bytes: its first eight and the last eight of the text, which may overlap.
        let first = min(i, count &- 8), last = count &- 8
        guard isPlain(source + first, source + last) else { return false }
        let (low, high) = (
            source.loadUnaligned(fromByteOffset: first, as: UInt64.self),
            source.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        )
        out.storeBytes(of: low, toByteOffset: first, as: UInt64.self)
        out.storeBytes(of: high, toByteOffset: last, as: UInt64.self)
        advance(count)
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
        let letters: UInt64 = 0x6161_6161_6161_6161 &<< UInt64(truncatingIfNeeded: 8 &* count)
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
