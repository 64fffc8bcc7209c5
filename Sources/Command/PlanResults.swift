import Plan
import StreamEngine

/// Reads and checks the flags for rows: their columns, and when they are emitted.
extension Plan {
    /// `--having` and `--select`, which may use aggregates.
    static func readRows(_ flags: ExpressionArguments, into query: inout Query) throws(UsageError) {
        let use: AggregateUse = query.passesThrough ? .none : .inRows
        if let text = flags.having {
            guard !query.passesThrough else {
                throw UsageError("--having '\(text)' filters aggregated rows; use --where for records")
            }
            let having = try expression(text, of: "--having", use)
            try checkCondition(having, "--having")
            query.having = having
            query.addHiddenAggregates(of: [having])
        }
        if let text = flags.select {
            do throws(ExpressionError) {
                let select = try Expression.parseSelection(text, use)
                for item in select { if let doubt = item.expression.doubt() { throw doubt } }
                query.select = select
                query.addHiddenAggregates(of: select.map(\.expression))
            } catch {
                if let fields = separated(text) {
                    throw UsageError(
                        "--select '\(text)': write only names with commas between them: --select \(fields.joined(separator: ","))"
                    )
                }
                if text.split(separator: ",").contains(where: { $0.filter { $0 != " " } == "*" }) {
                    throw UsageError(
                        "--select '\(text)': '*' is not a field; without --select, all fields are kept, and --let adds more"
                    )
                }
                if text.isEmpty { throw UsageError("--select '': name the columns, such as --select ts,service") }
                throw usageError(error, "--select")
            }
        }
    }

    static func readResults(
        _ flags: Arguments, _ output: any OutputSpec, into query: inout Query
    ) throws(UsageError) {
        if let text = flags.output.format {
            query.format = try format(text)
        } else if let implied = output.impliedFormat {
            query.format = implied
        }
        if query.format != .json, query.passesThrough, query.select == nil {
            let name = query.format.rawValue
            guard flags.output.format != nil else {
                throw UsageError(
                    "\(output.name) is written as \(name), which requires named columns; add --select NAME,... or "
                        + "-f json")
            }
            throw UsageError("--format \(name) requires named columns; add --select NAME,...")
        }
        if let text = flags.output.digits {
            query.digits = try Numbers.count(text, of: "--digits", least: 0)
            guard query.digits ?? 0 <= 17 else { throw UsageError("--digits \(text) is too large; use at most 17") }
            guard output.rows != .table else {
                throw UsageError(
                    "--digits applies only to text, not to a table; round in the column, such as --select "
                        + "'n=round(avg_ms, \(text))'")
            }
            guard !query.passesThrough || query.select != nil else {
                throw UsageError("--digits rounds computed columns, but records pass through unchanged; add --select")
            }
        }
        try readEmission(flags.output, into: &query)
        if query.format.isPicture { try checkPicture(flags, query) }
    }

    private static func checkPicture(_ flags: Arguments, _ query: Query) throws(UsageError) {
        let name = query.format.rawValue
        guard !query.passesThrough else {
            throw UsageError("--format \(name) shows aggregates; add one, such as --count")
        }
        for (flag, isGiven) in [("job", flags.delivery.job != nil), ("early", query.early != nil)] where isGiven {
            throw UsageError("--format \(name) and --\(flag) cannot be combined; remove one of them")
        }
        guard query.format != .heat || query.aggregates.contains(where: { $0.function == .buckets }) else {
            throw UsageError("--format heat shows the column of buckets(x); add one, such as -a 'buckets(ms)'")
        }
    }

    /// The format of a list.
    static func listFormat(_ text: String) throws(UsageError) -> OutputFormat {
        let format = try format(text)
        guard !format.isPicture else {
            throw UsageError("--format \(text): a list is printed as json, csv, tsv or table")
        }
        return format
    }

    static func format(_ text: String) throws(UsageError) -> OutputFormat {
        if let format = OutputFormat(rawValue: text.lowercased()) { return format }
        if ["jsonl", "ndjson", "jsonlines", "json-lines"].contains(text.lowercased()) { return .json }
        let formats = OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")
        let word = text.lowercased()
        let hint =
            switch word {
            case "lines", "jq", "js": "; json writes one object per line"
            case "csv;", "semicolon", "ssv": "; csv writes commas, tsv writes tabs"
            case "yaml", "yml", "xml", "html", "avro", "parquet", "protobuf": "; write json and convert it"
            case "pretty", "text", "human", "aligned", "plain", "column", "columns", "ascii", "markdown", "md":
                "; table is for reading"
            case "plot", "chart", "graph", "png", "line": "; svg is a line chart, spark a line of text for each group"
            case "bar", "histogram": "; bars is for numbers, heat for the sizes of buckets(x)"
            case "sparkline", "sparklines": "; spark has a line for each group"
            case "heatmap", "heat-map": "; heat shows the sizes of buckets(x)"
            case "tab", "tabs": "; tsv writes tabs"
            case "excel", "xlsx", "xls": "; csv can be opened by a spreadsheet"
            case _ where text.contains(".") || text.contains("/"):
                "; an INPUT needs no option, and -o names the output"
            default: ""
            }
        throw UsageError("--format '\(text)': unknown format; use one of \(formats)\(hint)")
    }

