import Plan
import StreamEngine
import Testing

@testable import Command

@Suite("Words of other tools") struct SynonymTests {
    /// A command line over a file, and the one that it means.
    static let accepted: [(String, String)] = [
        ("f -t ts --window 10m", "f -t ts -w 10m"),
        ("f -t ts --tumble 1h", "f -t ts -w 1h"),
        ("f -t ts --window-size=1h", "f -t ts -w 1h"),
        ("f -t ts --sliding 1h --step 10m", "f -t ts --hopping 1h --every 10m"),
        ("f -t ts --session-gap 5m", "f -t ts --session 5m"),
        ("f -t ts --daily", "f -t ts --calendar day"),
        ("f -t ts --hourly", "f -t ts --calendar hour"),
        ("f --event-time ts -w 1m", "f -t ts -w 1m"),
        ("f -t ts --allowed-lateness 1m -w 1m", "f -t ts --lateness 1m -w 1m"),
        ("f -t ts --out-of-orderness 7s -w 1m", "f -t ts -W 7s -w 1m"),
        ("f -t ts --calendar day --tz Europe/Berlin", "f -t ts --calendar day --time-zone Europe/Berlin"),
        ("f -t ts --calendar day --timezone Europe/Berlin", "f -t ts --calendar day --time-zone Europe/Berlin"),
        ("f --group-by service", "f -g service"),
        ("f --group_by service", "f -g service"),
        ("f --groupby=service,host", "f -g service,host"),
        ("f --filter 'a > 1'", "f --where 'a > 1'"),
        ("f --mean ms", "f --avg ms"),
        ("f --average m=ms", "f --avg m=ms"),
        ("f --count-distinct path", "f --distinct path"),
        ("f --stdev ms", "f --stddev ms"),
        ("f --maximum ms --minimum ms", "f --max ms --min ms"),
        ("f --total amount", "f --sum amount"),
        ("f --p99 ms", "f --quantile 0.99:ms"),
        ("f --p50 ms --p95 ms", "f --quantile 0.5:ms --quantile 0.95:ms"),
        ("f --p999 slow=ms", "f --quantile slow=0.999:ms"),
        ("f --p99.9 ms", "f --quantile 0.999:ms"),
        ("f --p5=ms", "f --quantile 0.05:ms"),
        ("f --percentile 99:ms", "f --quantile 0.99:ms"),
        ("f --percentile slow=99.5:ms", "f --quantile slow=0.995:ms"),
        ("f --percentile p90:ms", "f --quantile 0.90:ms"),
        ("f --count --csv", "f --count -f csv"),
        ("f --count --format-csv", "f --count -f csv"),
        ("f --count --output-format table", "f --count -f table"),
        ("f --count --pretty", "f --count -f table"),
        ("f --count --json", "f --count -f json"),
        ("f --count -g a --order-by -count", "f --count -g a --sort -count"),
        ("f --count --outfile out", "f --count -o out"),
        ("f --avg a --precision 2", "f --avg a --digits 2"),
        ("f --threads 2 --count", "f -j 2 --count"),
        ("f --count --dlq bad", "f --count --rejects bad"),
        ("f --count --dry-run", "f --count --explain"),
        ("f --sum a -W none", "f --sum a"),
        ("f --describe", "f --fields"),
        ("f --schema", "f --fields"),
    ]

    @Test("is accepted where it can mean only one thing", arguments: accepted)
    func accepts(_ line: String, _ plain: String) throws {
        let plan = try #require(read(line).plan, "\(read(line).error ?? "")")
        let expected = try #require(read(plain).plan)
        #expect(plan.explanation() == expected.explanation())
        #expect(plan.explain == expected.explain && plan.fieldList == expected.fieldList)
        #expect(plan.query.digits == expected.query.digits && plan.rejects == expected.rejects)
    }

