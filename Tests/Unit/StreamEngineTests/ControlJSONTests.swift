import Foundation
import Testing

@testable import StreamEngine

@Suite("JSON of control data") struct ControlJSONTests {
    private static let texts = [
        "", "a", "at_0", "\"", "\\", "/", "\n\r\t\u{8}\u{c}", "\u{0}\u{1f}\u{7f}", "é", "€", "𝄞", "e\u{301}",
        "\u{2028}",
        "a longer text that is not kept within a string of sixteen bytes",
    ]
    private static let integers: [Int64] = [0, 1, -1, 10, -90, 1_700_000_000_000_000, .min, .max, .min + 1]

    static func random(_ random: inout SeededGenerator, depth: Int = 0) -> ControlJSON {
        switch random.below(depth < 4 ? 5 : 3) {
        case 0: .text(random.pick(texts))
        case 1: .integer(random.pick(integers))
        case 2: .boolean(random.below(2) == 0)
        case 3: .array((0..<random.below(4)).map { _ in Self.random(&random, depth: depth + 1) })
        default:
            .object(
                (0..<random.below(4)).map { _ in
                    .init(random.pick(texts), Self.random(&random, depth: depth + 1))
                })
        }
    }

    /// The same text with white space between its tokens.
    static func spaced(_ tree: ControlJSON, _ random: inout SeededGenerator) -> String {
        func space() -> String { random.pick(["", " ", "\n", "\t \r\n"]) }
        let text: String
        switch tree {
        case .array(let elements):
            text = "[" + elements.map { spaced($0, &random) }.joined(separator: ",") + space() + "]"
        case .object(let members):
            let list = members.map { member in
                space() + ControlJSON.text(member.name).json + space() + ":" + spaced(member.value, &random)
            }
            text = "{" + list.joined(separator: ",") + space() + "}"
        default: text = tree.json
        }
        return space() + text + space()
    }

    static func failure(_ text: String) -> ControlJSONError? {
        do throws(ControlJSONError) {
            _ = try ControlJSON(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    @Test("what is written is read back, with any white space") func roundTrip() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let tree = Self.random(&random)
            #expect(try ControlJSON(parsing: tree.json) == tree)
            #expect(try ControlJSON(parsing: Self.spaced(tree, &random)) == tree)
        }
    }

    @Test("every truncation of an object is an error within the text") func truncated() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            let text = ControlJSON.object([.init("x", Self.random(&random))]).json.unicodeScalars
            for count in 0..<text.count {
                var start = String.UnicodeScalarView()
                start.append(contentsOf: text.prefix(count))
                let error = Self.failure(String(start))
                #expect(error.map { $0.offset <= String(start).utf8.count } == true, "\(String(start))")
            }
        }
    }

    @Test("garbage never traps, and what is accepted is JSON") func garbage() throws {
        var random = SeededGenerator(seed: 3)
        let pieces: [[UInt8]] = [
            "\"", "\\", "\\u", "\\ud834", "\\udd1e", "{", "}", "[", "]", ",", ":", "-", "0", "9", "1e3", ".5", "true",
            "false", "null", " ", "\n", "\u{0}", "é", "9223372036854775808",
        ].map { Array($0.utf8) }
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Array(Self.random(&random).json.utf8)
            for _ in 0..<(1 + random.below(3)) {
                let place = random.below(bytes.count + 1)
                switch random.below(3) {
                case 0 where place < bytes.count: bytes.remove(at: place)
                case 1 where place < bytes.count: bytes[place] = UInt8(random.below(256))
                default: bytes.insert(contentsOf: random.pick(pieces), at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let tree = try? ControlJSON(parsing: text) else { continue }
            accepted += 1
            #expect(try ControlJSON(parsing: tree.json) == tree)
            #expect(throws: Never.self, "\(text)") {
                try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            }
        }
        #expect(accepted > 1000)
    }

    @Test(
        "an error names the byte and what is wrong with it",
        arguments: [
            ("", 0, "expected a value"), ("  ", 2, "expected a value"), ("null", 0, "expected a value"),
            ("tru", 0, "expected a value"), ("{", 1, "expected the name of a member"),
            ("{\"a\":1,}", 7, "expected the name of a member"), ("{a:1}", 1, "expected the name of a member"),
            ("{\"a\" 1}", 5, "expected ':'"), ("{\"a\":}", 5, "expected a value"), ("[1,]", 3, "expected a value"),
            ("[1 2]", 3, "expected ',' or a closing bracket"), ("{\"a\":1]", 6, "expected ',' or a closing bracket"),
            ("[1", 2, "expected ',' or a closing bracket"), ("1 1", 2, "expected the end of the text"),
            ("\"a", 0, "invalid string"), ("[\"\\x\"]", 1, "invalid string"), ("\"\n\"", 0, "invalid string"),
            ("\"\\ud834\"", 0, "invalid string"), ("1.0", 0, "expected a 64-bit integer"),
            ("[1e3]", 1, "expected a 64-bit integer"), ("01", 0, "expected a 64-bit integer"),
            ("-", 0, "expected a 64-bit integer"), ("9223372036854775808", 0, "expected a 64-bit integer"),
            ("-9223372036854775809", 0, "expected a 64-bit integer"),
            ("100000000000000000000000000000", 0, "expected a 64-bit integer"), ("+1", 0, "expected a value"),
        ]) func errors(text: String, offset: Int, words: String)
    {
        #expect(Self.failure(text)?.description == "byte \(offset): \(words)")
    }

    @Test("64 levels of nesting are read, 65 are refused") func nesting() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try ControlJSON(parsing: nested(64)).json == nested(64))
        #expect(Self.failure(nested(65)) == ControlJSONError(offset: 64, problem: .nestedTooDeeply))
        #expect(Self.failure(String(repeating: "[{\"a\":", count: 100_000))?.problem == .nestedTooDeeply)
    }

    @Test("a member of an object is found by its name") func members() throws {
        let tree = try ControlJSON(parsing: #"{"a": 1, "b": {"c": "\u00e9\ud834\udd1e"}}"#)
        #expect(tree["a"] == .integer(1) && tree["b"]?["c"] == .text("é𝄞"))
        #expect(tree["c"] == nil && tree["a"]?["a"] == nil)
    }
}
