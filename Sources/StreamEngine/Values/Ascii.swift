/// The bytes of times.
enum Ascii {
    static let space = UInt8(ascii: " ")
    static let plus = UInt8(ascii: "+")
    static let comma = UInt8(ascii: ",")
    static let minus = UInt8(ascii: "-")
    static let dot = UInt8(ascii: ".")
    static let zero = UInt8(ascii: "0")
    static let colon = UInt8(ascii: ":")
    static let t = UInt8(ascii: "t")
    static let z = UInt8(ascii: "z")

    /// 0...9, or nil for any other byte.
    @inline(__always) static func digit(_ byte: UInt8) -> Int64? {
        let value = byte &- zero
        return value < 10 ? Int64(value) : nil
    }

    /// An ASCII letter.
    @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    /// Space, tab, newline, vertical tab, form feed or carriage return.
    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte == space || (byte >= 9 && byte <= 13) }

    /// A text without the spaces around it.
    static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let start = text.firstIndex(where: { !isSpace($0) }), let end = text.lastIndex(where: { !isSpace($0) })
        else { return UnsafeRawBufferPointer(rebasing: text[..<0]) }
        return UnsafeRawBufferPointer(rebasing: text[start...end])
    }
}
