import Testing

@testable import StreamEngine

@Suite struct ExpressionFunctionTests {
    private static let cases: [(String, OwnedValue)] = [
        // Arithmetic
        ("7 / 2", .double(3.5)), ("6 / 2", .double(3)), ("7 % 3", .int(1)), ("-7 % 3", .int(-1)),
        ("7.5 % 2", .double(1.5)),
        ("1 / 0", .null), ("1 % 0", .null), ("1.5 % 0", .null), ("-9223372036854775808 % -1", .int(0)),
        ("'2' * '3'", .int(6)),
        ("'0.5' + 1", .double(1.5)), ("'x' + 1", .null), ("' 1' + 1", .null), ("true + 1", .null), ("'a' + 'b'", .null),
        ("9223372036854775807 + 1", .double(9.223372036854775808e18)), ("-(-9223372036854775808)", .double(0x1p63)),
        ("9223372036854775807 * 2", .double(1.8446744073709552e19)), ("1e308 * 10", .null), ("-'5'", .int(-5)),
        // Comparison
        ("1 == 1.0", .bool(true)), ("9007199254740993 == 9007199254740992.0", .bool(false)),
        ("9007199254740993 > 9007199254740992.0", .bool(true)), ("'10' > 9", .bool(true)), ("'10' > '9'", .bool(false)),
        ("'é' == 'e\\u0301'", .bool(false)), ("'x' == 1", .bool(false)), ("'x' != 1", .bool(true)), ("'x' < 1", .null),
        ("true == true", .bool(true)), ("true == 1", .bool(false)), ("true < false", .null), ("true <= true", .null),
        // Numbers
        ("abs(-3)", .int(3)), ("abs(-9223372036854775808)", .double(0x1p63)), ("abs('-1.5')", .double(1.5)),
        ("ceil(1.2)", .int(2)), ("ceil(-1.2)", .int(-1)), ("floor(-1.2)", .int(-2)), ("floor(1e300)", .double(1e300)),
        ("round(2.5)", .int(3)), ("round(-2.5)", .int(-3)), ("round(2.4)", .int(2)),
        ("round(0.49999999999999994)", .int(0)),
        ("round(1.005, 2)", .double(1)), ("round(2.675, 2)", .double(2.67)), ("round(0.125, 2)", .double(0.13)),
        ("round(-0.125, 2)", .double(-0.13)), ("round(1.45, 1)", .double(1.4)), ("round(8.345, 2)", .double(8.35)),
        ("round(1234, -2)", .int(1200)), ("round(1250, -2)", .int(1300)), ("round(-1250.9, -2)", .int(-1300)),
        ("round(9223372036854775807, -1)", .double(9.22337203685477581e18)), ("round(5, 2)", .int(5)),
        ("round(1e20, 3)", .double(1e20)),
        ("round(1.5, null)", .null), ("round(9, -30)", .int(0)), ("round(0.1, 30)", .double(0.1)),
        ("trunc(-1.9)", .int(-1)), ("sign(-0.5)", .int(-1)), ("sign(0)", .int(0)), ("sign('7')", .int(1)),
        ("sqrt(9)", .double(3)), ("sqrt(-1)", .null), ("least(3, 1.5, '2')", .double(1.5)), ("greatest(1, 2)", .int(2)),
        ("greatest('a', 'b')", .string("b")), ("least(1, null)", .null), ("least(1, 'x')", .null),
        ("least(true)", .null),
        ("number('0.5')", .double(0.5)), ("number('x')", .null), ("number(true)", .int(1)), ("number(false)", .int(0)),
        ("number(time('1970-01-01T00:00:01.5Z'))", .double(1.5)), ("integer('12.9')", .int(12)),
        ("integer(-1.9)", .int(-1)),
        ("integer(1e19)", .null), ("abs('x')", .null), ("abs(null)", .null),
        // Text
        ("lower('ÄbC')", .string("Äbc")), ("upper('äbC')", .string("äBC")), ("lower(5)", .string("5")),
        ("length('aé日')", .int(3)), ("length('')", .int(0)), ("bytes('aé日')", .int(6)), ("length(null)", .null),
        ("substr('aé日x', 1)", .string("é日x")), ("substr('aé日x', 1, 2)", .string("é日")),
        ("substr('abc', -2)", .string("bc")),
        ("substr('abc', -9, 2)", .string("ab")), ("substr('abc', 5)", .string("")),
        ("substr('abc', 1, -1)", .string("")),
        ("substr('abc', 1.9)", .string("bc")), ("substr('abc', 'x')", .null),
        ("substr('abc', -9223372036854775808)", .string("abc")),
        ("substr('abc', 0, 9223372036854775807)", .string("abc")), ("trim(' \\t a b\\n')", .string("a b")),
        ("trim('  ')", .string("")),
        ("starts_with('abc', 'ab')", .bool(true)), ("starts_with('ab', 'abc')", .bool(false)),
        ("ends_with('abc', 'bc')", .bool(true)),
        ("contains('abc', 'b')", .bool(true)), ("contains('abc', '')", .bool(true)),
        ("contains('abc', 'd')", .bool(false)),
        ("contains(12.5, '.')", .bool(true)), ("contains('a', null)", .null), ("starts_with(null, 'a')", .null),
        ("replace('a-b-c', '-', '::')", .string("a::b::c")), ("replace('aaa', 'a', '')", .string("")),
        ("replace('abc', '', 'x')", .string("abc")), ("replace('abc', 'x', 'y')", .string("abc")),
        ("replace('aXa', 'X', null)", .null),
        ("split('a,b,c', ',', 1)", .string("b")), ("split('a,b,c', ',', -1)", .string("c")),
        ("split('a,b', ',', 2)", .null),
        ("split('a,b', ',', -3)", .null), ("split('abc', ',', 0)", .string("abc")),
        ("split('a,', ',', 1)", .string("")),
        ("split('a', '', 0)", .null), ("split('a::b', '::', 1)", .string("b")),
        ("split('a', ',', -9223372036854775808)", .null),
        ("concat('a', 1, 2.5, true, '')", .string("a12.5true")), ("concat('a', null)", .null),
        ("concat(1)", .string("1")),
        ("string(1.0)", .string("1.0")), ("string(null)", .null), ("string(time(0))", .string("1970-01-01T00:00:00Z")),
        ("extract('/api/v2', 'v(\\d+)')", .string("2")), ("extract('/api/v2', 'v\\d+')", .string("v2")),
        ("extract('/api/v2', '(v)(\\d+)', 2)", .string("2")), ("extract('/api/v2', '(v)(\\d+)', 0)", .string("v2")),
        ("extract('abc', '(x)?')", .null), ("extract('abc', 'x')", .null), ("'abc' ~ '^A'", .bool(false)),
        ("'abc' ~ '(?i)^A'", .bool(true)), ("500 ~ '^5'", .bool(true)), ("null ~ 'x'", .null),
        ("'a' !~ 'b'", .bool(true)),
        ("regex_replace('/a/42', '/[0-9]+', '/:id')", .string("/a/:id")), ("json('{\"a\":[1]}', 'a[0]')", .int(1)),
        ("json('x')", .null), ("from_base64('aGk=')", .string("hi")), ("from_base64(5)", .null),
        ("url_host('http://H/a')", .string("h")), ("url_path('http://h/a?b')", .string("/a")),
        ("query_param('/a?b=c+d', 'b')", .string("c d")), ("query_param('/a', null)", .null),
        ("duration('1m2.5s')", .double(62.5)), ("duration(5)", .null), ("duration(null)", .null),
        ("size('1.5K')", .int(1536)), ("size(1.5)", .int(2)), ("size(true)", .null), ("sum_list('1, 2')", .int(3)),
        ("sum_list(1.5)", .double(1.5)), ("sum_list('1|2', '|')", .int(3)), ("min_list('2 : 1')", .int(1)),
        ("max_list('2, -')", .int(2)), ("avg_list('1,2')", .double(1.5)),
        // Null and choice
        ("coalesce(null, null, 3)", .int(3)), ("coalesce(null)", .null), ("if(1 < 2, 'y', 'n')", .string("y")),
        ("if(null, 'y', 'n')", .string("n")), ("type(null)", .string("null")), ("type(1.5)", .string("number")),
        ("type('1')", .string("string")), ("type(true)", .string("boolean")), ("type(time(0))", .string("time")),
        ("null is null", .bool(true)), ("0 is not null", .bool(true)), ("null ?? 4", .int(4)),
        // Time
        ("time('2026-03-01T12:00:00+01:00')", .time(1_772_362_800_000_000)),
        ("time('2026-03-01 11:00:00')", .time(1_772_362_800_000_000)),
        ("time(1772362800)", .time(1_772_362_800_000_000)), ("time(1772362800000)", .time(1_772_362_800_000_000)),
        ("time('1772362800')", .time(1_772_362_800_000_000)), ("time(5, 'ms')", .time(5_000)),
        ("time(5000, 'ns')", .time(5)),
        ("time('01/Mar/2026:11:00:00 +0000', '%d/%b/%Y:%H:%M:%S %z')", .time(1_772_362_800_000_000)),
        ("time('x')", .null),
        ("time('1772362800', 'iso')", .null), ("time(null)", .null), ("time(true)", .null),
        ("epoch('2026-03-01T11:00:00Z')", .int(1_772_362_800)),
        ("epoch('1970-01-01T00:00:00.25Z')", .double(0.25)),
        ("format_time(0, '%Y-%m-%d %H:%M')", .string("1970-01-01 00:00")),
        ("time_floor('1969-12-31T23:59:59Z', '1h')", .time(-3_600_000_000)),
        ("time_floor(90, '1m')", .time(60_000_000)),
        ("year('2026-03-01T00:00:00Z')", .int(2026)), ("month('2026-03-01T00:00:00Z')", .int(3)),
        ("day('2026-03-01T00:00:00Z')", .int(1)),
        ("hour('2026-03-01T23:58:59Z')", .int(23)), ("minute('2026-03-01T23:58:59Z')", .int(58)),
        ("second('2026-03-01T23:58:59Z')", .int(59)), ("weekday('2026-03-01T00:00:00Z')", .int(7)),
        ("weekday(0)", .int(4)),
        ("second(-1)", .int(59)), ("year('x')", .null), ("now()", .null),
        ("time(10) == time('1970-01-01T00:00:10Z')", .bool(true)), ("time(10) > '1970-01-01T00:00:09Z'", .bool(true)),
        ("time(10) == 10", .bool(true)), ("10.5 > time(10)", .bool(true)), ("time(10) == 'x'", .bool(false)),
        ("time(10) < 'x'", .null),
        ("time(10) < 1e300", .bool(true)), ("-1e300 < time(10)", .bool(true)), ("time(10) - time(8.5)", .double(1.5)),
        ("time(10) - time(8)", .int(2)), ("time(10) + 5", .time(15_000_000)), ("5 + time(10)", .time(15_000_000)),
        ("time(10) - 0.5", .time(9_500_000)), ("5 - time(10)", .null), ("time(10) * 2", .null),
        ("time(10) + 1e300", .null),
        ("greatest(time(1), time(2))", .time(2_000_000)),
    ]

