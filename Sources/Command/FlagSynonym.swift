import StreamEngine

/// A word that other tools use for one of our options, or for something that we do in another way.
///
/// Looked up only after a word was found not to be an option, so the table costs nothing at start-up. Help, manual and
/// completions do not list these words.
struct FlagSynonym: Sendable {
    enum Meaning: Sendable {
        /// Another name of an option, which takes the same value. Accepted.
        case option(String)
        /// A whole setting in one word: `--csv` is `--format csv`. Accepted.
        case setting(String, String)
        /// Nothing that can be accepted: what to write instead.
        case advice(String)
    }

    let names: [String]
    let meaning: Meaning

    /// - Parameter name: without dashes, in lower case, with hyphens.
    static func named(_ name: String) -> Meaning? { all.first { $0.names.contains(name) }?.meaning }

    private static func option(_ flag: String, _ names: String...) -> FlagSynonym {
        FlagSynonym(names: names, meaning: .option(flag))
    }
    private static func setting(_ flag: String, _ value: String, _ names: String...) -> FlagSynonym {
        FlagSynonym(names: names, meaning: .setting(flag, value))
    }
    private static func advice(_ text: String, _ names: String...) -> FlagSynonym {
        FlagSynonym(names: names, meaning: .advice(text))
    }

    // MARK: The table

