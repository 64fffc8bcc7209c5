import Plan
import StreamEngine

extension FlagEntry {
    /// All flags, in the order of the help.
    static let all: [FlagEntry] =
        input + time + windows + grouping + expressions + aggregates + output + delivery + reporting + other

    private static let input: [FlagEntry] = [
        FlagEntry(
            name: "input-format", short: "i", value: "FORMAT", section: .input,
            help: "how to read records: " + FormatName.allCases.map(\.rawValue).joined(separator: ", "),
            defaultText: "auto: by the first line", isCommon: true,
            completion: .words(FormatName.allCases.map(\.rawValue))),
        FlagEntry(
            name: "columns", value: "NAMES", section: .input,
            help:
                "names of the values of csv and tsv, or of the groups of --regex that have none, with commas between them",
            defaultText: "the first line"),
        FlagEntry(
            name: "delimiter", value: "CHAR", section: .input, help: "the character between the values of csv",
            defaultText: "the one of , ; tab and | that the first line has most of"),
        FlagEntry(
            name: "no-header", section: .input,
            help: "the first line of csv and tsv is data; without --columns, the fields are c1, c2, …"),
        FlagEntry(
            name: "each", value: "PATH", section: .input,
            help: "read each element of the array at PATH as a record; fields around it are outer.NAME", repeats: true),
        FlagEntry(
            name: "unwrap", value: "FIELD[:FORMAT]", section: .input,
            help:
                "read the text of FIELD as a record too: JSON or logfmt, or FORMAT (json, logfmt, csv, tsv with --columns)",
            repeats: true),
        FlagEntry(
            name: "regex", value: "PATTERN", section: .input,
            help: "read lines by a regular expression: each named group (?<name>…) of its first match is a field"),
        FlagEntry(
            name: "unmatched", value: "ACTION", section: .input,
            help: "lines that --regex does not match: reject or skip (as if filtered)", defaultText: "reject",
            completion: .words(["reject", "skip"])),
        FlagEntry(
            name: "record-start", value: "REGEX", section: .input,
            help: "a record begins at each line that REGEX matches; the lines after it belong to it"),
        FlagEntry(
            name: "follow", short: "F", section: .input,
            help: "go on reading files as they are written, rotated and truncated; INPUT may be a quoted pattern",
            isCommon: true),
        FlagEntry(
            name: "from-end", section: .input, help: "with --follow: skip what is there at the first run",
            affectsResults: false),
        FlagEntry(
            name: "rotated", value: "GLOB", section: .input,
            help: "with --follow: where older files are", defaultText: "app.log.1, app.log-20260301.gz and the like",
            repeats: true, completion: .file, affectsResults: false),
        FlagEntry(
            name: "on-gap", value: "ACTION", section: .input,
            help: "with --follow: if what a job has read is gone, fail or skip it", defaultText: "fail",
            completion: .words(["fail", "skip"]), affectsResults: false),
        FlagEntry(
            name: "kafka-option", short: "X", value: "KEY=VALUE", section: .input,
            help: "set a property of librdkafka or a schema registry; @FILE reads several from a file, list shows all",
            repeats: true, completion: .words(["list"]), affectsResults: false),
        FlagEntry(name: "max-records", short: "n", value: "N", section: .input, help: "stop after N records"),
        FlagEntry(
            name: "max-line", value: "SIZE", section: .input,
            help: "maximum line length in bytes (K, M, G); longer lines are rejected", defaultText: "1M"),
        FlagEntry(
            name: "decompress", value: "WHEN", section: .input,
            help: "auto: decompress gzip, Zstandard, bzip2, xz and LZ4; none: read the bytes as they are",
            defaultText: "auto", completion: .words(["auto", "none"])),
        FlagEntry(
            name: "rejects", value: "FILE", section: .input,
            help: "append each rejected or late record to FILE as a JSON line: reason, source, line or offset, record",
            completion: .file, affectsResults: false),
        FlagEntry(
            name: "strict", section: .input, help: "exit with status 65 at the first rejected record",
            affectsResults: false),
    ]

