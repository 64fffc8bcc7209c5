extension JSONNumber {
    /// The index behind a number that nobody wants, or -1 exactly where `parse` gives that.
    @inline(__always) static func skip(_ base: UnsafeRawPointer, from start: Int) -> Int {
        @inline(__always) func byte(_ i: Int) -> UInt8 { base.load(fromByteOffset: i, as: UInt8.self) }
        @inline(__always) func digitsEnd(_ start: Int) -> Int {
            var i = start
            while byte(i) &- UInt8(ascii: "0") <= 9 { i &+= 1 }
            return i
        }
        let first = byte(start) == UInt8(ascii: "-") ? start &+ 1 : start
        var i = digitsEnd(first)
        if i == first || (byte(first) == UInt8(ascii: "0") && i &- first > 1) { return -1 }
        if byte(i) == UInt8(ascii: ".") {
            let point = i
            i = digitsEnd(point &+ 1)
            if i == point &+ 1 { return -1 }
        }
        // An exponent, or as many digits as 1e308 has, may make it too large for a double.
        guard byte(i) | 0x20 != UInt8(ascii: "e"), i &- start <= 300 else {
            var value = Value.missing
            return parseLong(base, from: start, end: Int.max, into: &value)
        }
        return i
    }
}
