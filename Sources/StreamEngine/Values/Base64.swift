/// Base64 (RFC 4648): the standard alphabet and that of URLs, with or without padding, white space ignored.
enum Base64 {
    /// The decoded bytes, in the arena, with three readable bytes behind them; nil if the text is not base64.
    static func decode(_ text: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> UnsafeRawBufferPointer? {
        let room = arena.allocate(text.count / 4 &* 3 &+ 6)
        var written = 0
        var bits: UInt32 = 0
        /// Characters in `bits`, 0 to 3.
        var held = 0
        var padding = 0
        for byte in text {
            if Ascii.isSpace(byte) { continue }
            if byte == UInt8(ascii: "=") {
                padding &+= 1
                continue
            }
            guard padding == 0, let value = value(byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            held &+= 1
            guard held == 4 else { continue }
            for shift: UInt32 in [16, 8, 0] {
                room[written] = UInt8(truncatingIfNeeded: bits >> shift)
                written &+= 1
            }
            bits = 0
            held = 0
        }
        // One character alone is less than a byte; padding completes the last four.
        guard held != 1, padding == 0 || held > 0 && held &+ padding == 4 else { return nil }
        if held >= 2 {
            room[written] = UInt8(truncatingIfNeeded: held == 2 ? bits >> 4 : bits >> 10)
            written &+= 1
        }
        if held == 3 {
            room[written] = UInt8(truncatingIfNeeded: bits >> 2)
            written &+= 1
        }
        for place in written..<min(written &+ 3, room.count) { room[place] = 0 }
        return UnsafeRawBufferPointer(rebasing: room[0..<written])
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte &- UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte &- UInt8(ascii: "a") &+ 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0") &+ 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
