import Glibc
import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("what is reported at the end") struct DiagnosticsTests {
    /// The messages of a run over these lines.
    private func messages(
        _ query: Query, _ text: String, verbosity: Plan.Verbosity = .normal, rejects: String? = nil,
        refused: Int = 0
    ) throws -> String {
        let output = FakeOutput()
        for _ in 0..<refused { output.refusals.add("value \"x\" is out of range") }
        let plan = Plan.fake(query, rejects: rejects, verbosity: verbosity)
        return try runPipeline(plan, FakeInput([text]), output).outcome.message
    }

    private func counts(of message: String) -> [Int] { message.split { !$0.isNumber }.compactMap { Int($0) } }

    @Test("a run in which every record counts reports nothing") func nothing() throws {
        #expect(try messages(.counts(), lines([(1, 1), (2, 1)])) == "")
    }

    @Test("late records are reported with their number and the watermark that would keep them") func late() throws {
        let million = 1_000_000
        let times = [1 * million, 60 * million, 58 * million, 57 * million + 1, 61 * million]
        let text = lines(times.map { (t: $0, k: 1) })
        var query = try Query.counts()
        query.window = .tumbling(size: 1_000_000, align: 0)
        let message = try messages(query, text)
        #expect(message.hasPrefix("streamctl: 2 of 5 records were late"))
        #expect(message.split(separator: "\n").count == 1)
        // The window of the last late record ends two seconds before the watermark, and would have closed with 2s too.
        #expect(message.contains("--watermark 3s"))
        #expect(message.contains("99 %") == false)
        query.watermarkDelay = 3 * Int64(million)
        #expect(try messages(query, text) == "")
    }

    @Test("the watermark for most late records is reported if it is much shorter") func mostLate() throws {
        let million = 1_000_000
        var records: [(t: Int, k: Int)] = [(t: 1000 * million, k: 1)]
        for _ in 0..<300 { records.append((t: 998 * million, k: 1)) }
        records.append((t: 500 * million, k: 1))
        var query = try Query.counts()
        query.window = .tumbling(size: 1_000_000, align: 0)
        let message = try messages(query, lines(records))
        #expect(message.contains("301 of 302") && message.contains("99 %"))
    }

    @Test("a record that is late for some of its windows is reported") func latePairs() throws {
        var query = try Query.counts()
        query.window = .hopping(size: 10, step: 5, align: 0)
        let once = try messages(query, lines([(1, 1), (12, 1), (8, 1)]))
        #expect(once.split(separator: "\n").count == 1 && !once.contains("were late"))
        let twice = try messages(query, lines([(1, 1), (12, 1), (8, 1), (9, 1)]))
        #expect(twice.contains("2") && once != twice)
    }

    @Test("rejected records are reported by reason, with the position of the first and what is wrong")
    func rejected() throws {
        let text = "{\n{\"t\":1,\"k\":1}\n{\"k\":1}\n{\n"
        let message = try messages(.counts(), text)
        #expect(message.hasPrefix("streamctl: 3 of 4 records were rejected"))
        #expect(message.contains("2 malformed") && message.contains("a.jsonl:1"))
        #expect(message.contains("1 no-time") && message.contains("a.jsonl:3"))
    }

    @Test("refused rows are reported with the first reason, and --rejects where it is missing") func refused() throws {
        let message = try messages(Query(), "{}\n{}\n{}\n", refused: 2)
        #expect(message.hasPrefix("streamctl: 2 of 3 rows were refused"))
        #expect(message.contains("value \"x\" is out of range") && message.contains("--rejects"))
        #expect(try !messages(Query(), "{}\n{}\n{}\n", rejects: "rejects", refused: 2).contains("--rejects"))
    }

    @Test("skipped values are reported by aggregate, in the order of their names") func skipped() throws {
        var query = Query()
        query.aggregates = try ["b", "a"].map {
            Aggregate(name: "avg_\($0)", function: .avg, arguments: [.field(try FieldPath.parse($0))])
        }
        let message = try messages(query, "{\"a\":\"x\",\"b\":\"y\"}\n{\"a\":1,\"b\":\"z\"}\n")
        let found = message.split(separator: "\n")
        #expect(found.count == 2)
        #expect(found.first?.hasPrefix("streamctl: avg_a: 1 value ") == true)
        #expect(found.last?.hasPrefix("streamctl: avg_b: 2 values ") == true)
    }

    @Test("--verbose reports what became of all records, --quiet nothing but errors") func verbosity() throws {
        let text = lines([(1, 1), (12, 1), (2, 1)]) + "{\n"
        var query = try Query.counts()
        query.filter = try Expression.parse("k = 1")
        let message = try messages(query, text, verbosity: .verbose)
        let first = String(message.split(separator: "\n").first ?? "")
        // Records, in windows, in no window, filtered, late, rejected, rows.
        #expect(counts(of: first) == [4, 2, 0, 0, 1, 1, 2])
        #expect(message.contains("late") && message.contains("malformed"))
        #expect(try messages(query, text, verbosity: .quiet) == "")
        #expect(try messages(Query(), "{\n", verbosity: .quiet) == "")
    }

    @Test("skipped values are shown with the place of the first one") func skippedExample() throws {
        var query = Query()
        query.aggregates = [Aggregate(name: "sum_v", function: .sum, arguments: [.field(try FieldPath.parse("v"))])]
        let text = "{\"v\":1}\n{\"v\":\"12.5ms\"}\n{\"v\":null}\n{\"v\":\"x\"}\n"
        let message = try messages(query, text)
        #expect(
            message == "streamctl: sum_v: 2 values are not numbers and are skipped (first at a.jsonl:2: '12.5ms'); "
                + "-a \"sum_v=sum(duration(v))\" reads it\n")
        let one = try messages(query, "{\"v\":[1]}\n")
        #expect(one == "streamctl: sum_v: 1 value is not a number and is skipped (at a.jsonl:1: [1])\n")
        query.lets = try Expression.parseSelection("v=w*2")
        let computed = try messages(query, "{\"w\":1}\n{\"w\":\"b\"}\n")
        #expect(computed.contains("(at a.jsonl:2: 'b' in w*2)"))
    }

    @Test(
        "values that a function cannot read are reported by function, with the first one",
        arguments: [
            (
                "duration(w)",
                "duration(): 2 values are not durations and give null (first at a.jsonl:2: 'b' in duration(w))"
            ),
            ("size(w)", "size(): 2 values are not sizes and give null (first at a.jsonl:2: 'b' in size(w))"),
            ("json(w, 'a')", "json(): 2 values are not JSON and give null (first at a.jsonl:2: 'b' in json(w, 'a'))"),
            (
                "from_base64(w)",
                "from_base64(): 2 values are not base64 of text and give null (first at a.jsonl:2: 'b' in from_base64(w))"
            ),
            (
                "sum_list(w)",
                "expressions: 2 values are not numbers and are skipped (first at a.jsonl:2: 'b' in sum_list(w))"
            ),
        ])
    func unreadable(expression: String, message: String) throws {
        var query = Query()
        query.aggregates = [Aggregate(name: "n", function: .count, arguments: [.field(try FieldPath.parse("v"))])]
        query.lets = try Expression.parseSelection("v=\(expression)")
        let found = try messages(query, "{\"w\":null}\n{\"w\":\"b\"}\n{}\n{\"w\":\"x y\"}\n")
        #expect(found == "streamctl: \(message)\n")
        // What stands in a branch may be there to avoid them.
        query.lets = try Expression.parseSelection("v=w is null ? null : \(expression)")
        #expect(try messages(query, "{\"w\":\"b\"}\n") == "")
    }

    @Test("NaN and infinities are reported as such, where a field that is used has them") func notFinite() throws {
        var query = Query()
        query.aggregates = [Aggregate(name: "sum_v", function: .sum, arguments: [.field(try FieldPath.parse("v"))])]
        let found = try messages(query, "{\"v\":1}\n{\"v\":NaN}\n{\"v\":-Infinity,\"w\":NaN}\n")
        #expect(
            found == "streamctl: records: 2 values are NaN or infinite, which JSON cannot be, and are read as null "
                + "(first at a.jsonl:2: NaN)\n")
        #expect(try messages(query, "{\"v\":1,\"w\":[NaN]}\n") == "")
    }

    @Test("the first three records that are rejected for a reason are named") func places() throws {
        let some = try messages(.counts(), "{\n{}}\n{\n{\n" + lines([(1, 1), (2, 1), (3, 1), (4, 1)]))
        #expect(
            some.contains(
                "4 malformed (first at a.jsonl:1: column 2: the record ends inside the object; then a.jsonl:2, a.jsonl:3)"
            ))
        // With their reasons if that is most of the input.
        let most = try messages(.counts(), lines([(1, 1)]) + "a\n{\nc\nd\n")
        #expect(
            most.contains(
                "4 malformed (first at a.jsonl:2: not a JSON object: 'a'; then a.jsonl:3: column 2: the record ends inside "
                    + "the object; then a.jsonl:4: not a JSON object: 'c')"))
        let same = try messages(.counts(), "{\n{\n{\n{\n")
        #expect(same.contains("the record ends inside the object; then a.jsonl:2, a.jsonl:3)"))
    }

    @Test("a malformed record is shown with the column of its defect") func column() throws {
        let message = try messages(.counts(), "{\"é\":1,}\n")
        #expect(message.contains("column 8: expected a name in double quotes after ',': '}'"))
        let long = try messages(.counts(), "x" + String(repeating: "y", count: 100) + "\n")
        #expect(long.contains("'x\(String(repeating: "y", count: 39))…'"))
    }

    @Test("an error comes after the report, and both name the program") func errorLast() throws {
        let plan = Plan.fake(Query())
        let input = FakeInput(["{}\n{\n"], events: [2: .failure(.noInput("a.jsonl: Input/output error"))])
        let found = try runPipeline(plan, input, FakeOutput()).outcome.message.split(separator: "\n")
        #expect(found.count == 2 && found.allSatisfy { $0.hasPrefix("streamctl: ") })
        #expect(found.first?.contains("rejected") == true && found.last?.contains("Input/output error") == true)
    }

    @Test("messages are one line each, whatever their text holds") func escaped() {
        #expect(Diagnostics.line("a\nb\u{1b}[31m") == "streamctl: a\\x0ab\\x1b[31m\n")
    }

    @Test("errors of the engine name the record or the limit, and the flag that changes it") func engineErrors() {
        let names: InputNames = ["a.jsonl"]
        let position = RecordPosition(input: 0, line: 7)
        let rejected = RunError(EngineError.rejected(.malformed, position, detail: "no object"), names)
        #expect(rejected.kind == .badData)
        for fact in ["a.jsonl:7", "malformed", "no object", "--strict"] { #expect(rejected.text.contains(fact)) }
        let groups = RunError(EngineError.tooManyGroups(12), names)
        #expect(groups.kind == .badData && groups.text.contains("12") && groups.text.contains("--max-groups"))
        let size = StateSize(
            limit: 300 << 20, parts: [(.windows, 3_000_000), (.aggregates("top_path"), 257 << 20), (.groups, 40 << 20)])
        let state = RunError(EngineError.stateTooLarge(size), names)
        let found = "the state takes more than 300 MiB: top_path 257 MiB, groups 40 MiB; raise --max-state"
        #expect(state.kind == .badData && state.text.hasPrefix(found))
        #expect(RunError(EngineError.sink(.readerGone), names) == .readerGone)
    }
}
