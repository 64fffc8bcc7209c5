extension HelpTopic {
    /// All topics, in the order of their list.
    static let all: [HelpTopic] = [
        HelpTopic(
            name: "inputs", others: ["input", "files", "demo", "stdin", "fields"], title: "Inputs",
            text: """
                An INPUT is a file, - for standard input (the default), the URL of Kafka topics, or the built-in source \
                demo:sensors[?records=N&rate=N&keys=N&disorder=DUR&seed=N]. Several files are read in the order given.
                The first line of an input shows its format (see --help formats). Compressed files are decompressed: gzip, \
                Zstandard, bzip2, xz, LZ4.
                For a file that grows, use tail -F FILE | streamctl ... To read a whole file through a pipe, add -W none: \
                ssh HOST cat FILE | streamctl -W none ...
                """,
            sections: [.input], flags: ["fields"],
            examples: [
                "streamctl 'demo:sensors?records=2000' --fields",
                "streamctl 'demo:sensors?records=1000' -g sensor_id --count -f table",
                "streamctl app.jsonl -n 1000 --where 'ms > 100' --rejects bad.jsonl",
            ]),
        HelpTopic(
            name: "formats",
            others: [
                "format", "input-formats", "csv", "tsv", "json", "logfmt", "syslog", "combined", "nginx", "apache",
                "docker", "cri", "kubernetes", "journal",
            ],
            title: "Formats of inputs",
            text: """
                -i FORMAT says how to read records. Without it, the first line of an input decides; -v says how.
                json: objects in lines, also behind other text, which is @prefix. json-stream: pretty-printed objects, or \
                one array.
                logfmt: NAME=VALUE pairs. csv, tsv: the first line is the header, unless --columns or --no-header say \
                otherwise.
                combined, common: access logs, with the fields host, ident, user, time, request, method, path, protocol, \
                status, bytes, referer, agent and request_time.
                syslog: time, host, app, pid, message, facility, severity and others. docker: log, stream, time. \
                cri: time, stream, message. journal: the fields of journalctl -o json. All five know their time: no -t.
                lines: the field line. regex: the named groups of --regex. In all formats, @line is the record, and \
                @file and @line_number are its place.
                --each reads the elements of an array as records, --unwrap the text in a field.
                For the formats of rows, see --help output.
                """,
            flags: [
                "input-format", "columns", "delimiter", "no-header", "regex", "unmatched", "record-start", "each",
                "unwrap", "decompress",
            ],
            examples: [
                "streamctl access.log --select path,status,request_time,user",
                "streamctl orders.csv -t created_at --calendar day -g country --sum amount -f csv",
                "streamctl auth.log -i syslog --year 2026 -w 5m -g app --count",
            ]),
        HelpTopic(
            name: "time", others: ["event-time", "times", "watermarks", "lateness", "zones", "timezones"],
            title: "Event time and watermarks",
            text: """
                Windows follow the time in the records (-t FIELD), not the time at which they are read. A time is RFC 3339, \
                a number since 1970 or, with --time-format, anything that strptime reads.
                The watermark says up to which time all records have been seen: the largest event time so far minus -W. \
                A window closes when the watermark reaches its end. A record that comes later is late, counted and \
                reported. Input that is read to its end has no watermark by default, so nothing in it is late.
                """,
            sections: [.time],
            examples: [
                "streamctl app.jsonl -t ts -w 1m --count",
                "streamctl access.jsonl -t time --time-format '%d/%b/%Y:%H:%M:%S %z' -w 1h --count",
                "streamctl late.jsonl -t t -w 1m -W 5s --lateness 1h --count",
                "streamctl app.jsonl -t ts --calendar day --time-zone Europe/Berlin --count",
            ]),
        HelpTopic(
            name: "windows", others: ["window", "sessions", "calendar"], title: "Windows",
            text: """
                A run has at most one kind of window; without one, a single window covers the whole input. Windows \
                include their start and exclude their end. Sizes are durations such as 250ms, 5s, 1m, 1h30m, 2d or 1w.
                """,
            sections: [.windows],
            examples: [
                "streamctl app.jsonl -t ts -w 1m -g service --count",
                "streamctl app.jsonl -t ts --hopping 2m --every 1m --avg ms",
                "streamctl app.jsonl -t ts --cumulative 1h --every 30m --count",
                "streamctl clicks.jsonl -t at --session 30m -g user --count",
                "streamctl app.jsonl --rows 2 -g service --avg ms",
                "streamctl app.jsonl -t ts --calendar month --sum ms",
            ]),
        HelpTopic(
            name: "groups", others: ["group", "grouping", "by", "keys"], title: "Groups",
            text: """
                -g FIELD prints one row for each value of the field in each window; several fields are separated by \
                commas. A nested field is a.b[0].c, an unusual name is put in double quotes. For a computed key, \
                compute a field with --let first. Null is a group.
                """,
            sections: [.grouping], flags: ["max-groups", "max-state"],
            examples: [
                "streamctl app.jsonl -g service --count --avg ms",
                "streamctl app.jsonl --let 'slow=ms > 100' -g service,slow --count",
            ]),
        HelpTopic(
            name: "expressions", others: ["expression", "where", "operators", "language", "syntax"],
            title: "Expressions",
            text: """
                Numbers are 42 and 1.5. Strings stand in single quotes: 'ok'. Double quotes are for field names: \
                "user agent". Constants are true, false and null. A missing field is null.
                Operators, from highest to lowest: ! and - before a value; * / %; + -; ??; == (or =) != < <= > >=; \
                ~ and !~ (regular expression); in (...) and not in (...); is null and is not null; not; and (&&); \
                or (||); c ? a : b.
                Quote an expression for the shell: in double quotes if it contains strings, else in single quotes. \
                streamctl --help functions lists the functions.
                """,
            sections: [.expressions],
            examples: [
                "streamctl app.jsonl --where \"service = 'api' and ms >= 10\"",
                "streamctl app.jsonl --where \"service ~ '^a'\" --select ts,service",
                "streamctl app.jsonl --let 's=ms / 1000' --select ts,s",
                "streamctl app.jsonl -g service --count --having 'count > 1'",
            ]),
        HelpTopic(
            name: "functions", others: ["function"], title: "Functions of expressions",
            text: """
                For --where, --let, --having, --select and the arguments of -a. Each example shows its result behind \
                the arrow. A null argument gives null unless the description says otherwise.
                """,
            table: Help.expressionFunctions,
            examples: ["streamctl app.jsonl --select \"minute=time_floor(ts, '1m'),ms=round(ms)\" -f csv"]),
        HelpTopic(
            name: "aggregates", others: ["aggregate", "agg", "aggregations", "aggregate-functions"],
            title: "Aggregates",
            text: """
                The options below take a field; -a takes any function of any expression, several separated by commas. \
                Columns appear in the order of the command line. Nulls are skipped.
                """,
            sections: [.aggregates], table: Help.aggregateFunctions,
            examples: [
                "streamctl app.jsonl --count --avg ms --quantile 0.99:ms --top 3:service",
                "streamctl app.jsonl -g service -a 'slow=count_if(ms > 100), worst=max(ms / 1000)'",
            ]),
        HelpTopic(
            name: "output", others: ["outputs", "tables", "rows", "output-formats"],
            title: "Output and its formats",
            text: """
                Rows go to standard output or to -o: a file, a table (see --help postgres) or a topic (see --help kafka). \
                The format is that of -f, else that of the name (-o daily.csv is csv), else json, one object per line. \
                csv and tsv start with a header; table aligns columns for reading.
                Rows that are printed together are sorted by window and group. --sort -count sorts the rows of each window by \
                a column, the largest first, and --limit 10 prints the first ten of them.
                """,
            sections: [.output],
            examples: [
                "streamctl app.jsonl -g service --avg ms -f table",
                "streamctl app.jsonl -g service --avg ms --digits 2 -f csv",
                "streamctl app.jsonl -g service --avg ms -o services.csv",
                "streamctl app.jsonl -g service --count --sort -count --limit 10 -f table",
            ]),
        HelpTopic(
            name: "jobs", others: ["job", "resume", "exactly-once", "checkpoints", "delivery"], title: "Jobs",
            text: """
                A run with --job writes checkpoints. The same command resumes from the last one, also after a crash, and \
                delivers every row exactly once to a file, a table or a topic, and at least once to a pipe. Standard input \
                cannot be read again and is refused. Give -W to a job over files, so that windows close along the way.
                A job must keep the options that affect its rows. To change them, give a new --job name, or start over \
                with --reset NAME. --list-jobs shows the jobs of this user, or of a database or cluster with -o URL.
                """,
            sections: [.delivery],
            examples: [
                "streamctl app.jsonl -t ts -W 5s -w 1m --count -o per_minute.jsonl --job per_minute",
                "streamctl --list-jobs -f csv | cut -d , -f 1-3,5",
            ]),
        HelpTopic(
            name: "kafka", others: ["topics", "topic", "brokers"], title: "Kafka topics",
            text: """
                kafka://BROKER[:PORT][,...]/TOPIC[,...][?OPTION=VALUE&...] is an INPUT or, with one topic and no options, \
                an output. Options: start=beginning|end|stored|@TIME|-DURATION, until=end|@TIME, partitions=0-3,7 and \
                group=NAME. Without until, a topic is live: the run ends only by a signal.
                The message key is @key, and there are @topic, @partition, @offset and @kafka_time, which is the default \
                event time.
                -X schema.registry.url=URL decodes messages in Avro with the schemas of a registry.
                On brokers with ACLs, a run needs rights, which the manual lists with the commands that grant them.
                """,
            flags: ["kafka-option", "key", "idle"],
            examples: [
                "streamctl 'kafka://localhost:9092/readings?until=end' -g @partition --count -f csv"
            ]),
        HelpTopic(
            name: "postgres", others: ["postgresql", "database", "sql", "tables-in-a-database"],
            title: "Postgres tables",
            text: """
                -o postgresql://[USER@][HOST][:PORT]/DATABASE --table NAME writes rows to a table; missing parts come from \
                PGHOST, PGSERVICE and so on. A password is never part of the command line: put it in ~/.pgpass or \
                PGPASSWORD.
                A row replaces the row with the same groups and window (--mode upsert). --explain shows the statements.
                """,
            flags: ["output", "table", "mode", "create", "commit-every", "takeover", "rejects"],
            examples: [
                "streamctl app.jsonl -g service --count -o postgresql:///iot --table services --create"
            ]),
        HelpTopic(
            name: "reporting", others: ["messages", "exit", "status", "exit-status", "signals", "other"],
            title: "Messages and exit statuses",
            text: """
                Messages go to standard error. Late, rejected and skipped records are reported at the end; -v reports all \
                counts, -q errors only. --stats FILE writes them as JSON, and --progress shows them while the run goes on.
                Exit statuses: 0 success, 64 invalid options, 65 bad data, 66 input, 69 database or brokers unavailable, \
                70 bug, 73 and 74 output, 75 temporary failure, 78 table or job mismatch; by a signal 130 and 143.
                """,
            sections: [.reporting, .other],
            examples: ["streamctl app.jsonl -t ts -w 1m -g service --count -v"]),
    ]
}
