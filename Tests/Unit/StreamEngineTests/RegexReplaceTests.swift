import Testing

@testable import StreamEngine

@Suite("regex_replace") struct RegexReplaceTests {
    private static func replaced(_ text: String, _ pattern: String, _ replacement: String) throws -> String? {
        let regex = try Regex(pattern)
        let replacer = try RegexReplacer(
            regex, try RegexReplacement(replacement, groupCount: regex.groupCount))
        return replaced(text, replacer)
    }

    private static func replaced(_ text: String, _ replacer: RegexReplacer) -> String? {
        var arena = ByteArena()
        return Array(text.utf8).withUnsafeBytes { bytes in
            let result = replacer.replace(in: Value(bytes), &arena)
            return result.isNull ? nil : String(decoding: result.bytes, as: UTF8.self)
        }
    }

    @Test(
        "every match is replaced, the leftmost first",
        arguments: [
            ("/user/42/cart/7", "/[0-9]+", "/:id", "/user/:id/cart/:id"), ("abc", "x", "y", "abc"), ("", "a", "b", ""),
            ("aaa", "a", "", ""), ("aaa", "aa", "b", "ba"), ("a1b22", "[0-9]+", "#", "a#b#"),
            ("aXbX", "(?i)x", "-", "a-b-"), ("abab", "^ab", "-", "-ab"), ("abab", "ab$", "-", "ab-"),
            ("ab", "^ab$", "-", "-"), ("a\nb", "^b", "-", "a\nb"), ("éaé", "é", "e", "eae"), ("日本", ".", "x", "xx"),
            ("aab", "a|aa", "-", "--b"), ("aab", "aa|a", "-", "-b"), ("aaa", "a+?", "-", "---"),
            ("<a><b>", "<.*>", "-", "-"),
            ("<a><b>", "<.*?>", "-", "--"), ("x=1;y=22", "=[0-9]{2,}", "=n", "x=1;y=n"),
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", ":uuid", ":uuid"),
        ])
    func matches(text: String, pattern: String, replacement: String, expected: String) throws {
        #expect(try Self.replaced(text, pattern, replacement) == expected)
    }

    @Test(
        "an empty match is replaced too, and the search goes on behind the next character",
        arguments: [
            ("abxd", "x*", "-", "-a-b--d-"), ("", "x*", "-", "-"), ("é", "x*", "-", "-é-"), ("ab", "$", "!", "ab!"),
            ("ab", "^", "!", "!ab"), ("ab", "^|$", "!", "!ab!"), ("aa", "(a|b)*", "-", "--"),
            ("ab", "()", "-", "-a-b-"),
        ])
    func empty(text: String, pattern: String, replacement: String, expected: String) throws {
        #expect(try Self.replaced(text, pattern, replacement) == expected)
    }

