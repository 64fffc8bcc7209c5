internal import CVector

/// The text of an unwanted object or array of an earlier record. The one at the same place of the next record is compared
/// with it, so that only the numbers, strings and words that differ are scanned.
///
/// Bytes that are equal from the start on have the same meaning, which is the principle of `LayoutCache` too. A scalar
/// ends where the same reader says that scans it in full, and what follows it is compared again. If anything else
/// differs, the text must be scanned in full: what is accepted, and where a defect is, does not depend on templates.
struct SkipTemplate {
    /// The shortest and the longest text that is kept, in bytes.
    static let shortest = 128
    static let longest = 1 << 16
    /// The readers of scalars load several bytes at a time.
    private static let padding = 64

    /// Zeros follow it.
    private var text = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// A bit for each byte of the text: whether a scalar that is not a key starts there.
    private var starts = UnsafeMutableBufferPointer<UInt64>(start: nil, count: 0)
    private var length = 0
    /// The number of containers around it. A deeper one may be nested too deeply.
    private var depth = 0
    /// The literal before the value.
    var literal: UnsafeMutablePointer<LayoutCache.Entry>?
    private var trial = Trial()

    /// Whether comparing is worth it.
    private struct Trial {
        /// Whether the text is to be replaced by the next one.
        var isStale = true
        /// The number of the next values that are not compared, and how many it was last time.
        var rest: UInt32 = 0
        var pause: UInt32 = 0
        /// Consecutive values that differed in too much.
        var failures: UInt8 = 0
        /// Values that were compared with the text, and the scalars in them that had another length.
        var uses: UInt32 = 0
        var otherLengths = 0

        private static let longestPause: UInt32 = 1023

        mutating func fail(replacing: Bool) {
            failures &+= 1
            guard failures >= 2 else { return }
            failures = 1
            pause = min(pause &* 2 &+ 1, Self.longestPause)
            rest = pause
            if replacing { isStale = true }
        }

        mutating func succeed(_ otherLengths: Int) {
            failures = 0
            pause &>>= 1
            uses &+= 1
            self.otherLengths &+= otherLengths
            guard uses == 256 else { return }
            // A scalar of another length stays in the text. Replacing it costs about as much as a hundred of these.
            isStale = self.otherLengths > 256
            uses = 0
            self.otherLengths = 0
        }
    }

    func deallocate() {
        text.deallocate()
        starts.deallocate()
    }

    /// Whether the next text is to be kept.
    var isWanting: Bool { trial.isStale && trial.rest == 0 }

    /// The index after the object or array at `start`; -1 if it must be scanned in full.
    mutating func end(_ base: UnsafeRawPointer, from start: Int, depth: Int) -> Int {
        guard trial.rest == 0 else {
            trial.rest &-= 1
            return -1
        }
        guard !trial.isStale, depth == self.depth, let text = text.baseAddress, let starts = starts.baseAddress
        else { return -1 }
        let length = length
        // Add an index in the template to this to get to the corresponding byte of the value.
        var place = base + start
        var i = 0
        // Bytes before this index correspond to others.
        var aligned = 0
        var differences = 0
        var otherLengths = 0
        while true {
            let equal = vector_equal(place + i, text + i) | vector_equal(place + (i &+ 16), text + (i &+ 16)) &<< 16
            if equal == UInt32.max {
                i &+= 32
                if i < length { continue }
                break
            }
            let difference = i &+ (~equal).trailingZeroBitCount
            if difference >= length { break }
            let scalar = Self.lastStart(starts, upTo: difference)
            guard scalar >= aligned else { return fail() }
            let expected = Self.endOfScalar(UnsafeRawPointer(text), scalar)
            let end = Self.endOfScalar(place, scalar)
            guard expected >= difference, end >= 0 else { return fail() }
            differences &+= 1
            if end == expected {
                (text + scalar).copyMemory(from: place + scalar, byteCount: end &- scalar)
            } else {
                otherLengths &+= 1
                place += end &- expected
            }
            i = expected
            aligned = expected
        }
        // Each difference costs as much as scanning about 32 bytes in full.
        if differences &* 32 > length { trial.fail(replacing: false) } else { trial.succeed(otherLengths) }
        return place - base &+ length
    }

