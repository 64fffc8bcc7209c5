import Testing

@testable import StreamEngine

/// Nested objects, written in random ways, and what can become of them in the next record.
private struct NestedMaker {
    var random: SeededGenerator

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private static let escapes = [#"\\"#, #"\""#, #"\\\\\\"#, #"\\\""#, #"\u00e9"#, #"\ud834\udd1e"#, "é", "\u{1d11e}"]

    private mutating func scalar() -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: pick(["null", "true", "false"])
        case 1, 2: "\(Int.random(in: 0...99_999_999, using: &random))"
        case 3: "\(Int.random(in: -9...9, using: &random)).\(Int.random(in: 1...99, using: &random))"
        case 4: "\"" + String(repeating: "z", count: Int.random(in: 0...90, using: &random)) + pick(Self.escapes) + "\""
        default: "\"" + pick(["up", "down", "a,b", "{", "]", ":", ""]) + "\""
        }
    }

    private mutating func value(_ depth: Int) -> String {
        let space = pick(["", "", "", " ", "\t"])
        switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &random) {
        case 3: return "[" + (0..<4).map { _ in space + value(depth - 1) }.joined(separator: ",") + space + "]"
        case 4: return nested(depth - 1)
        default: return scalar()
        }
    }

    mutating func nested(_ depth: Int) -> String {
        let space = pick(["", "", "", " "])
        let members = (0..<5).map {
            "\(space)\"\(pick(["key", "k\\u0041", "longer_name"]))\($0)\"\(space):\(space)" + value(depth)
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// Some bytes replaced by others that can stand in their place, so that the layout mostly stays.
    mutating func changed(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let place = Int.random(in: 0..<text.count, using: &random)
            switch text[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digits = Array("\(Int.random(in: 0...999, using: &random))".utf8)
                text.replaceSubrange(place...place, with: pick([[digits[0]], digits]))
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                text.replaceSubrange(place...place, with: Array(pick(["q", "", "qq", "\\\\", "é", "\\n"]).utf8))
            default: break
            }
        }
        return text
    }

    /// One byte replaced, put in or left out.
    mutating func damaged(_ text: [UInt8]) -> [UInt8] {
        var text = text
        let place = Int.random(in: 0..<text.count, using: &random)
        let byte =
            Bool.random(using: &random)
            ? pick(Array("{}[]\",:\\/ \t\r0159-+.eEtrufalsn\u{0}\u{1f}\u{7f}".utf8) + [0x80, 0xc3, 0xed, 0xf5, 0xff])
            : UInt8.random(in: 11...255, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text.insert(byte, at: place)
        case 1: text.remove(at: place)
        default: text[place] = byte
        }
        return text
    }
}

/// What an unwanted object or array of an earlier record saves must change nothing.
struct SkipTemplateTests {
    private static let fields = ["id", "last"].compactMap { try? FieldPath.parse($0) }

    private static func record(_ padding: Int, _ nested: [UInt8], last: Int) -> [UInt8] {
        Array("{\"id\":\"\(String(repeating: "p", count: padding))\",\"nested\":".utf8) + nested
            + Array(",\"last\":\(last)}".utf8)
    }

    /// Whether one scanner finds in all lines what a new one finds in each.
    private static func compare(_ lines: [[UInt8]], _ what: String) -> Bool {
        let together = scanRows(Array(lines.joined(separator: [0x0a])), fields)
        let apart = lines.enumerated().flatMap { number, line in
            scanRows(line + [0x0a], fields).map { (line: number, record: $0.record) }
        }
        let ours = together.map { "\($0.line) \($0.record.status.name) \($0.record.values)" }
        let theirs = apart.map { "\($0.line) \($0.record.status.name) \($0.record.values)" }
        for (one, other) in zip(ours, theirs) where one != other {
            let line = Int(one.prefix { $0 != " " }) ?? 0
            Issue.record(
                "\(what): \(one) is \(other) to a new scanner: \(String(decoding: lines[line], as: UTF8.self))")
            return false
        }
        if ours.count != theirs.count { Issue.record("\(what): \(ours.count) rows instead of \(theirs.count)") }
        return ours.count == theirs.count
    }

