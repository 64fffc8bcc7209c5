import Testing

@testable import StreamEngine

/// The tree as text, every operation in parentheses.
private func shape(_ syntax: Syntax) -> String {
    switch syntax {
    case .literal(.null): return "null"
    case .literal(.boolean(let boolean)): return "\(boolean)"
    case .literal(.integer(let integer)): return "\(integer)"
    case .literal(.double(let double)): return "\(double)"
    case .literal(.digits(let bytes)): return String(decoding: bytes, as: UTF8.self)
    case .literal(.string(let bytes)): return "'" + String(decoding: bytes, as: UTF8.self) + "'"
    case .field(let path, _): return path.text
    case .aggregate(let call): return call.text
    case .apply(let operation, let arguments):
        let name: String
        switch operation {
        case .matches(let pattern): name = "matches \(pattern.text)"
        case .extract(let pattern, let group): name = "extract \(pattern.text) \(group)"
        case .compare(let comparison): name = "\(comparison)"
        default: name = "\(operation)"
        }
        return "(" + ([name] + arguments.map { shape($0) }).joined(separator: " ") + ")"
    }
}

private func shape(_ text: String) throws -> String { shape(try Expression.parse(text).syntax) }

@Suite struct ExpressionTests {
    @Test(
        "operators bind as documented",
        arguments: [
            ("1 + 2 * 3", "(add 1 (multiply 2 3))"), ("a-b-c", "(subtract (subtract a b) c)"),
            ("a / b % c", "(remainder (divide a b) c)"), ("-a * b", "(multiply (negate a) b)"),
            (
                "2 - -3",
                "(subtract 2 -3)"
            ),
            ("- - a", "(negate (negate a))"), ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9223372036854775808"), ("a or b and c", "(or a (and b c))"),
            ("a || b && c", "(or a (and b c))"), ("not a == b", "(not (equal a b))"), ("!a == b", "(equal (not a) b)"),
            ("not not a", "(not (not a))"), ("a = b", "(equal a b)"), ("a ?? 0 > 5", "(greater (coalesce a 0) 5)"),
            ("a ?? b ?? c", "(coalesce a b c)"), ("a + 1 ?? 2", "(coalesce (add a 1) 2)"),
            ("a ? b : c ? d : e", "(choose a b (choose c d e))"), ("a and b ? c : d", "(choose (and a b) c d)"),
            ("a in (1, 'x')", "(isIn a 1 'x')"), ("a not in (1)", "(not (isIn a 1))"), ("a is null", "(isNull a)"),
            ("a is not null and b", "(and (not (isNull a)) b)"), ("a ~ 'x\\d'", "(matches x\\d a)"),
            ("a !~ '\\'\\\\'", "(not (matches '\\\\ a))"), ("(a)", "a"),
            (
                "\"odd name\".x + b[0].c",
                "(add \"odd name\".x b[0].c)"
            ),
            ("@arrival", "@arrival"), ("\"in\"", "\"in\""), ("in.x", "in.x"),
            (
                "'it\\'s \\\\ \\u00e9\\n'",
                "'it's \\ é\n'"
            ),
            ("extract(a, '(x)y')", "(extract (x)y 1 a)"), ("extract(a, 'x')", "(extract x 0 a)"), ("1e3", "1000.0"),
            ("if(a, 1, 2)", "(choose a 1 2)"), ("true && false", "(and true false)"), ("a<-1", "(less a -1)"),
            ("a.b==\"c d\"", "(equal a.b \"c d\")"), ("\ta\n+ b ", "(add a b)"), ("a*-b", "(multiply a (negate b))"),
        ])
    func precedence(text: String, expected: String) throws { #expect(try shape(text) == expected) }

    @Test(
        "an error tells the column at which it was noticed",
        arguments: [
            ("", 1, "the expression is empty"), ("a +", 4, "expected a value"), ("a b", 3, "operator"),
            ("(a", 3, "')'"),
            ("a == ", 6, "value"), ("1 < a < 3", 7, "chained"), ("a == null", 3, "is null"),
            (
                "null != a", 6,
                "a is not null"
            ),
            ("status >= 5m", 11, "invalid number"), ("'abc", 1, "closing"), ("'a\\d'", 3, "escape"),
            (
                "'\\u12'", 2,
                "hexadecimal"
            ),
            ("é == 'x' $$", 10, "operator"), ("a And b", 3, "'and'"), ("lenght(a)", 1, "did you mean 'length'?"),
            ("avg(a)", 1, "aggregate"), ("substr(a)", 1, "substr(s, start[, len])"), ("a ~ b", 5, "regular expression"),
            ("a ~ 'x(y'", 7, "closing ')'"), ("a ? b", 6, "':'"), ("a in b", 6, "'('"), ("a in ()", 7, "value"),
            ("a is b", 6, "null only"), ("a # b", 3, "'#'"), ("1e999", 1, "too large"),
            ("time(a, b)", 1, "single quotes"),
            ("time(a, '%Q')", 1, "%Q"), ("time_floor(a, '5')", 1, "5"), ("time_floor(a, '0s')", 1, "more than zero"),
            ("extract(a, 'x', 1)", 1, "0 to 0"), ("extract(a)", 1, "extract(s"), ("a.", 3, "name is missing"),
            ("1.2.3", 1, "number"),
            ("not", 4, "value"), ("a and", 6, "value"), ("concat()", 1, "concat("),
        ])
    func errors(text: String, column: Int, reason: String) {
        do {
            _ = try Expression.parse(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.column == column)
            #expect(error.reason.contains(reason), "\(error.reason)")
            let lines = error.excerpt.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 2)
            #expect(lines.last?.count == column + 2)
        }
    }