    @Test(
        "groups are $1 or \\1, the whole match is $0, $&, \\0 or \\&",
        arguments: [
            ("ab", "(a)(b)", "$2$1", "ba"), ("ab", "(a)(b)", #"\2\1"#, "ba"), ("ab", "(a)(b)", "${2}1", "b1"),
            ("ab", "a", "<$0>", "<a>b"), ("ab", "a", "<$&>", "<a>b"), ("ab", "a", #"<\0>"#, "<a>b"),
            ("ab", "a", #"<\&>"#, "<a>b"), ("ab", "(a)", "$12", "a2b"), ("ab", "a", "$$1", "$1b"),
            ("ab", "a", #"\$1"#, "$1b"),
            ("ab", "a", #"\\"#, #"\b"#), ("ab", "a", #"\n\t"#, "\n\tb"), ("ab", "a", "$", "$b"),
            ("ab", "a", "$ 1", "$ 1b"),
            ("ab", "a", "${", "${b"), ("ab", "a", "${x}", "${x}b"), ("b", "(a)?b", "[$1]", "[]"),
            ("ab", "(a)|(b)", "[$1$2]", "[a][b]"), ("abab", "(?:(a)|b)*", "[$1]", "[a][]"),
            ("k=v", "(?<key>[a-z])=(?P<value>[a-z])", "$2=$1", "v=k"),
            ("abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$10", "kj"),
        ])
    func groups(text: String, pattern: String, replacement: String, expected: String) throws {
        #expect(try Self.replaced(text, pattern, replacement) == expected)
    }

    @Test(
        "a replacement that cannot be meant is refused with the remedy",
        arguments: [
            ("regex_replace(s, 'a', '$1')", "0 groups, so there is no group 1; for a dollar sign write $$"),
            ("regex_replace(s, '(a)', '$2')", "1 group"), (#"regex_replace(s, 'a', '\q')"#, "a backslash itself is"),
            (#"regex_replace(s, 'a', 'b\')"#, "closing '"), ("regex_replace(s, 'a', b)", "in single quotes"),
            ("regex_replace(s, a, 'b')", "in single quotes"), ("regex_replace(s, '(', 'b')", "')' is missing"),
            ("regex_replace(s, 'a')", "regex_replace(s, 'regex', 'text')"),
            ("regexp_replace(s, 'a', 'b', 'g')", "regex_replace(s, 'regex', 'text')"),
            ("sub(s, 'a', 'b')", "regex_replace(s, 'regex', 'text')"),
        ])
    func refusals(text: String, remedy: String) {
        do {
            _ = try Expression.parse(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.reason.contains(remedy), "\(error.reason)")
        }
    }

    @Test("in an expression, quotes need a backslash in pattern and replacement, and other backslashes do not")
    func quotes() throws {
        #expect(try value(#"regex_replace(s, '\'(\w)', '\'\1')"#, ["s": .string("'a'b")]) == .string("'a'b"))
        #expect(try value(#"regex_replace(s, '(\d)', '<\1>')"#, ["s": .string("a1")]) == .string("a<1>"))
        #expect(try value("s.regex_replace('a', 'b')", ["s": .string("a")]) == .string("b"))
        #expect(try value("regexp_replace(s, '5', '6')", ["s": .int(55)]) == .string("66"))
        #expect(try value("regex_replace(s, 'a', 'b')", ["s": .null]) == .null)
    }

    /// What a search that begins anew behind each match gives.
    private static func plain(_ text: [UInt8], _ pattern: String) throws -> [Range<Int>] {
        var found: [Range<Int>] = []
        var place = 0
        let machine = try PikeVM(try Regex(pattern), group: 0)
        while place <= text.count {
            let rest = text[place...]
            guard let range = Array(rest).withUnsafeBytes({ machine.find(in: $0) }) else { break }
            found.append(range.lowerBound + place..<range.upperBound + place)
            place += range.upperBound
            if range.isEmpty { place += 1 }
        }
        return found
    }

    @Test("the matches are those that another machine finds one by one")
    func differential() throws {
        var random = SeededGenerator(seed: 5)
        let atoms = ["a", "b", "[ab]", ".", "(a|b)", "(ab)", "(a|ab)", "(?:b|ba)"]
        let signs = ["", "", "*", "+", "?", "*?", "+?", "{2}", "{1,2}"]
        for _ in 0..<3000 {
            var pattern = ""
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                pattern += atoms.randomElement(using: &random)! + signs.randomElement(using: &random)!
                if Int.random(in: 0..<6, using: &random) == 0 { pattern += "|" }
            }
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in "abc".utf8.randomElement(using: &random)!
            }
            var expected: [UInt8] = []
            var copied = 0
            for range in try Self.plain(text, pattern) {
                expected += text[copied..<range.lowerBound] + [UInt8(ascii: "<")] + text[range] + [UInt8(ascii: ">")]
                copied = range.upperBound
            }
            expected += text[copied...]
            let given = String(decoding: text, as: UTF8.self)
            #expect(
                try Self.replaced(given, pattern, "<$0>") == String(decoding: expected, as: UTF8.self),
                "\(pattern) in \(given)")
        }
    }

    @Test(
        "the time for all matches grows with the text, not with its square",
        arguments: ["a(.*b)?", "(a*)*c|a", "a+?$|a", "(a|aa)+b|a", "(?:a?){20}a{20}|b"])
    func linearTime(pattern: String) throws {
        let regex = try Regex(pattern)
        func work(_ count: Int) throws -> Int {
            let replacer = try RegexReplacer(regex, try RegexReplacement("x", groupCount: regex.groupCount))
            _ = Self.replaced(String(repeating: "a", count: count), replacer)
            return replacer.work
        }
        let (short, long) = (try work(1000), try work(4000))
        #expect(long <= 5 * short, "\(short) steps for 1000 bytes, \(long) for 4000")
    }

    @Test("a result that would not fit in memory is null, and so is one that takes too much to find")
    func limits() throws {
        let long = String(repeating: "a", count: 100_000)
        #expect(try Self.replaced(long, "a", String(repeating: "b", count: 1000)) == nil)
        #expect(try Self.replaced(long, "a", "bc")?.utf8.count == 200_000)
        #expect(try Self.replaced(long, "a{1000}b|(a{1000}){15}c|a", "b") == nil)
    }

    @Test("a replacer that has failed on a long text goes on with the next one")
    func reuse() throws {
        let regex = try Regex("(a)b*")
        let replacer = try RegexReplacer(regex, try RegexReplacement("<$1>", groupCount: 1))
        for text in ["ab", String(repeating: "ab", count: 5000), "b", "aab", ""] {
            let again = try RegexReplacer(regex, try RegexReplacement("<$1>", groupCount: 1))
            #expect(Self.replaced(text, replacer) == Self.replaced(text, again))
        }
    }
}
