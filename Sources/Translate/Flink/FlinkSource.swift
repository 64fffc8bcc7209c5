import Plan
import StreamEngine

/// The table with the records.
struct FlinkSource {
    let query: JobQuery
    private(set) var text = JobText(comment: "--")
    private(set) var relation = FlinkRelation(name: "records", columns: [], rowtime: nil)

    init(_ query: JobQuery) throws(UsageError) {
        self.query = query
        text.line("CREATE TABLE records (")
        var lines: [JobText] = []
        for column in try columns() { lines.append(column) }
        if let time = try eventTime() { lines.append(time) }
        if lines.isEmpty {
            var line = JobText(comment: "--")
            line.remark("No field is read, but a table has a column.", indent: 2)
            line.line("  nothing_ STRING")
            lines.append(line)
        }
        for (number, var line) in lines.enumerated() {
            line.end(with: number == lines.count - 1 ? "" : ",")
            text.append(line)
        }
        text.line(") WITH (")
        try connector()
        text.line(")")
    }

    // MARK: Columns

    private mutating func columns() throws(UsageError) -> [JobText] {
        var result: [JobText] = []
        for top in try JobColumn.all(of: query.fields, for: FlinkSQL.name) {
            var line = JobText(comment: "--")
            let name = top.fields.first?.path.text ?? top.name
            for field in top.fields where !field.isDeclared { line.remark(field.guess, indent: 2) }
            if top.isObject { line.differs(Difference(name, JobColumn.dots), indent: 2) }
            line.line("  \(FlinkText.quoted(top.name)) \(Self.type(top.shape))")
            guard top.name != FlinkRelation.eventTime else {
                throw .refusal(FlinkSQL.name, name, "job has a column of its own with this name", "rename the field")
            }
            relation.columns.append(
                .init(name: top.name, identifier: top.name, type: top.fields.first?.type ?? .string))
            result.append(line)
        }
        for column in query.sourceColumns {
            var line = JobText(comment: "--")
            let name = column.rawValue
            relation.columns.append(.init(name: name, identifier: name, type: column.type))
            line.line("  \(FlinkText.quoted(name)) \(try metadata(column))")
            result.append(line)
        }
        return result
    }

    private static func type(_ shape: JobColumn.Shape) -> String {
        switch shape {
        case .value(.timestamp): return "TIMESTAMP_LTZ(6)"
        case .value(let type): return FlinkText.type(type)
        case .object(let members):
            let texts = members.map { "\(FlinkText.quoted($0.name)) \(type($0.shape))" }
            return "ROW<\(texts.joined(separator: ", "))>"
        }
    }

    private func metadata(_ column: SourceColumn) throws(UsageError) -> String {
        guard case .topics = query.source else {
            throw .refusal(
                FlinkSQL.name, column.rawValue, "job has no such column for files", "add it to the records")
        }
        switch column {
        case .time: return "TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL"
        case .partition: return "BIGINT METADATA FROM 'partition' VIRTUAL"
        case .offset: return "BIGINT METADATA FROM 'offset' VIRTUAL"
        case .topic: return "STRING METADATA FROM 'topic' VIRTUAL"
        case .key: return "STRING"
        default:
            throw .refusal(
                FlinkSQL.name, column.rawValue, "job has no such column",
                "use @key, @topic, @partition, @offset or @kafka_time")
        }
    }

    // MARK: Event time

    private mutating func eventTime() throws(UsageError) -> JobText? {
        var line = JobText(comment: "--")
        let sql: String
        switch query.time {
        case .none: return nil
        case .kafkaTime: sql = FlinkText.quoted(SourceColumn.time.rawValue)
        case .arrival:
            throw .refusal(
                FlinkSQL.name, "--time @arrival", "job with windows by the time of arrival has other rows in each run",
                "add --time FIELD, or @kafka_time for topics")
        case .field(let path, let format): sql = try time(path, format, &line)
        }
        let name = FlinkRelation.eventTime
        relation.rowtime = name
        let none = FlinkRelation.noTime
        line.remark("A record without a time is left out; Flink would end the job.", indent: 2)
        var value = "COALESCE(\(sql), \(none))"
        if let ahead = query.query.maxAhead, let text = FlinkText.interval(ahead) {
            line.remark("So is one that is further ahead of the clock than --max-ahead.", indent: 2)
            value = "CASE WHEN \(sql) <= CURRENT_TIMESTAMP + \(text) THEN \(sql) ELSE \(none) END"
        }
        line.line("  \(name) AS \(value),")
        let delay: String
        if let given = query.query.watermarkDelay {
            line.remark(
                "One millisecond more than --watermark: Flink closes a window at its last millisecond.", indent: 2)
            guard given <= 86_400_000_000 * 90, let text = FlinkText.interval(given + 1000) else {
                throw .refusal(
                    FlinkSQL.name, "--watermark", "job has a watermark of whole milliseconds, at most 90d",
                    "use such a duration")
            }
            delay = text
        } else {
            line.remark("--watermark none: windows close at the end of the input.", indent: 2)
            delay = "INTERVAL '1000' YEAR(4)"
        }
        line.line("  WATERMARK FOR \(name) AS \(name) - \(delay)")
        return line
    }

