/// Values as JSON text (RFC 8259).
extension ByteBuffer {
    /// Appends a value. Strings are quoted and escaped; arrays and objects are unchanged.
    package mutating func append(json value: Value) {
        switch value.kind {
        case .missing, .null: append("null" as StaticString)
        case .false: append("false" as StaticString)
        case .true: append("true" as StaticString)
        case .integer: append(integer: value.integer)
        case .double: append(double: value.double)
        case .digits, .json: append(value.bytes)
        case .time:
            append(UInt8(ascii: "\""))
            append(time: value.integer)
            append(UInt8(ascii: "\""))
        case .string: append(quoted: value.bytes)
        }
    }

    /// Appends a JSON string. Escapes control characters and DEL besides quotes and backslashes.
    package mutating func append(quoted text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        if append(plain: text, where: { PlainText.isPlainJSON($0, $1) }) { return append(UInt8(ascii: "\"")) }
        var start = 0
        var i = 0
        while i < text.count {
            let byte = text[i]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x7f {
                i &+= 1
                continue
            }
            append(UnsafeRawBufferPointer(rebasing: text[start..<i]))
            append(escapeOf: byte)
            i &+= 1
            start = i
        }
        append(UnsafeRawBufferPointer(rebasing: text[start..<text.count]))
        append(UInt8(ascii: "\""))
    }

    /// Appends a JSON string.
    package mutating func append(quotedName name: String) {
        var name = name
        name.withUTF8 { append(quoted: UnsafeRawBufferPointer($0)) }
    }

    /// One byte of a JSON string, escaped if it must be.
    mutating func append(quotedByte byte: UInt8) {
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x7f {
            append(byte)
        } else {
            append(escapeOf: byte)
        }
    }

    private mutating func append(escapeOf byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0a: append(UInt8(ascii: "n"))
        case 0x0c: append(UInt8(ascii: "f"))
        case 0x0d: append(UInt8(ascii: "r"))
        default:
            append("u00" as StaticString)
            append(Self.hex(byte >> 4))
            append(Self.hex(byte & 0xf))
        }
    }

    private static func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 &+ digit : 0x57 &+ digit }
}
