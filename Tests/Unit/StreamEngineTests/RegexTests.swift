import Testing
import _StringProcessing

@testable import StreamEngine

private func matches(_ pattern: String, _ text: String) throws -> Bool {
    let search = try LazyDFA(try Regex(pattern))
    return Array(text.utf8).withUnsafeBytes { search.matches($0) }
}

private func found(_ pattern: String, _ text: String, group: Int = 0) throws -> String? {
    let capture = try PikeVM(try Regex(pattern), group: group)
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { capture.find(in: $0) }.map { String(decoding: bytes[$0], as: UTF8.self) }
}

@Suite struct RegexTests {
    @Test(
        "a regular expression matches anywhere in the text",
        arguments: [
            ("a", "bab", true), ("a", "", false), ("", "", true), ("", "x", true), ("^$", "", true), ("^$", "x", false),
            ("^a", "ab", true), ("^a", "ba", false), ("a$", "ba", true), ("a$", "ab", false), ("^ab$", "ab", true),
            ("^ab$", "abc", false), ("a|^b", "cb", false), ("a|^b", "bc", true), ("$^", "", true), ("a$b", "ab", false),
            ("a.c", "abc", true), ("a.c", "a\nc", false), ("^.$", "é", true), ("^.$", "日", true), ("^.$", "😀", true),
            ("^..$", "é", false), ("^.$", "e\u{301}", false), ("[é-ü]", "ö", true), ("[é-ü]", "z", false),
            ("^[^a]$", "日", true),
            ("^[^日]$", "日", false), ("[a-c]x", "bx", true), ("[^a-c]x", "bx", false), ("[]]", "]", true),
            ("[^]]", "]", false),
            ("[a-]", "-", true), ("[-a]", "-", true), ("[\\]a]", "]", true), ("[\\d.]+$", "1.2", true),
            ("[[:digit:]]", "7", true),
            ("^\\d{3}$", "123", true), ("^\\d{3}$", "12", false), ("^a{2,}$", "aaaa", true),
            ("^a{2,3}$", "aaaa", false),
            ("^a{0}$", "", true), ("^a{0}$", "a", false), ("a{", "a{", true), ("{x}", "{x}", true),
            ("^a{,2}$", "a{,2}", true),
            ("\\w\\s\\w", "a b", true), ("\\W", "é", true), ("\\d", "٣", false), ("\\S\\D", "  ", false),
            ("\\.", "a", false),
            ("\\x41\\u00e9", "Aé", true), ("\\t\\n\\/", "\t\n/", true), ("(?i)ÄbC", "ÄBc", true), ("(?i)ä", "Ä", false),
            ("a(?i)b", "aB", true), ("a(?i)b", "AB", false), ("(?i:a)b", "Ab", true), ("(?i:a)b", "AB", false),
            ("(?i)[^a]", "A", false), ("((?i)a)b", "AB", false), ("(?:ab)+$", "xabab", true),
            ("(?P<n>a)(?<m>b)", "ab", true),
            ("^(a|b)*c$", "abbac", true), ("^(|a)+$", "aaa", true), ("^(a*)*$", "aab", false), ("x*", "", true),
            ("^[\u{10000}-\u{10ffff}]$", "😀", true), ("^[\u{7f}-\u{800}]+$", "\u{7f}\u{80}\u{7ff}\u{800}", true),
            ("^[\u{7f}-\u{800}]$", "\u{801}", false), ("^[a-\u{ffff}]$", "\u{d7ff}", true),
            ("^[a-\u{ffff}]$", "\u{e000}", true),
        ])
    func facts(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
        // The machine for groups must agree.
        #expect(try (found(pattern, text) != nil) == expected)
    }

    @Test(
        "a group is that of the leftmost match, alternatives in the order written",
        arguments: [
            ("a|ab", "xab", 0, "a"), ("ab|a", "xab", 0, "ab"), ("a+", "baaa", 0, "aaa"), ("a+?", "baaa", 0, "a"),
            ("<(.*)>", "<a><b>", 1, "a><b"), ("<(.*?)>", "<a><b>", 1, "a"), ("(a)|(b)", "b", 1, nil),
            ("(a)|(b)", "b", 2, "b"),
            ("(\\w)+", "abc", 1, "c"), ("^/api/(v\\d+)/([^/?]+)", "/api/v2/users?x=1", 2, "users"),
            ("(é+)", "aééb", 1, "éé"),
            ("()", "abc", 1, ""), ("(a*)b", "b", 1, ""), ("x", "abc", 0, nil), ("(a|ab)(c|bcd)$", "abcd", 1, "a"),
            ("(?:(a)|b)*", "ab", 1, "a"), ("(a{2})+", "aaaaa", 0, "aaaa"),
            ("a$|b", "ba", 0, "b"), ("(a?)(a?)(a?)", "aa", 3, ""), ("[0-9]+ms", "took 12ms", 0, "12ms"),
        ] as [(String, String, Int, String?)])
    func groups(pattern: String, text: String, group: Int, expected: String?) throws {
        #expect(try found(pattern, text, group: group) == expected)
    }

