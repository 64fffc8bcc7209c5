/// Text in double quotes, in which a backslash escapes: logfmt, web logs, syslog.
enum QuotedText {
    /// The escapes of a format.
    struct Escapes: OptionSet {
        let rawValue: UInt8
        /// Those of JSON, and `\'`.
        static let json = Escapes(rawValue: 1)
        /// `\xHH`, a byte.
        static let bytes = Escapes(rawValue: 2)
    }

    /// A text that was read.
    struct Text {
        /// The index of the closing quote; -1 if the text is bad.
        var end: Int
        var value = Value.missing
        /// Whether it has U+FFFD for bytes that are not UTF-8.
        var isRepaired = false
        var defect = TextDefect.unclosedQuote
    }

    /// Reads the text whose first byte after the opening quote is at `start`. A newline ends it even inside of the quotes.
    ///
    /// An unknown escape stays as it is. Bytes that are not UTF-8 and come from escapes become U+FFFD.
    @inline(__always)
    static func read(
        _ base: UnsafeRawPointer, from start: Int, isWanted: Bool, _ arena: inout ByteArena,
        _ escapes: Escapes = [.json, .bytes]
    ) -> Text {
        let end = JSONString.plainEnd(base, from: start)
        if byte(base, end) == UInt8(ascii: "\"") {
            return Text(end: end, value: Value(UnsafeRawBufferPointer(start: base + start, count: end &- start)))
        }
        return readRest(base, start, from: end, isWanted: isWanted, &arena, escapes)
    }

    @inline(never)
    private static func readRest(
        _ base: UnsafeRawPointer, _ start: Int, from first: Int, isWanted: Bool, _ arena: inout ByteArena,
        _ escapes: Escapes
    ) -> Text {
        var i = first
        var hasEscapes = false
        while byte(base, i) != UInt8(ascii: "\"") {
            switch byte(base, i) {
            case UInt8(ascii: "\n"): return Text(end: -1)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                // A newline after the backslash ends the record too.
                i &+= byte(base, i &+ 1) == UInt8(ascii: "\n") ? 1 : 2
            case 0x80...:
                let length = JSONString.sequenceLength(base, at: i)
                if length == 0 { return Text(end: -1, defect: .badUTF8) }
                i &+= length
            default: i &+= 1
            }
        }
        guard isWanted else { return Text(end: i) }
        let text = UnsafeRawBufferPointer(start: base + start, count: i &- start)
        guard hasEscapes else { return Text(end: i, value: Value(text)) }
        var isRepaired = false
        let plain = unescape(text, &arena, escapes, &isRepaired)
        return Text(end: i, value: Value(plain), isRepaired: isRepaired)
    }

    /// Decodes the escapes of a text that ends before its closing quote.
    ///
    /// - Parameter isRepaired: set if the result has U+FFFD for bytes that are not UTF-8.
    static func unescape(
        _ text: UnsafeRawBufferPointer, _ arena: inout ByteArena, _ escapes: Escapes, _ isRepaired: inout Bool
    ) -> UnsafeRawBufferPointer {
        // The longest result of a byte is U+FFFD for `\xHH`.
        var writer = Writer(room: arena.allocate(text.count))
        var hasBytes = false
        var i = 0
        while i < text.count {
            guard text[i] == UInt8(ascii: "\\"), i &+ 1 < text.count else {
                writer.put(text[i])
                i &+= 1
                continue
            }
            let escape = text[i &+ 1]
            i &+= 2
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): writer.put(escape)
            case UInt8(ascii: "x"):
                guard escapes.contains(.bytes), let code = hex(text, at: i, digits: 2) else {
                    writer.put(UInt8(ascii: "\\"))
                    writer.put(escape)
                    continue
                }
                hasBytes = hasBytes || code > 0x7f
                writer.put(UInt8(truncatingIfNeeded: code))
                i &+= 2
            case UInt8(ascii: "u") where escapes.contains(.json):
                guard let scalar = scalar(text, at: &i) else {
                    writer.put(UInt8(ascii: "\\"))
                    writer.put(escape)
                    continue
                }
                writer.put(scalar)
            default:
                guard escapes.contains(.json), let plain = control(escape) else {
                    writer.put(UInt8(ascii: "\\"))
                    writer.put(escape)
                    continue
                }
                writer.put(plain)
            }
        }
        arena.giveBack(writer.room.count &- writer.count)
        let result = UnsafeRawBufferPointer(rebasing: writer.room[0..<writer.count])
        return hasBytes ? repair(result, &arena, &isRepaired) : result
    }

    /// What a letter after a backslash means in JSON, and `\'`.
    private static func control(_ escape: UInt8) -> UInt8? {
        switch escape {
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "/"), UInt8(ascii: "'"): escape
        default: nil
        }
    }

    /// The character of `\uHHHH` whose first digit is at `i`, or of a surrogate pair; moves after it. A lone surrogate is
    /// U+FFFD.
    private static func scalar(_ text: UnsafeRawBufferPointer, at i: inout Int) -> UInt32? {
        guard let unit = hex(text, at: i, digits: 4) else { return nil }
        i &+= 4
        guard unit & 0xf800 == 0xd800 else { return unit }
        guard unit < 0xdc00, i &+ 1 < text.count, text[i] == UInt8(ascii: "\\"), text[i &+ 1] == UInt8(ascii: "u"),
            let low = hex(text, at: i &+ 2, digits: 4), low & 0xfc00 == 0xdc00
        else { return 0xfffd }
        i &+= 6
        return 0x10000 &+ (unit & 0x3ff) << 10 &+ (low & 0x3ff)
    }

    private static func hex(_ text: UnsafeRawBufferPointer, at start: Int, digits: Int) -> UInt32? {
        guard start &+ digits <= text.count else { return nil }
        var number: UInt32 = 0
        for place in start..<start &+ digits {
            switch text[place] {
            case let digit where digit &- UInt8(ascii: "0") < 10: number = number << 4 | UInt32(digit & 0x0f)
            case let digit where (digit | 0x20) &- UInt8(ascii: "a") < 6:
                number = number << 4 | UInt32(digit & 0x0f) &+ 9
            default: return nil
            }
        }
        return number
    }

    /// A copy in which each byte that is not part of UTF-8 is U+FFFD.
    private static func repair(
        _ text: UnsafeRawBufferPointer, _ arena: inout ByteArena, _ isRepaired: inout Bool
    ) -> UnsafeRawBufferPointer {
        // Four zeros after the text, so that a sequence that is cut off there is not UTF-8.
        let padded = arena.allocate(text.count &+ 4)
        padded.copyMemory(from: text)
        for place in text.count..<text.count &+ 4 { padded[place] = 0 }
        guard let base = padded.baseAddress else { return text }
        var writer = Writer(room: arena.allocate(text.count &* 3))
        var i = 0
        while i < text.count {
            let length = padded[i] < 0x80 ? 1 : JSONString.sequenceLength(UnsafeRawPointer(base), at: i)
            if length == 0 {
                writer.put(0xfffd as UInt32)
                isRepaired = true
            }
            for place in i..<i &+ length { writer.put(padded[place]) }
            i &+= max(1, length)
        }
        arena.giveBack(writer.room.count &- writer.count)
        return UnsafeRawBufferPointer(rebasing: writer.room[0..<writer.count])
    }

    private struct Writer {
        let room: UnsafeMutableRawBufferPointer
        var count = 0

        mutating func put(_ byte: UInt8) {
            room[count] = byte
            count &+= 1
        }

        mutating func put(_ scalar: UInt32) { JSONString.putUTF8(scalar) { put($0) } }
    }
}