    private static let time: [FlagEntry] = [
        FlagEntry(
            name: "time", short: "t", value: "FIELD", section: .time,
            help: "event-time field, @kafka_time or @arrival",
            defaultText: "@kafka_time for topics, @arrival for other live input", isCommon: true,
            completion: .offer(.time)),
        FlagEntry(
            name: "time-format", value: "FORMAT", section: .time,
            help: "auto, iso, s, ms, us, ns or a strptime pattern (%.f: a fraction)", defaultText: "auto",
            completion: .words(["auto", "iso", "s", "ms", "us", "ns"])),
        FlagEntry(
            name: "watermark", short: "W", value: "DUR", section: .time,
            help: "maximum out-of-orderness of records, or none",
            defaultText: "none for files, 5s for live input, 0s for @arrival", isCommon: true,
            completion: .words(["none"])),
        FlagEntry(
            name: "lateness", value: "DUR", section: .time,
            help: "accept corrections to a window for DUR after it closes", defaultText: "0s"),
        FlagEntry(
            name: "idle", value: "DUR", section: .time,
            help:
                "after DUR without records, advance the watermark with the wall clock (topics: stop waiting for an "
                + "idle partition); off disables this",
            defaultText: "off for files and topics, 10s for other live input, 0s for @arrival",
            completion: .words(["off"])),
        FlagEntry(
            name: "max-ahead", value: "DUR", section: .time,
            help: "reject records more than DUR ahead of the wall clock; off accepts them all",
            defaultText: "1h for live input, off for files and @arrival", completion: .words(["off"])),
        FlagEntry(
            name: "time-zone", value: "ZONE", section: .time,
            help: "time zone of days, weeks and calendar windows, time functions and times without a zone",
            defaultText: "UTC", completion: .offer(.zones)),
        FlagEntry(
            name: "year", value: "YEAR", section: .time, help: "year of times without one, such as Feb  3 07:08:09",
            defaultText: "the one nearest to the record before"),
    ]

    private static let windows: [FlagEntry] = [
        FlagEntry(
            name: "tumbling", short: "w", value: "SIZE", section: .windows,
            help: "consecutive windows of length SIZE", isCommon: true),
        FlagEntry(
            name: "hopping", value: "SIZE", section: .windows, help: "windows of length SIZE that start every STEP",
            isCommon: true),
        FlagEntry(
            name: "cumulative", value: "MAX", section: .windows,
            help: "windows that grow by STEP up to MAX, then start over"),
        FlagEntry(
            name: "session", value: "GAP", section: .windows, help: "windows that end after GAP without a record",
            isCommon: true),
        FlagEntry(
            name: "rows", value: "N", section: .windows,
            help: "the last N records of a group, each time STEP more have arrived"),
        FlagEntry(
            name: "calendar", value: "UNIT", section: .windows,
            help: "one window per hour, day, week, month, quarter or year",
            completion: .words(CalendarUnit.allCases.map(\.rawValue))),
        FlagEntry(
            name: "every", value: "STEP", section: .windows, help: "step of --hopping, --cumulative or --rows",
            defaultText: "N for --rows", isCommon: true),
        FlagEntry(
            name: "align", value: "OFFSET", section: .windows, help: "shift window boundaries by OFFSET, such as -8h",
            defaultText: "0s"),
    ]

    private static let grouping: [FlagEntry] = [
        FlagEntry(
            name: "by", short: "g", value: "[NAME=]FIELD,...", section: .grouping,
            help: "group by these fields, or by NAME=EXPR",
            repeats: true, isCommon: true, completion: .offer(.fields))
    ]

