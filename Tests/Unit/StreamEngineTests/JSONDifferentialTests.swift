import Testing

@testable import StreamEngine

/// Random records, written in random ways.
private struct RecordMaker {
    var random: SeededGenerator

    /// Names that are prefixes of one another, agree in their first eight bytes, or need quotes in a path.
    static let names = [
        "a", "b", "ab", "a.b", "b[0]", "b.a", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghj", "abcdefghijklmnop",
        "abcdefghijklmnopq", "abcdefghijklmnopr", "\u{e9}", "", "x y", "q\"u", "$watermark",
    ]

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func space() -> String { pick(["", "", "", "", " ", "\t", "  ", "\r"]) }

    /// A string in quotes, some of its characters escaped.
    mutating func text(_ content: String) -> String {
        let escapes = pick([0, 0, 0, 3])
        return "\""
            + content.unicodeScalars.map { scalar -> String in
                if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
                if scalar.value < 0x20 || Int.random(in: 0..<10, using: &random) < escapes {
                    return String(scalar).utf16.map { unit in
                        let hex = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                        return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                    }.joined()
                }
                return String(scalar)
            }.joined() + "\""
    }

    mutating func number() -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: "\(Int64.random(in: .min ... .max, using: &random))"
        case 1: "\(Int.random(in: -99...99, using: &random))"
        case 2: "\(Double.random(in: -1e3...1e3, using: &random))"
        case 3: "\(Int.random(in: 0...9, using: &random)).\(Int.random(in: 0...999, using: &random))"
        case 4: pick(["0", "-0", "1e5", "1E-5", "2.5e+3", "123456789012345678901234567890", "0.1e-300", "1e308"])
        default: "\(UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0...63, using: &random))"
        }
    }

    mutating func value(_ depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: pick(["null", "true", "false"])
        case 1, 2: number()
        case 3: text(pick(Self.names + ["\u{1d11e}\n", "a longer text with \u{e9} and \u{20ac} in it", "\\", "/"]))
        case 4: text(String(repeating: "z", count: Int.random(in: 0...40, using: &random)))
        case 5: pick(["[]", "{}", "[ ]", "{\t}"])
        case 6: array(depth - 1)
        default: object(depth - 1)
        }
    }

    private mutating func array(_ depth: Int) -> String {
        let elements = (0...Int.random(in: 0...3, using: &random)).map { _ in space() + value(depth) + space() }
        return "[" + elements.joined(separator: ",") + "]"
    }

    mutating func object(_ depth: Int) -> String {
        let names = [pick([3, 6, Self.names.count])].map { Array(Self.names.prefix($0)) }[0]
        let members = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            space() + text(pick(names)) + space() + ":" + space() + value(depth) + space()
        }
        return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
    }

    mutating func path() throws -> FieldPath {
        let names = Array(Self.names.prefix(pick([3, 6, Self.names.count])))
        var text = ""
        for step in 0...Int.random(in: 0...2, using: &random) {
            if step > 0, Int.random(in: 0..<3, using: &random) == 0 {
                text += "[\(Int.random(in: 0...2, using: &random))]"
            } else {
                let name = pick(names).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                text += (step > 0 ? "." : "") + "\"\(name)\""
            }
        }
        return try FieldPath.parse(text)
    }

    /// With other digits, and other characters instead of `z`.
    mutating func vary(_ line: [UInt8]) -> [UInt8] {
        line.map { byte in
            guard Int.random(in: 0..<3, using: &random) == 0 else { return byte }
            if byte == UInt8(ascii: "z") { return pick(Array("zZ09 !#[]~{,:\u{7f}".utf8)) }
            return 0x30...0x39 ~= byte ? UInt8.random(in: 0x30...0x39, using: &random) : byte
        }
    }

    /// One to three small damages.
    mutating func mutate(_ line: [UInt8]) -> [UInt8] {
        var line = line
        for _ in 0...Int.random(in: 0...2, using: &random) {
            let place = Int.random(in: 0...line.count, using: &random)
            let byte =
                Bool.random(using: &random)
                ? pick(Array("{}[]\",:\\/ \t\r0159-+.eEtrufalsn\u{0}\u{1f}\u{7f}\u{e9}".utf8))
                : UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: line.insert(byte, at: place)
            case 1 where place < line.count: line.remove(at: place)
            case 2 where place < line.count:
                line.swapAt(place, Int.random(in: 0..<line.count, using: &random))
            case 3:
                let end = min(line.count, place + Int.random(in: 0...8, using: &random))
                line.insert(contentsOf: line[place..<end], at: Int.random(in: 0...line.count, using: &random))
            default: if place < line.count { line[place] = byte }
            }
        }
        return line.filter { $0 != 0x0a }
    }
}

