import StreamEngine

/// The texts of `-h`, `--help` and `--version`, made from the table of flags.
package enum Help {
    package static let version = "streamctl 0.1.0\n"

    /// Where the texts of flags begin.
    private static let textColumn = 32
    static let width = 80

    /// One screen: the common flags.
    package static var short: String {
        """
        Usage: streamctl [OPTION]... [INPUT]...
        Window and aggregate JSON lines by the time in them.

          streamctl demo:sensors -t event_time -w 1h -g sensor_id --avg temperature
          tail -F app.jsonl | streamctl -t ts -w 1m -g service --count --avg ms
          streamctl -t ts -w 1d -g country --sum amount -f csv orders.jsonl
          streamctl --where 'status >= 500' --select ts,path access.jsonl
          streamctl -g host --count log.jsonl -o postgresql:///db --table hosts --create

        INPUT is a file, - (standard input, the default), kafka://BROKER/TOPIC or
        demo:sensors.

        \(FlagEntry.visible.filter(\.isCommon).map { entry($0, withDefault: false) }.joined())
        """
    }

    /// All flags with their defaults.
    package static var full: String {
        var text = """
            Usage: streamctl [OPTION]... [INPUT]...
            Window and aggregate JSON lines by the time in them; rows go to standard output,
            a file, a table of Postgres or a topic of Kafka.

            INPUT is a file, - (standard input, the default), topics of Kafka,
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
        text += "\n" + closing
        return text
    }

    private static let notes: [FlagEntry.Section: String] = [
        .windows: "Only one kind; without any there is one window over the whole input. Windows are half-open: "
            + "[start, end). DUR, SIZE, MAX, STEP and GAP are durations such as 250ms, 5s, 1m, 1h30m, 2d, 1w or PT5M.",
        .aggregates: "Columns keep the order of the command line. Without NAME= they are called avg_ms, p99_ms, "
            + "top_path. Windows or --by without any aggregate count records; without windows, --by and aggregates "
            + "records pass through. Functions of -a: "
            + AggregateFunction.all.map(\.name).joined(separator: " ") + ".",
        .output:
            "postgresql://[USER@][HOST][:PORT]/DATABASE needs --table; what the URL leaves open comes from PGHOST, "
            + "PGSERVICE and the like. A password in it is refused: it belongs in ~/.pgpass or PGPASSWORD.",
        .delivery:
            "With --job a table, a file or a topic gets every row exactly once, a pipe at least once; standard "
            + "input cannot be read again and is refused. Without it a run that failed starts from the beginning.",
    ]

    private static let closing = """
        Exit status: 0 done, 64 usage, 65 bad data, 66 input, 69 database or brokers
        away, 70 bug, 73 and 74 output, 75 try again later, 78 the table or the job does
        not fit.
        More: man streamctl

        """

    private static func entry(_ flag: FlagEntry, withDefault: Bool) -> String {
        let names =
            "  " + (flag.short.map { flag.name.isEmpty ? "-\($0)" : "-\($0), " } ?? "    ")
            + (flag.name.isEmpty ? "" : flag.display) + (flag.value.map { " " + $0 } ?? "")
        var text = flag.help
        if flag.repeats, withDefault { text += "; can be repeated" }
        if withDefault, let value = flag.defaultText { text += " [\(value)]" }
        let lines = wrap(text, indent: textColumn)
        let padding = textColumn - names.count
        guard padding > 0, let first = lines.first else {
            return names + "\n" + lines.map { $0 + "\n" }.joined()
        }
        return names + String(repeating: " ", count: padding) + first.drop { $0 == " " } + "\n"
            + lines.dropFirst().map { $0 + "\n" }.joined()
    }

    /// Breaks text between words into lines of at most `width` columns, each behind `indent` blanks.
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
