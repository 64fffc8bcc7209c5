/// A line with text before its object, as `docker compose logs` and `kubectl logs --prefix` write them, and the search
/// for that object: from the first `{` that makes the rest of the line a whole object.
struct LineWithText {
    /// From the first byte of the line to its newline; empty if no line is being searched.
    private(set) var range = 0..<0
    /// The index after the last brace that was tried.
    private var next = 0
    private var tries = 0

    /// Each try may scan the whole line.
    private static let mostTries = 8

    /// - Parameter range: from the first byte of the line to its newline.
    init(_ range: Range<Int>, _ base: UnsafeRawPointer) {
        self.range = range
        next = range.lowerBound
        var last = range.upperBound
        while last > range.lowerBound, byte(base, last &- 1) <= 0x20 { last &-= 1 }
        let isObject = last > range.lowerBound && byte(base, last &- 1) == UInt8(ascii: "}")
        if !isObject { next = range.upperBound }
    }

    /// No line.
    init() {}

    /// The index of the next brace that may start the object; nil if there is none.
    mutating func nextObject(_ base: UnsafeRawPointer) -> Int? {
        while tries < Self.mostTries, next < range.upperBound {
            let start = next
            next &+= 1
            guard byte(base, start) == UInt8(ascii: "{"), hasMember(base, start), !continuesJSON(base, start) else {
                continue
            }
            tries &+= 1
            return isText(base, start) ? start : nil
        }
        return nil
    }

    /// Whether the first member of an object follows: `{}` after text is more often code than a record.
    private func hasMember(_ base: UnsafeRawPointer, _ brace: Int) -> Bool {
        byte(base, WhiteSpace.inLine.skip(base, brace &+ 1)) == UInt8(ascii: "\"")
    }

    /// Whether the text before the brace ends as JSON does before a value: the line is the rest of a torn one.
    private func continuesJSON(_ base: UnsafeRawPointer, _ brace: Int) -> Bool {
        let end = endOfText(base, before: brace)
        guard end > range.lowerBound else { return true }
        switch byte(base, end &- 1) {
        case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "\\"):
            return true
        case UInt8(ascii: ":"):
            let name = endOfText(base, before: end &- 1)
            return name > range.lowerBound && byte(base, name &- 1) == UInt8(ascii: "\"")
        default: return false
        }
    }

    /// The index after the last byte before `place` that is not blank.
    private func endOfText(_ base: UnsafeRawPointer, before place: Int) -> Int {
        var end = place
        while end > range.lowerBound, byte(base, end &- 1) == 0x20 || byte(base, end &- 1) == 0x09 { end &-= 1 }
        return end
    }

    /// Whether everything before the brace is UTF-8, without control characters other than tabs and those of colors.
    private func isText(_ base: UnsafeRawPointer, _ brace: Int) -> Bool {
        for place in range.lowerBound..<brace {
            let byte = byte(base, place)
            if byte < 0x20, byte != 0x09, byte != 0x1b { return false }
        }
        return UTF8Text.isValid(base, range.lowerBound, brace)
    }

    /// The text before an object, without blanks around it and the `|` of `docker compose`; nil if nothing is left.
    func prefix(_ base: UnsafeRawPointer, before brace: Int) -> UnsafeRawBufferPointer? {
        let start = WhiteSpace.inLine.skip(base, range.lowerBound)
        var end = brace
        while end > start, byte(base, end &- 1) <= 0x20 || byte(base, end &- 1) == UInt8(ascii: "|") { end &-= 1 }
        return end > start ? UnsafeRawBufferPointer(start: base + start, count: end &- start) : nil
    }
}
