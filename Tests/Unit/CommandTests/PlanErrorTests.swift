import Plan
import Testing

@testable import Command

@Suite("Usage errors") struct PlanErrorTests {
    /// Command line and what the message must hold, over a file.
    static let cases: [(String, [String])] = [
        // Flags
        ("--avgg x f", ["unknown option '--avgg'", "Did you mean '--avg'?"]),
        ("-Z f", ["unknown option '-Z'", "--help"]),
        ("--zzzzzzzzzz f", ["unknown option '--zzzzzzzzzz'", "--help"]),
        ("--experimental-dump-help", ["unknown option '--experimental-dump-help'"]),
        ("---completion f", ["unknown option '---completion'"]),
        ("f --tumbling", ["--tumbling requires a value: --tumbling SIZE"]),
        ("f -w", ["--tumbling requires a value"]),
        ("f --count=3", ["--count does not take a value", "remove '=3'"]),
        ("f --generate tcsh", ["'tcsh'", "bash, zsh, fish"]),
        // Input and output
        ("postgresql:///db", ["a database cannot be used as input", "read files"]),
        ("postgres://u:secret@h/db", ["a database cannot be used as input"]),
        ("s3://bucket/key", ["s3://", "./s3://bucket/key"]),
        ("f -o mysql://h/db", ["unknown scheme 'mysql://'", "postgresql://"]),
        ("f -o f", ["f is both an input and --output"]),
        ("f -o g --rejects g", ["--output and --rejects are the same file"]),
        ("f --rejects f", ["f is both an input and --rejects"]),
        ("f --rejects -", ["--rejects requires a file name"]),
        ("- -", ["named twice"]),
        ("demo:sensors f", ["demo:sensors", "name only this one"]),
        ("f -n 0", ["--max-records 0", "use 1 or more"]),
        ("f -n -5", ["--max-records -5"]),
        ("f -n many", ["--max-records 'many'", "whole number"]),
        ("f --max-line 1X", ["--max-line '1X'", "64K"]),
        ("f --max-line 0", ["--max-line 0", "out of range"]),
        ("f --max-line 9999999999999G", ["out of range"]),
        ("f -j 0", ["--jobs 0", "use 1 or more"]),
        ("f --max-groups 0", ["--max-groups 0"]),
        ("f --max-groups 99999999999", ["--max-groups 99999999999 is too large"]),
        ("f -v -q", ["--verbose and --quiet"]),
        // Event time
        ("f -w 1m", ["require an event time", "-t FIELD", "@arrival"]),
        ("f --session 1m", ["-t FIELD"]),
        ("f --calendar day", ["-t FIELD"]),
        ("f -t 'a b'", ["--time 'a b'", "column 2"]),
        ("f -t ''", ["--time ''"]),
        ("f -t ts --time-format nonsense", ["--time-format", "nonsense"]),
        ("f -t ts --time-format %Q", ["--time-format", "%Q"]),
        ("f --time-format s", ["--time-format s", "--time FIELD"]),
        ("f -t @arrival --time-format s", ["--time-format s", "--time FIELD"]),
        ("f -W 5s", ["--watermark requires an event time"]),
        ("f --idle 5s", ["--idle requires an event time"]),
        ("f --max-ahead 5s", ["--max-ahead requires an event time"]),
        ("f --lateness 5s", ["--lateness requires an event time"]),
        ("f -t ts -W 5", ["--watermark 5", "such as 5s"]),
        ("f -t ts -W -5s", ["--watermark", "-5s"]),
        ("f -t ts -W off", ["--watermark", "off"]),
        ("f -t ts -w 1m -W none --idle 5s", ["--idle 5s", "--watermark none"]),
        ("f -t ts --time-zone Mars/Base", ["--time-zone 'Mars/Base'", "Europe/Berlin", "+02:00"]),
        ("f -t ts --year 26", ["--year '26'", "--year 2026"]), ("f -t ts --year 0000", ["--year '0000'"]),
        ("f -t ts --hopping 1d --every 1h --fill-all", ["--fill-all requires", "--tumbling"]),
        ("f -t ts -w 1m --fill --lateness 1m", ["--fill and --lateness", "--fill-all"]),
        ("f -t ts --lateness 1m --sum a", ["--lateness 1m", "--tumbling"]),
        ("f -t ts --rows 5 --lateness 1m", ["--lateness 1m"]),
        ("f -a n=rate(x)", ["rate", "--time FIELD"]),
        // Windows
        ("f -t ts -w 1m --hopping 1h --every 1m", ["--tumbling and --hopping", "one of them"]),
        ("f -t ts --session 1m --rows 5", ["--session and --rows"]),
        ("f -t ts --every 1m", ["--every 1m", "--hopping, --cumulative or --rows"]),
        ("f -t ts -w 1h --every 1m", ["--every 1m", "--hopping"]),
        ("f -t ts --hopping 1h", ["--hopping 1h requires a step", "--every"]),
        ("f -t ts --cumulative 1h", ["--cumulative 1h requires a step", "--every"]),
        ("f -t ts --cumulative 1h --every 7m", ["not a multiple of --every 7m"]),
        ("f -t ts --hopping 1h --every 0s", ["--every 0s", "more than zero"]),
        ("f -t ts --hopping 1h --every 0", ["--every 0", "more than zero"]),
        ("f --rows 5 --every 0", ["--every 0", "use 1 or more"]),
        ("f --rows 0", ["--rows 0", "use 1 or more"]),
        ("f -t ts -w 0s", ["--tumbling 0s", "more than zero"]),
        ("f -t ts -w -1m", ["--tumbling", "-1m"]),
        ("f -t ts -w 60", ["--tumbling 60", "such as 60s"]),
        ("f -t ts -w 1mo", ["--tumbling"]),
        ("f -t ts --session 0s", ["--session 0s", "more than zero"]),
        ("f -t ts --calendar decade", ["'decade'", "quarter"]),
        ("f --align 1h", ["--align 1h", "--tumbling"]),
        ("f -t ts --session 1m --align 1h", ["--align 1h", "remove it for --session"]),
        ("f --rows 5 --align 1h", ["--align 1h", "remove it for --rows"]),
        ("f -t ts -w 1h --align 30", ["--align 30", "unit"]),
        // Keys, expressions, aggregates
        ("f -g 'a b'", ["--by at column 3", "\"a b\""]),
        ("f -g a,,b", ["--by at column 3", "a,,b\n    ^"]),
        ("f -g 'hour(ts)'", ["requires a name", "NAME=hour(ts)"]),
        ("f -g 'h=avg(ms)'", ["--by at column 3", "avg is an aggregate"]),
        ("f -g '*'", ["--by '*'", "name the fields"]),
        ("f -g .service", ["write service"]),
        ("f -g @kye", ["no metadata @kye", "did you mean @key?", "@offset"]),
        ("f --where @headers.x=1", ["no metadata @headers", "the names are @key", "write \"@headers\""]),
        ("f -g a.b=c", ["'a.b' is not a column name"]),
        ("f -g a,a", ["two columns are named 'a'"]),
        ("f -g count", ["two columns are named 'count'"]),
        ("f --where 'a +'", ["--where at column 4", "\n  a +\n     ^"]),
        ("f --where 'a + 1'", ["--where at column 1", "this is a number"]),
        ("f --let 'a b=1'", ["in double quotes", "--let '\"a b\"=1'"]),
        ("f -a 'e=count_if(x),n=count()' --let r=e/n", ["'e' is a column of rows", "-a 'r=e/n'"]),
        ("f -a r=x/count()", ["--agg at column 3", "'x' is not a column of the row"]),
        ("f -a 'r=a/b, a=count(), b=sum(x)'", ["'a' is not a column of the row"]),
        ("f -a 'count() / 2'", ["requires a name", "NAME=count() / 2"]),
        ("f --quantile p=0.5,0.9:ms", ["one name cannot stand for several columns"]),
        ("f --quantile 0.5:a,b", ["--quantile 0.5:a --quantile 0.5:b"]),
        ("f -g k --having 'count > \"5\"'", ["write the number as 5"]),
        ("f --avg x --having 'count > 5'", ["the aggregate is written count()"]),
        ("f --let a", ["--let 'a': expected NAME=EXPR", "NAME=EXPR"]),
        ("f --let a=1 --let a=2", ["--let a is given twice"]),
        ("f --count --count", ["--count is given twice"]),
        ("f --avg a --avg a", ["two columns are named 'avg_a'", "NAME="]),
        ("f -t ts -w 1m --avg window_start=a", ["two columns are named 'window_start'"]),
        ("f --avg a+b", ["--avg 'a+b'", "-a 'NAME=avg(EXPR)'"]),
        ("f --avg a,b", ["--avg 'a,b'", "write --avg a --avg b"]),
        ("f --quantile 1.5:a", ["between 0 and 1", "0.99"]),
        ("f --quantile -0.1:a", ["between 0 and 1"]),
        ("f --quantile nan:a", ["between 0 and 1"]),
        ("f --quantile a", ["--quantile 'a'", "0.99:ms"]),
        ("f --top 0:a", ["from 1 to"]),
        ("f --top 1.5:a", ["whole number"]),
        ("f --top a", ["--top 'a'", "3:path"]),
        ("f -a avg(a+b)", ["requires a name", "NAME=avg"]),
        ("f -a 'min_by(a, b)'", ["requires a name"]),
        ("f -a 'quantile(a, 2)'", ["--agg", "between 0 and 1"]),
        ("f -a nonsense(a)", ["--agg", "nonsense"]),
        // Results
        ("f --having 'a > 1'", ["--having", "--where"]),
        ("f --count --having 'cnt > 1'", ["unknown column 'cnt'", "the columns are count"]),
        ("f -g k --count --select k,n", ["unknown column 'n'", "the columns are k, count"]),
        ("f --select a,a", ["two columns are named 'a'", "--select"]),
        ("f --select 'a,'", ["--select"]),
        ("f -f csv", ["--format csv", "--select"]),
        ("f -f table", ["--format table", "--select"]),
        ("f -f xml", ["'xml'", "json, csv, tsv, table"]),
        ("f --fill", ["--fill", "--tumbling or --calendar"]),
        ("f -t ts --session 1m --fill", ["--fill"]),
        ("f --early 5s", ["--early 5s", "pass through"]),
        ("f --count --early 0s", ["--early 0s", "more than zero"]),
        ("f --count --punctuate", ["--punctuate", "--time FIELD"]),
        ("f -t @arrival --punctuate", ["--punctuate", "--time FIELD"]),
        ("f -t ts --count --punctuate", ["--punctuate", "time window"]),
        ("f -t ts -w 1m -f csv --punctuate", ["--punctuate", "--format"]),
        // Tables
        ("f --count -o postgresql:///db", ["requires a table name", "--table [SCHEMA.]NAME"]),
        ("f --count --table t", ["--table requires a database", "-o postgresql://"]),
        ("f --count --mode append", ["--mode requires a database"]),
        ("f --count -o out --create", ["--create requires a database"]),
        ("f -o postgresql:///db --table t", ["requires named columns", "--select NAME"]),
        ("f -g k -f csv -o postgresql:///db --table t", ["--format csv applies only to text", "remove it"]),
        ("f -g k -o postgresql:///db --table t --mode replace", ["--mode 'replace'", "upsert or append"]),
        ("f --count -o postgresql:///db --table t --mode upsert", ["--mode upsert requires a key", "--mode append"]),
        ("f --let c=a -o kafka://b/t --key x,c.y", ["--key 'x,c.y'", "c.y", "--let"]),
        ("f --select a -o postgresql:///db --table t --mode upsert", ["--mode upsert requires a key", "--by"]),
        ("f --rows 3 -g k -o postgresql:///db --table t --mode upsert", ["--mode upsert", "--rows"]),
        ("f -g k --select count -o postgresql:///db --table t", ["--select omits the key column k", "--mode append"]),
        (
            "f -t ts -w 1m --select n=count -o postgresql:///db --table t",
            ["--select omits the key column window_start"]
        ),
        (
            "f -t ts --hopping 1m --every 10s --select window_start -o postgresql:///db --table t",
            ["--select omits the key column window_end"]
        ),
        ("f -t ts -w 1m --punctuate -o postgresql:///db --table t", ["--punctuate", "not into a table"]),
        // Jobs
        ("--count --job j", ["--job requires an input that can be read again", "standard input"]),
        ("f - --count --job j", ["--job requires an input that can be read again"]),
        ("f --rows 3 --job j", ["--job cannot resume --rows"]),
        ("f -w 1m -t @arrival --job j", ["--job cannot resume", "--time FIELD"]),
        ("f --count --job ''", ["--job ''", "letters, digits"]),
        ("f --count --job a/b", ["--job 'a/b'", "letters, digits"]),
        ("f --count --job .a", ["--job '.a'"]),
        ("f --count --state-dir d", ["--state-dir requires a job", "--job NAME"]),
        ("f --count --takeover", ["--takeover requires a job"]),
        ("f --count --takeover --job j", ["--takeover applies only to jobs in a database", "lock"]),
        ("f -g k --job j --state-dir d -o postgresql:///db --table t", ["--state-dir d", "in the database"]),
        ("f --count --commit-every 5s", ["--commit-every 5s applies only to --job and databases"]),
        ("f --count --job j --commit-every 0s", ["--commit-every 0s", "more than zero"]),
        ("f --count --job j --commit-every 5", ["--commit-every 5", "such as 5s"]),
        ("f --count --job j -f table", ["--format table", "choose json, csv or tsv"]),
        ("f -t ts -w 1m --job j --punctuate", ["--punctuate", "pipe"]),
        ("f -n 5 --count --job j", ["--max-records", "--job"]),
    ]

