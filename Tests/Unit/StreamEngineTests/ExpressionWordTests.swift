import Testing

@testable import StreamEngine

/// Words and signs that people bring from other languages.
@Suite struct ExpressionWordTests {
    @Test(
        "another spelling means the same",
        arguments: [
            ("a === 1", "a == 1"), ("a !== 1", "a != 1"), ("a <> 1", "a != 1"), ("a ≠ 1", "a != 1"),
            ("a≥1", "a >= 1"), ("a ≤ 1", "a <= 1"), ("a −1", "a - 1"), ("a =~ 'x'", "a ~ 'x'"),
            ("a = 1 AND NOT b = 2 OR c IN (1)", "a == 1 and not b == 2 or c in (1)"),
            ("a IS NOT NULL", "a is not null"), ("a == TRUE", "a == true"), ("a = False", "a == false"),
            ("a in [1, 2]", "a in (1, 2)"), ("a NOT IN [1]", "a not in (1)"),
            ("a between 1 and 2", "a >= 1 and a <= 2"), ("a not between 1 and 2", "not (a >= 1 and a <= 2)"),
            ("a.contains('x')", "contains(a, 'x')"), ("a.b.startsWith('x')", "starts_with(a.b, 'x')"),
            ("LEN(a)", "length(a)"), ("a\u{a0}+ 1", "a + 1"),
            ("ifnull(a, 0)", "coalesce(a, 0)"), ("toLowerCase(a)", "lower(a)"), ("iif(a, 1, 2)", "if(a, 1, 2)"),
            ("strftime(a, '%Y')", "format_time(a, '%Y')"), ("Round(a, 1)", "round(a, 1)"),
        ])
    func same(given: String, meant: String) throws {
        #expect(
            "\(try Expression.parse(given).syntax)".withoutOffsets
                == "\(try Expression.parse(meant).syntax)".withoutOffsets)
    }

    @Test(
        "like is SQL's",
        arguments: [
            ("/log/in", "/log%", true), ("/log", "/log%", true), ("a/log", "/log%", false), ("x.js", "%.js", true),
            ("xajs", "%.js", false), ("abc", "a_c", true), ("ac", "a_c", false), ("a\nc", "a_c", true),
            ("ABC", "abc", false), ("a%", "a\\%", true), ("ab", "a\\%", false), ("(x)", "(%)", true), ("é", "_", true),
        ])
    func like(text: String, pattern: String, expected: Bool) throws {
        #expect(try value("s like '\(pattern)'", ["s": .string(text)]) == .bool(expected))
        #expect(try value("s not like '\(pattern)'", ["s": .string(text)]) == .bool(!expected))
        #expect(try value("s ilike '\(pattern.uppercased())'", ["s": .string(text.lowercased())]) != .null)
        #expect(try value("s like '\(pattern)'", ["s": .null]) == .null)
    }

    @Test(
        "a difference of names that makes no sense is a name with dashes",
        arguments: [
            ("event-type = 'x'", "event-type"), ("event-type != 'x'", "event-type"), ("a.b-c in ('x', 'y')", "a.b-c"),
            ("x-request-id ~ '^7'", "x-request-id"), ("content-type like 'text/%'", "content-type"),
        ])
    func dashes(text: String, name: String) throws {
        #expect(try Expression.parse(text).fields.map(\.text) == [name])
    }

    @Test(
        "a difference that makes sense stays one",
        arguments: ["a-b = 5", "a-b > '2026-01-01'", "a - b = 'x'", "a-b is null", "a-b in (1, 'x')", "a-b == c"])
    func differences(text: String) throws { #expect(try Expression.parse(text).fields.count > 1) }

    @Test("a name in the tables of synonyms is no function or aggregate, and is there once")
    func tables() {
        let names = Synonyms.all
        #expect(Set(names).count == names.count, "\(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys)")
        for name in names {
            #expect(name == name.lowercased())
            #expect(ExpressionFunction(rawValue: name) == nil && AggregateFunction.named(name) == nil, "\(name)")
        }
    }

    @Test("advice holds the arguments, or letters in their place")
    func advice() {
        #expect(Synonyms.advice("LEFT", ["path", "3"]) == "write substr(path, 0, 3)")
        #expect(Synonyms.advice("left", []) == "write substr(x, 0, y)")
        #expect(Synonyms.advice("nullif", ["a", "b"]) == "write a == b ? null : a")
        #expect(Synonyms.advice("frobnicate", []) == nil)
    }

    @Test(
        "percentiles by name", arguments: [("p99", 0.99), ("P50", 0.5), ("p5", 0.05), ("p999", 0.999), ("p25", 0.25)])
    func percentiles(name: String, rank: Double) throws {
        let meant = try #require(Synonyms.aggregate(name))
        #expect(meant.function == .quantile && meant.parameter == rank)
        #expect(Synonyms.aggregate("p") == nil && Synonyms.aggregate("p100") == nil && Synonyms.aggregate("pq") == nil)
    }

    @Test(
        "what is answered by its meaning",
        arguments: [
            ("status != null", "status is not null"), ("status <> NULL", "status is not null"),
            ("null = a", "a is null"), ("a == nil", "a is null"), ("a !== undefined", "a is not null"),
            ("a =! 1", "'!='"), ("a ** 2 > 1", "x * x"), ("a // 2 > 1", "trunc(a / b)"), ("a += 1", "--let"),
            ("r->'id' = 1", "r.id"), ("r->>'id' = 1", "r.id"), ("r?.id = 1", "r.id"), ("a:b", "a == 'b'"),
            ("a not 1", "a != 1"), ("a is 5", "== 5"), ("a is not 'x'", "!= 'x'"), ("a is none", "is null"),
            ("'x' in a", "contains(a, 'x')"), ("a in 'x'", "in ('x')"), ("a ~ /x/", "'x'"), ("a ~ /x/i", "'(?i)x'"),
            ("/x/", "FIELD ~ 'x'"), ("a > 1_000", "1000"), ("a > 1,000", "1000"), ("a > 0,5", "0.5"),
            ("a > 10k", "10000"),
            ("a > 0x10", "16"), ("a = 5xx", "between 500 and 599"), ("a | lower()", "first argument"),
            ("a = 'x' b = 'y'", "'and'"), ("a > 1 b > 2", "'and'"), ("a > 1, b > 2", "'and'"),
            ("where a > 1", "'where'"),
            ("a > 1 limit 5", "--limit N"), ("a > 1 group by b", "-g FIELD"), ("select(a > 1)", "the condition itself"),
            ("split(a, '/')", "split(a, '/', 0)"), ("len(a) gt 3", "len(a) > 3"), ("a = 'it''s'", "\\'"),
            ("a like 'x*'", "'x%'"), ("format_time(t, 'YYYY-MM-DD')", "'%Y-%m-%d'"), ("uuid()", "random"),
            ("frobnicate(a)", "--help functions"), ("a > 100 ms", "100 alone"), ("r:id = 1", "r.id"),
            ("a in 1,2", "in (1, 2)"), ("ts > now() - 1h", "write its seconds: 3600"), ("ms > 500ms", "0.5"),
            ("ts > 2026-03-28", "single quotes"), ("path contains 'x'", "contains(path, 'x')"), ("a eq 1", "a == 1"),
            ("case when a > 1 then 2 else 3 end", "a > 1 ? 2 : 3"), ("if a > 1 then 2 else 3", "a > 1 ? 2 : 3"),
            ("case when a then 1 when b then 2 end", "CONDITION ? VALUE"), ("a::int", "integer(x)"),
            ("user agent = 'x'", "\"user agent\""), ("a > 1)", "no matching '('"), ("a => 1", ">="), ("a =< 1", "<="),
            (".a = 1", "write a"), ("$.a.b = 1", "write a.b"), ("a['b'] = 1", ".b"), ("a[*] = 1", "one element"),
            ("length(in)", "\"in\""), ("max(a, b)", "greatest(a, b)"), ("min(a, b, c)", "least(a, b, c)"),
            ("a ~ \"x\"", "'x'"), ("“a” = 1", "not quotes"), ("exists(a.b)", "a.b is not null"), ("", "empty"),
            ("date(t)", "format_time(t, '%Y-%m-%d')"), ("substring(p, 0, 1)", "substr(p, start"), (".5 < a", "0.5"),
            ("a & b", "&&"), ("is = 1", "\"is\""), ("not = 1", "\"not\""), ("length(not)", "\"not\""),
            ("1 + not", "\"not\""), ("in use = 1", "\"in use\""), ("is ok", "\"is ok\""), ("in in (1)", "\"in\""),
            ("a:b = 1", "\"a:b\""), ("length(a:b)", "\"a:b\""), ("cpu% > 4", "\"cpu%\""), ("b+ = 1", "\"b+\""),
            ("q&a = 1", "\"q&a\""), ("x = a#b", "\"a#b\""), ("a.b:c/d > 1", "\"a.b:c/d\""),
            ("level:error", "level == 'error'"), ("level: 'x'", "level == 'x'"), ("status: 500", "status == 500"),
            ("null > 7", "\"null\""),
            ("order by = 1", "\"order by\""), ("percentile(ms, 99)", "quantile(ms, 0.99)"),
        ])
    func answers(text: String, remedy: String) {
        do {
            _ = try Expression.parse(text)
            Issue.record("\(text) was accepted")
        } catch { #expect(error.reason.contains(remedy), "\(error.reason)") }
    }

    @Test(
        "what is valid but never meant",
        arguments: [
            ("true = 7", "\"true\""), ("'x' != false", "\"false\""),
            ("a > '28.03.2026'", "as text"), ("hour(t) = '08'", "write 8"), ("contains(a, 'x') = 1", "already"),
            ("type(a) = 'int'", "'number'"),
            ("! status = 500", "'not' in front"), ("a = 1 or 2", "a in (1, 2)"), ("a = 'x' || 'y'", "a in ('x', 'y')"),
            ("a + 'x'", "concat"), ("a and 5", "5 is not one"), ("concat(a, b + 'x')", "concat"),
        ])
    func doubts(text: String, remedy: String) throws {
        let doubt = try #require(try Expression.parse(text).doubt())
        #expect(doubt.reason.contains(remedy), "\(doubt.reason)")
    }

    @Test(
        "a condition is neither a number nor text", arguments: ["1", "a + 1", "'x'", "length(a)", "a ? 1 : 2", "a * b"])
    func conditions(text: String) throws { #expect(try Expression.parse(text).doubt(isCondition: true) != nil) }

    @Test(
        "a condition may be anything that can be true", arguments: ["a", "a.b", "true", "a ?? false", "a > 1", "not a"])
    func trueConditions(text: String) throws { #expect(try Expression.parse(text).doubt(isCondition: true) == nil) }

    @Test("an excerpt of a long text is cut around the place")
    func excerpts() {
        for place in [0, 1, 30, 76, 77, 150, 199, 200] {
            let text = String(repeating: "é", count: place) + "X" + String(repeating: "b", count: 200 - place)
            let error = ExpressionError(reason: "", offset: 2 * place, text: text)
            let lines = error.excerpt.split(separator: "\n").map { Array($0) }
            #expect(lines.count == 2 && lines[0].count <= 78)
            #expect(lines[1].last == "^" && lines[0][lines[1].count - 1] == "X", "\(place)")
        }
    }
}

extension String {
    /// Without the offsets of fields, which differ between spellings.
    fileprivate var withoutOffsets: String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: "offset: ") {
            result += rest[..<range.upperBound]
            rest = rest[range.upperBound...].drop { $0.isNumber }
        }
        return result + rest
    }
}

@Suite struct AggregateExpressionTests {
    private static func one(_ text: String) throws -> ParsedAggregate { try Expression.parseAggregates(text)[0] }

    @Test(
        "aggregates by other names",
        arguments: [
            ("mean(ms)", "avg"), ("AVG(ms)", "avg"), ("COUNT(*)", "count"), ("count(distinct x)", "distinct"),
            ("COUNT(DISTINCT x)", "distinct"), ("countIf(a > 1)", "count_if"), ("uniq(x)", "distinct"),
            ("stdev(x)", "stddev"), ("p95(x)", "quantile"), ("arg_max(a, b)", "max_by"), ("top_k(x, 3)", "top"),
            ("count(1)", "count"), ("array_agg(x)", "list"),
        ])
    func names(text: String, function: String) throws {
        #expect(try Self.one(text).expression.plainAggregate?.function.name == function)
    }

    @Test("the aggregates of an expression, each once")
    func calls() throws {
        let item = try Self.one("r=count_if(s >= 500) / count() + count_if(s>=500) * round(avg(ms), 2)")
        #expect(item.name == "r" && item.expression.plainAggregate == nil)
        #expect(item.expression.aggregates.map(\.text) == ["count_if(s >= 500)", "count()", "avg(ms)"])
        #expect(item.expression.fields.isEmpty)
    }

    @Test(
        "what is refused",
        arguments: [
            ("avg(sum(a))", 5, "nested: sum in avg"), ("x=1", 1, "aggregate"), ("ms", 1, "avg(ms)"),
            ("sum(distinct a)", 5, "counted"), ("sum(null)", 5, "\"null\""), ("count()::int", 8, "'::'"),
            ("avg(ms) as x", 9, "x=avg(ms)"), ("n=count(), avg(ms) AS m", 20, "m=avg(ms)"),
            ("avg ms", 5, "avg(ms)"), ("avg:ms", 4, "avg(ms)"), ("ms.mean()", 1, "avg(ms)"),
            ("avg(*)", 5, "avg(FIELD)"),
            ("avg('ms')", 5, "avg(ms)"), ("count(a > 1)", 1, "n=count_if(a > 1)"), ("top(3, a)", 1, "top(a, 3)"),
            ("quantile(0.99, a)", 1, "quantile(a, 0.99)"), ("quantile(a)", 1, "quantile(a, 0.99)"),
            ("avg", 1, "avg(FIELD)"),
            ("n: count()", 2, "n=count(...)"), ("sum(a) by b", 8, "-g FIELD"), ("sum(a) over (b)", 8, "-w SIZE"),
            ("avg(a) m", 8, "m=avg(a)"), ("sumif(a, b)", 1, "sum(a ? b : null)"), ("rate(a[5m])", 9, "-w SIZE"),
            ("sum(case when a = 1 then 1 else 0 end)", 5, "a = 1 ? 1 : 0"), ("round(latest(a))", 7, "last_row"),
            ("max(a, b)", 1, "greatest(a, b)"), ("medain(a)", 1, "'median'"),
        ])
    func refused(text: String, column: Int, reason: String) {
        do {
            _ = try Expression.parseAggregates(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.column == column)
            #expect(error.reason.contains(reason), "\(error.reason)")
        }
    }

    @Test(
        "the kind of values that an expression over rows gives",
        arguments: [
            ("count_if(a) / count()", ColumnContent.double), ("count() - count_if(a)", .number),
            ("sum(x) > 1", .boolean), ("round(avg(x), 2)", .number), ("count() > 0 ? 'a' : 'b'", .text),
            ("coalesce(avg(x), 0)", .number), ("first(x)", .unknown), ("length(first(x))", .integer),
            ("format_time(t, '%F')", .text), ("time_floor(t, '1h')", .time), ("t - t", .unknown),
            ("count() in (1, 2)", .boolean), ("avg(x) + 1", .double),
        ])
    func contents(text: String, expected: ColumnContent) throws {
        let expression = try Expression.parse(text, .inRows)
        #expect(expression.content { $0.text == "t" ? .time : .unknown } == expected)
    }
}