    private static let expressions: [FlagEntry] = [
        FlagEntry(
            name: "lookup", value: "TABLE?on=FIELD", section: .expressions,
            help:
                "add the columns of the row of a CSV, TSV or JSON file with the same value; also &key= &columns= &prefix= "
                + "&missing= &match= &as-of= &reload=; or of a table, postgresql://HOST/DB?table=NAME&on=FIELD, with &cache= &ttl= "
                + "or &load=all",
            repeats: true, completion: .file),
        FlagEntry(
            name: "where", value: "EXPR", section: .expressions, help: "keep only records for which EXPR is true",
            repeats: true, isCommon: true, completion: .offer(.expression)),
        FlagEntry(
            name: "let", value: "NAME=EXPR", section: .expressions, help: "add a computed field", repeats: true,
            isCommon: true, completion: .offer(.expression)),
        FlagEntry(
            name: "dedup", value: "FIELD,...", section: .expressions,
            help: "keep only the first record of each value of these fields, or of @line", repeats: true,
            completion: .offer(.fields)),
        FlagEntry(
            name: "within", value: "DUR", section: .expressions,
            help: "with --dedup: only records whose event times are at most DUR apart are duplicates",
            defaultText: "the whole input"),
        FlagEntry(name: "having", value: "EXPR", section: .expressions, help: "keep only rows for which EXPR is true"),
        FlagEntry(
            name: "select", value: "NAME[=EXPR],...", section: .expressions, help: "the columns to print",
            isCommon: true, completion: .offer(.fields)),
    ]

    private static let aggregates: [FlagEntry] = [
        FlagEntry(name: "count", section: .aggregates, help: "number of records", isCommon: true),
        sugar(.sum, isCommon: true),
        sugar(.avg, isCommon: true),
        sugar(.min, isCommon: true),
        sugar(.max, isCommon: true),
        sugar(.first),
        sugar(.last),
        sugar(.stddev),
        sugar(.median),
        sugar(.distinct),
        FlagEntry(
            name: "quantile", value: "[NAME=]Q:FIELD", section: .aggregates, help: "the Q quantile, such as 0.99:ms",
            repeats: true, isCommon: true, completion: .offer(.fields)),
        FlagEntry(
            name: "top", value: "[NAME=]K:FIELD", section: .aggregates, help: "the K most frequent values",
            repeats: true, completion: .offer(.fields)),
        FlagEntry(
            name: "agg", short: "a", value: "[NAME=]FN(EXPR)", section: .aggregates,
            help: "any aggregate, or NAME=EXPR over aggregates; commas separate several", repeats: true, isCommon: true,
            completion: .offer(.aggregates)),
    ]

    private static func sugar(_ function: AggregateFunction, isCommon: Bool = false) -> FlagEntry {
        FlagEntry(
            name: function.name, value: "[NAME=]FIELD", section: .aggregates, help: function.summary, repeats: true,
            isCommon: isCommon, completion: .offer(.fields))
    }