    private mutating func fail() -> Int {
        trial.fail(replacing: true)
        return -1
    }

    /// The index of the last scalar that starts at or before `index`; -1 if there is none.
    @inline(__always)
    private static func lastStart(_ starts: UnsafeMutablePointer<UInt64>, upTo index: Int) -> Int {
        var word = index &>> 6
        var bits = starts[word] & UInt64.max &>> UInt64(63 &- index & 63)
        while bits == 0 {
            word &-= 1
            guard word >= 0 else { return -1 }
            bits = starts[word]
        }
        return word &* 64 &+ 63 &- bits.leadingZeroBitCount
    }

    /// The index after the scalar at `i`; -1 if there is none.
    @inline(__always) private static func endOfScalar(_ base: UnsafeRawPointer, _ i: Int) -> Int {
        let first = byte(base, i)
        if first == UInt8(ascii: "\"") {
            let end = JSONString.scan(base, from: i &+ 1).end
            return end < 0 ? -1 : end &+ 1
        }
        if first == JSONNumber.minus || Ascii.digit(first) != nil {
            // An integer that fits into a vector.
            let others = ~vector_digits(base + i)
            let count = others.trailingZeroBitCount
            let next = byte(base, i &+ count)
            let isWhole = next != UInt8(ascii: ".") && next | 0x20 != UInt8(ascii: "e")
            if isWhole, count > 0, count < 16, first != UInt8(ascii: "0") || count == 1 { return i &+ count }
            return JSONNumber.skip(base, from: i)
        }
        let length = JSONWord.read(base, i).length
        return length > 0 ? i &+ length : -1
    }

    /// Keeps a text of at most `longest` bytes, which was scanned in full.
    mutating func keep(_ value: UnsafeRawBufferPointer, depth: Int) {
        if text.count < value.count &+ Self.padding {
            deallocate()
            // Some more, so that a text that grows by digits needs no other memory.
            let words = value.count / 48 &+ 2
            text = .allocate(byteCount: words &* 64 &+ Self.padding, alignment: 16)
            starts = .allocate(capacity: words)
        }
        text.copyMemory(from: value)
        for index in value.count..<value.count &+ Self.padding { text[index] = 0 }
        starts.initialize(repeating: 0)
        length = value.count
        self.depth = depth
        trial.isStale = false
        trial.uses = 0
        trial.otherLengths = 0
        guard let base = UnsafeRawBufferPointer(text).baseAddress else { return }
        var i = 0
        while i < length {
            switch byte(base, i) {
            case UInt8(ascii: "\""):
                let start = i
                i = JSONString.scan(base, from: i &+ 1).end &+ 1
                guard i > start else { return }
                if byte(base, Self.skipSpace(base, i)) != Ascii.colon { mark(start) }
            case ...0x20, UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), Ascii.comma,
                Ascii.colon:
                i &+= 1
            default:
                mark(i)
                while i < length, !Self.isBehindScalar(byte(base, i)) { i &+= 1 }
            }
        }
    }

    private mutating func mark(_ start: Int) { starts[start &>> 6] |= 1 &<< UInt64(start & 63) }

    private static func isBehindScalar(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == Ascii.comma || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    /// Zero is not white space here: it follows the text.
    private static func skipSpace(_ base: UnsafeRawPointer, _ start: Int) -> Int {
        var i = start
        while byte(base, i) &- 1 < 0x20 { i &+= 1 }
        return i
    }

    /// Makes it the template of another literal.
    mutating func change(to literal: UnsafeMutablePointer<LayoutCache.Entry>) {
        self.literal = literal
        trial = Trial()
    }
}
