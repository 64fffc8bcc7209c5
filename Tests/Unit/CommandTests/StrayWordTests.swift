import Plan
import Testing

@testable import Command

@Suite("Words that are no file") struct StrayWordTests {
    /// Command line, the words in it that do not exist, and what the answer names.
    static let cases: [(String, String, [String])] = [
        // After a flag
        ("f --count ms", "ms", ["--count takes no value", "-a 'n=count(ms)'"]),
        ("f -t ts -w 1m --fill service", "service", ["--fill takes no value"]),
        ("f -g service path", "path", ["--by service,path"]),
        ("f -g service path host", "path host", ["--by service,path,host"]),
        (
            "f --select ts,request.user agent", "agent",
            ["--select ts,request.user,agent", "'ts,request.\"user agent\"'"]
        ),
        ("f --sum ms status", "status", ["--sum ms --sum status"]),
        ("f --distinct user session_id", "session_id", ["--distinct user --distinct session_id"]),
        ("f --where status = 500 --count", "= 500", ["--where 'status = 500'"]),
        ("f --where status >= 500", ">= 500", ["--where 'status >= 500'"]),
        ("f --let x = a+b", "= a+b", ["--let 'x = a+b'"]),
        ("f -g k --having count > 5", "> 5", ["--having 'count > 5'"]),
        ("f -a n=count(), p=median(ms)", "p=median(ms)", ["--agg 'n=count(), p=median(ms)'"]),
        ("f -t ts -w 10 m", "m", ["write --tumbling 10m"]),
        ("f -t ts -w 10 minutes", "minutes", ["write --tumbling 10m"]),
        ("f -t ts --time-format %Y-%m-%d %H:%M -w 1m", "%H:%M", ["--time-format '%Y-%m-%d %H:%M'"]),
        ("f --select a, b", "b", ["--select a,b"]),
        // Options and questions
        ("-w 1m -g service p99 ms", "p99 ms", ["--quantile 0.99:ms"]),
        ("f p95 latency", "p95 latency", ["--quantile 0.95:latency"]),
        ("f avg ms", "avg ms", ["--avg ms"]),
        ("f mean ms", "mean ms", ["--avg ms"]),
        ("f count", "count", ["--count"]),
        ("f window=1m", "window=1m", ["--tumbling=1m"]),
        ("f format=csv", "format=csv", ["--format=csv"]),
        ("f where status", "where status", ["--where status"]),
        ("f csv", "csv", ["--format csv"]),
        ("f variance", "variance", ["-a 'NAME=variance(x)'"]),
        ("help", "help", ["--help"]),
        ("version", "version", ["--version"]),
        ("demo --count", "demo", ["demo:sensors"]),
        ("sensors", "sensors", ["demo:sensors"]),
        ("run f", "run", ["no subcommands"]),
        ("select a from f", "select a from", ["not SQL"]),
        ("f limit 10", "limit 10", ["not SQL"]),
        ("f sort", "sort", ["--sort"]),
        // By their form
        ("'{\"a\":1}'", "{\"a\":1}", ["standard input"]),
        ("logs/*.jsonl", "logs/*.jsonl", ["no file matches"]),
        ("~/app.jsonl", "~/app.jsonl", ["~"]),
        ("$LOG", "$LOG", ["single quotes"]),
        ("localhost:9092/events --count", "localhost:9092/events", ["kafka://localhost:9092/events"]),
    ]

    @Test("are answered as what they probably were", arguments: cases)
    func answers(_ line: String, _ missing: String, _ parts: [String]) throws {
        guard case .refused(let error) = read(words(line), missing: Set(missing.split(separator: " ").map(String.init)))
        else {
            Issue.record("\(line) is accepted")
            return
        }
        #expect(error.status == .noInput)
        #expect(error.text.contains("No such file or directory ("), "\(error.text)")
        for part in parts { #expect(error.text.contains(part), "\(error.text)") }
    }

    @Test(
        "a missing file is left to its opening",
        arguments: [
            ("nosuch.jsonl --count", "nosuch.jsonl"), ("-g service nosuch.jsonl", "nosuch.jsonl"),
            ("--count logs/app", "logs/app"), ("f app.log.1", "app.log.1"), ("x", "x"), ("--count -- -w", "-w"),
        ])
    func leaves(_ line: String, _ missing: String) {
        #expect(read(words(line), missing: [missing]).plan != nil)
    }

    @Test("a value that says more itself comes first") func quantile() throws {
        let error = try #require(read(words("f --quantile 0.99 ms"), missing: ["ms"]).error)
        #expect(error.contains("0.99:ms"))
    }

    @Test("control characters in a word do not reach the terminal") func escapes() throws {
        let error = read(["f", "--count", "a\u{1b}[31m\n"], missing: ["a\u{1b}[31m\n"]).error ?? "-"
        #expect(!error.contains("\u{1b}"))
    }
}
