import StreamEngine

/// The texts of `-h` and `--help`, generated from the table of flags.
package enum Help {
    /// The column in which descriptions of flags start.
    private static let textColumn = 32
    static let width = 80

    /// The common flags, on one screen of 24 lines.
    package static let short = """
        Usage: streamctl [OPTION]... [INPUT]...
        Aggregate records in event-time windows. INPUT is a file, - (standard input, the
        default), kafka://BROKER/TOPIC or demo:sensors.

          streamctl demo:sensors -t event_time -w 1h -g sensor_id --avg temperature
          streamctl -F app.jsonl -t ts -w 1m -g service --quantile 0.99:ms
          streamctl -t ts -w 1d -g country --sum amount -o daily.csv orders.jsonl
          streamctl -g host --count log.jsonl -o postgresql:///db --table hosts --create

        -F, --follow  files that grow       -i, --input-format FORMAT  csv, syslog, ...
        -t, --time FIELD            event time     -W, --watermark DUR  out-of-orderness
        -w, --tumbling SIZE         1m, 1h, 1d          --session GAP    bursts
            --hopping SIZE --every STEP                 --calendar UNIT  day, month, ...
        -g, --by FIELD,...          one row for each group of records with equal fields
            --where EXPR            keep records        --let NAME=EXPR  computed field
            --select NAME[=EXPR],...  columns     --sort [-]COLUMN --limit N  first rows
            --count  --sum, --avg, --min, --max, --distinct FIELD  --quantile Q:FIELD
        -a, --agg 'NAME=FN(EXPR)'   any aggregate: -a 'errors=count_if(code >= 500)'
        -f, --format FORMAT         json, csv, tsv, table (on a terminal); --digits N
        -o, --output DEST           a file, kafka://..., postgresql://H/DB --table NAME
            --job NAME              the same command resumes it, exactly once
            --explain  what it would do     --fields  what an INPUT holds
            --help [TOPIC]  options, functions, ...   -h  this page   -V, --version

        """

    /// All flags with their defaults.
    package static var full: String {
        var text = """
            Usage: streamctl [OPTION]... [INPUT]...
            Aggregate records in event-time windows: JSON, CSV, logfmt, access logs, syslog
            and other formats. Rows go to standard output, a file, a Postgres table or a
            Kafka topic.

            INPUT is a file, - (standard input, the default), the URL of Kafka topics,
            kafka://BROKER[:PORT][,...]/TOPIC[,...][?start=beginning|end|stored|@TIME|-DUR
            &until=end|@TIME&partitions=0-3&group=NAME], or the built-in source
            demo:sensors[?records=N&rate=N&keys=N&disorder=DUR&seed=N].
            Several files are read in the order given.

            """
        for section in FlagEntry.Section.allCases {
            text += "\n\(section.rawValue):\n"
            for flag in FlagEntry.visible where flag.section == section { text += entry(flag, withDefault: true) }
            if let note = notes[section] {
                text += wrap(note, indent: 2).map { "\n" + $0 }.joined() + "\n"
            }
        }
        text += "\n" + closing + "\n" + wrap(topicNames + ".", indent: 2).joined(separator: "\n") + "\n"
        return text
    }

    private static let notes: [FlagEntry.Section: String] = [
        .windows: "A run has at most one kind of window; without one, a single window covers the whole input. "
            + "Windows are half-open: [start, end). DUR, SIZE, MAX, STEP and GAP are durations such as 250ms, 5s, 1m, "
            + "1h30m, 2d, 1w or PT5M.",
        .aggregates: "Columns appear in the order given on the command line. Without NAME=, they get names such as "
            + "avg_ms, p99_ms or top_path. With windows or --by but no aggregate, records are counted. Without "
            + "windows, --by or aggregates, records pass through. Functions of -a: "
            + AggregateFunction.all.map(\.name).joined(separator: " ") + ".",
        .output:
            "postgresql://[USER@][HOST][:PORT]/DATABASE requires --table; missing parts come from PGHOST, PGSERVICE "
            + "and so on. A password in the URL is refused: put it in ~/.pgpass or PGPASSWORD.",
        .delivery:
            "With --job, a table, file or topic receives every row exactly once, a pipe at least once; standard input "
            + "is refused because it cannot be read again. Without --job, a failed run starts over from the beginning.",
    ]

    private static let closing = """
        Exit status: 0 success, 64 invalid options, 65 bad data, 66 input, 69 database
        or brokers unavailable, 70 bug, 73 and 74 output, 75 temporary failure, 78 table
        or job mismatch.
        See also: man streamctl, and streamctl --help TOPIC, where TOPIC is an option, a
        function, or one of
        """

    static func entry(_ flag: FlagEntry, withDefault: Bool) -> String {
        let names =
            "  " + (flag.short.map { flag.name.isEmpty ? "-\($0)" : "-\($0), " } ?? "    ")
            + (flag.name.isEmpty ? "" : flag.display) + (flag.value.map { " " + $0 } ?? "")
        var text = flag.help
        if flag.repeats, withDefault { text += "; repeatable" }
        if withDefault, let value = flag.defaultText { text += " [\(value)]" }
        let lines = wrap(text, indent: textColumn)
        let padding = textColumn - names.count
        guard padding > 0, let first = lines.first else {
            return names + "\n" + lines.map { $0 + "\n" }.joined()
        }
        return names + String(repeating: " ", count: padding) + first.drop { $0 == " " } + "\n"
            + lines.dropFirst().map { $0 + "\n" }.joined()
    }

    /// Wraps text between words into lines of at most `width` columns, each indented by `indent` spaces.
    static func wrap(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        if line.count > indent { lines.append(line) }
        return lines
    }
}
