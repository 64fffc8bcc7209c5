internal import CVector

/// Scans and checks JSON strings and decodes their escapes (RFC 8259 section 7).
enum JSONString {
    /// The result of scanning a string.
    struct Scanned {
        /// Index of the closing quote, or -1 for a control character, bad escape, lone surrogate or bad UTF-8.
        var end: Int
        var hasEscapes: Bool
    }

    /// Index of the first byte at or after `start` that is a quote, a backslash, a control character or not ASCII.
    ///
    /// Reads 16 bytes at a time. Such a byte must follow (every batch ends with a newline and has padding).
    @inline(__always) static func plainEnd(_ base: UnsafeRawPointer, from start: Int) -> Int {
        var i = start
        while true {
            let ends = vector_text_ends(base + i)
            if ends != 0 { return i &+ ends.trailingZeroBitCount }
            i &+= 16
        }
    }

    /// Scans the string whose first byte after the opening quote is at `start`.
    @inline(__always) static func scan(_ base: UnsafeRawPointer, from start: Int) -> Scanned {
        let i = plainEnd(base, from: start)
        if base.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "\"") {
            return Scanned(end: i, hasEscapes: false)
        }
        return scanRest(base, from: i)
    }

    @inline(never) private static func scanRest(_ base: UnsafeRawPointer, from start: Int) -> Scanned {
        var i = start
        var hasEscapes = false
        while true {
            let byte = base.load(fromByteOffset: i, as: UInt8.self)
            if byte == UInt8(ascii: "\"") { return Scanned(end: i, hasEscapes: hasEscapes) }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                let length = escapeLength(base, at: i)
                if length == 0 { return Scanned(end: -1, hasEscapes: true) }
                i &+= length
            } else if byte >= 0x80 {
                let length = sequenceLength(base, at: i)
                if length == 0 { return Scanned(end: -1, hasEscapes: hasEscapes) }
                i &+= length
            } else if byte < 0x20 {
                return Scanned(end: -1, hasEscapes: hasEscapes)
            } else {
                i = plainEnd(base, from: i)
            }
        }
    }

    /// The index after the array at `start` if it is empty or has only strings without escapes, characters beyond ASCII
    /// and white space between them; -1 for any other.
    @inline(never) static func endOfPlainArray(_ base: UnsafeRawPointer, from start: Int) -> Int {
        func byte(_ i: Int) -> UInt8 { base.load(fromByteOffset: i, as: UInt8.self) }
        var i = start &+ 1
        if byte(i) == UInt8(ascii: "]") { return i &+ 1 }
        while byte(i) == UInt8(ascii: "\"") {
            let quote = plainEnd(base, from: i &+ 1)
            guard byte(quote) == UInt8(ascii: "\"") else { return -1 }
            i = quote &+ 2
            if byte(i &- 1) == UInt8(ascii: "]") { return i }
            guard byte(i &- 1) == UInt8(ascii: ",") else { return -1 }
        }
        return -1
    }

    /// Reads a string with escapes or characters beyond ASCII. Its first byte after the opening quote is at `start`.
    ///
    /// - Returns: the index of the closing quote, or -1 for a bad string, and the value if it is wanted.
    @inline(never) static func read(
        _ base: UnsafeRawPointer, from start: Int, isWanted: Bool, arena: inout ByteArena
    ) -> (end: Int, value: Value) {
        let text = scan(base, from: start)
        guard text.end >= 0, isWanted else { return (text.end, .missing) }
        return (
            text.end,
            Value(
                text.hasEscapes
                    ? unescape(base, from: start, to: text.end, arena: &arena)
                    : UnsafeRawBufferPointer(start: base + start, count: text.end &- start))
        )
    }

    /// Length in bytes of the UTF-8 sequence of a character beyond ASCII, 0 if it is ill-formed (Unicode 15, table 3-7:
    /// no overlong forms, no surrogates, nothing above U+10FFFF).
    static func sequenceLength(_ base: UnsafeRawPointer, at i: Int) -> Int {
        func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: i &+ offset, as: UInt8.self) }
        func continues(_ offset: Int) -> Bool { byte(offset) & 0xc0 == 0x80 }
        let first = byte(0)
        switch first {
        case 0xc2...0xdf: return continues(1) ? 2 : 0
        case 0xe0...0xef:
            let second = byte(1)
            let low: UInt8 = first == 0xe0 ? 0xa0 : 0x80
            let high: UInt8 = first == 0xed ? 0x9f : 0xbf
            return second >= low && second <= high && continues(2) ? 3 : 0
        case 0xf0...0xf4:
            let second = byte(1)
            let low: UInt8 = first == 0xf0 ? 0x90 : 0x80
            let high: UInt8 = first == 0xf4 ? 0x8f : 0xbf
            return second >= low && second <= high && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }

    /// Length in bytes of the escape at `i` (a surrogate pair is one escape); 0 if there is none.
    private static func escapeLength(_ base: UnsafeRawPointer, at i: Int) -> Int {
        switch base.load(fromByteOffset: i &+ 1, as: UInt8.self) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(base, at: i &+ 2) else { return 0 }
            if unit & 0xf800 != 0xd800 { return 6 }
            guard unit < 0xdc00, base.load(fromByteOffset: i &+ 6, as: UInt8.self) == UInt8(ascii: "\\"),
                base.load(fromByteOffset: i &+ 7, as: UInt8.self) == UInt8(ascii: "u"),
                let low = hexUnit(base, at: i &+ 8), low & 0xfc00 == 0xdc00
            else { return 0 }
            return 12
        default: return 0
        }
    }

    /// The four hexadecimal digits at `i`. Stops at the first other byte, so it never reads past the line.
    private static func hexUnit(_ base: UnsafeRawPointer, at i: Int) -> UInt32? {
        var unit: UInt32 = 0
        for offset in 0..<4 {
            let byte = base.load(fromByteOffset: i &+ offset, as: UInt8.self)
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// Decodes the escapes of a string that `scan` accepted into the arena.
    static func unescape(
        _ base: UnsafeRawPointer, from start: Int, to end: Int, arena: inout ByteArena
    ) -> UnsafeRawBufferPointer {
        let room = arena.allocate(end &- start)
        var count = 0
        func put(_ byte: UInt8) {
            room.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count &+= 1
        }
        var i = start
        while i < end {
            let byte = base.load(fromByteOffset: i, as: UInt8.self)
            guard byte == UInt8(ascii: "\\") else {
                put(byte)
                i &+= 1
                continue
            }
            let escape = base.load(fromByteOffset: i &+ 1, as: UInt8.self)
            i &+= 2
            switch escape {
            case UInt8(ascii: "b"): put(0x08)
            case UInt8(ascii: "f"): put(0x0c)
            case UInt8(ascii: "n"): put(0x0a)
            case UInt8(ascii: "r"): put(0x0d)
            case UInt8(ascii: "t"): put(0x09)
            case UInt8(ascii: "u"):
                var scalar = hexUnit(base, at: i) ?? 0
                i &+= 4
                if scalar & 0xfc00 == 0xd800 {
                    scalar = 0x10000 &+ (scalar & 0x3ff) << 10 &+ ((hexUnit(base, at: i &+ 2) ?? 0) & 0x3ff)
                    i &+= 6
                }
                putUTF8(scalar, put)
            default: put(escape)
            }
        }
        arena.giveBack(room.count &- count)
        return UnsafeRawBufferPointer(rebasing: room[0..<count])
    }

    /// Passes the UTF-8 of a character to `put`.
    static func putUTF8(_ scalar: UInt32, _ put: (UInt8) -> Void) {
        func byte(_ bits: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: bits) }
        func tail(_ shift: UInt32) -> UInt8 { 0x80 | byte(scalar >> shift & 0x3f) }
        switch scalar {
        case 0..<0x80: put(byte(scalar))
        case 0x80..<0x800:
            put(0xc0 | byte(scalar >> 6))
            put(tail(0))
        case 0x800..<0x10000:
            put(0xe0 | byte(scalar >> 12))
            put(tail(6))
            put(tail(0))
        default:
            put(0xf0 | byte(scalar >> 18))
            put(tail(12))
            put(tail(6))
            put(tail(0))
        }
    }
}