    @Test("a function of constants gives", arguments: cases)
    func constants(text: String, expected: OwnedValue) throws { #expect(try value(text) == expected) }

    @Test("values from columns give what constants give", arguments: cases)
    func columns(text: String, expected: OwnedValue) throws {
        // The constants that may stand in a column become one.
        var row: [String: OwnedValue] = [:]
        let expression = try Expression.parse(text)
        func replace(_ syntax: Syntax) -> Syntax {
            switch syntax {
            case .literal(let literal):
                let name = "f\(row.count)"
                switch literal {
                case .null: row[name] = .null
                case .boolean(let boolean): row[name] = .bool(boolean)
                case .integer(let integer): row[name] = .int(integer)
                case .double(let double): row[name] = .double(double)
                case .digits(let bytes): row[name] = .json(String(decoding: bytes, as: UTF8.self))
                case .string(let bytes): row[name] = .string(String(decoding: bytes, as: UTF8.self))
                }
                return .field(FieldPath(name: Array(name.utf8)), offset: 0)
            case .field, .aggregate: return syntax
            case .apply(let operation, let arguments): return .apply(operation, arguments.map(replace))
            }
        }
        let changed = Expression(text: text, source: text, syntax: replace(expression.syntax))
        let names = row.keys.sorted()
        var program = try Program(changed, zone: .utc) { names.firstIndex(of: $0.text) }
        var arena = ByteArena()
        var columns = ColumnSet(columnCount: names.count + 1)
        for (column, name) in names.enumerated() { columns[column][0] = row[name]?.value(&arena) ?? .null }
        program.evaluate(over: &columns, rows: 1, into: names.count, arena: &arena)
        #expect(OwnedValue(columns[names.count][0]) == expected)
    }

    @Test(
        "every function of the table has a case here, and its usage begins with its name",
        arguments: ExpressionFunction.allCases)
    func table(function: ExpressionFunction) {
        let name = function.rawValue
        #expect(Self.cases.contains { $0.0.contains(name + "(") })
        #expect(function.help.usage.hasPrefix(name + "("))
        #expect(!function.help.summary.isEmpty)
    }

    @Test("the example of a function gives what the help says", arguments: ExpressionFunction.allCases)
    func example(function: ExpressionFunction) throws {
        let example = function.help.example
        #expect(example.call.hasPrefix(function.rawValue + "("))
        var program = try Program(Expression.parse(example.call), zone: .utc) { _ in nil }
        var columns = ColumnSet(columnCount: 1)
        var arena = ByteArena()
        program.setTimes(written: 0, read: 1_790_000_000_000_000)
        program.evaluate(over: &columns, rows: 1, into: 0, arena: &arena)
        var buffer = ByteBuffer()
        buffer.append(json: columns[0][0])
        #expect(buffer.text == example.result)
    }

    @Test("calendar functions and format_time follow the zone")
    func zone() throws {
        let berlin = ZoneOffsets(name: "X", offsets: [(from: .min, offset: 3600), (from: 1_774_746_000, offset: 7200)])
        let row: [String: OwnedValue] = ["t": .string("2026-03-29T01:00:00Z"), "u": .string("2026-03-28T23:30:00Z")]
        #expect(try value("hour(t)", row, zone: berlin) == .int(3))
        #expect(try value("day(u)", row, zone: berlin) == .int(29))
        #expect(try value("weekday(u)", row, zone: berlin) == .int(7))
        #expect(try value("format_time(u, '%F %R')", row, zone: berlin) == .string("2026-03-29 00:30"))
    }

    @Test("a replacement that would not fit in memory is null")
    func replaceLimit() throws {
        let long = OwnedValue.string(String(repeating: "a", count: 100_000))
        #expect(try value("replace(s, 'a', s)", ["s": long]) == .null)
        #expect(try value("length(replace(s, 'a', 'bc'))", ["s": long]) == .int(200_000))
    }

    @Test("now() is the time at which the records were read, and only in expressions over records")
    func now() throws {
        var program = try Program(Expression.parse("now() - 10"), zone: .utc) { _ in nil }
        var columns = ColumnSet(columnCount: 1)
        var arena = ByteArena()
        for read: Int64 in [20_000_000, 30_000_000] {
            program.setTimes(written: 5, read: read)
            program.evaluate(over: &columns, rows: 2, into: 0, arena: &arena)
            #expect(OwnedValue(columns[0][1]) == .time(read - 10_000_000))
        }
        #expect(try Expression.parse("a + (now() - b)").usesNow)
        #expect(try !Expression.parse("a + b").usesNow)
        #expect(try Expression.parseAggregates("lag=max(now() - ts)").count == 1)
        for text in ["max(x) + now()", "now()"] {
            #expect(throws: ExpressionError.self) { try Expression.parseSelection("x=\(text)", .inRows) }
        }
        #expect(throws: ExpressionError.self) { try Expression.parse("now(1)") }
    }

    @Test("arrays and objects are their JSON text", arguments: ["[1,2]", "{\"a\":1}"])
    func json(text: String) throws {
        let row: [String: OwnedValue] = ["j": .json(text), "k": .json(text)]
        #expect(try value("string(j)", row) == .string(text))
        #expect(try value("type(j)", row) == .string(text.hasPrefix("[") ? "array" : "object"))
        #expect(try value("j == k", row) == .bool(true))
        #expect(try value("j < k", row) == .null)
        #expect(try value("j == string(k)", row) == .bool(false))
        #expect(try value("length(string(j))", row) == .int(Int64(text.utf8.count)))
    }

    @Test(
        "length counts elements and members, contains finds them",
        arguments: [
            ("[]", 0, "1", false), ("[ ]", 0, "'a'", false), ("[1,2]", 2, "2", true), ("[1, 2.0]", 2, "2", true),
            ("[12]", 1, "1", false), ("[18446744073709551615]", 1, "18446744073709551615", true),
            ("[18446744073709551615]", 1, "18446744073709551614", false), ("[\"a,b\",\"c\"]", 2, "'a'", false),
            ("[\"a,b\" , \"c\"]", 2, "'a,b'", true), (#"["\\",",\""]"#, 2, #"',"'"#, true),
            ("[\"e\\u0301\"]", 1, "'é'", false), ("[\"\\u00e9\"]", 1, "'é'", true), ("[[1],[2,3]]", 2, "1", false),
            ("[{\"a\":[1,{}]},[],\"]\"]", 3, "']'", true), ("[true,null]", 2, "true", true),
            ("[null]", 1, "false", false),
            ("{}", 0, "'a'", false), ("{ \"a\" : [1,2] , \"b\":{\"c\":1}}", 2, "'b'", true),
            ("{\"a\":\"x\"}", 1, "'x'", false),
            ("{\"a\\\"b\":1}", 1, "'a\"b'", true), ("{\"a\":{\"c\":1}}", 1, "'c'", false), ("[\"5\"]", 1, "5", true),
        ] as [(String, Int64, String, Bool)])
    func items(json: String, count: Int64, item: String, isFound: Bool) throws {
        let row: [String: OwnedValue] = ["j": .json(json)]
        #expect(try value("length(j)", row) == .int(count))
        #expect(try value("contains(j, \(item))", row) == .bool(isFound))
        #expect(try value("contains(j, null)", row) == .null)
    }

    @Test("an array is an element of an array however it is spaced")
    func nestedItem() throws {
        let row: [String: OwnedValue] = ["j": .json("[[1,2],{\"a\":1}]"), "k": .json("[ 1, 2 ]"), "l": .json("[1]")]
        #expect(try value("contains(j, k)", row) == .bool(true))
        #expect(try value("contains(j, l)", row) == .bool(false))
    }

    @Test(
        "a spelling is suggested only when it is near",
        arguments: [
            ("lenght", "length"), ("uper", "upper"), ("tim", "time"), ("frobnicate", nil),
            ("x", nil),
        ] as [(String, String?)])
    func spelling(word: String, expected: String?) {
        let names = ExpressionFunction.allCases.map(\.rawValue)
        let nearest = Spelling.nearest(to: word, among: names)
        if word == "tim" { #expect(nearest == "trim" || nearest == "time") } else { #expect(nearest == expected) }
    }
}