    /// Command line, and what the answer names.
    static let answered: [(String, [String])] = [
        ("f --limit 10", ["--limit 10", "head -n 10"]),
        ("f --head 10", ["head -n N"]),
        ("f --desc count", ["--sort -COLUMN"]),
        ("f --reverse", ["--sort -COLUMN"]),
        ("f --tail", ["streamctl -F FILE"]),
        ("f --progressive", ["--early 2s"]),
        ("f --watch", ["--live shows open windows", "add an aggregate"]),
        ("f --plot", ["-f svg"]),
        ("f --unique path", ["--distinct FIELD"]),
        ("f --uniq path", ["--distinct FIELD"]),
        ("f --percentile 99 ms", ["--quantile 0.99:ms"]),
        ("f --percentile 0.99:ms", ["--quantile 0.99:ms"]),
        ("f --p99", ["--p99 requires a value", "--quantile 0.99:FIELD"]),
        ("f --since 2026-01-01", ["--where", "start=@TIME"]),
        ("f --until 2026-01-01", ["--where", "until=@TIME"]),
        ("-i xml f", ["unknown format", "combined"]),
        ("--parse combined f", ["-i FORMAT"]),
        ("--input f", ["without an option"]),
        ("--file f", ["without an option"]),
        ("--brokers b --topic t", ["kafka://BROKER"]),
        ("--bootstrap-servers b", ["kafka://BROKER"]),
        ("f --group-id g", ["?group=NAME"]),
        ("f --database d", ["postgresql://HOST/DATABASE"]),
        ("f --variance ms", ["-a 'NAME=variance(ms)'"]),
        ("f --mode-of x", ["--help"]),
        ("f --interval 1m", ["-w 1m"]),
        ("f --grep x", ["FIELD ~ 'REGEX'"]),
        ("f --format:table --count", ["write --format table"]),
        ("f --w 1m", ["-w, with one hyphen", "--tumbling"]),
        ("f -window 1m", ["--window, with two hyphens"]),
        ("f -avg ms", ["--avg, with two hyphens"]),
        ("f -format csv", ["--format, with two hyphens"]),
        ("f --join x", ["--lookup 'FILE?on=FIELD'", "DuckDB"]),
        ("f --enrich x", ["--lookup 'geo.csv?on=ip'"]),
        ("f --password x", ["~/.pgpass"]),
        ("f --ofs ;", ["-f csv", "-f tsv"]),
        ("f --exactly-once", ["--job NAME"]),
        ("f \u{2013}count", ["\u{2013}count", "write --count"]),
        ("f \u{2014}window 1m", ["write --window"]),
        ("f \u{2212}w 1m", ["write -w"]),
        ("f -\u{2013}count", ["write --count"]),
        ("f \u{2013}avg ms", ["write --avg"]),
        ("f --csv=yes --count", ["--csv does not take a value", "--format csv"]),
    ]

