/// The bytes of a key of a table, which records and rows share: those of `KeyCoding`, except that a string that is a JSON
/// number is that number, since text formats have only strings.
enum LookupKey {
    /// An upper bound of the encoded size of a value.
    @inline(__always) static func size(_ value: Value) -> Int { KeyCoding.size(value) }

    /// Writes the bytes of a value to memory of at least `size(value)` bytes.
    ///
    /// - Returns: the number of bytes; 0 for null, which equals nothing.
    @inline(__always) static func write(_ value: Value, to place: UnsafeMutableRawPointer) -> Int {
        if value.isNull { return 0 }
        if value.kind == .string, let number = NumericValue.exact(value.bytes) {
            return KeyCoding.write(number, to: place)
        }
        return KeyCoding.write(value, to: place)
    }
}