    private func time(_ path: FieldPath, _ format: TimeFormat, _ line: inout JobText) throws(UsageError) -> String {
        let aggregates = FlinkAggregates(query: query, stage: 0, input: relation, isLocal: false)
        // A field may be computed only after the table is read.
        guard !query.query.lets.contains(where: { FieldPath(name: Array($0.name.utf8)) == path }),
            let (column, type) = aggregates.field(path)
        else {
            throw .refusal(FlinkSQL.name, "--time", "job reads the event time from a field", "name a field")
        }
        if case .milliseconds = format {
        } else {
            line.differs(Difference("--time", "times are cut to milliseconds"), indent: 2)
        }
        switch (format, type) {
        case (.auto, .timestamp):
            line.differs(
                Difference(
                    "--time", "only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms"),
                indent: 2)
            return "CAST(\(column) AS TIMESTAMP_LTZ(3))"
        case (.iso, .timestamp):
            line.differs(Difference("--time", "only times that end in Z are read"), indent: 2)
            return "CAST(\(column) AS TIMESTAMP_LTZ(3))"
        case (.pattern(let pattern), .string):
            guard let java = JavaTimes.pattern(pattern) else {
                throw .refusal(
                    FlinkSQL.name, "--time-format", "job reads patterns of %Y, %m, %d, %H, %M, %S, %b and fractions",
                    "use such a pattern, or s, ms, us or ns")
            }
            return "CAST(TO_TIMESTAMP(\(column), \(FlinkText.string(java))) AS TIMESTAMP_LTZ(3))"
        case (_, .bigint), (_, .double):
            guard let sql = FlinkTimes.fromNumber(column, format, isDouble: type == .double) else { fallthrough }
            return sql
        default:
            throw .refusal(
                FlinkSQL.name, "--types", "job cannot read \(path.text) as a time if it is a \(type.rawValue)",
                "remove it from --types, or add --time-format")
        }
    }

    // MARK: Connector

    private mutating func connector() throws(UsageError) {
        switch query.source {
        case .files(let paths):
            guard let path = paths.first, paths.count == 1 else {
                throw .refusal(FlinkSQL.name, "INPUT", "job reads one file or folder", "name a folder with the files")
            }
            text.line("  'connector' = 'filesystem', 'path' = \(FlinkText.string(path)),")
            text.line("  'format' = 'json',")
        case .topics(let url): topics(url)
        case .standardInput: break
        }
        text.differs(
            Difference(
                "INPUT",
                "a value of another type is null, and lines that are not JSON are skipped without being counted"),
            indent: 2)
        let prefix = query.sourceColumns.contains(.key) ? "value.json" : "json"
        text.line(
            "  '\(prefix).ignore-parse-errors' = 'true', '\(prefix).timestamp-format.standard' = 'ISO-8601'")
    }

    private mutating func topics(_ url: KafkaURL) {
        let isPattern = url.topics.contains(where: TopicPattern.isPattern)
        if isPattern {
            let pattern = url.topics.map { TopicPattern.isPattern($0) ? $0 : "^\($0)$" }.joined(separator: "|")
            text.line("  'connector' = 'kafka', 'topic-pattern' = \(FlinkText.string(pattern)),")
        } else {
            text.line("  'connector' = 'kafka', 'topic' = \(FlinkText.string(url.topics.joined(separator: ";"))),")
        }
        text.line("  'properties.bootstrap.servers' = \(FlinkText.string(url.brokers)),")
        if let group = url.group { text.line("  'properties.group.id' = \(FlinkText.string(group)),") }
        if !query.plan.kafkaOptions.isEmpty {
            text.differs(
                Difference(
                    "--kafka-option", "client options are not translated; add them as 'properties.NAME' = 'VALUE'"),
                indent: 2)
        }
        if !url.partitions.isEmpty {
            text.differs(Difference("partitions=", "all partitions are read"), indent: 2)
        }
        switch url.start {
        case nil where url.group == nil: text.line("  'scan.startup.mode' = 'earliest-offset',")
        case .end: text.line("  'scan.startup.mode' = 'latest-offset',")
        case .beginning: text.line("  'scan.startup.mode' = 'earliest-offset',")
        case .stored, nil:
            text.line("  'scan.startup.mode' = 'group-offsets', 'properties.auto.offset.reset' = 'earliest',")
        case .time(let time): timestamp("scan.startup", time)
        case .ago(let duration):
            text.differs(
                Difference("start=", "write the time that is \(FlinkText.duration(duration)) before now"), indent: 2)
            text.line("  'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '${START_MILLIS}',")
        }
        switch url.until {
        case .end: text.line("  'scan.bounded.mode' = 'latest-offset',")
        case .time(let time): timestamp("scan.bounded", time)
        case nil: break
        }
        if query.sourceColumns.contains(.key) {
            text.line("  'key.format' = 'raw', 'key.fields' = '@key', 'value.fields-include' = 'EXCEPT_KEY',")
            text.line("  'value.format' = 'json',")
        } else {
            text.line("  'format' = 'json',")
        }
    }

    private mutating func timestamp(_ prefix: String, _ time: Int64) {
        text.line("  '\(prefix).mode' = 'timestamp', '\(prefix).timestamp-millis' = '\(time / 1000)',")
    }
}
