/// The literals of JSON: `true`, `false` and `null`.
enum JSONWord {
    /// The value of the literal at `base + i` and its length, 0 if there is none. Five bytes must be readable.
    @inline(__always) static func read(_ base: UnsafeRawPointer, _ i: Int) -> (length: Int, value: Value) {
        if stands("null", base + i) { return (4, .null) }
        if stands("true", base + i) { return (4, Value(true)) }
        if byte(base, i) == UInt8(ascii: "f"), stands("alse", base + (i &+ 1)) { return (5, Value(false)) }
        return (0, .missing)
    }

    /// Whether these four bytes are there.
    @inline(__always) private static func stands(_ word: StaticString, _ place: UnsafeRawPointer) -> Bool {
        place.loadUnaligned(as: UInt32.self) == UnsafeRawPointer(word.utf8Start).loadUnaligned(as: UInt32.self)
    }
}