    @Test(
        "what is not in the dialect is refused, with the place",
        arguments: [
            ("a)", 1), ("(a", 0), ("[a", 0), ("*a", 0), ("a**", 2), ("a\\", 1), ("\\b", 0), ("(a)\\1", 3), ("(?=a)", 0),
            ("(?<=a)", 0), ("(?!a)", 0), ("a{3,2}", 1), ("a{2000}", 1), ("a{2", 1), ("é[b-a]", 3), ("\\q", 0),
            ("[[:foo:]]", 1),
            ("(?x)", 0), ("(?x)a", 0), ("\\ud800", 0), ("\\xg", 0), ("a|+", 2), ("(a{1000}){1000}", 0),
            ("(?:(?:){1000}){1000}", 0),
        ])
    func refused(pattern: String, offset: Int) {
        do {
            _ = try Regex(pattern)
            Issue.record("\(pattern) was accepted")
        } catch {
            if offset > 0 { #expect(error.offset == offset) }
        }
    }

    @Test("deep nesting is refused, not followed until the stack ends")
    func deep() {
        let text = String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000)
        #expect(throws: RegexError.self) { try Regex(text) }
    }

    @Test("plain text is found without a machine, wherever it is", arguments: 0..<40)
    func literals(length: Int) throws {
        for place in 0...length {
            var text = [UInt8](repeating: UInt8(ascii: "."), count: length)
            text.insert(contentsOf: Array("ab".utf8), at: place)
            // Near misses before and after it.
            if place > 2 { text[place - 2] = UInt8(ascii: "a") }
            let result = text.withUnsafeBytes { bytes in
                Array("ab".utf8).withUnsafeBytes { findBytes($0, in: bytes, from: 0) }
            }
            #expect(result == place)
        }
    }

    @Test(
        "work grows linearly with the text for expressions on which backtracking explodes",
        arguments: ["(a*)*b", "(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)x", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func linear(pattern: String) throws {
        func work(_ length: Int) throws -> (search: Int, capture: Int) {
            let pattern = try Regex(pattern)
            let search = try LazyDFA(pattern)
            let capture = try PikeVM(try Regex("(?:\(pattern.text))|(!)"), group: 1)
            let text = Array((String(repeating: "a", count: length) + "!").utf8)
            _ = text.withUnsafeBytes { search.matches($0) }
            _ = text.withUnsafeBytes { capture.find(in: $0) }
            return (search.work, capture.work)
        }
        let short = try work(1_000), long = try work(4_000)
        // Once the states are known the fast machine does nothing but look them up.
        #expect(long.search <= short.search + 200)
        #expect(long.capture <= short.capture * 5)
        #expect(long.search > 0 && long.capture > 4_000)
    }

    @Test("the table of states is bounded, and emptying it changes no answer")
    func manyStates() throws {
        // The 14th letter from the end: 2^14 states.
        let search = try LazyDFA(try Regex("a.{13}$"))
        var state: UInt64 = 1
        for _ in 0..<10 {
            let text = (0..<600).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(ascii: "a") + UInt8(state >> 63)
            }
            let expected = text[text.count - 14] == UInt8(ascii: "a")
            #expect(text.withUnsafeBytes { search.matches($0) } == expected)
        }
    }

    // MARK: Against the standard library

    private struct Random {
        var state: UInt64
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        mutating func pattern(_ depth: Int) -> String {
            if depth == 0 {
                return ["a", "b", "c", ".", "[ab]", "[^a]", "é", "\\d", "a", "b", "[a-é]"][below(11)]
            }
            switch below(9) {
            case 0, 1, 2: return pattern(depth - 1) + pattern(depth - 1)
            case 3, 4: return "(" + pattern(depth - 1) + "|" + pattern(depth - 1) + ")"
            case 5:
                // Not a nullable body: what an empty turn of a loop captures is a matter of taste.
                return "(?:" + solid(depth - 1) + ")"
                    + [
                        "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}",
                        "{0,2}?",
                    ][below(9)]
            case 6: return "(" + pattern(depth - 1) + ")"
            case 7: return below(2) == 0 ? "^" + pattern(depth - 1) : pattern(depth - 1) + "$"
            default: return pattern(depth - 1)
            }
        }
        private mutating func solid(_ depth: Int) -> String {
            [
                "a", "b", "[ab]", "ab", "(a|bc)", "a|b|é",
                ".",
            ][below(7)]
        }
        mutating func text() -> String {
            (0..<below(8)).map { _ in ["a", "b", "c", "é", "1", "日"][below(6)] }.joined()
        }
    }

    @Test("matches and groups are those of the standard library's Regex", arguments: 0..<8)
    func differential(seed: Int) throws {
        var random = Random(state: UInt64(seed) &* 999_983 &+ 17)
        var hits = 0
        for _ in 0..<60 {
            let text = random.pattern(3)
            let regex = try _StringProcessing.Regex(text).matchingSemantics(.unicodeScalar)
            let pattern = try Regex(text)
            let search = try LazyDFA(pattern)
            let captures = try (0...pattern.groupCount).map { try PikeVM(pattern, group: $0) }
            for _ in 0..<12 {
                let subject = random.text()
                let expected = try regex.firstMatch(in: subject)
                let bytes = Array(subject.utf8)
                #expect(bytes.withUnsafeBytes { search.matches($0) } == (expected != nil), "\(text) in \(subject)")
                for (group, capture) in captures.enumerated() {
                    let range = bytes.withUnsafeBytes { capture.find(in: $0) }
                    let mine = range.map { String(decoding: bytes[$0], as: UTF8.self) }
                    let theirs = expected.flatMap { $0.output[group].substring.map { String($0) } }
                    #expect(mine == theirs, "group \(group) of \(text) in \(subject)")
                }
                hits += expected == nil ? 0 : 1
            }
        }
        #expect(hits > 100)
    }
}