    @Test("expressions too deep or too long are refused")
    func limits() {
        for text in [
            String(repeating: "(", count: 100_000) + "a", String(repeating: "a+", count: 100_000) + "a",
            String(repeating: "a?", count: 10_000), String(repeating: "f(", count: 10_000),
            String(repeating: "not ", count: 100_000) + "a",
        ] {
            #expect(throws: ExpressionError.self) { try Expression.parse(text) }
        }
    }

    @Test("fields are listed once, in the order of the text")
    func fields() throws {
        let expression = try Expression.parse(" b.c + a * b.c - length(\"x y\") ")
        #expect(expression.fields.map(\.text) == ["b.c", "a", "\"x y\""])
        #expect(expression.text == "b.c + a * b.c - length(\"x y\")")
        #expect(expression.plainField == nil)
        #expect(try Expression.parse(" (a.b) ").plainField?.text == "a.b")
        #expect(Expression.field(FieldPath(name: Array("x".utf8))).plainField?.text == "x")
    }

    @Test("a field without a column is an error at its place")
    func unresolved() throws {
        let expression = try Expression.parseSelection("x=a, y=b + cc")[1].expression
        do {
            _ = try Program(expression, zone: .utc) { $0.text == "b" ? 0 : nil }
            Issue.record("bound")
        } catch let error {
            #expect(error.column == 12)
            #expect(error.reason.contains("'cc'"))
        }
    }

    // MARK: Null

    private static let truths: [OwnedValue] = [.bool(true), .bool(false), .null]

    @Test("and, or, not follow Kleene's tables", arguments: truths, truths)
    func kleene(a: OwnedValue, b: OwnedValue) throws {
        let row = ["a": a, "b": b]
        let both = [a, b]
        let and: OwnedValue = both.contains(.bool(false)) ? .bool(false) : (both.contains(.null) ? .null : .bool(true))
        let or: OwnedValue = both.contains(.bool(true)) ? .bool(true) : (both.contains(.null) ? .null : .bool(false))
        #expect(try value("a and b", row) == and)
        #expect(try value("a || b", row) == or)
        #expect(try value("not a", row) == (a == .null ? .null : .bool(a == .bool(false))))
        // De Morgan holds with null too.
        #expect(try value("not (a && b)", row) == value("!a or !b", row))
    }

    @Test(
        "anything else than true and false is unknown to logic",
        arguments: [
            "1", "'true'", "''", "0",
            "time('2026-01-01')",
        ])
    func noTruth(text: String) throws {
        #expect(try value("\(text) && true") == .null)
        #expect(try value("\(text) && false") == .bool(false))
        #expect(try value("!(\(text))") == .null)
        #expect(try value("\(text) ? 1 : 2") == .int(2))
        #expect(try evaluate(text).kept == [false])
    }

