/// Values that PostgreSQL reads from a text of its own form.
extension ByteBuffer {
    /// Appends a UUID in its usual form: lowercase, in five groups.
    ///
    /// - Parameter text: 32 hexadecimal digits, perhaps in braces, and hyphens after any four of them, as the server
    ///   accepts.
    /// - Returns: false for any other text.
    mutating func append(uuid text: UnsafeRawBufferPointer) -> Bool {
        var text = text[...]
        if text.first == UInt8(ascii: "{") {
            guard text.count > 1, text.last == UInt8(ascii: "}") else { return false }
            text = text.dropFirst().dropLast()
        }
        let start = count
        var digits = 0
        var isAfterHyphen = true
        for byte in text {
            if byte == UInt8(ascii: "-") {
                guard !isAfterHyphen, digits % 4 == 0, digits < 32 else { return false }
                isAfterHyphen = true
                continue
            }
            guard Self.isHex(byte), digits < 32 else { return false }
            if [8, 12, 16, 20].contains(digits) { append(UInt8(ascii: "-")) }
            append(byte | 0x20)
            digits += 1
            isAfterHyphen = false
        }
        guard digits == 32, !isAfterHyphen else {
            truncate(to: start)
            return false
        }
        return true
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Appends a JSON array as the literal of an array, `{1,2}`, escaped for COPY.
    ///
    /// - Returns: false for any other JSON, and for an array that no column holds.
    mutating func append(copyArray json: UnsafeRawBufferPointer) -> Bool {
        var literal = ByteBuffer(capacity: json.count + 16)
        var arena = ByteArena()
        guard literal.append(array: json, depth: 1, &arena) else { return false }
        return literal.withBytes { append(copyText: $0) == nil }
    }

    /// The most dimensions of an array.
    private static var mostDimensions: Int { 6 }

    private mutating func append(array json: UnsafeRawBufferPointer, depth: Int, _ arena: inout ByteArena) -> Bool {
        guard json.first == UInt8(ascii: "["), depth <= Self.mostDimensions else { return false }
        var items = JSONItems(json)
        var isFirst = true
        append(UInt8(ascii: "{"))
        while let item = items.next() {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            switch item.first {
            case UInt8(ascii: "["): guard append(array: item, depth: depth + 1, &arena) else { return false }
            case UInt8(ascii: "n"): append("NULL" as StaticString)
            case UInt8(ascii: "\""): append(quotedElement: JSONItems.value(item, &arena).bytes)
            case UInt8(ascii: "{"): append(quotedElement: item)
            default: append(item)
            }
        }
        append(UInt8(ascii: "}"))
        return true
    }

    private mutating func append(quotedElement text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }
}
