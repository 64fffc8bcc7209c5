/// A regular expression. Search time is linear in the text for every expression.
///
/// The dialect: literals, `.` (not a newline), classes `[a-z]` `[^…]` `[[:alpha:]]`, `\d \w \s \D \W \S` (ASCII),
/// groups, `|`, `* + ? {m} {m,} {m,n}` and their lazy forms, `^` and `$` (of the whole text), `(?i)` (ASCII letters),
/// `(?s)` (`.` is also a newline).
/// No back references, look-around or `\b`: they have no automaton of bounded size.
package struct Regex: Sendable {
    package let text: String
    /// Number of capture groups, without the whole match.
    package let groupCount: Int
    /// The name of each group, in the order of their parentheses; nil if it has none.
    package let groupNames: [String?]
    let node: RegexNode

    package init(_ text: String) throws(RegexError) {
        var parser = RegexParser(text)
        self.text = text
        node = try parser.whole()
        groupCount = parser.groups
        groupNames = parser.names
        // An expression that is too large is rejected when the flags are read.
        _ = try RegexProgram(node, capturing: [])
    }

    /// Those of some texts that it matches anywhere.
    package func matching(in texts: [String]) -> [String] {
        guard let search = try? LazyDFA(self) else { return [] }
        return texts.filter { text in
            var text = text
            return text.withUTF8 { search.matches(UnsafeRawBufferPointer($0)) }
        }
    }

    /// The bytes to search for, if the expression is plain text, perhaps anchored.
    var literal: RegexLiteral? {
        var literal = RegexLiteral()
        let parts: [RegexNode] = if case .sequence(let parts) = node { parts } else { [node] }
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

extension Regex: Equatable {
    package static func == (left: Regex, right: Regex) -> Bool { left.text == right.text }
}

/// A syntax error in a regular expression, with its byte offset.
package struct RegexError: Error, Equatable {
    package let reason: String
    package let offset: Int
}

struct RegexLiteral {
    var bytes: [UInt8] = []
    var atBegin = false
    var atEnd = false
}

/// The syntax of a regular expression. Characters are sets of Unicode scalar values: sorted, disjoint ranges.
indirect enum RegexNode: Sendable {
    case empty
    case set([ClosedRange<UInt32>])
    case begin
    case end
    case group(RegexNode, index: Int)
    case sequence([RegexNode])
    case choice([RegexNode])
    case repetition(RegexNode, min: Int, max: Int?, lazy: Bool)

    /// Whether it can match without consuming a byte.
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

    /// Whether it can match only at the start of the text.
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