    @Test(
        "null in arithmetic or a comparison gives null",
        arguments: ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">="])
    func nullSpreads(sign: String) throws {
        for row in [["a": OwnedValue.null, "b": .int(1)], ["b": .int(1)], ["a": .int(1), "b": .null], [:]] {
            #expect(try value("a \(sign) b", row) == .null)
        }
        #expect(try value("a \(sign) 1", ["a": .null]) == .null)
        #expect(try value("'x' \(sign) a", ["a": .null]) == .null)
    }

    @Test(
        "membership is SQL's",
        arguments: [
            ("1 in (1, null)", .bool(true)), ("1 in (2, null)", .null), ("1 in (2, 3)", .bool(false)),
            ("null in (1)", .null),
            ("1 not in (2, null)", .null), ("'1' in (1)", .bool(true)), ("'a' in ('b', 'a')", .bool(true)),
            ("1 in ('a', 1.0)", .bool(true)), ("true in (1, true)", .bool(true)),
        ] as [(String, OwnedValue)])
    func membership(text: String, expected: OwnedValue) throws { #expect(try value(text) == expected) }

    // MARK: Bad values

    @Test("values in arithmetic that are no numbers are counted, except in branches that may be skipped")
    func badValues() throws {
        let rows: [[String: OwnedValue]] = [
            ["a": .string("x")], ["a": .null], ["a": .int(1)], ["a": .string("1.5")], ["a": .bool(true)],
            ["a": .json("[]")],
        ]
        #expect(try evaluate("a + 1", over: rows).badValues == 3)
        #expect(try evaluate("-a", over: rows).badValues == 3)
        #expect(try evaluate("abs(a) > 1", over: rows).badValues == 3)
        #expect(try evaluate("type(a) == 'number' ? a + 1 : 0", over: rows).badValues == 0)
        #expect(try evaluate("number(a) + 1", over: rows).badValues == 0)
        #expect(try evaluate("a + 1 ?? 0", over: rows).badValues == 3)
        #expect(try evaluate("'x' + 1 == a", over: rows).badValues == 0)
    }

    @Test("a constant on either side compares as a column does", arguments: ["==", "!=", "<", "<=", ">", ">="])
    func constantSides(sign: String) throws {
        let values: [(String, OwnedValue)] = [
            ("9007199254740993", .int(9_007_199_254_740_993)), ("9007199254740992", .int(9_007_199_254_740_992)),
            ("9007199254740992.0", .double(9_007_199_254_740_992)),
            ("9223372036854775807", .int(.max)), ("-1", .int(-1)), ("''", .string("")),
            ("9223372036854776000.0", .double(0x1p63)), ("0.5", .double(0.5)), ("'0.5'", .string("0.5")),
            ("'b'", .string("b")), ("'ab'", .string("ab")), ("'-1'", .string("-1")), ("true", .bool(true)),
        ]
        for (text, datum) in values {
            for (_, other) in values + [("", .json("[]")), ("", .null), ("", .time(500_000))] {
                let row = ["a": other, "b": datum]
                #expect(try value("a \(sign) \(text)", row) == value("a \(sign) b", row), "\(other) \(sign) \(text)")
                #expect(try value("\(text) \(sign) a", row) == value("b \(sign) a", row), "\(text) \(sign) \(other)")
            }
        }
    }

    @Test("a result may replace a column that is read")
    func inPlace() throws {
        var program = try Program(Expression.parse("a * 2 + a"), zone: .utc) { _ in 0 }
        var columns = ColumnSet(columnCount: 1, capacity: 2000)
        var arena = ByteArena()
        for row in 0..<2000 { columns[0][row] = Value(Int64(row)) }
        program.evaluate(over: &columns, rows: 2000, into: 0, arena: &arena)
        for row in 0..<2000 { #expect(columns[0][row].integer == Int64(3 * row)) }
    }

    @Test("select leaves rows that were dropped before dropped")
    func selectKeeps() throws {
        var program = try Program(Expression.parse("a > 0"), zone: .utc) { _ in 0 }
        var columns = ColumnSet(columnCount: 1)
        var arena = ByteArena()
        let keep = UnsafeMutablePointer<Bool>.allocate(capacity: 3)
        defer { keep.deallocate() }
        for row in 0..<3 {
            columns[0][row] = Value(Int64(row))
            keep[row] = row != 2
        }
        program.select(over: &columns, rows: 3, arena: &arena, keep: keep)
        #expect([keep[0], keep[1], keep[2]] == [false, true, false])
    }

    // MARK: Lists

    @Test("a list of aggregates gives names, functions, arguments and numbers")
    func aggregates() throws {
        let list = try Expression.parseAggregates(
            "count, n=count(*), p99=quantile(ms, 0.99), top(a.b, 3), "
                + "\"odd name\"=min_by(x, y + 1), errors=count_if(s=500)")
        #expect(list.map { $0.name } == [nil, "n", "p99", nil, "odd name", "errors"])
        let calls = try list.map { try #require($0.expression.plainAggregate) }
        #expect(calls.map { $0.function } == [.count, .count, .quantile, .top, .minBy, .countIf])
        #expect(calls.map { $0.arguments.map(\.text) } == [[], [], ["ms"], ["a.b"], ["x", "y + 1"], ["s=500"]])
        #expect(calls.map { $0.parameter } == [nil, nil, 0.99, 3, nil, nil])
    }

    @Test(
        "a wrong list of aggregates is refused",
        arguments: [
            ("", 1), ("avgg(a)", 1), ("avg", 1), ("avg()", 1), ("avg(a, b)", 1), ("quantile(a)", 1),
            ("quantile(a, 2)", 1),
            ("quantile(a, b)", 1), ("top(a, 0)", 1), ("top(a, 1.5)", 1), ("avg(a) sum(b)", 8), ("avg(a),", 8),
            ("x=", 3),
            ("min_by(a)", 1), ("length(a)", 1),
        ])
    func wrongAggregates(text: String, column: Int) {
        do {
            _ = try Expression.parseAggregates(text)
            Issue.record("\(text) was accepted")
        } catch { #expect(error.column == column) }
    }

    @Test("a selection names its columns")
    func selection() throws {
        let list = try Expression.parseSelection("user, a.b, t=ts - 1, same=(x = y), \"odd name\", z=p==q")
        #expect(list.map(\.name) == ["user", "a.b", "t", "same", "odd name", "z"])
        #expect(list.map(\.expression.text) == ["user", "a.b", "ts - 1", "(x = y)", "\"odd name\"", "p==q"])
        for text in ["a + 1", "user,", "a==b", "", "x=a b"] {
            #expect(throws: ExpressionError.self) { try Expression.parseSelection(text) }
        }
    }
}