    @Test("a scanner that knows a layout finds in changed and damaged records what a new one finds")
    func changesAndDamage() {
        #if DEBUG
        let rounds: UInt64 = 60
        #else
        let rounds: UInt64 = 2000
        #endif
        for seed in 0..<rounds {
            var maker = NestedMaker(random: SeededGenerator(seed: seed))
            var nested = Array(maker.nested(Int.random(in: 1...3, using: &maker.random)).utf8)
            var lines: [[UInt8]] = []
            for number in 0..<150 {
                if Int.random(in: 0..<4, using: &maker.random) > 0 { nested = maker.changed(nested) }
                let isDamaged = Int.random(in: 0..<4, using: &maker.random) == 0
                lines.append(
                    Self.record(number % 67, isDamaged ? maker.damaged(nested) : nested, last: number))
            }
            guard Self.compare(lines, "seed \(seed)") else { return }
        }
    }

    @Test("a record that is cut at any place, or has another byte there, is judged as by a new scanner")
    func everyPlace() {
        let text =
            #"{"n":[1,-2.5e3,{"deep":"a\\\"b é\u00e9"},true,null,NaN],"s":"\\\\","long":"\#(String(repeating: "x", count: 120))","end":{}}"#
        let nested = Array(text.utf8)
        for byte: UInt8? in [
            nil, 0x22, 0x5c, 0x2c, 0x3a, 0x7d, 0x5d, 0x7b, 0x30, 0x2d, 0x20, 0x00, 0x1f, 0x80, 0xc3, 0xff,
        ] {
            for padding in [0, 7, 15, 16, 33, 63] {
                var lines: [[UInt8]] = []
                for place in nested.indices {
                    let other =
                        byte.map { nested.prefix(place) + [$0] + nested.dropFirst(place + 1) } ?? nested.prefix(place)
                    lines.append(Self.record(padding, nested, last: place))
                    let record = Self.record(padding, Array(other), last: place)
                    lines.append(
                        byte == nil ? Array(record.prefix(record.count - ",\"last\":\(place)}".utf8.count)) : record)
                }
                guard Self.compare(lines, "byte \(byte.map { "\($0)" } ?? "cut"), padding \(padding)") else { return }
            }
        }
    }

    @Test("a container that is nested too deeply is rejected also where its text is known from a place less deep")
    func depth() {
        let deep = String(repeating: "[", count: 505) + String(repeating: "]", count: 505)
        let known = Array("{\"nested\":\(deep)}".utf8)
        let deeper = { (count: Int) in
            let outer = String(repeating: "{\"nested\":", count: count)
            return Array((outer + deep + String(repeating: "}", count: count)).utf8)
        }
        let lines = (1...20).flatMap { [known, deeper($0)] }
        #expect(Self.compare(lines, "depth"))
    }

    /// What a template made of one text says of another: how much of it the object takes; nil if it must be scanned.
    private static func end(_ known: String, _ text: String) -> Int? {
        var template = SkipTemplate()
        defer { template.deallocate() }
        Array(known.utf8).withUnsafeBytes { template.keep($0, depth: 1) }
        let padded = Array(text.utf8) + [UInt8](repeating: 0x0a, count: 64)
        let end = padded.withUnsafeBytes { buffer in
            buffer.baseAddress.map { template.end($0, from: 0, depth: 1) } ?? -1
        }
        return end < 0 ? nil : end
    }

    private static let known =
        #"{"requests":{"total":1234,"state":"up","ok":true,"list":[1,22,333]},"name":"\#(String(repeating: "n", count: 90))"}"#

