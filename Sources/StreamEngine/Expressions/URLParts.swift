/// The parts of a URL (RFC 3986), or of a reference without scheme and host such as `/a/b?x=1`.
///
/// A scheme counts only in front of `//`, so that `localhost:8080/a` is a path.
enum URLParts {
    /// The host: in lower case, without user, port and the brackets of an IPv6 address; null if there is none.
    static func host(of url: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> Value {
        let authority = authority(url)
        var start = authority.lowerBound, end = authority.upperBound
        for place in authority where url[place] == UInt8(ascii: "@") { start = place &+ 1 }
        if start < end, url[start] == UInt8(ascii: "[") {
            start &+= 1
            end = first(of: "]", in: url, start..<end)
        } else {
            end = first(of: ":", in: url, start..<end)
        }
        guard start < end else { return .null }
        let host = Value(UnsafeRawBufferPointer(rebasing: url[start..<end]))
        return TextKernels.cased(host, UInt8(ascii: "A")...UInt8(ascii: "Z"), &arena)
    }

    /// The path, without query and fragment, as it is written; `/` if there is only a host.
    static func path(of url: UnsafeRawBufferPointer) -> Value {
        let authority = authority(url)
        let start = authority.upperBound
        let end = min(first(of: "?", in: url, start..<url.count), first(of: "#", in: url, start..<url.count))
        if start == end, !authority.isEmpty { return TextKernels.constant("/") }
        return Value(UnsafeRawBufferPointer(rebasing: url[start..<end]))
    }

    /// The value of the first query parameter of that name, decoded; empty if it has none, null without the parameter.
    ///
    /// A text without `?` that is not a path is taken for the query itself, such as nginx's `$args`.
    static func parameter(
        _ name: UnsafeRawBufferPointer, of url: UnsafeRawBufferPointer, _ arena: inout ByteArena
    ) -> Value {
        let start = authority(url).upperBound
        let end = first(of: "#", in: url, start..<url.count)
        let question = first(of: "?", in: url, start..<end)
        var place = question &+ 1
        if question == end {
            guard start == 0, url.first != UInt8(ascii: "/") else { return .null }
            place = 0
        }
        while place < end {
            let next = first(of: "&", in: url, place..<end)
            let sign = first(of: "=", in: url, place..<next)
            if isEncoded(name, UnsafeRawBufferPointer(rebasing: url[place..<sign])) {
                return decoded(UnsafeRawBufferPointer(rebasing: url[min(sign &+ 1, next)..<next]), &arena)
            }
            place = next &+ 1
        }
        return .null
    }

    /// The part between `//` and the path; empty if there is none, and then the path starts there.
    private static func authority(_ url: UnsafeRawBufferPointer) -> Range<Int> {
        var start = 0
        if let first = url.first, Ascii.isLetter(first) {
            while start < url.count, isSchemeByte(url[start]) { start &+= 1 }
            guard start < url.count, url[start] == Ascii.colon else { return 0..<0 }
            start &+= 1
        }
        guard start &+ 1 < url.count, url[start] == UInt8(ascii: "/"), url[start &+ 1] == UInt8(ascii: "/") else {
            return 0..<0
        }
        start &+= 2
        var end = start
        while end < url.count, !endsAuthority(url[end]) { end &+= 1 }
        return start..<end
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        Ascii.isLetter(byte) || Ascii.digit(byte) != nil || byte == Ascii.plus || byte == Ascii.minus
            || byte == Ascii.dot
    }

    /// The first place of a byte in a range, or its end.
    private static func first(
        of scalar: Unicode.Scalar, in text: UnsafeRawBufferPointer, _ range: Range<Int>
    ) -> Int {
        let wanted = UInt8(ascii: scalar)
        var place = range.lowerBound
        while place < range.upperBound, text[place] != wanted { place &+= 1 }
        return place
    }

    // MARK: Percent-encoding

    /// The decoded byte at `place` and the index after it. A `%` without two hexadecimal digits is itself.
    @inline(__always) private static func decodedByte(
        _ text: UnsafeRawBufferPointer, _ place: Int
    ) -> (byte: UInt8, next: Int) {
        let byte = text[place]
        if byte == Ascii.plus { return (Ascii.space, place &+ 1) }
        guard byte == UInt8(ascii: "%"), place &+ 2 < text.count, let high = hexadecimal(text[place &+ 1]),
            let low = hexadecimal(text[place &+ 2])
        else { return (byte, place &+ 1) }
        return (high << 4 | low, place &+ 3)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// Whether the text decodes to `plain`.
    private static func isEncoded(_ plain: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        for wanted in plain {
            guard place < text.count else { return false }
            let decoded = decodedByte(text, place)
            guard decoded.byte == wanted else { return false }
            place = decoded.next
        }
        return place == text.count
    }

    /// The decoded text; bytes that are not UTF-8 become U+FFFD.
    private static func decoded(_ text: UnsafeRawBufferPointer, _ arena: inout ByteArena) -> Value {
        guard text.contains(where: { $0 == UInt8(ascii: "%") || $0 == Ascii.plus }) else { return Value(text) }
        let room = arena.allocate(text.count &+ 3)
        var written = 0
        var place = 0
        while place < text.count {
            (room[written], place) = decodedByte(text, place)
            written &+= 1
        }
        for offset in 0..<3 { room[written &+ offset] = 0 }
        let bytes = UnsafeRawBufferPointer(rebasing: room[0..<written])
        return Value(UTF8Text.isValid(bytes) ? bytes : UTF8Text.repaired(bytes, &arena))
    }
}