    private static let output: [FlagEntry] = [
        FlagEntry(
            name: "output", short: "o", value: "DEST", section: .output,
            help: "a file, - for standard output, postgresql:// or kafka://",
            defaultText: "-", isCommon: true, completion: .place),
        FlagEntry(
            name: "format", short: "f", value: "FORMAT", section: .output,
            help: "json, csv, tsv or table; pictures: spark, bars, heat, svg",
            defaultText: "as the name of the output says; for aggregates on a terminal, table; else json",
            isCommon: true,
            completion: .words(OutputFormat.allCases.map(\.rawValue))),
        FlagEntry(
            name: "digits", value: "N", section: .output,
            help: "round doubles to N decimals, except in group keys",
            defaultText: "as many as needed"),
        FlagEntry(
            name: "table", value: "[SCHEMA.]NAME", section: .output, help: "the database table to write to",
            isCommon: true),
        FlagEntry(
            name: "mode", value: "MODE", section: .output,
            help: "upsert replaces rows with the same key; append adds every row",
            defaultText: "upsert where rows have a key, else append",
            completion: .words(TablePlan.Mode.allCases.map(\.rawValue))),
        FlagEntry(
            name: "create", section: .output, help: "create the table if it does not exist", affectsResults: false),
        FlagEntry(
            name: "key", value: "[NAME=]FIELD,...", section: .output,
            help:
                "what identifies a row: its message key in a topic, or the columns of a table by which records that pass "
                + "through replace earlier ones",
            defaultText: "the fields of --by",
            completion: .offer(.fields)),
        FlagEntry(
            name: "header", value: "NAME=FIELD", section: .output,
            help: "a header of the messages in a topic: the value of a field of the row", repeats: true,
            completion: .offer(.fields)),
        FlagEntry(
            name: "delete", value: "EXPR", section: .output,
            help: "with --key and a table: a record for which EXPR is true deletes its row",
            completion: .offer(.fields)),
        FlagEntry(
            name: "if-newer", value: "COLUMN", section: .output,
            help: "with --key and a table: do not replace a row that has a later value in COLUMN",
            completion: .offer(.fields)),
        FlagEntry(
            name: "sort", value: "[-]COLUMN,...", section: .output,
            help: "the order of the rows of a window; -COLUMN puts the largest values first",
            defaultText: "by group key", isCommon: true, completion: .offer(.fields)),
        FlagEntry(
            name: "limit", value: "N", section: .output, help: "print only the first N rows of each window",
            isCommon: true),
        FlagEntry(
            name: "rank", value: "NAME", section: .output,
            help: "add a column with the place of a row in its window, from 1"),
        FlagEntry(
            name: "early", value: "DUR", section: .output,
            help: "also print open windows every DUR of wall-clock time; rows have a \"final\" column"),
        FlagEntry(
            name: "fill", section: .output,
            help: "also print empty windows between the first and last row of a group"),
        FlagEntry(
            name: "fill-all", section: .output,
            help: "print every window for every group seen so far, also empty windows"),
        FlagEntry(
            name: "punctuate", section: .output, help: "write watermarks for the next streamctl in the pipeline"),
        FlagEntry(
            name: "then", section: .output,
            help: "begin the next stage: the flags behind it read the rows of the stage before it", repeats: true),
    ]

    private static let delivery: [FlagEntry] = [
        FlagEntry(
            name: "job", value: "NAME", section: .delivery,
            help: "write checkpoints under NAME; the same command resumes from the last one with exactly-once results",
            isCommon: true, affectsResults: false),
        FlagEntry(
            name: "state-dir", value: "DIR", section: .delivery,
            help: "directory for the checkpoints of jobs that write files",
            defaultText: "$XDG_STATE_HOME/streamctl", completion: .directory, affectsResults: false),
        FlagEntry(
            name: "lookup-changed", value: "ACTION", section: .delivery,
            help: "if a table of --lookup is not the one that the job began with, fail or accept the new one",
            defaultText: "fail", completion: .words(["fail", "accept"]), affectsResults: false),
        FlagEntry(
            name: "commit-every", value: "DUR", section: .delivery, help: "how often rows are committed",
            defaultText: "1s", affectsResults: false),
        FlagEntry(
            name: "reset", value: "NAME", section: .delivery,
            help: "forget the checkpoint of job NAME, which must be the --job, and start it over",
            affectsResults: false),
        FlagEntry(
            name: "list-jobs", section: .delivery,
            help: "list the jobs in --state-dir, or in the database or the cluster of -o URL, and exit",
            affectsResults: false),
        FlagEntry(
            name: "takeover", section: .delivery, help: "take over the job from a process that seems to be alive",
            affectsResults: false),
    ]