    static let all: [FlagSynonym] = [
        // Time
        option("time", "event-time", "time-field", "time-column", "timestamp", "timestamp-field", "ts", "ts-field"),
        option("time-format", "timestamp-format", "date-format", "datetime-format", "strptime"),
        option("time-zone", "tz", "timezone", "zone"),
        option(
            "watermark", "out-of-orderness", "max-out-of-orderness", "bounded-out-of-orderness", "watermark-delay",
            "max-delay", "disorder"),
        option("lateness", "allowed-lateness", "grace", "grace-period"),
        option("idle", "idle-timeout", "idleness", "with-idleness"),
        // Windows
        option(
            "tumbling", "window", "window-size", "tumble", "bucket", "tumbling-window", "time-window", "resample",
            "span", "bin-size", "time-bucket"),
        option("hopping", "sliding", "sliding-window", "hopping-window"),
        option("every", "step", "advance", "advance-by", "slide-by", "slide-every"),
        option("session", "gap", "session-gap", "session-window", "session-timeout", "inactivity-gap"),
        option("calendar", "calendar-unit"),
        option("align", "offset-by", "window-offset"),
        setting("calendar", "hour", "hourly"),
        setting("calendar", "day", "daily"),
        setting("calendar", "week", "weekly"),
        setting("calendar", "month", "monthly"),
        setting("calendar", "quarter", "quarterly"),
        setting("calendar", "year", "yearly"),
        advice(
            "use -w 1m for windows of a minute, or --hopping 1h --every 1m for windows that overlap", "interval",
            "period", "resolution", "granularity", "hop", "slide", "duration", "size", "length", "rolling", "rollup",
            "bin", "timeframe"),
        advice("use -a 'NAME=max(FIELD) - min(FIELD)' for a range of values, -w SIZE for windows", "range"),
        advice("use -w 1m for windows of a minute, -g FIELD --count for counts per value", "freq", "frequency"),
        advice(
            "-W 5s waits 5 seconds for records out of order, -W none until the end", "watermark-strategy",
            "watermark-type", "order-tolerance"),
        advice(
            "--lateness DUR keeps windows open for late records, --rejects FILE keeps those that are still too late",
            "late-data", "late", "drop-late", "late-output", "side-output"),
        // Groups, records and columns
        option(
            "by", "group-by", "groupby", "key-by", "keyby", "group-key", "per", "dimensions", "dimension",
            "partition-by"),
        option("where", "filter", "condition"),
        option("having", "filter-rows", "post-filter"),
        option("let", "compute", "derive", "assign", "with-column", "add-field"),
        option("select", "project"),
        advice("for rows of groups, use -g FIELD; for a consumer group, kafka://BROKER/TOPIC?group=NAME", "group"),
        advice("use --where \"FIELD ~ 'REGEX'\"", "grep", "match", "search", "include"),
        advice("use --where \"not (CONDITION)\"", "exclude", "reject", "invert", "invert-match", "not"),
        advice("use --select FIELD,... to choose columns", "cols", "keep", "drop", "omit", "pick", "cut"),
        advice("use --select NEW=FIELD or -g NEW=FIELD", "rename", "alias", "as"),
        advice("use --let NAME=EXPR", "map", "add", "set", "put", "eval", "expr", "transform", "define", "var-def"),
        advice(
            "name the field in its aggregate, such as --avg FIELD; --fields shows what an input holds", "field",
            "metric",
            "measure", "measures", "stat", "func", "function", "op", "value", "values"),
        advice("use -g FIELD for groups, --select FIELD,... for columns", "labels", "label", "tags", "tag"),
        advice("for groups, use -g FIELD; for the keys of messages, --key FIELD", "keys"),
        advice(
            "there is no SQL; use --where, -g, -w and aggregates such as -a 'n=count(), m=avg(FIELD)'", "query", "sql",
            "q", "program", "script", "command"),
        advice(
            "filter rows with --having \"avg_ms > 5\"; to act on them, pipe the rows into a program", "alert",
            "threshold", "exec", "on-match", "notify"),
        advice(
            "use -a 'NAME=rate(FIELD)' for a rate per second", "rate-per", "rate-per-second", "per-second", "increase",
            "irate", "derivative"),
        advice(
            "there are no moving averages; use --hopping 5m --every 1m --avg FIELD", "ewma", "ema", "sma",
            "moving-average", "smooth"),
        advice(
            "use --let 'NAME=coalesce(FIELD, 0)' for missing values, --fill for windows without records", "fillna",
            "fill-value", "fill-with", "fill-null", "default", "na"),
        advice("use --where \"FIELD is not null\"", "dropna", "drop-null", "notnull", "not-null", "exists"),
        advice(
            "rows are one for each group and window; reshape them with another program", "pivot", "unpivot", "melt",
            "wide", "long", "crosstab", "transpose"),
        advice(
            "every record is read; -n N reads the first N only", "sample", "random", "every-nth", "nth", "probability"),
        advice("pipe the records through 'tail -n +N' first", "skip", "skip-lines", "skip-rows"),  // Aggregates
        option("avg", "mean", "average"),
        option("min", "minimum"),
        option("max", "maximum"),
        option("sum", "total"),
        option("stddev", "std", "stdev", "std-dev", "sd", "standard-deviation"),
        option("median", "med"),
        option(
            "distinct", "count-distinct", "distinct-count", "countdistinct", "nunique", "cardinality", "dcount",
            "approx-distinct", "n-distinct"),
        option("quantile", "quant", "quantiles"),
        option("top", "top-k", "topk", "top-n"),
        option("agg", "aggregate", "aggregation", "aggregations"),
        advice(
            "--dedup FIELD drops duplicates; --distinct FIELD counts distinct values, and -g FIELD has a row for each",
            "unique", "uniq", "distinct-on"),
        option(
            "dedup", "dedupe", "deduplicate", "drop-duplicates", "drop-dups", "remove-duplicates", "dedup-by",
            "dedup-key",
            "unique-by", "uniq-by", "distinct-by", "drop-duplicates-within-watermark"),
        option("within", "dedup-within", "dedup-window", "dedup-ttl", "dedup-interval"),
        advice(
            "use -g FIELD --count for counts per value, or --top K:FIELD for the most frequent ones", "count-by",
            "histogram", "hist", "value-counts", "countby", "histogram-buckets",
            "buckets", "tally"),
        advice("use --quantile 0.99:FIELD for the 99th percentile", "p", "pct", "pctl", "perc"),
        advice("use --max FIELD", "p100"),
        advice("use --min FIELD", "p0"),
        // Input
        option("max-records", "num-records", "record-limit", "max-messages"),
        option("max-line", "max-line-length", "max-line-size", "line-length"),
        option("rejects", "rejected", "reject-file", "dead-letter", "dead-letter-file", "dlq", "bad-records"),
        option("strict", "fail-fast"),
        option("kafka-option", "kafka-config", "kafka-property", "consumer-property", "producer-property", "property"),
        advice(
            "properties are read from a file with -X @FILE", "command-config", "consumer-config", "producer-config",
            "client-config", "properties"),
        advice(
            "-n N stops after N input records; --limit N prints the first N rows of each window; for the first N rows in "
                + "all, pipe the output into 'head -n N'", "head", "take", "lines", "num", "max-rows", "max-results",
            "n"),
        advice("for a file that grows, use 'streamctl -F FILE'", "tail", "f-follow", "retry", "watch-file"),
        option("from-end", "start-at-end", "tail-from-end", "only-new", "since-now"),
        advice(
            "name the INPUT without an option: 'streamctl [OPTION]... FILE'", "input", "file", "files", "in", "infile",
            "source", "src", "union", "merge", "concat", "glob"),
        option("input-format", "from-format", "parser", "codec", "format-in", "informat", "input-type"),
        setting("input-format", "csv", "icsv", "csv-input", "from-csv", "icsv-lite", "icsvlite"),
        setting("input-format", "tsv", "itsv", "tsv-input", "from-tsv"),
        setting("input-format", "json", "ijson", "ijsonl"),
        setting("input-format", "json-stream", "slurp"),
        setting("input-format", "logfmt", "logfmt", "idkvp"),
        setting("input-format", "combined", "nginx", "apache", "combined", "access-log"),
        setting("input-format", "syslog", "syslog"),
        setting("input-format", "lines", "raw-input", "inidx"),
        option("regex", "regexp", "pattern", "extract", "grok"),
        option("columns", "column-names", "field-names", "names"),
        option("no-header", "noheader", "headerless", "without-header", "implicit-csv-header", "headerless-csv-input"),
        option("delimiter", "delim", "separator", "sep", "field-separator", "ifs", "fs"),
        option("record-start", "multiline", "multiline-pattern", "multiline-start"),
        option("each", "explode", "unnest", "flatten"),
        option("unwrap", "unpack", "parse-json"),
        advice(inputFormat, "parse", "decode", "jq", "c2p", "c2j", "null-input"),
        advice(
            "-X schema.registry.url=URL decodes Avro messages of topics", "avro", "schema-registry",
            "schema-registry-url", "key-deserializer", "value-deserializer", "key-format", "value-format"),
        advice(
            "Protobuf is not read; kafka-protobuf-console-consumer makes JSON of it: "
                + "'kafka-protobuf-console-consumer ... | streamctl ...'", "protobuf"),
        advice(decompression, "gzip", "gz", "zstd", "zst", "bzip2", "bz2", "xz", "lz4", "search-zip", "zip", "gunzip"),
        option("decompress", "compression", "decompression"),
        setting("decompress", "none", "no-decompress"),
        advice(
            "for files, use --where \"FIELD >= '2026-01-31T12:00:00Z'\"; for topics, "
                + "kafka://BROKER/TOPIC?start=@TIME or ?start=-1h", "since", "from", "after", "start", "start-time",
            "begin"),
        advice(
            "for files, use --where \"FIELD < '2026-01-31T12:00:00Z'\"; for topics, "
                + "kafka://BROKER/TOPIC?until=@TIME or ?until=end", "until", "to", "before", "end", "end-time", "stop"),
        advice(
            "name topics as kafka://BROKER[:PORT]/TOPIC", "broker", "brokers", "bootstrap-server",
            "bootstrap-servers", "topic", "topics", "kafka", "kafka-broker"),
        advice("name the consumer group in the URL: kafka://BROKER/TOPIC?group=NAME", "consumer-group", "group-id"),
        advice(
            "choose the start in the URL: kafka://BROKER/TOPIC?start=beginning", "from-beginning", "offset", "offsets",
            "auto-offset-reset"),
        advice("choose partitions in the URL: kafka://BROKER/TOPIC?partitions=0-3", "partition", "partitions"),
        // Output
        option("output", "out", "outfile", "output-file", "sink", "destination"),
        option("format", "output-format", "out-format", "fmt"),
        option("digits", "decimals", "precision", "decimal-places", "round"),
        option("create", "create-table"),
        option("early", "early-firing", "emit-every", "partial-every"),
        setting("format", "csv", "csv", "ocsv", "format-csv", "to-csv", "as-csv"),
        setting("format", "tsv", "tsv", "otsv", "format-tsv", "to-tsv", "as-tsv"),
        setting(
            "format", "json", "json", "jsonl", "ndjson", "ojson", "ojsonl", "format-json", "json-lines", "to-json",
            "as-json"),
        setting("format", "table", "pretty", "format-table", "human", "human-readable", "opprint", "as-table"),
        setting("mode", "upsert", "upsert"),
        option("key", "primary-key", "pk", "upsert-key", "key-columns", "key-fields", "conflict-columns"),
        option("delete", "delete-when", "delete-where", "delete-if"),
        option("if-newer", "version-column", "version-field", "newer-than"),
        setting("mode", "append", "append"),
        advice(
            "--early 2s prints open windows every two seconds", "progressive", "trigger", "processing-time",
            "flush-interval", "flush-every", "interim"),
        advice(
            "end the run with timeout: 'timeout 10s streamctl ...' prints the open windows", "timeout", "timeout-ms",
            "run-for", "max-time", "wait"),
        advice(
            "json rows are compact, one object a line; -f csv and -f tsv have plain text", "compact", "raw-output",
            "raw", "ascii-output", "tab", "no-quotes"),
        advice(
            "the shell replaces variables in double quotes: --where \"ms > $LIMIT\"", "arg", "argjson", "args",
            "variable", "var", "define-var"),
        option("then", "pipe", "chain", "next", "stage", "next-stage", "and-then"),
        advice("write to another file with -o FILE", "in-place", "inplace"),
        advice(
            "use -v for more messages, -q for errors only", "log-level", "loglevel", "log", "verbosity"),
        option("sort", "sort-by", "order-by", "order", "orderby"),
        option("limit", "first-rows", "limit-rows"),
        advice("--sort COLUMN puts the smallest values first, --sort -COLUMN the largest", "desc", "asc", "reverse"),
        advice(
            "-f svg draws a chart, -f bars, spark or heat draw on the terminal", "plot", "chart", "graph", "bars",
            "svg",
            "sparkline", "heatmap", "heat"),
        advice(
            "output in csv and tsv always has a header; for input without one, use --no-header or --columns NAMES",
            "skip-header", "headers", "headerless-csv-output"),
        advice("-f csv writes commas, -f tsv writes tabs", "ofs"),
        advice("output is never coloured", "color", "colour", "no-color", "no-colour"),
        advice("without --job, a file is always replaced", "overwrite", "replace", "force", "truncate"),
        advice(
            "--mode upsert replaces rows with the same key, --mode append adds rows; both for a database",
            "output-mode",
            "write-mode", "save-mode", "update", "insert", "on-conflict", "if-exists", "replace-rows"),
        advice(
            "write to a database with -o postgresql://HOST/DATABASE --table NAME", "db", "database", "dsn", "postgres",
            "postgresql",
            "pg", "host", "port", "user", "username", "dbname", "url", "jdbc", "connection"),
        advice(
            "put it in ~/.pgpass or PGPASSWORD; for Kafka, into a file for -X @FILE", "password", "passwd", "token",
            "secret"),
        // Jobs
        option("state-dir", "state", "checkpoint-dir", "state-directory"),
        option("commit-every", "commit-interval", "checkpoint-interval", "checkpoint-every"),
        advice(
            "give the run a name with --job NAME; the same command resumes it", "checkpoint", "resume", "restore",
            "savepoint",
            "exactly-once", "job-name", "name", "checkpointing", "state-backend", "checkpoint-location", "snapshot",
            "application-id", "enable-checkpointing"),
        advice("--takeover takes a job over from another process", "steal", "take-over"),
        // Reporting and other
        option("explain", "dry-run", "dryrun", "plan", "show-plan"),
        option("verbose", "debug"),
        option("log-format", "log-output", "log-style", "message-format"),
        option("stats", "statistics", "counters"),
        option("metrics", "metrics-port", "metrics-address", "prometheus", "prometheus-port"),
        advice("-v reports the counts of records and rows at the end, --stats FILE writes them", "counts", "info"),
        option("live", "watch", "refresh", "realtime", "live-table", "top-like"),
        option("progress", "progress-bar", "eta", "pv"),
        option("quiet", "silent", "no-messages"),
        option(
            "jobs", "threads", "parallel", "parallelism", "workers", "concurrency", "num-threads", "cores",
            "sink-parallelism", "num-workers", "cpus"),
        option("max-groups", "group-limit", "max-keys"),
        option("max-state", "max-memory", "memory-limit", "mem-limit", "max-state-bytes", "state-limit"),
        option("help", "usage", "manual", "man"),
        advice(
            "'streamctl --help functions' and other topics have examples", "examples", "functions", "list-functions",
            "topics-help", "commands"),
        option(
            "fields", "describe", "schema", "inspect", "summarize", "summary", "summarise", "list-fields",
            "show-fields",
            "print-schema", "head-fields"
        ),
        option("types", "type", "dtypes", "field-types", "column-types", "schema-types"),
        option("generate", "translate", "transpile", "export", "engine"),
        setting("generate", "flink-sql", "flink", "flink-sql", "to-flink"),
        setting("generate", "pyflink", "pyflink", "to-pyflink"),
        setting("generate", "pyspark", "spark", "pyspark", "to-spark"),
        setting("generate", "beam", "beam", "apache-beam", "to-beam"),
        option("reset", "restart", "start-over", "reset-job", "from-scratch", "reset-offsets", "reset-state"),
        option("list-jobs", "jobs-list", "show-jobs", "job-status", "jobs-status"),
        advice(
            "--lookup 'FILE?on=FIELD' adds the columns of a table; for a join of two streams, use DuckDB or Flink",
            "join", "left-join", "asof-join", "join-on", "temporal-join"),
        advice(
            "write --lookup 'FILE?on=FIELD', such as --lookup 'geo.csv?on=ip'", "enrich", "enrichment",
            "enrichment-table",
            "lookup-table", "vlookup", "side-input", "broadcast", "reference-data", "dimension-table"),
        advice(
            "it is a part of --lookup: 'FILE?on=FIELD&reload=30s' reads a file again when it has changed", "reload",
            "reload-interval", "lookup-reload", "reload-lookup", "table-refresh"),
        advice(
            "it is a part of --lookup: 'postgresql://HOST/DB?table=NAME&on=FIELD&cache=100000&ttl=5m'", "ttl", "cache",
            "cache-ttl", "cache-size", "lookup-cache", "lookup-ttl"),
        advice("put the options into a script or a shell alias", "config", "config-file", "conf", "options-file"),
    ]

