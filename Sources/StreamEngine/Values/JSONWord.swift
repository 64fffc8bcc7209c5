/// The literals of JSON: `true`, `false` and `null`. Those of Python's writer that JSON lacks are read as null.
enum JSONWord {
    /// The value of the literal at `base + i` and its length, 0 if there is none. Five bytes must be readable.
    @inline(__always) static func read(_ base: UnsafeRawPointer, _ i: Int) -> (length: Int, value: Value) {
        if isAt("null", base + i) { return (4, .null) }
        if isAt("true", base + i) { return (4, Value(true)) }
        if byte(base, i) == UInt8(ascii: "f"), isAt("alse", base + (i &+ 1)) { return (5, Value(false)) }
        return (0, .missing)
    }

    /// The length of `NaN`, `Infinity` or `-Infinity` at `base + i`; 0 if none of them is there. Reads only up to the
    /// first other byte.
    @inline(never) static func notFinite(_ base: UnsafeRawPointer, _ i: Int) -> Int {
        if byte(base, i) == UInt8(ascii: "N") { return begins(base + i, with: "NaN") ? 3 : 0 }
        let sign = byte(base, i) == JSONNumber.minus ? 1 : 0
        return begins(base + (i &+ sign), with: "Infinity") ? 8 &+ sign : 0
    }

    /// Reads only up to the first other byte, unlike `isEqual`.
    private static func begins(_ place: UnsafeRawPointer, with word: StaticString) -> Bool {
        for offset in 0..<word.utf8CodeUnitCount where byte(place, offset) != word.utf8Start[offset] { return false }
        return true
    }

    /// Whether these four bytes are there.
    @inline(__always) private static func isAt(_ word: StaticString, _ place: UnsafeRawPointer) -> Bool {
        place.loadUnaligned(as: UInt32.self) == UnsafeRawPointer(word.utf8Start).loadUnaligned(as: UInt32.self)
    }
}
