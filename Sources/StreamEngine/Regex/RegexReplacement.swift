/// What replaces each match: text with references to groups.
///
/// `$1` and `\1` are the text of a group, `$0`, `$&`, `\0` and `\&` the whole match, as in Postgres, DuckDB, Flink and
/// JavaScript. `$12` is group 12 if there are as many, else group 1 and a 2; `${1}2` is clear. `$$` and `\$` are a dollar
/// sign, `\\` is a backslash, `\n` and `\t` are a line break and a tab.
package struct RegexReplacement: Sendable {
    package enum Part: Sendable, Equatable {
        case text([UInt8])
        /// 0 is the whole match.
        case group(Int)
    }

    package private(set) var parts: [Part] = []

    /// The groups that are referred to, in ascending order, and the whole match.
    var groups: [Int] {
        var result: Set<Int> = [0]
        for case .group(let group) in parts { result.insert(group) }
        return result.sorted()
    }

    /// - Parameter groupCount: the number of groups in the regular expression.
    package init(_ text: String, groupCount: Int) throws(RegexError) {
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == UInt8(ascii: "$") || byte == UInt8(ascii: "\\") else {
                append(byte)
                place += 1
                continue
            }
            if let (group, end) = Self.reference(bytes, place, groupCount) {
                guard group <= groupCount else {
                    let groups = groupCount == 1 ? "1 group" : "\(groupCount) groups"
                    throw RegexError(
                        reason: "the regular expression has \(groups), so there is no group \(group); "
                            + "for a dollar sign write $$", offset: place)
                }
                parts.append(.group(group))
                place = end
            } else if byte == UInt8(ascii: "$") {
                append(byte)
                place += place + 1 < bytes.count && bytes[place + 1] == byte ? 2 : 1
            } else {
                append(try Self.escaped(bytes, place))
                place += 2
            }
        }
    }

    private mutating func append(_ byte: UInt8) {
        if case .text(let text)? = parts.last {
            parts[parts.count - 1] = .text(text + [byte])
        } else {
            parts.append(.text([byte]))
        }
    }

    /// The group that is referred to at `start`, and the index after the reference; nil if there is no reference.
    private static func reference(_ bytes: [UInt8], _ start: Int, _ groupCount: Int) -> (group: Int, end: Int)? {
        var place = start + 1
        guard place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: "&") { return (0, place + 1) }
        let isBraced = bytes[start] == UInt8(ascii: "$") && bytes[place] == UInt8(ascii: "{")
        if isBraced { place += 1 }
        let first = place
        var group = 0
        while place < bytes.count, let digit = Ascii.digit(bytes[place]), group < 1000 {
            // A second digit only if there are that many groups.
            let longer = group * 10 + Int(digit)
            if place > first, !isBraced, longer > groupCount { break }
            group = longer
            place += 1
        }
        guard place > first else { return nil }
        guard isBraced else { return (group, place) }
        return place < bytes.count && bytes[place] == UInt8(ascii: "}") ? (group, place + 1) : nil
    }

    private static func escaped(_ bytes: [UInt8], _ start: Int) throws(RegexError) -> UInt8 {
        switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "$"): return UInt8(ascii: "$")
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        default:
            throw RegexError(
                reason: "after a backslash, write the number of a group, $, n or t; a backslash itself is \\\\",
                offset: start)
        }
    }
}
