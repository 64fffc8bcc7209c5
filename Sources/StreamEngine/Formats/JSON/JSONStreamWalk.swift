/// Finds the values of a sequence of JSON values: one after the other, with or without white space, commas or record
/// separators (RFC 7464) between them, perhaps as the elements of one array.
enum JSONStreamWalk {
    /// What follows at a position between two values.
    enum Step: Equatable {
        /// A value, by its brackets or quotes.
        case value(Range<Int>)
        /// A value that does not end before the limit.
        case open(start: Int)
        /// No value before the limit.
        case end
    }

    /// How far an object has been walked that does not end before the limit.
    struct Progress {
        /// The index after the last byte.
        fileprivate var index = 0
        fileprivate var depth = 0
        fileprivate var isInString = false
    }

    /// The next value at or after `start`.
    ///
    /// - Parameter limit: the index after the last byte to look at. Behind it, a newline and padding are readable.
    static func next(_ base: UnsafeRawPointer, from start: Int, limit: Int) -> Step {
        var progress = Progress()
        return next(base, from: start, limit: limit, &progress)
    }

    /// The same, with what is known of a value that did not end before an earlier limit.
    static func next(_ base: UnsafeRawPointer, from start: Int, limit: Int, _ progress: inout Progress) -> Step {
        var i = start
        while i < limit, isBetween(byte(base, i)) { i &+= 1 }
        guard i < limit else { return .end }
        let first = i
        switch byte(base, i) {
        case UInt8(ascii: "{"): i = endOfObject(base, from: i, limit: limit, &progress)
        case UInt8(ascii: "\""): i = endOfString(base, from: i &+ 1, limit: limit)
        default:
            // A number, a word, or a stray bracket.
            i &+= 1
            while i < limit, !isBetween(byte(base, i)), byte(base, i) != UInt8(ascii: "{") { i &+= 1 }
        }
        return i < 0 ? .open(start: first) : .value(first..<i)
    }

    /// White space, a comma, a bracket of an array around the values, or a record separator.
    @inline(__always) private static func isBetween(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, 0x1e, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): true
        default: false
        }
    }

    /// The index after the object at `start`; -1 if it does not end before the limit.
    private static func endOfObject(
        _ base: UnsafeRawPointer, from start: Int, limit: Int, _ progress: inout Progress
    ) -> Int {
        var depth = progress.depth
        var i = max(start, progress.index)
        var isInString = progress.isInString
        while i < limit {
            if isInString {
                i = endOfText(base, from: i, limit: limit)
                if i >= limit { break }
                isInString = false
                i &+= 1
                continue
            }
            switch byte(base, i) {
            case UInt8(ascii: "{"): depth &+= 1
            case UInt8(ascii: "}"):
                depth &-= 1
                if depth == 0 {
                    progress = Progress()
                    return i &+ 1
                }
            case UInt8(ascii: "\""): isInString = true
            default: break
            }
            i &+= 1
        }
        progress = Progress(index: i, depth: depth, isInString: isInString)
        return -1
    }

    /// The index after the closing quote of the string whose first byte is at `start`; -1 if it does not end before the
    /// limit.
    static func endOfString(_ base: UnsafeRawPointer, from start: Int, limit: Int) -> Int {
        let quote = endOfText(base, from: start, limit: limit)
        return quote < limit ? quote &+ 1 : -1
    }

    /// The index of the closing quote of a string from a byte of it that is not part of an escape. If there is none before
    /// the limit, where to go on, which is not before the limit.
    private static func endOfText(_ base: UnsafeRawPointer, from start: Int, limit: Int) -> Int {
        var i = start
        while i < limit {
            i = JSONString.plainEnd(base, from: i)
            guard i < limit else { return limit }
            switch byte(base, i) {
            case UInt8(ascii: "\""): return i
            case UInt8(ascii: "\\"): i &+= 2
            default: i &+= 1
            }
        }
        return i
    }

    /// The start of the next line that begins with an object, after `start` and before `limit`: where to go on after a
    /// broken value.
    static func nextLineWithObject(_ base: UnsafeRawPointer, after start: Int, limit: Int) -> Int? {
        var i = start
        while i < limit {
            if byte(base, i) == UInt8(ascii: "\n"), i &+ 1 < limit, byte(base, i &+ 1) == UInt8(ascii: "{") {
                return i &+ 1
            }
            i &+= 1
        }
        return nil
    }
}