    @Test("is refused with a line that says what and what to do, and perhaps two that show where", arguments: cases)
    func refuses(_ line: String, _ parts: [String]) throws {
        let text = try #require(read(line).error)
        #expect(text.hasPrefix("streamctl: ") && text.hasSuffix("\n"))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(lines.count == 1 || (lines.count == 3 && lines[2].hasSuffix("^") && lines[1].hasPrefix("  ")))
        for part in parts { #expect(text.contains(part)) }
    }

    @Test(
        "no message repeats the URL of a database, which may hold a password",
        arguments: [
            "f --count -o postgresql://u:secret@h/db", "postgresql://u:secret@h/db --count",
            "f --count -o postgresql://u:secret@h/db --table t --mode upsert",
            "f -g k -o postgresql://u:secret@h/db --table t --job j --state-dir d",
        ])
    func hidesURLs(_ line: String) throws {
        let text = try #require(read(line).error)
        #expect(!text.contains("secret") && !text.contains("@h"))
    }

    @Test("control characters in arguments do not reach the terminal") func escapes() throws {
        let text = try #require(read(["f", "--calendar", "a\nb\u{1b}[31m\u{7f}"]).error)
        #expect(text.contains(#"'a\nb\x1b[31m\x7f'"#))
        #expect(text.filter { $0 == "\n" }.count == 1)
    }
}