    @Test(
        "scalars may differ, also in length and type",
        arguments: [
            ("1234", "5678"), ("1234", "1"), ("1234", "99999999999999999999"), ("1234", "-0.5e-7"), ("1234", "null"),
            ("1234", "\"1234\""), ("\"up\"", "\"dn\""), ("\"up\"", "\"\""), ("\"up\"", "\"a\\\"b\""), ("\"up\"", "17"),
            ("true", "false"), ("true", "null"), ("[1,22,333]", "[2,22,444]"), ("[1,22,333]", "[11,2,33333]"),
            ("333", "334"), ("nnn\"}", "n\u{e9}\"}"), ("nnn\"}", "\"}"),
        ])
    func scalars(_ change: (String, String)) {
        let text = Self.known.replacing(change.0, with: change.1, maxReplacements: 1)
        #expect(text != Self.known)
        #expect(Self.end(Self.known, text) == text.utf8.count)
        #expect(Self.end(Self.known, text + ",\"more\":1}") == text.utf8.count)
    }

    @Test(
        "anything else must be scanned in full",
        arguments: [
            ("1234", "01234"), ("1234", "12x4"), ("1234", "1."), ("1234", ""), ("1234", "{}"), ("1234", "NaN"),
            ("1234", "1234 "), ("\"up\"", "\"u\np\""), ("\"up\"", "\"\\x\""), ("true", "tru"), ("true", "truex"),
            ("[1,22,333]", "[1,22,333,4]"), ("[1,22,333]", "[1,22]"), ("\"total\"", "\"totals\""),
            ("\"ok\":", "\"ok\" :"),
            ("\"name\"", "\"nama\""), ("nnn\"}", "n"), ("\"}", "\",\"x\":1}"), ("{\"req", "[\"req"),
        ])
    func others(_ change: (String, String)) {
        let text = Self.known.replacing(change.0, with: change.1, maxReplacements: 1)
        #expect(text != Self.known)
        #expect(Self.end(Self.known, text) == nil)
    }

    @Test("a text at another depth must be scanned in full, and so must the next ones after two that differ")
    func pauses() {
        var template = SkipTemplate()
        defer { template.deallocate() }
        Array(Self.known.utf8).withUnsafeBytes { template.keep($0, depth: 1) }
        let known = Array(Self.known.utf8) + [UInt8](repeating: 0x0a, count: 64)
        let other = [UInt8](repeating: UInt8(ascii: "["), count: 64)
        func end(_ text: [UInt8], depth: Int = 1) -> Int {
            text.withUnsafeBytes { buffer in buffer.baseAddress.map { template.end($0, from: 0, depth: depth) } ?? -2 }
        }
        #expect(end(known, depth: 2) == -1)
        #expect(end(known) == Self.known.utf8.count)
        #expect(end(other) == -1 && !template.isWanting)
        #expect(end(known) == Self.known.utf8.count)
        #expect(end(other) == -1 && end(other) == -1)
        #expect(end(known) == -1 && template.isWanting)
        Array(Self.known.utf8).withUnsafeBytes { template.keep($0, depth: 1) }
        #expect(end(known) == Self.known.utf8.count)
    }

    @Test(
        "arrays of plain strings are passed at once, others are not",
        arguments: [
            ("[]", 2), ("[]]", 2), (#"["a"]"#, 5), (#"["a","b"],["c"]"#, 9),
            (#"["","\#(String(repeating: "x", count: 40))"]"#, 47),
            ("[ ]", -1), ("[,]", -1), (#"["a",]"#, -1), (#"["a" ]"#, -1), (#"["a" "b"]"#, -1), (#"["a",1]"#, -1),
            ("[1]", -1),
            (#"["a\\"]"#, -1), (#"["é"]"#, -1), (#"["a"}"#, -1), ("[\"a\n\"]", -1), (#"["a"#, -1), (#"["a","b""#, -1),
            ("[[]]", -1),
        ])
    func plainArrays(_ text: String, _ end: Int) {
        let padded = Array(text.utf8) + [UInt8](repeating: 0x0a, count: 64)
        let found = padded.withUnsafeBytes { $0.baseAddress.map { JSONString.endOfPlainArray($0, from: 0) } }
        #expect(found == end)
    }
}
