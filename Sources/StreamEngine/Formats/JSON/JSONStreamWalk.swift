/// Finds the values of a sequence of JSON values: one after the other, with or without white space, commas or record
/// separators (RFC 7464) between them, perhaps as the elements of one array.
enum JSONStreamWalk {
    /// What follows at a position between two values.
    enum Step: Equatable {
        /// A value, by its brackets or quotes.
        case value(Range<Int>)
        /// A value that is broken where the range ends: by a line break in a string, by its depth, or by its length.
        case broken(Range<Int>)
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

    /// Where a walk through a value stops.
    private enum Stop {
        case end(Int)
        case broken(Int)
        case limit
    }

    /// The next value at or after `start`.
    ///
    /// - Parameters:
    ///   - limit: the index after the last byte to look at. Behind it, a newline and padding are readable.
    ///   - maxLength: the most bytes of a value.
    static func next(_ base: UnsafeRawPointer, from start: Int, limit: Int, maxLength: Int) -> Step {
        var progress = Progress()
        return next(base, from: start, limit: limit, maxLength: maxLength, &progress)
    }

    /// The same, with what is known of a value that did not end before an earlier limit.
    static func next(
        _ base: UnsafeRawPointer, from start: Int, limit: Int, maxLength: Int, _ progress: inout Progress
    ) -> Step {
        var i = start
        while i < limit, isBetween(byte(base, i)) { i &+= 1 }
        guard i < limit else { return .end }
        let first = i
        let most = maxLength < limit &- first ? first &+ maxLength &+ 1 : limit
        let stop: Stop
        switch byte(base, i) {
        case UInt8(ascii: "{"): stop = walkObject(base, from: i, limit: most, &progress)
        case UInt8(ascii: "\""): stop = walkText(base, from: i &+ 1, limit: most)
        default:
            // A number, a word, or a stray bracket.
            i &+= 1
            while i < most, !isBetween(byte(base, i)), byte(base, i) != UInt8(ascii: "{") { i &+= 1 }
            return .value(first..<i)
        }
        switch stop {
        case .end(let end): return .value(first..<end)
        case .broken(let end): return .broken(first..<end)
        case .limit: return most < limit ? .broken(first..<most) : .open(start: first)
        }
    }

    /// White space, a comma, a bracket of an array around the values, or a record separator.
    @inline(__always) private static func isBetween(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, 0x1e, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): true
        default: false
        }
    }

    private static func walkObject(
        _ base: UnsafeRawPointer, from start: Int, limit: Int, _ progress: inout Progress
    ) -> Stop {
        var depth = progress.depth
        var i = max(start, progress.index)
        var isInString = progress.isInString
        while i < limit {
            if isInString {
                switch walkText(base, from: i, limit: limit) {
                case .end(let end): i = end
                case .broken(let place): return .broken(place)
                case .limit:
                    // Not between a backslash and its character.
                    progress = Progress(index: textStart(base, from: i, limit: limit), depth: depth, isInString: true)
                    return .limit
                }
                isInString = false
                continue
            }
            switch byte(base, i) {
            case UInt8(ascii: "{"):
                depth &+= 1
                // What is nested deeper is broken anyway. Otherwise, objects that never end would take quadratic time.
                if depth > RecordScanner.depthLimit { return .broken(i) }
            case UInt8(ascii: "}"):
                depth &-= 1
                if depth == 0 {
                    progress = Progress()
                    return .end(i &+ 1)
                }
            case UInt8(ascii: "\""): isInString = true
            default: break
            }
            i &+= 1
        }
        progress = Progress(index: i, depth: depth, isInString: isInString)
        return .limit
    }

    /// Walks to the end of the string from a byte of it that is not part of an escape. A line break ends it too early.
    private static func walkText(_ base: UnsafeRawPointer, from start: Int, limit: Int) -> Stop {
        var i = start
        while i < limit {
            i = JSONString.plainEnd(base, from: i)
            guard i < limit else { return .limit }
            switch byte(base, i) {
            case UInt8(ascii: "\""): return .end(i &+ 1)
            case UInt8(ascii: "\n"): return .broken(i)
            case UInt8(ascii: "\\"): i &+= 2
            default: i &+= 1
            }
        }
        return .limit
    }

    /// Where to go on with a string that does not end before the limit: at the limit, or before it at a backslash.
    private static func textStart(_ base: UnsafeRawPointer, from start: Int, limit: Int) -> Int {
        var backslashes = 0
        while limit &- backslashes > start, byte(base, limit &- backslashes &- 1) == UInt8(ascii: "\\") {
            backslashes &+= 1
        }
        return limit &- backslashes % 2
    }

    /// Where to go on after a broken value.
    enum Continuation {
        /// At the start of a line that begins with an object.
        case line(Int)
        /// After as many bytes as a value may have, and one more.
        case end(Int)
        /// Neither is before the limit.
        case limit
    }

    /// Where to go on after the broken value at `start`.
    static func goOn(_ base: UnsafeRawPointer, after start: Int, limit: Int, maxLength: Int) -> Continuation {
        let most = maxLength < limit &- start ? start &+ maxLength &+ 1 : limit
        if let next = nextLineWithObject(base, after: start, limit: most) { return .line(next) }
        return most < limit ? .end(most) : .limit
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