    private static let decompression =
        "leave it out: gzip, Zstandard, bzip2, xz and LZ4 are decompressed without an option"
    private static let inputFormat =
        "leave it out: the first records show the format; -i FORMAT sets it, such as -i csv"

    /// Letters that other tools use. Only advice: a letter is too short to be sure.
    static func letter(_ letter: Character) -> String? {
        switch letter {
        case "F": "for a file that grows, use 'tail -F FILE | streamctl ...'; for a format, -f"
        case "c": "for the number of records, use --count; for CSV, -f csv"
        case "d": "--delimiter CHAR is for input; -f csv writes commas, -f tsv writes tabs"
        case "s", "k": "use --sort [-]COLUMN for the order of the rows of a window"
        case "l", "N", "m": "-n N stops after N input records; --limit N prints the first N rows of each window"
        case "r": "use --sort -COLUMN for the largest values first"
        case "I": "write to another file with -o FILE"
        case "a", "A": "use -a EXPR for aggregates, such as -a 'm=avg(FIELD)'"
        case "x": "use -X NAME=VALUE for a property of Kafka, --select to choose columns"
        case "R", "S", "M": "-i FORMAT says how to read records, such as -i lines; rows are one a line (-f FORMAT)"
        case "b", "C", "P": "name topics as kafka://BROKER[:PORT]/TOPIC"
        case "G": "name the consumer group in the URL: kafka://BROKER/TOPIC?group=NAME"
        case "u": "use --dedup FIELD to drop duplicates, --distinct FIELD to count distinct values"
        case "e": "use --where EXPR for a condition, --let NAME=EXPR for a computed field"
        case "z": decompression
        case "T": "use -t FIELD for the event time, -f table for a table"
        case "p": "use --quantile 0.99:FIELD for a percentile, -j N for threads"
        case "?", "H": "'streamctl -h' shows the common options, '--help' all of them"
        default: nil
        }
    }
}