@Suite struct JSONDifferentialTests {
    #if DEBUG
    static let rounds = 100
    #else
    static let rounds = 1000
    #endif
    static let linesPerRound = 500

    /// Scans the lines in one batch and compares each with what the tree says.
    private static func compare(_ lines: [[UInt8]], _ fields: [FieldPath], seed: UInt64) -> (
        accepted: Int, rejected: Int
    )? {
        let scanned = Dictionary(grouping: scanRows(Array(lines.joined(separator: [0x0a])), fields), by: \.line)
        var accepted = 0
        for (number, line) in lines.enumerated() {
            let tree = JSONTree.record(line)
            let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
            let expected = recordsOfLine(line).records.map { tree in
                tree.map { tree in fields.map { tree.find($0)?.description ?? "missing" } }
            }
            let found = (scanned[number] ?? []).map { $0.record.status.isRejected ? nil : $0.record.values }
            let defect = line.withUnsafeBytes { JSONDiagnosis.defect(in: $0) }
            if !isBlank, (defect == nil) != (tree != nil) {
                Issue.record(
                    "seed \(seed) line \(number): \(String(decoding: line, as: UTF8.self)): \(String(describing: defect))"
                )
                return nil
            }
            if found != expected || found.isEmpty != isBlank {
                Issue.record(
                    """
                    seed \(seed) line \(number): \(String(decoding: line, as: UTF8.self))
                    bytes \(line)
                    fields \(fields.map(\.text))
                    scanner \(found) \((scanned[number] ?? []).map(\.record.status.name))
                    tree    \(expected)
                    """)
                return nil
            }
            if tree != nil { accepted += 1 }
        }
        return (accepted, lines.count - accepted)
    }

    @Test("every path finds in a random record what following it step by step finds")
    func lookUp() throws {
        for seed in 0..<UInt64(Self.rounds) {
            var maker = RecordMaker(random: SeededGenerator(seed: seed))
            var fields: [FieldPath] = []
            for _ in 0..<Int.random(in: 1...8, using: &maker.random) {
                let path = try maker.path()
                if !fields.contains(path) { fields.append(path) }
            }
            let lines = (0..<Self.linesPerRound / 2).map { _ in Array(maker.object(3).utf8) }
            guard let counts = Self.compare(lines, fields, seed: seed) else { return }
            #expect(counts.rejected == 0)
        }
    }

    @Test("a damaged record is taken exactly when it is still valid, with the values that it then has")
    func damaged() throws {
        var total = (accepted: 0, rejected: 0)
        for seed in 0..<UInt64(Self.rounds) {
            var maker = RecordMaker(random: SeededGenerator(seed: seed &+ 1_000_000))
            let fields = try ["a", "a.b", "b[0]", "abcdefghi"].map { try FieldPath.parse($0) }
            let lines = (0..<Self.linesPerRound).map { _ in maker.mutate(Array(maker.object(2).utf8)) }
            guard let counts = Self.compare(lines, fields, seed: seed) else { return }
            total.accepted += counts.accepted
            total.rejected += counts.rejected
        }
        #expect(total.accepted > total.rejected / 20 && total.rejected > total.accepted / 20)
    }

    @Test("records that are nearly alike have the values that each has on its own")
    func nearlyAlike() throws {
        var total = (accepted: 0, rejected: 0)
        for seed in 0..<UInt64(Self.rounds) {
            var maker = RecordMaker(random: SeededGenerator(seed: seed &+ 2_000_000))
            var fields: [FieldPath] = []
            for _ in 0..<Int.random(in: 1...5, using: &maker.random) {
                let path = try maker.path()
                if !fields.contains(path) { fields.append(path) }
            }
            var lines: [[UInt8]] = []
            while lines.count < Self.linesPerRound {
                let models = (0...maker.pick([0, 0, 2])).map { _ in Array(maker.object(2).utf8) }
                let end = maker.pick(["", "", "", "\r"])
                for _ in 0..<maker.pick([3, 30, 200]) {
                    let line = maker.vary(maker.pick(models)) + Array(end.utf8)
                    lines.append(Int.random(in: 0..<10, using: &maker.random) == 0 ? maker.mutate(line) : line)
                }
            }
            guard let counts = Self.compare(lines, fields, seed: seed) else { return }
            total.accepted += counts.accepted
            total.rejected += counts.rejected
        }
        #expect(total.accepted > total.rejected && total.rejected > total.accepted / 20)
    }
}