    @Test("is answered by its meaning where it is not accepted", arguments: answered)
    func answers(_ line: String, _ parts: [String]) throws {
        let text = try #require(read(line).error)
        #expect(text.filter { $0 == "\n" }.count == 1)
        for part in parts { #expect(text.contains(part)) }
    }

    @Test(
        "a likely typing error gets a suggestion",
        arguments: [
            ("--avgg", "avg"), ("--coutn", "count"), ("--tumblin", "tumbling"), ("--whree", "where"),
            ("--tiem-zone", "time-zone"), ("--max_records", "max-records"), ("--quantil", "quantile"),
            ("--selct", "select"), ("--formt", "format"), ("--wat", "watermark"), ("--expl", "explain"),
            ("--COUNT", "count"), ("--rejcets", "rejects"),
        ])
    func typos(_ word: String, _ flag: String) throws {
        let text = try #require(read([word, "x"]).error)
        #expect(text.contains("did you mean '--\(flag)'?"), "\(text)")
    }

    @Test(
        "no other word gets one",
        arguments: ["--nope", "--zzz", "--fast", "--code", "--node", "--my", "--xy", "--flush", "--sample", "--lang"])
    func noSuggestion(_ word: String) throws {
        #expect(try !#require(read([word, "x"]).error).contains("did you mean"))
    }

    @Test("no word is there twice, and none is an option") func unique() {
        let names = FlagSynonym.all.flatMap(\.names)
        #expect(Set(names).count == names.count, "\(names.filter { name in names.count { $0 == name } > 1 })")
        for name in names { #expect(FlagEntry.named(name) == nil, "\(name)") }
        for synonym in FlagSynonym.all {
            switch synonym.meaning {
            case .option(let flag), .setting(let flag, _): #expect(FlagEntry.named(flag) != nil, "\(flag)")
            case .advice(let text): #expect(!text.isEmpty)
            }
        }
    }

    @Test("help, manual and completions do not list them") func hidden() throws {
        let listed = try Help.full + Completions.script("bash") + Completions.script("zsh")
        for name in ["window", "group-by", "filter", "p99", "percentile", "tz"] {
            #expect(!listed.contains("--\(name)"), "\(name)")
        }
    }

    @Test(
        "a flag that takes one value is not given two",
        arguments: [
            ("f -t ts -w 1h -w 5m", ["--tumbling is given twice", "'1h' and '5m'"]),
            ("f -t ts -w 1h --window 5m", ["--tumbling is given twice"]),
            ("f --select a --select b", ["write --select a,b"]),
            ("f -g k --having 'count > 1' --having 'count < 9'", ["'and'"]),
            ("f -n 1 -n 2", ["--max-records is given twice"]),
            ("f --count --csv --json", ["--format is given twice"]),
            ("f --count -o postgresql://u:secret@h/d -o x", ["--output is given twice"]),
        ])
    func twice(_ line: String, _ parts: [String]) throws {
        let text = try #require(read(line).error)
        for part in parts { #expect(text.contains(part)) }
        #expect(!text.contains("secret"))
    }

    @Test("the same value twice is no mistake") func same() {
        #expect(read("f -t ts -w 1h -w 1h -q -q").plan != nil)
    }

    // MARK: Values

    @Test(
        "a number or a duration of another form is answered with ours",
        arguments: [
            ("f -n 99999999999999999999", "--max-records 99999999999999999999 is too large"),
            ("f -n 1e6", "write it in digits: 1000000"),
            ("f -n 10k", "write it in digits: 10000"),
            ("f -n 1,000", "write it in digits: 1000"),
            ("f -j two", "not a whole number"),
            ("f -t ts -w '10 m'", "write it as 10m"),
            ("f -t ts -w 10min", "write it as 10m"),
            ("f -t ts -w '1 hour'", "write it as 1h"),
            ("f -t ts -w '1 hour 30 minutes'", "write it as 1h30m"),
            ("f -t ts -w 30sec", "write it as 30s"),
            ("f -t ts -w 1H", "write it as 1h"),
            ("f -t ts -w 1M", "write 1m for minutes, or use --calendar month"),
            ("f -t ts -w 5Days", "write it as 5d"),
            ("f -t ts -w 1month", "--calendar month"),
            ("f -t ts -w 1x", "unknown unit 'x'"),
        ])
    func values(_ line: String, _ part: String) throws {
        #expect(try #require(read(line).error).contains(part))
    }
}

@Suite("Percentiles") struct PercentileTests {
    @Test(
        "names of percentiles are ranks",
        arguments: [
            ("p99", "0.99"), ("p50", "0.5"), ("p5", "0.05"), ("p1", "0.01"), ("p999", "0.999"), ("p9999", "0.9999"),
            ("p99.9", "0.999"), ("p2.5", "0.025"), ("p0", nil), ("p100", nil), ("p", nil), ("px", nil), ("p9x", nil),
            ("p1.2.3", nil), ("q99", nil), ("p000", nil), ("p99999999999999999", nil),
        ] as [(String, String?)])
    func names(_ name: String, _ rank: String?) {
        #expect(Percentile.rank(ofName: name) == rank)
    }

    @Test(
        "numbers of percentiles are ranks from 1 on",
        arguments: [
            ("99", "0.99"), ("99%", "0.99"), ("1", "0.01"), ("99.99", "0.9999"), ("0.99", nil), ("0", nil),
            ("100", nil), ("", nil), ("-5", nil), ("1e1", nil),
        ] as [(String, String?)])
    func numbers(_ text: String, _ rank: String?) {
        #expect(Percentile.rank(ofPercent: text) == rank)
    }
}