    private static let reporting: [FlagEntry] = [
        FlagEntry(
            name: "verbose", short: "v", section: .reporting, help: "report the counts even if nothing went wrong",
            affectsResults: false),
        FlagEntry(name: "quiet", short: "q", section: .reporting, help: "report errors only", affectsResults: false),
        FlagEntry(
            name: "stats", value: "FILE", section: .reporting,
            help: "write the counts as a JSON line at the end; FILE?every=1s: one each second too; - is standard error",
            completion: .file, affectsResults: false),
        FlagEntry(
            name: "metrics", value: "[ADDR:]PORT", section: .reporting,
            help: "serve metrics for Prometheus, /healthz and /readyz; or FILE.prom for its textfile collector",
            repeats: true, completion: .file, affectsResults: false),
        FlagEntry(
            name: "metrics-results", section: .reporting,
            help: "with --metrics: also the numbers of the last closed window", affectsResults: false),
        FlagEntry(
            name: "progress", section: .reporting, help: "show how far the run is, on standard error",
            defaultText: "if that is a terminal and the rows go elsewhere", affectsResults: false),
        FlagEntry(name: "no-progress", section: .reporting, help: "do not show it", affectsResults: false),
        FlagEntry(
            name: "live", section: .reporting, help: "show open windows below the table on a terminal",
            defaultText: "for live input whose format is not given", affectsResults: false),
        FlagEntry(
            name: "no-live", section: .reporting, help: "print only the rows of closed windows", affectsResults: false),
        FlagEntry(
            name: "log-format", value: "FORMAT", section: .reporting,
            help: "text, or json for messages as objects with ts, level and msg", defaultText: "text",
            completion: .words(LogFormat.allCases.map(\.rawValue)), affectsResults: false),
        FlagEntry(
            name: "explain", section: .reporting, help: "print what the run would do, and exit", isCommon: true,
            affectsResults: false),
        FlagEntry(
            name: "generate", value: "KIND", section: .reporting,
            help:
                "print a description for another program, and exit: grafana is a dashboard of the metrics, and of the rows "
                + "in a table; flink-sql, pyflink, pyspark and beam are the same query as a job for Flink, Spark or "
                + "Apache Beam",
            completion: .words(Generated.allCases.map(\.name)), affectsResults: false),
        FlagEntry(
            name: "types", value: "FIELD=TYPE[,...]", section: .reporting,
            help: "types of fields in such a job: STRING, BIGINT, DOUBLE, BOOLEAN or TIMESTAMP",
            defaultText: "guessed from their use", repeats: true, affectsResults: false),
        FlagEntry(
            name: "fields", section: .reporting,
            help: "list the fields of the input with their values and the options to use them with, and exit",
            isCommon: true, affectsResults: false),
    ]

    private static let other: [FlagEntry] = [
        FlagEntry(
            name: "jobs", short: "j", value: "N", section: .other, help: "number of threads; does not affect the rows",
            defaultText: "one per usable core", affectsResults: false),
        FlagEntry(
            name: "max-groups", value: "N", section: .other, help: "maximum number of groups open at once",
            defaultText: "10000000", affectsResults: false),
        FlagEntry(
            name: "max-state", value: "SIZE", section: .other,
            help: "maximum memory of groups, windows and the values of aggregates",
            defaultText: "a quarter of the memory", affectsResults: false),
        FlagEntry(name: "", short: "h", section: .other, help: "print the common options", isCommon: true),
        FlagEntry(
            name: "help", section: .other,
            help: "print all options; a word after it names a topic, a function or an option", isCommon: true),
        FlagEntry(
            name: "version", short: "V", section: .other,
            help: "print the versions of streamctl and of the libraries that it finds", isCommon: true),
        FlagEntry(
            name: "completions", value: "SHELL", section: .other,
            help: "print the completion script for bash, zsh or fish",
            completion: .words(Completions.Shell.allCases.map(\.rawValue))),
        FlagEntry(
            name: "complete", value: "KIND", section: .other,
            help: "print what a shell can offer for a word; the words of its line follow --", hidden: true),
    ]
}
