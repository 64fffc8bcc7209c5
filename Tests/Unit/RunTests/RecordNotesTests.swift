import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("fields that no record has") struct RecordNotesTests {
    private static let record =
        #"{"ts":"2026-02-03T07:08:05Z","service":"api","level":"error","status":500,"ms":1.5,"userId":7,"#
        + #""request":{"id":"x"},"log":"{\"ms\":3}","msg":"hello","items":[{"price":2}],"event-type":"x","took":"12ms"}"#
        + "\n"

    /// The messages of a run over a record, without "streamctl: ".
    private func messages(strict: Bool = false, _ change: (inout Query) throws -> Void) throws -> (
        lines: [String], outcome: ExitOutcome
    ) {
        var query = Query()
        try change(&query)
        let plan = Plan.fake(query, strict: strict)
        let outcome = try runPipeline(plan, FakeInput([Self.record]), FakeOutput()).outcome
        return (outcome.message.split(separator: "\n").map { String($0.dropFirst(11)) }, outcome)
    }

    private func average(_ field: String) throws -> [String] {
        try messages {
            let path = try FieldPath.parse(field)
            $0.aggregates = [Aggregate(name: "x", function: .avg, arguments: [.field(path)])]
        }.lines
    }

    private func filter(_ text: String) throws -> [String] {
        try messages { $0.filter = try Expression.parse(text) }.lines
    }

    @Test(
        "a near name is suggested",
        arguments: [
            ("servcie", "service"), ("Ms", "ms"), ("statsu", "status"), ("user_id", "userId"), ("userid", "userId"),
            ("STATUS", "status"), ("id", "request.id"), ("requestid", "request.id"), ("serv", "service"),
            ("request.idd", "request.id"), ("evnt-type", "event-type"), ("levl", "level"),
        ])
    func near(_ name: String, _ suggestion: String) throws {
        let lines = try average(name)
        #expect(lines.first == "x: no record has '\(name)'; did you mean '\(suggestion)'?")
        #expect(lines.last?.hasPrefix("fields of the input: ts, service, level") == true)
        #expect(lines.count == 2)
    }

    @Test(
        "a field that an expression names without its double quotes is told with them",
        arguments: [
            ("x/y > 1", "\"x/y\""), ("1 < x/y", "\"x/y\""), ("not ok > 1", "\"not ok\""), ("a+b > 1", "\"a+b\""),
        ])
    func quoted(_ text: String, _ field: String) throws {
        var query = Query()
        query.filter = try Expression.parse(text)
        let input = FakeInput([#"{"x/y":4,"not ok":3,"a+b":2}"# + "\n"])
        let outcome = try runPipeline(Plan.fake(query), input, FakeOutput()).outcome
        let line = "streamctl: --where: the name of this field is in double quotes in an expression: \(field)\n"
        #expect(outcome.message.hasPrefix(line) && !outcome.message.contains("no record has"), "\(outcome.message)")
    }

    @Test("without a near name, the fields are listed", arguments: ["colour", "zone", "x.y.z", "count", "cpu"])
    func far(_ name: String) throws {
        let lines = try average(name)
        #expect(lines.first == "x: no record has '\(name)'")
        #expect(lines.last?.hasPrefix("fields of the input: ") == true)
    }

    @Test(
        "a path into something that is not an object says so",
        arguments: [
            (
                "items.price",
                "items is an array; items[0].price reads its first element; for all of them, add --each items and write price"
            ),
            ("log.ms", "log is text that holds JSON; add --unwrap log and write ms"),
            ("msg.a", "msg is text, not an object: 'hello'"), ("status.code", "status is not an object: 500"),
        ])
    func paths(_ name: String, _ hint: String) throws {
        let lines = try average(name)
        #expect(lines.count == 1 && lines[0].hasPrefix("x: no record has '\(name)': \(hint)"))
    }

    @Test("a name of an element of an array says where it is") func element() throws {
        let lines = try average("price")
        #expect(lines.first?.contains("inside of the array items") == true)
        #expect(lines.first?.contains("--each items reads") == true)
    }

    @Test(
        "a name in double quotes, or a bare word in a comparison, suggests single quotes",
        arguments: [
            #"level == "error""#, #"level = "warn" or level = "info""#, #"level in ("error", "warn")"#,
            "level == error",
            "level != error", #"lower(level) = "x""#, #""error" = level"#, "level in (error)",
        ])
    func quotes(_ text: String) throws {
        let lines = try filter(text)
        #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("text is in single quotes: '") }, "\(lines)")
    }

    @Test("a misspelled field beside a literal is not taken for text") func misspelled() throws {
        #expect(try filter("levle = 'error'").first == "--where: no record has 'levle'; did you mean 'level'?")
        #expect(try filter("statsu >= 500").first == "--where: no record has 'statsu'; did you mean 'status'?")
    }

    @Test("a hyphen in an expression is a minus, which is said if the field exists") func hyphen() throws {
        #expect(
            try filter("event-type = 1") == [
                #"--where: event-type is event minus type; a field of that name is in double quotes: "event-type""#
            ])
        #expect(try filter("foo-bar > 1").first?.contains(#""foo-bar""#) == true)
        #expect(try filter("status-ms > 1") == [])
        #expect(try filter("status-100 > 1") == [])
    }

    @Test(
        "a filter that nothing passes is explained by the kinds of its values",
        arguments: [
            ("status", "status is a number, not a condition"),
            ("level", "level is text, not a condition; compare it, such as level = 'error'"),
            ("! status = 500", "! applies to status alone"),
            ("level > 5", "level is text ('error'), but is compared with a number"),
            ("status in ('a', 'b')", "status is a number (500)"),
            ("level = 'warn' and ms = 'fast'", "ms is a number (1.5), but is compared with text"),
        ])
    func failingFilters(_ text: String, _ reason: String) throws {
        let lines = try filter(text)
        #expect(lines.contains { $0.hasPrefix("--where was true for no record: ") && $0.contains(reason) }, "\(lines)")
    }

    @Test(
        "a filter that may well be true is not explained",
        arguments: [
            "level = 'warn'", "status > 900", "not (status = 500)", "lower(level) = 'x'", "ms in (1, 2)",
            "status = '7'",
        ])
    func otherFilters(_ text: String) throws { #expect(try filter(text) == []) }

    @Test("a number that is no time of this century points to a field that is") func smallTimes() throws {
        let lines = try messages { $0.time = .field(try FieldPath.parse("status"), .auto) }.lines
        #expect(lines == ["--time status: 500 is a time soon after 1970; did you mean -t ts?"])
        #expect(try messages { $0.time = .field(try FieldPath.parse("ts"), .auto) }.lines == [])
    }

    @Test("fields that may be missing are not reported", arguments: ["x is null", "coalesce(x, 1) = 1", "x ?? 1 = 1"])
    func optional(_ text: String) throws { #expect(try filter(text) == []) }

    @Test("a column of the rows is not a field of records") func rowColumn() throws {
        let lines = try messages {
            $0.lets = try Expression.parseSelection("rate=n*2")
            $0.aggregates = [Aggregate(name: "n", function: .count)]
        }.lines
        #expect(
            lines == ["--let rate: no record has 'n', which is a column of the rows: use it in --having or --select"])
    }

    @Test("every flag that names a field is looked at") func flags() throws {
        func first(_ change: (inout Query) throws -> Void) throws -> String? { try messages(change).lines.first }
        let path = try FieldPath.parse("nope")
        #expect(try first { $0.time = .field(path, .auto) }?.contains("no-time") == true)
        #expect(
            try messages { $0.time = .field(path, .auto) }.lines[1]
                == "--time: no record has 'nope'; did you mean 'ts'?")
        #expect(
            try first {
                $0.groupKeys = [GroupKeySpec(name: "g", field: path)]
                $0.aggregates = [Aggregate(name: "n", function: .count)]
            } == "--by: no record has 'nope'")
        #expect(try first { $0.select = try Expression.parseSelection("nope") } == "--select: no record has 'nope'")
        #expect(try first { $0.rowKey = [path] } == "--key: no record has 'nope'")
        #expect(try first { $0.lets = try Expression.parseSelection("y=nope+1") } == "--let y: no record has 'nope'")
    }

    @Test("a missing field changes the exit status only with --strict") func strict() throws {
        let change: (inout Query) throws -> Void = { $0.filter = try Expression.parse("nope = 1") }
        #expect(try messages(change).outcome.status == .done)
        #expect(try messages(strict: true, change).outcome.status == .badData)
    }

    @Test("null is a value, and a field that one record has is not reported") func found() throws {
        var query = Query()
        query.filter = try Expression.parse("a = 1 and b = 1")
        let input = FakeInput(["{\"a\":null}\n", String(repeating: "{}\n", count: 500) + "{\"b\":1}\n"])
        #expect(try runPipeline(Plan.fake(query, inputs: 2), input, FakeOutput()).outcome.message == "")
    }

    @Test("an input without records has no fields to report") func empty() throws {
        var query = Query()
        query.filter = try Expression.parse("a = 1")
        #expect(
            try runPipeline(Plan.fake(query), FakeInput([""]), FakeOutput()).outcome.message.hasSuffix(
                ": the input is empty\n"))
    }

    @Test("min and max of numbers with units are pointed out") func units() throws {
        func maximum(_ value: String) throws -> String {
            var query = Query()
            query.aggregates = [
                Aggregate(name: "m", function: .max, arguments: [.field(try FieldPath.parse("d"))])
            ]
            return try runPipeline(Plan.fake(query), FakeInput(["{\"d\":\"\(value)\"}\n"]), FakeOutput()).outcome
                .message
        }
        for value in ["12ms", "1m2.5s", "850µs", "1.5K", "-3 %", "7 GB"] {
            #expect(try maximum(value).contains("'\(value)' is text"), "\(value)")
        }
        #expect(try maximum("12ms").contains("; -a 'm=max(duration(d))' compares durations"))
        #expect(try maximum("7 GB").contains("; -a 'm=max(size(d))' compares sizes"))
        #expect(try maximum("-3 %").contains("; max(number(replace(d, ' %', ''))) compares numbers"))
        for value in ["api", "v1.2", "12", "2026-02-03T07:08:09Z", "10.0.0.1", "12-34", ""] {
            #expect(try maximum(value) == "", "\(value)")
        }
    }
}
