/// The first position of `needle` in `text` at or after `from`, or -1.
///
/// Looks for the first byte of the needle, sixteen positions at a time. If that finds many places that only begin like
/// the needle, it goes on with `TwoWaySearch`, so that the time is proportional to the length of both.
func findBytes(_ needle: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from: Int) -> Int {
    guard from >= 0, from <= text.count, needle.count <= text.count - from else { return -1 }
    guard let first = needle.first, let haystack = text.baseAddress, let wanted = needle.baseAddress else {
        return from
    }
    let last = text.count - needle.count
    let lanes = SIMD16<UInt8>(repeating: first)
    var place = from
    /// Bytes that were equal where there was no match.
    var wasted = 0
    while place <= last {
        // Sixteen positions at a time while the load stays inside the text.
        if place &+ 16 <= text.count {
            let block = haystack.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
            if !any(block .== lanes) {
                place &+= 16
                continue
            }
        }
        let end = min(last, place &+ 15)
        while place <= end {
            if text[place] == first {
                let equal = equalBytes(haystack + place, wanted, needle.count)
                if equal == needle.count { return place }
                wasted &+= equal
            }
            place &+= 1
        }
        if wasted > 256 &+ 4 &* (place &- from) { return findInLinearTime(needle, in: text, from: place) }
    }
    return -1
}

@inline(never) private func findInLinearTime(
    _ needle: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from: Int
) -> Int {
    TwoWaySearch(needle).find(in: text, from: from)
}

/// The number of leading bytes that are equal, up to `count`.
@inline(__always)
private func equalBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int {
    var i = 0
    while i &+ 8 <= count {
        let difference =
            left.loadUnaligned(fromByteOffset: i, as: UInt64.self).littleEndian
            ^ right.loadUnaligned(fromByteOffset: i, as: UInt64.self).littleEndian
        if difference != 0 { return i &+ difference.trailingZeroBitCount / 8 }
        i &+= 8
    }
    while i < count {
        if left.load(fromByteOffset: i, as: UInt8.self) != right.load(fromByteOffset: i, as: UInt8.self) { return i }
        i &+= 1
    }
    return count
}

/// A search in linear time that needs no memory: Crochemore, Perrin, "Two-way string-matching", Journal of the ACM
/// 38 (3), 1991.
///
/// The needle is divided where its local period is its period. The right part is compared first, forwards, then the left
/// part, backwards. A mismatch on the right shifts past the mismatch, one on the left by the period.
struct TwoWaySearch {
    private let needle: UnsafeRawBufferPointer
    /// Length of the left part.
    private let cut: Int
    /// The period of the needle; if it is larger than half of it, a shift that is safe.
    private let period: Int
    /// Whether the needle repeats itself after `period` bytes, so that what matched before a shift needs no comparison.
    private let isPeriodic: Bool

    init(_ needle: UnsafeRawBufferPointer) {
        self.needle = needle
        let up = Self.maximalSuffix(needle, isReversed: false)
        let down = Self.maximalSuffix(needle, isReversed: true)
        let (start, period) = up.start > down.start ? up : down
        cut = start
        isPeriodic = start + period <= needle.count && (0..<start).allSatisfy { needle[$0] == needle[$0 + period] }
        self.period = isPeriodic ? period : max(start, needle.count - start) + 1
    }

    /// The start of the greatest suffix in the order of the bytes, or in the reverse order, and its period.
    private static func maximalSuffix(
        _ needle: UnsafeRawBufferPointer, isReversed: Bool
    ) -> (start: Int, period: Int) {
        var start = 0
        var candidate = 1
        var offset = 0
        var period = 1
        while candidate &+ offset < needle.count {
            let (new, old) = (needle[candidate &+ offset], needle[start &+ offset])
            if new == old {
                if offset &+ 1 == period {
                    candidate &+= period
                    offset = 0
                } else {
                    offset &+= 1
                }
            } else if (new < old) != isReversed {
                candidate &+= offset &+ 1
                offset = 0
                period = candidate &- start
            } else {
                start = candidate
                candidate = start &+ 1
                offset = 0
                period = 1
            }
        }
        return (start, period)
    }

    /// The first position of the needle in `text` at or after `from`, or -1.
    func find(in text: UnsafeRawBufferPointer, from: Int) -> Int {
        var place = from
        /// The number of leading bytes that are known to match.
        var known = 0
        while place <= text.count &- needle.count {
            var right = max(cut, known)
            while right < needle.count, needle[right] == text[place &+ right] { right &+= 1 }
            if right < needle.count {
                place &+= right &- cut &+ 1
                known = 0
                continue
            }
            var left = cut
            while left > known, needle[left &- 1] == text[place &+ left &- 1] { left &-= 1 }
            if left <= known { return place }
            place &+= period
            known = isPeriodic ? needle.count &- period : 0
        }
        return -1
    }
}
