/// The bytes of a key of a table, which records and rows share: those of `KeyCoding`, except that a string that is a JSON
/// number is that number, since text formats have only strings.
enum LookupKey {
    /// An upper bound of the encoded size of a value.
    @inline(__always) static func size(_ value: Value) -> Int { KeyCoding.size(value) }

    /// Writes the bytes of a value to memory of at least `size(value)` bytes.
    ///
    /// - Parameter texts: the addresses of bytes that are followed by padding, as those of a batch.
    /// - Returns: the number of bytes; 0 for null, which equals nothing.
    @inline(__always)
    static func write(_ value: Value, in texts: Range<UInt64>, to place: UnsafeMutableRawPointer) -> Int {
        guard let text = shortText(value, in: texts), !NumericValue.beginsNumber(text) else {
            return write(value, to: place)
        }
        return KeyCoding.write(padded: text, Int(value.length), to: place)
    }

    /// The address of a string of fewer than 255 bytes that is followed by padding; nil for other values.
    @inline(__always)
    static func shortText(_ value: Value, in texts: Range<UInt64>) -> UnsafeRawPointer? {
        guard value.kind == .string, value.length < 0xff,
            value.bits &- texts.lowerBound < texts.upperBound &- texts.lowerBound
        else { return nil }
        return UnsafeRawPointer(bitPattern: UInt(value.bits))
    }

    @inline(never) private static func write(_ value: Value, to place: UnsafeMutableRawPointer) -> Int {
        if value.isNull { return 0 }
        if value.kind == .string, let number = NumericValue.exact(value.bytes) {
            return KeyCoding.write(number, to: place)
        }
        return KeyCoding.write(value, to: place)
    }
}
