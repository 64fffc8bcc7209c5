/// A regular expression that is searched for in time linear in the text, whatever the expression.
///
/// The dialect: literals, `.` (not a newline), classes `[a-z]` `[^…]` `[[:alpha:]]`, `\d \w \s \D \W \S` (ASCII),
/// groups, `|`, `* + ? {m} {m,} {m,n}` and their lazy forms, `^` and `$` (of the whole text), `(?i)` (ASCII letters).
/// No back references, look-around or `\b`: they have no automaton of bounded size.
package struct Pattern: Sendable {
    package let text: String
    /// Capture groups, the whole match not counted.
    package let groupCount: Int
    let node: PatternNode

    package init(_ text: String) throws(PatternError) {
        var parser = PatternParser(text)
        self.text = text
        node = try parser.whole()
        groupCount = parser.groups
        // What is too large to search for shall be told when the flags are read.
        _ = try PatternProgram(node, capturing: nil)
    }

    /// The bytes to look for when the expression is plain text, perhaps anchored.
    var literal: PatternLiteral? {
        var literal = PatternLiteral()
        let parts: [PatternNode] = if case .sequence(let parts) = node { parts } else { [node] }
        for (position, part) in parts.enumerated() {
            switch part {
            case .begin where position == 0: literal.atBegin = true
            case .end where position == parts.count - 1: literal.atEnd = true
            case .set(let ranges) where ranges.count == 1 && ranges[0].lowerBound == ranges[0].upperBound:
                guard let scalar = Unicode.Scalar(ranges[0].lowerBound) else { return nil }
                literal.bytes += Array(String(scalar).utf8)
            case .empty: break
            default: return nil
            }
        }
        return literal
    }
}

/// What is wrong with a regular expression, and at which byte of it (from 0).
package struct PatternError: Error, Equatable {
    package let reason: String
    package let offset: Int
}

struct PatternLiteral {
    var bytes: [UInt8] = []
    var atBegin = false
    var atEnd = false
}

/// The syntax of a regular expression. Characters are sets of Unicode scalar values: sorted, disjoint ranges.
indirect enum PatternNode: Sendable {
    case empty
    case set([ClosedRange<UInt32>])
    case begin
    case end
    case group(PatternNode, index: Int)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repetition(PatternNode, min: Int, max: Int?, lazy: Bool)

    /// Can it match without taking a byte?
    var isNullable: Bool {
        switch self {
        case .empty, .begin, .end: true
        case .set: false
        case .group(let node, _): node.isNullable
        case .sequence(let nodes): nodes.allSatisfy(\.isNullable)
        case .choice(let nodes): nodes.contains(where: \.isNullable)
        case .repetition(let node, let min, _, _): min == 0 || node.isNullable
        }
    }

    /// Can it match only at the beginning of the text?
    var isAnchored: Bool {
        switch self {
        case .begin: true
        case .empty, .set, .end: false
        case .group(let node, _): node.isAnchored
        case .sequence(let nodes): nodes.first?.isAnchored ?? false
        case .choice(let nodes): nodes.allSatisfy(\.isAnchored)
        case .repetition(let node, let min, _, _): min > 0 && node.isAnchored
        }
    }
}

/// Sets of scalar values.
enum ScalarSet {
    static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    static let words: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a]
    static let spaces: [ClosedRange<UInt32>] = [0x09...0x0d, 0x20...0x20]
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

    /// Every scalar value that is not in the set; surrogates are no scalar values.
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
