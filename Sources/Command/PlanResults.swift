import Plan
import StreamEngine

/// Reads and checks the flags for rows: their columns, and when they are emitted.
extension Plan {
    static func readResults(_ flags: Arguments, into query: inout Query) throws(UsageError) {
        if let text = flags.expressions.having {
            guard !query.passesThrough else {
                throw UsageError("--having '\(text)' filters aggregated rows; use --where for records")
            }
            query.having = try expression(text, of: "--having")
        }
        if let text = flags.expressions.select {
            do {
                query.select = try Expression.parseSelection(text)
            } catch {
                throw usageError(error, "--select")
            }
        }
        if let text = flags.output.format {
            guard let format = OutputFormat(rawValue: text) else {
                let formats = OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("--format '\(text)': unknown format; use one of \(formats)")
            }
            query.format = format
        }
        if query.format != .json, query.passesThrough, query.select == nil {
            throw UsageError("--format \(query.format.rawValue) requires named columns; add --select NAME,...")
        }
        try readEmission(flags.output, into: &query)
    }

    private static func readEmission(_ flags: OutputArguments, into query: inout Query) throws(UsageError) {
        if flags.fill {
            switch query.window {
            case .tumbling, .calendar: query.fill = true
            default: throw UsageError("--fill requires windows that do not overlap: --tumbling or --calendar")
            }
            guard query.lateness == 0 else {
                throw UsageError(
                    "--fill and --lateness cannot be combined: late records can fill a gap; remove one of them")
            }
        }
        if let text = flags.early {
            query.early = try Durations.length(text, of: "--early")
            guard !query.passesThrough else {
                throw UsageError("--early \(text) prints open windows, but records pass through; add an aggregate")
            }
        }
        if flags.punctuate {
            guard !query.fill else {
                throw UsageError(
                    "--fill and --punctuate cannot be combined: rows for empty windows would contradict the watermark; remove one of them"
                )
            }
            guard query.early == nil else {
                throw UsageError(
                    "--early and --punctuate cannot be combined: the next stage would count rows of open windows; "
                        + "remove one of them")
            }
            query.punctuate = true
            try checkPunctuation(query)
        }
    }

    /// Control lines give a bound for the time columns of rows, so rows must have at least one.
    private static func checkPunctuation(_ query: Query) throws(UsageError) {
        guard query.format == .json else {
            throw UsageError("--punctuate requires JSON rows; remove --format \(query.format.rawValue)")
        }
        guard let time = query.time else {
            throw UsageError("--punctuate requires an event time; add --time FIELD")
        }
        if query.passesThrough {
            guard case .field = time else {
                throw UsageError("--punctuate requires an event time from a field; add --time FIELD")
            }
        } else if !query.window.isTimed {
            throw UsageError("--punctuate requires a time window; add one, such as --tumbling 1h")
        }
        let bounded: [String] =
            if case .field(let path, _) = time, query.passesThrough {
                query.boundedColumns(of: path)
            } else {
                query.boundedWindowColumns.flatMap { $0 }
            }
        if bounded.isEmpty {
            throw UsageError("--punctuate requires a time column in the output; add it unchanged to --select")
        }
    }

    /// Only records from topics have metadata, and `@arrival` is allowed only in `--time`.
    static func checkMetadata(_ query: Query, _ input: any InputSpec) throws(UsageError) {
        var expressions = query.lets.map(\.expression) + query.aggregates.flatMap(\.arguments)
        expressions += [query.filter, query.having].compactMap { $0 } + (query.select ?? []).map(\.expression)
        var paths = expressions.flatMap(\.fields) + query.groupKeys.map(\.field)
        for path in paths where path.text == "@arrival" {
            throw UsageError("\(path.text) is not a field of a record; it can only be used as --time \(path.text)")
        }
        if case .field(let path, _) = query.time { paths.append(path) }
        guard let path = paths.first(where: { $0.sourceColumn.map { !input.columns.contains($0) } ?? false }) else {
            return
        }
        throw UsageError(
            "\(path.text) is Kafka metadata, but the input is \(input.noun); for a field of that name, write "
                + "\"\(path.text)\"")
    }

    /// Names must be unique, and `--having` and `--select` can use only existing columns.
    static func checkColumns(_ query: Query) throws(UsageError) {
        if let select = query.select { try checkUnique(select.map(\.name), hint: "rename one in --select") }
        guard !query.passesThrough else { return }
        let columns = query.resultColumns
        try checkUnique(columns, hint: "rename one with NAME=")
        if let having = query.having { try checkFields(of: having, in: columns, what: "--having") }
        for column in query.select ?? [] { try checkFields(of: column.expression, in: columns, what: "--select") }
    }

    private static func checkUnique(_ names: [String], hint: String) throws(UsageError) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw UsageError("two columns are named '\(name)'; \(hint)")
        }
    }

    private static func checkFields(
        of expression: Expression, in columns: [String], what: String
    ) throws(UsageError) {
        for field in expression.fields {
            let name = field.name.map { String(decoding: $0, as: UTF8.self) }
            let isColumn = columns.contains { $0 == field.text || $0 == name }
            guard isColumn else {
                throw UsageError(
                    "\(what) '\(expression.text)': unknown column '\(field.text)'; "
                        + "the columns are \(columns.joined(separator: ", "))")
            }
        }
    }
}
