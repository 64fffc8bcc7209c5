import Plan
import StreamEngine

/// A script for the SQL client of Flink 2: settings, source, sink and the query between them.
struct FlinkSQL: EnginePrinter {
    static let name = "a Flink SQL"

    static func verdict(on part: JobPart, in query: JobQuery) -> Verdict {
        .refused("is printed without it", remedy: "remove it")
    }

    static func print(_ query: JobQuery) throws(UsageError) -> Translation {
        // What is refused comes first.
        let differences = try judge(query)
        let window = try table(of: query)
        let columns = try query.query.aggregates.map { aggregate throws(UsageError) in
            (name: aggregate.name, call: try call(aggregate, of: query))
        }
        let time = try eventTime(query)
        var text = JobText(comment: "--")
        text.remark("Made by streamctl --generate flink-sql. Run it with sql-client.sh -f FILE (Flink 2).")
        text.line("SET 'table.local-time-zone' = 'UTC';")
        text.line("SET 'parallelism.default' = '1';")
        text.remark("Late records are found one by one, as streamctl does.")
        text.line("SET 'pipeline.auto-watermark-interval' = '0';")
        for difference in differences { text.differs(difference) }
        text.line()
        try source(query, time, &text)
        sink(query, &text)
        text.line("INSERT INTO results")
        let keys = query.query.groupKeys.map { ($0.field?.columnName ?? $0.name, $0.name) }
        let selected =
            keys.map { "\(quoted($0.0)) AS \(quoted($0.1))" } + ["window_start", "window_end"]
            + columns.map { "\($0.call) AS \(quoted($0.name))" }
        text.line("SELECT \(selected.joined(separator: ", "))")
        if query.query.aggregates.contains(where: {
            [.sum, .avg, .stddev, .stddevPop, .variance].contains($0.function)
        }) {
            text.differs(
                Difference("-a", "Flink adds doubles one by one, so the last digits depend on the order of records"))
        }
        text.line("FROM \(window)")
        text.line("GROUP BY \((["window_start", "window_end"] + keys.map { quoted($0.0) }).joined(separator: ", "));")
        return text.translation
    }

    private static func source(_ query: JobQuery, _ time: String, _ text: inout JobText) throws(UsageError) {
        guard case .files(let paths) = query.source, let path = paths.first, paths.count == 1 else {
            throw .refusal(name, "INPUT", "job reads one file", "name a single file")
        }
        text.line("CREATE TABLE records (")
        for field in query.fields {
            text.remark("The type follows from \(field.reason).", indent: 2)
            text.line("  \(quoted(try query.plainName(field.path, field.reason))) \(type(field.type)),")
        }
        if case .field(_, .auto) = query.time {
            text.differs(Difference("--time", "only times in RFC 3339 that end in Z are read"), indent: 2)
        }
        text.differs(Difference("--time", "times are cut to milliseconds"), indent: 2)
        text.line("  event_time_ AS \(time),")
        text.remark(
            "One millisecond more than --watermark: Flink closes a window at its last millisecond.", indent: 2)
        text.line("  WATERMARK FOR event_time_ AS event_time_ - \(try delay(query))")
        text.line(") WITH (")
        text.line("  'connector' = 'filesystem', 'path' = \(string(path)), 'format' = 'json',")
        text.differs(
            Difference("INPUT", "a field of another type is null; streamctl rejects records without a time"), indent: 2)
        text.line("  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'")
        text.line(");")
        text.line()
    }

    private static func sink(_ query: JobQuery, _ text: inout JobText) {
        text.line("CREATE TABLE results (")
        let keys = query.query.groupKeys.map { "  \(quoted($0.name)) STRING" }
        let times = ["  window_start TIMESTAMP(3)", "  window_end TIMESTAMP(3)"]
        let columns = query.query.aggregates.map { "  \(quoted($0.name)) \(resultType($0))" }
        text.differs(Difference("--format", "times are printed in UTC without a Z"), indent: 2)
        text.line((keys + times + columns).joined(separator: ",\n"))
        let path = query.plan.output.path
        let place = path.map { $0 == "-" ? nil : $0 } ?? nil
        text.line(
            place.map { ") WITH ('connector' = 'filesystem', 'path' = \(string($0)), 'format' = 'json');" }
                ?? ") WITH ('connector' = 'print');")
        text.line()
    }

    /// Flink closes a window at its last millisecond, streamctl at its end: with one millisecond more, both do so at the
    /// same record.
    private static func delay(_ query: JobQuery) throws(UsageError) -> String {
        guard let delay = query.query.watermarkDelay else {
            throw .refusal(name, "--watermark none", "job has a watermark", "add --watermark 5s")
        }
        guard delay <= 86_400_000_000 * 36_500, let text = interval(delay + 1000) else {
            throw .refusal(name, "--watermark", "watermark has whole milliseconds", "use a multiple of 1ms")
        }
        return text
    }

    private static func type(_ type: FieldType) -> String {
        switch type {
        case .string: "STRING"
        case .bigint: "BIGINT"
        case .double: "DOUBLE"
        case .boolean: "BOOLEAN"
        case .timestamp: "TIMESTAMP_LTZ(6)"
        }
    }

    private static func resultType(_ aggregate: Aggregate) -> String {
        switch aggregate.function {
        case .count, .distinct: "BIGINT"
        default: "DOUBLE"
        }
    }

    private static func eventTime(_ query: JobQuery) throws(UsageError) -> String {
        guard case .field(let path, let format) = query.time else {
            throw .refusal(Self.name, "--time", "job needs an event time from a field", "add --time FIELD")
        }
        let name = quoted(try query.plainName(path, "--time"))
        return switch format {
        case .auto, .iso: "CAST(\(name) AS TIMESTAMP_LTZ(3))"
        case .seconds: "TO_TIMESTAMP_LTZ(\(name) * 1000, 3)"
        case .milliseconds: "TO_TIMESTAMP_LTZ(\(name), 3)"
        case .microseconds: "TO_TIMESTAMP_LTZ(\(name) / 1000, 3)"
        case .nanoseconds: "TO_TIMESTAMP_LTZ(\(name) / 1000000, 3)"
        case .pattern:
            throw .refusal(Self.name, "--time-format", "job reads no patterns", "use iso, s, ms, us or ns")
        }
    }
}