    private static func readEmission(_ flags: OutputArguments, into query: inout Query) throws(UsageError) {
        try readFill(flags, into: &query)
        if let text = flags.early {
            query.early = try Durations.length(text, of: "--early")
            guard !query.passesThrough else {
                throw UsageError("--early \(text) prints open windows, but records pass through; add an aggregate")
            }
        }
        if flags.punctuate {
            guard query.fill != .gaps else {
                throw UsageError(
                    "--fill and --punctuate cannot be combined: rows for empty windows would contradict the watermark; "
                        + "use --fill-all, or remove one of them")
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

    private static func readFill(_ flags: OutputArguments, into query: inout Query) throws(UsageError) {
        guard flags.fill || flags.fillAll else { return }
        let name = flags.fillAll ? "--fill-all" : "--fill"
        switch query.window {
        case .tumbling, .calendar: query.fill = flags.fillAll ? .all : .gaps
        default: throw UsageError("\(name) requires windows that do not overlap: --tumbling or --calendar")
        }
        guard query.lateness == 0 || query.fill == .all else {
            throw UsageError(
                "--fill and --lateness cannot be combined: late records can fill a gap; use --fill-all, or remove one "
                    + "of them")
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

    /// Topics and files supply different columns, and `@arrival` is allowed only in `--time`.
    static func checkMetadata(_ query: Query, _ input: any InputSpec) throws(UsageError) {
        var paths = query.expressions.flatMap(\.fields) + query.lookups.flatMap(\.fields)
        for path in paths where path.text == "@arrival" {
            throw UsageError("\(path.text) is not a field of a record; it can only be used as --time \(path.text)")
        }
        if case .field(let path, _) = query.time { paths.append(path) }
        for path in paths { try checkAtName(path) }
        guard let path = paths.first(where: { $0.sourceColumn.map { !input.columns.contains($0) } ?? false }) else {
            return
        }
        let reason =
            input.columns.contains(.topic)
            ? "\(path.text): records of a topic have no file and no lines; use @topic, @partition and @offset"
            : "\(path.text) is Kafka metadata, but the input is \(input.noun)"
        throw UsageError("\(reason); for a field of that name, write \"\(path.text)\"")
    }

    /// Names must be unique, and `--having` and `--select` can use only existing columns.
    static func checkColumns(_ query: Query) throws(UsageError) {
        if let select = query.select { try checkUnique(select.map(\.name), hint: "rename one in --select") }
        guard !query.passesThrough else { return }
        let columns = query.resultColumns
        try checkUnique(columns, hint: "rename one with NAME=")
        try checkComputed(query)
        try checkLets(query)
        let known = Set(columns)
        if let having = query.having { try checkFields(of: having, in: known, columns, what: "--having") }
        for column in query.select ?? [] {
            try checkFields(of: column.expression, in: known, columns, what: "--select")
        }
    }

    private static func checkUnique(_ names: [String], hint: String) throws(UsageError) {
        // As bytes: é has two spellings in Unicode.
        var seen: Set<[UInt8]> = []
        for name in names where !seen.insert(Array(name.utf8)).inserted {
            throw UsageError("two columns are named '\(name)'; \(hint)")
        }
    }

    /// Fields with an `@` in front that are usual in logs (Elastic, Serilog, JSON-LD), and the text before a JSON object.
    /// All other names of that form are metadata.
    private static let atFields: Set<String> = [
        "@prefix",
        "@timestamp", "@version", "@message", "@metadata", "@type", "@id", "@context", "@fields", "@tags",
        "@t", "@m", "@mt", "@l", "@x", "@i", "@r", "@tr", "@sp",
    ]

    /// Names that people try.
    private static let otherAtNames: [String: SourceColumn] = [
        "@lineno": .lineNumber, "@line_no": .lineNumber, "@linenumber": .lineNumber, "@linenum": .lineNumber,
        "@nr": .lineNumber, "@row": .lineNumber, "@row_number": .lineNumber,
        "@filename": .file, "@file_name": .file, "@path": .file, "@source": .file, "@input": .file, "@fnr": .lineNumber,
        "@raw": .line, "@record": .line, "@text": .line, "@time": .time,
    ]

    /// Refuses a name such as `@kye`, which is neither metadata nor a usual field.
    private static func checkAtName(_ path: FieldPath) throws(UsageError) {
        let first = path.text.prefix { $0 != "." && $0 != "[" }
        guard first.hasPrefix("@"), path.sourceColumn == nil, !atFields.contains(String(first)) else { return }
        guard path.partOfMetadata == nil else {
            throw UsageError("\(path.text): give it a name first; write --let 'x=\(path.text)' and use x")
        }
        guard SourceColumn(rawValue: String(first)) != .headers else {
            throw UsageError("\(path.text): one header is @header\(path.text.dropFirst(first.count))")
        }
        guard SourceColumn(rawValue: String(first)) == nil else {
            throw UsageError(
                "\(path.text): \(first) has no parts; for a field of that name, write "
                    + "\"\(first)\"\(path.text.dropFirst(first.count))")
        }
        let known = SourceColumn.allCases.map(\.rawValue)
        let near =
            (otherAtNames[first.lowercased()]?.rawValue ?? Spelling.nearest(to: String(first), among: known)).map {
                "did you mean \($0)? The"
            } ?? "the"
        throw UsageError(
            "there is no metadata \(first); \(near) names are \(known.joined(separator: " ")); for a field of that "
                + "name, write \"\(first)\"")
    }

    /// A column of `-a` can use aggregates and the columns before it.
    private static func checkComputed(_ query: Query) throws(UsageError) {
        var columns = Set(query.groupKeys.map(\.name) + (query.window.isTimed ? ["window_start", "window_end"] : []))
        for column in query.aggregateColumns {
            if case .computed(let item) = column {
                let error = item.expression.firstField { field in
                    isColumn(field, in: columns)
                        ? nil
                        : "'\(field.text)' is not a column of the row"
                            + (isBareAggregate(field)
                                ? "; the aggregate is written \(field.text)()"
                                : "; a field is used in an aggregate, such as avg(\(field.text))")
                }
                if let error { throw usageError(error, "--agg") }
            }
            columns.insert(query.name(of: column))
        }
    }

    /// Refuses a computed field that uses columns of rows, which records do not have.
    private static func checkLets(_ query: Query) throws(UsageError) {
        var used = query.lets.map(\.expression) + query.groupKeys.map(\.expression)
        used += query.aggregates.flatMap(\.arguments) + [query.filter].compactMap { $0 }
        var names = Set(used.flatMap(\.fields).map(\.columnName))
        if case .field(let path, _) = query.time { names.insert(path.columnName) }
        let columns = Set(query.aggregateColumns.map { query.name(of: $0) })
        for item in query.lets where !names.contains(item.name) {
            guard let field = item.expression.fields.first(where: { columns.contains($0.columnName) }) else { continue }
            throw UsageError(
                "--let \(item.name) computes a field of each record, but '\(field.text)' is a column of rows; write "
                    + "-a '\(item.name)=\(item.expression.text)'")
        }
    }

    private static func isColumn(_ field: FieldPath, in columns: Set<String>) -> Bool {
        if columns.contains(field.text) { return true }
        return field.name.map { columns.contains(String(decoding: $0, as: UTF8.self)) } ?? false
    }

    private static func checkFields(
        of expression: Expression, in known: Set<String>, _ columns: [String], what: String
    ) throws(UsageError) {
        let error = expression.firstField { field in
            isColumn(field, in: known)
                ? nil
                : "unknown column '\(field.text)'\(hint(field, columns)); the columns are "
                    + columns.joined(separator: ", ")
        }
        if let error { throw usageError(error, what) }
    }

    /// What an unknown column may have been meant as.
    private static func hint(_ field: FieldPath, _ columns: [String]) -> String {
        if field.text.hasPrefix("\""), let name = field.name.map({ String(decoding: $0, as: UTF8.self) }) {
            return Double(name) == nil
                ? " (double quotes are for names; write text as '\(name)')" : " (write the number as \(name))"
        }
        if isBareAggregate(field) { return " (the aggregate is written \(field.text)())" }
        let word = field.text.lowercased()
        if let near = columns.first(where: { $0.lowercased() == word }) ?? Spelling.nearest(to: word, among: columns),
            word.utf8.count > 2
        {
            return " (did you mean '\(near)'?)"
        }
        return field.name == nil
            ? "" : " (write text as '\(field.text)'; use a field in an aggregate, such as avg(\(field.text)))"
    }

    private static func isBareAggregate(_ field: FieldPath) -> Bool {
        AggregateFunction.named(field.text)?.arguments.contains(0) ?? false
    }
}
