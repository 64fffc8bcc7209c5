import Testing

@testable import StreamEngine

/// The texts of all groups in the first match; nil if nothing matches.
private func groups(_ pattern: String, _ text: String) throws -> [String?]? {
    let search = try CaptureSearch(try Regex(pattern))
    let count = try Regex(pattern).groupCount
    let bytes = Array(text.utf8)
    let padded = bytes + [UInt8](repeating: UInt8(ascii: "x"), count: CaptureSearch.padding)
    let found = padded.withUnsafeBytes { padded in
        padded.baseAddress.map { search.matches($0, count: bytes.count) } ?? false
    }
    guard found else { return nil }
    return (0..<count).map { group in
        let (start, end) = (search.slots[2 * group], search.slots[2 * group + 1])
        return start < 0 || end < start ? nil : String(decoding: bytes[Int(start)..<Int(end)], as: UTF8.self)
    }
}

/// The same by the machine whose time is linear.
private func slowGroups(_ pattern: String, _ text: String) throws -> [String?]? {
    let regex = try Regex(pattern)
    let machine = try PikeVM(regex, capturing: Array(1..<regex.groupCount + 1))
    let bytes = Array(text.utf8)
    let count = try Regex(pattern).groupCount
    return bytes.withUnsafeBytes { machine.match($0) }.map { slots in
        (0..<count).map { group in
            let (start, end) = (slots[2 * group], slots[2 * group + 1])
            return start < 0 || end < start ? nil : String(decoding: bytes[Int(start)..<Int(end)], as: UTF8.self)
        }
    }
}

@Suite struct CaptureSearchTests {
    @Test(
        "groups are those of the leftmost match, alternatives in the order written",
        arguments: [
            ("(a|ab)", "xab", ["a"]), ("(ab|a)", "xab", ["ab"]), ("(a+)", "baaa", ["aaa"]), ("(a+?)", "baaa", ["a"]),
            ("<(.*)>", "<a><b>", ["a><b"]), ("<(.*?)>", "<a><b>", ["a"]), ("(a)|(b)", "b", [nil, "b"]),
            ("(\\w)+", "abc", ["c"]), ("(a|ab)(c|bcd)$", "abcd", ["a", "bcd"]), ("()", "abc", [""]),
            ("(a*)b", "b", [""]), ("(a*)", "", [""]), ("x", "abc", nil), ("(a?)(a?)(a?)", "aa", ["a", "a", ""]),
            ("(\\S+) (\\S+)", "é ü", ["é", "ü"]), ("(.)(.)", "日本", ["日", "本"]), ("(.*)本(.*)", "日本語", ["日", "語"]),
            ("(.*?)本(.*?)$", "日本語", ["日", "語"]), ("\"([^\"]*)\"", "x \"a b\" \"c\"", ["a b"]),
            ("\\[([^\\]]+)\\]", "[01/Mar]", ["01/Mar"]), ("(\\d+)ms$", "took 12ms", ["12"]),
            ("(\\d+) (\\d+)$", "1 22 333", ["22", "333"]), ("^(\\S+).* (\\S+)$", "a b c d", ["a", "d"]),
            ("(?i)LEVEL=(\\w+)", "x level=warn", ["warn"]), ("(.+)", "a\nb", ["a"]), ("(?s)(.+)", "a\nb", ["a\nb"]),
            ("(?s:(.+))-(.+)", "a\nb-c\nd", ["a\nb", "c"]), ("([^a]+)", "b\nc", ["b\nc"]),
            ("(a*)^(b)", "b", ["", "b"]), ("(a*)^", "aa", [""]), ("(?:(a)|b)*", "ab", ["a"]),
            ("([a-z]+)([^a-z].*)?$", "abc", ["abc", nil]), ("([é-ü]+)", "aéöz", ["éö"]),
            ("(a{2,3}?)(a*)", "aaaa", ["aa", "aa"]), ("([ab]{2,})b", "abab", ["aba"]), ("(x?)(?:y|$)", "x", ["x"]),
        ] as [(String, String, [String?]?)])
    func facts(pattern: String, text: String, expected: [String?]?) throws {
        #expect(try groups(pattern, text) == expected)
        #expect(try slowGroups(pattern, text) == expected)
    }

    @Test("long runs end at the right byte, wherever they do", arguments: 0..<70)
    func runs(length: Int) throws {
        for filler in ["a", "é", "\t", "\n", "a日"] {
            let run = String(repeating: filler, count: length)
            #expect(try groups("([^|]*)\\|(.*)", "\(run)|z") == [run, "z"])
            #expect(try groups("([^|\"]*)\"", "\(run)\"z") == [run])
            #expect(try groups("^(\\S*)(.?)", run) == (try slowGroups("^(\\S*)(.?)", run)))
            #expect(try groups("(.*)", run) == (try slowGroups("(.*)", run)))
        }
    }

    @Test("any pattern finds the same groups as the machine of linear time", arguments: 0..<20)
    func random(seed: Int) throws {
        var source = SeededGenerator(seed: UInt64(seed))
        let atoms = [
            "a", "b", " ", "é", ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "\\S", "[^\"]", "\"", "^", "$", "(?s:.)",
            "[é-ü]",
        ]
        func pattern(_ depth: Int) -> String {
            guard depth > 0 else { return source.pick(atoms) }
            switch source.below(8) {
            case 0...2: return (0..<(1 + source.below(3))).map { _ in pattern(depth - 1) }.joined()
            case 3: return "(?:\(pattern(depth - 1))|\(pattern(depth - 1)))"
            case 4, 5: return "(\(pattern(depth - 1)))"
            case 6:
                return
                    "\(source.pick(["a", ".", "\\S", "[^\"]", "[ab]", "é"]))\(source.pick(["*", "+", "*?", "+?", "?"]))"
            default:
                return "(?:\(pattern(depth - 1)))\(source.pick(["*", "+", "?", "{2}", "{1,2}", "*?", "+?", "{2,}"]))"
            }
        }
        let letters = ["a", "b", " ", "é", "\"", "1", "\n", "日"]
        for _ in 0..<60 {
            // Anchors cannot be repeated in any useful way, but the parser takes them.
            let pattern = pattern(3)
            guard (try? Regex(pattern)) != nil else { continue }
            for _ in 0..<12 {
                let text = (0..<source.below(14)).map { _ in source.pick(letters) }.joined()
                let (found, expected) = (try groups(pattern, text), try slowGroups(pattern, text))
                #expect(found == expected, "\(pattern) in \(text)")
            }
        }
    }

    @Test(
        "patterns on which backtracking explodes end soon",
        arguments: ["(a*)*b", "(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)x", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    func linear(pattern: String) throws {
        let text = String(repeating: "a", count: 3_000) + "!"
        #expect(try groups(pattern, text) == (try slowGroups(pattern, text)))
    }

    @Test("groups have names of letters, digits and underscores")
    func names() throws {
        #expect(try Regex("(?<a>x)(y)(?P<b_2>z)").groupNames == ["a", nil, "b_2"])
        for pattern in ["(?<2>x)", "(?<a-b>x)", "(?<>x)", "(?P=a)", "(?<a", "(?P>a)"] {
            #expect(throws: RegexError.self) { try Regex(pattern) }
        }
    }
}
