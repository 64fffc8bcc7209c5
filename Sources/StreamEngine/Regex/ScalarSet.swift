/// Sets of Unicode scalar values.
enum ScalarSet {
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a]
    static let spaces: [ClosedRange<UInt32>] = [0x09...0x0d, 0x20...0x20]
    static let any = complement([])
    /// `.`
    static let anyButNewline = complement([0x0a...0x0a])

    /// The classes of `[[:name:]]`.
    static func named(_ name: String) -> [ClosedRange<UInt32>]? {
        switch name {
        case "alpha": [0x41...0x5a, 0x61...0x7a]
        case "digit": digits
        case "alnum": [0x30...0x39, 0x41...0x5a, 0x61...0x7a]
        case "upper": [0x41...0x5a]
        case "lower": [0x61...0x7a]
        case "space": spaces
        case "punct": [0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e]
        case "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66]
        case "word": words
        default: nil
        }
    }

    /// Sorted and disjoint.
    static func normal(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound &+ 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// All scalar values that are not in the set. Surrogates are not scalar values.
    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in normal(ranges + [0xd800...0xdfff]) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10ffff { result.append(next...0x10ffff) }
        return result
    }

    /// The set with both cases of its ASCII letters.
    static func ignoringCase(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result = ranges
        for range in ranges {
            if let upper = overlap(range, 0x41...0x5a) { result.append(upper.lowerBound + 32...upper.upperBound + 32) }
            if let lower = overlap(range, 0x61...0x7a) { result.append(lower.lowerBound - 32...lower.upperBound - 32) }
        }
        return normal(result)
    }

    private static func overlap(_ a: ClosedRange<UInt32>, _ b: ClosedRange<UInt32>) -> ClosedRange<UInt32>? {
        a.overlaps(b) ? a.clamped(to: b) : nil
    }
}
