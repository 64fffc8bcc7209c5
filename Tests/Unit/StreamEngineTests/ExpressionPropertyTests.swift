import Testing

@testable import StreamEngine

private let strings = [
    "", "a", "b", "ab", "A", "it's", "12", "-3", "0.5", "1e2", "9007199254740993", " 12", "é",
    "e\u{301}", "12x",
]
private let integers: [Int64] = [
    0, 1, -1, 2, 7, 12, 100, -3, 9_007_199_254_740_993, .max, .min,
    4_611_686_018_427_387_904,
]
private let doubles: [Double] = [0, 0.5, -0.5, 1, 2.5, 100, 12, 9_007_199_254_740_992, 9.3e18, -1e300, 1e300]

private func datum(_ random: inout SeededGenerator) -> OwnedValue {
    switch random.below(9) {
    case 0, 1: .null
    case 2: .bool(random.below(2) == 0)
    case 3, 4: .int(random.pick(integers))
    case 5: .double(random.pick(doubles))
    case 6, 7: .string(random.pick(strings))
    default: .json(random.pick(["[1]", "{\"a\":1}", "[]"]))
    }
}

private func tree(_ random: inout SeededGenerator, depth: Int) -> Tree {
    if depth == 0 || random.below(6) == 0 {
        if random.below(3) > 0 { return .field(random.pick(["p", "q", "r.s", "t[0]"])) }
        var literal = datum(&random)
        while true {
            switch literal {
            // There is no literal for these; and comparing with the literal null is refused.
            case .json, .time, .null: literal = datum(&random)
            default: return .literal(literal)
            }
        }
    }
    func part(_ random: inout SeededGenerator) -> Tree { tree(&random, depth: depth - 1) }
    switch random.below(14) {
    case 0: return .unary("-", part(&random))
    case 1: return .unary("!", part(&random))
    case 2: return .isNull(part(&random))
    case 3: return .choose(part(&random), part(&random), part(&random))
    case 4:
        let items = (0...random.below(4)).map { _ in part(&random) }
        return .member(part(&random), items)
    case 5: return .binary("??", part(&random), part(&random))
    case 6, 7: return .binary(random.pick(["+", "-", "*", "/", "%"]), part(&random), part(&random))
    case 8, 9: return .binary(random.pick(["&&", "||"]), part(&random), part(&random))
    case 10, 11: return .binary(random.pick(["==", "!=", "<", "<=", ">", ">="]), part(&random), part(&random))
    default:
        let name = random.pick(["coalesce", "type", "number", "sign", "length", "bytes", "upper", "concat"])
        let several = name == "coalesce" || name == "concat"
        return .call(name, (0...(several ? random.below(3) : 0)).map { _ in part(&random) })
    }
}

/// The text of a tree with only the parentheses that it needs, and now and then some more.
private func text(_ tree: Tree, atLeast level: Int, _ random: inout SeededGenerator) -> String {
    func inner(_ tree: Tree, _ level: Int) -> String { text(tree, atLeast: level, &random) }
    let own: Int
    var result: String
    switch tree {
    case .literal(let datum):
        own = 9
        switch datum {
        case .bool(let bool): result = "\(bool)"
        case .int(let int): result = "\(int)"
        case .double(let double): result = "\(double)"
        case .string(let string):
            let parts = string.split(separator: "'", omittingEmptySubsequences: false)
            result = "'" + parts.joined(separator: "\\'") + "'"
        default: result = "null"
        }
    case .field(let name): (own, result) = (9, name)
    case .unary(let sign, let tree):
        if sign == "!", random.below(2) == 0 {
            (own, result) = (3, "not " + inner(tree, 3))
        } else {
            (own, result) = (8, sign + inner(tree, 8))
        }
    case .isNull(let tree): (own, result) = (4, inner(tree, 5) + " is null")
    case .choose(let c, let a, let b):
        (own, result) = (0, "\(inner(c, 1)) ? \(inner(a, 0)) : \(inner(b, 0))")
    case .member(let x, let items):
        (own, result) = (4, inner(x, 5) + " in (" + items.map { inner($0, 0) }.joined(separator: ", ") + ")")
    case .call(let name, let arguments):
        (own, result) = (9, name + "(" + arguments.map { inner($0, 0) }.joined(separator: ",") + ")")
    case .binary(let sign, let a, let b):
        switch sign {
        case "||": own = 1
        case "&&": own = 2
        case "??": own = 5
        case "+", "-": own = 6
        case "*", "/", "%": own = 7
        default: own = 4
        }
        let word = sign == "||" ? " or " : (sign == "&&" ? " and " : (sign == "==" ? " = " : sign))
        let operands = own == 4 || own == 5 ? own + 1 : own
        result = inner(a, operands) + (random.below(2) == 0 ? sign : word) + inner(b, own + 1)
    }
    if own < level || random.below(12) == 0 { result = "( " + result + ")" }
    return result
}

@Suite struct ExpressionPropertyTests {
    @Test("columns of values give what walking the tree row by row gives", arguments: 0..<16)
    func columnsAgreeWithTheTree(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &* 77_777)
        for _ in 0..<400 {
            let tree = tree(&random, depth: 1 + random.below(4))
            let text = text(tree, atLeast: 0, &random)
            // Now and then more rows than a block has.
            let count = random.below(120) == 0 ? Program.block + 1 + random.below(Program.block) : 1 + random.below(6)
            let rows = (0..<count).map { _ in
                var row: [String: OwnedValue] = [:]
                for name in ["p", "q", "r.s", "t[0]"] { row[name] = datum(&random) }
                return row
            }
            let result = try evaluate(text, over: rows)
            for (position, row) in rows.enumerated() {
                let expected = tree.value(row)
                if result.values[position] != expected {
                    Issue.record("\(text) over \(row): \(result.values[position]), expected \(expected)")
                    return
                }
                #expect(result.kept[position] == (expected == .bool(true)))
            }
        }
    }

    @Test("no text, however broken, traps the parser")
    func noise() {
        var random = SeededGenerator(seed: 5)
        let pieces = [
            "a", "b.c", "'x'", "'", "\"", "1", "2.5", "1e", "(", ")", "+", "-", "!", "not", "in", "is", "null", "?",
            ":", ",",
            "~", "'[a'", "~'a{2'", "&&", "or", "==", "<", "??", "substr(", "time(", "extract(a,", "\\", "é", "@", "[",
            "]", "0x", ".",
        ]
        var parsed = 0
        for _ in 0..<5_000 {
            let words = (0...random.below(9)).map { _ in random.pick(pieces) }
            let text = words.joined(separator: random.below(2) == 0 ? " " : "")
            if (try? Expression.parse(text)) != nil { parsed += 1 }
            _ = try? Expression.parseAggregates(text)
            _ = try? Expression.parseSelection(text)
        }
        #expect(parsed > 50)
    }
}
