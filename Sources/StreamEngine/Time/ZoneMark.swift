/// What a text says about the zone of its time.
enum ZoneMark {
    /// Nothing: the time is on the local clock of `--time-zone`.
    case local
    /// Microseconds east of UTC.
    case shift(Int64)
    /// A name other than those of UTC, such as `CET`: borrowed.
    case name(UnsafeRawBufferPointer)

    /// Reads from `start` to the end of the text; nil if that is not a zone.
    ///
    /// Accepted: nothing, `Z` and `+hh`; directly or after one space, `+hh:mm`, `+hhmm`, `UTC`, `GMT` or another name. An
    /// offset may follow `GMT` (JavaScript). Behind `Z` or an offset, a name is ignored: `[Europe/Berlin]` (Java),
    /// `(CET)` (RFC 2822), ` CET` and ` m=+0.1` (Go).
    ///
    /// - Parameter allowsShort: accepts `Z` and `+hh` after a space too.
    static func read(_ text: UnsafeRawBufferPointer, from start: Int, allowsShort: Bool = false) -> ZoneMark? {
        guard start < text.count else { return .local }
        let at = text[start] == Ascii.space ? start &+ 1 : start
        if let (shift, end) = RFC3339.numericZone(text, from: at) {
            return (allowsShort || at == start || end > at &+ 3) && isComment(text, from: end) ? .shift(shift) : nil
        }
        var end = at
        while end < text.count, Ascii.isLetter(text[end]) { end &+= 1 }
        guard end > at, allowsShort || at == start || end > at &+ 1 else { return nil }
        let name = UnsafeRawBufferPointer(rebasing: text[at..<end])
        guard isUTC(name) else { return isComment(text, from: end) ? .name(name) : nil }
        if let (shift, end) = RFC3339.numericZone(text, from: end) {
            return isComment(text, from: end) ? .shift(shift) : nil
        }
        return isComment(text, from: end) ? .shift(0) : nil
    }

    /// `UTC`, `GMT`, `UT` or `Z`, in any case.
    static func isUTC(_ name: UnsafeRawBufferPointer) -> Bool {
        func matches(_ word: StaticString) -> Bool {
            guard name.count == word.utf8CodeUnitCount else { return false }
            for index in 0..<name.count where (name[index] ^ word.utf8Start[index]) & 0xDF != 0 { return false }
            return true
        }
        return matches("Z") || matches("UTC") || matches("GMT") || matches("UT")
    }

    /// Whether the rest of the text only repeats the zone in words.
    private static func isComment(_ text: UnsafeRawBufferPointer, from start: Int) -> Bool {
        guard start < text.count else { return true }
        let last = text[text.count &- 1]
        if text[start] == UInt8(ascii: "[") { return last == UInt8(ascii: "]") && text.count &- start > 2 }
        var at = start
        while at < text.count {
            guard text[at] == Ascii.space, at &+ 1 < text.count else { return false }
            at &+= 1
            if text[at] == UInt8(ascii: "(") { return last == UInt8(ascii: ")") }
            guard Ascii.digit(text[at]) == nil, at &+ 1 < text.count, isOfWord(text[at &+ 1]) else { return false }
            while at < text.count, text[at] != Ascii.space {
                guard isOfWord(text[at]) else { return false }
                at &+= 1
            }
        }
        return true
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        Ascii.isLetter(byte) || Ascii.digit(byte) != nil || byte == Ascii.plus || byte == Ascii.minus
            || byte == Ascii.dot || byte == UInt8(ascii: "=")
    }
}
