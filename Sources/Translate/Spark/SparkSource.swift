import Plan
import StreamEngine

/// The data frame with the records.
struct SparkSource {
    let query: JobQuery
    private(set) var schema = JobText(comment: "#")
    /// The calls from the source to columns.
    private(set) var chain = SparkChain()
    private(set) var relation = SparkRelation(names: [], time: nil)
    private(set) var reader = ""
    /// What becomes of lines and values that cannot be read.
    private var broken: Difference?

    init(_ query: JobQuery) throws(UsageError) {
        self.query = query
        try columns()
        var value = "\"value\""
        switch query.source {
        case .files(let paths): try files(paths)
        case .topics(let url):
            topics(url)
            value = "F.col(\"value\").cast(\"string\")"
        case .standardInput: socket()
        }
        judgeLines()
        var columns = ["F.from_json(\(value), schema).alias(\"record\")"]
        for column in query.sourceColumns { columns.append(try metadata(column)) }
        chain.call("select(\(columns.joined(separator: ", ")))", notes: [broken].compactMap(\.self))
        let names = query.sourceColumns.map { ", " + SparkText.python(SparkText.quoted($0.rawValue)) }
        chain.call("select(\"record.*\"\(names.joined()))")
        try eventTime()
    }

    // MARK: Columns

    private mutating func columns() throws(UsageError) {
        schema.line("schema = (")
        let columns = try JobColumn.all(of: query.fields, for: PySpark.name)
        if columns.isEmpty {
            schema.remark("No field is read, but a schema has a column.", indent: 4)
            schema.line("    \"nothing_ STRING\"")
        }
        for (number, column) in columns.enumerated() {
            for field in column.fields where !field.isDeclared { schema.remark(field.guess, indent: 4) }
            let name = column.fields.first?.path.text ?? column.name
            if column.isObject { schema.differs(Difference(name, JobColumn.dots), indent: 4) }
            let suffix = number == columns.count - 1 ? "" : ", "
            schema.line(
                "    " + SparkText.python("\(SparkText.quoted(column.name)) \(SparkText.type(column.shape))\(suffix)"))
            relation.names.append(column.name)
        }
        schema.line(")")
        relation.names += query.sourceColumns.map(\.rawValue)
    }

    private func metadata(_ column: SourceColumn) throws(UsageError) -> String {
        guard case .topics = query.source else {
            throw .refusal(PySpark.name, column.rawValue, "job has no such column for files", "add it to the records")
        }
        let name = PythonText.string(column.rawValue)
        switch column {
        case .time: return "F.col(\"timestamp\").alias(\(name))"
        case .partition, .offset: return "F.col(\"\(column.rawValue.dropFirst())\").cast(\"bigint\").alias(\(name))"
        case .topic: return "F.col(\"topic\").alias(\(name))"
        case .key: return "F.col(\"key\").cast(\"string\").alias(\(name))"
        default:
            throw .refusal(
                PySpark.name, column.rawValue, "job has no such column",
                "use @key, @topic, @partition, @offset or @kafka_time")
        }
    }

    private mutating func judgeLines() {
        var text = "a value of another type is null, also a number in quotes; "
        if case .none = query.time {
            text += "a line that is not a JSON object counts as a record without fields"
        } else {
            text += "lines that are not JSON are skipped without being counted"
        }
        broken = Difference("INPUT", text)
    }

    // MARK: Event time

    private mutating func eventTime() throws(UsageError) {
        switch query.time {
        case .none: return
        case .kafkaTime: relation.time = SparkText.quoted(SourceColumn.time.rawValue)
        case .arrival:
            throw .refusal(
                PySpark.name, "--time @arrival", "job with windows by the time of arrival has other rows in each run",
                "add --time FIELD, or @kafka_time for topics")
        case .field(let path, let format):
            let sql = try time(path, format)
            let isHidden = query.query.lets.contains { FieldPath(name: Array($0.name.utf8)) == path }
            guard !isHidden else {
                throw .refusal(PySpark.name, "--time", "job reads the event time from a field", "name a field")
            }
            if path.name != nil, sql.sql == relation.column(path) {
                relation.time = sql.sql
                chain.call("where(\(SparkText.python("\(sql.sql) IS NOT NULL")))", notes: sql.notes)
            } else {
                let name = SparkRelation.eventTime
                guard !relation.names.contains(name) else {
                    throw .refusal(PySpark.name, name, "job has a column of its own with this name", "rename the field")
                }
                chain.call("withColumn(\"\(name)\", \(SparkText.column(sql.sql)))", notes: sql.notes)
                relation.names.append(name)
                relation.time = name
                chain.call("where(\"\(name) IS NOT NULL\")")
            }
        }
    }

    private func time(_ path: FieldPath, _ format: TimeFormat) throws(UsageError) -> (sql: String, notes: [Difference])
    {
        guard let column = relation.column(path) else {
            throw .refusal(PySpark.name, "--time", "job reads the event time from a field", "name a field")
        }
        let type = query.type(ofField: path)
        switch (format, type) {
        case (.auto, .timestamp), (.iso, .timestamp):
            return (
                column, [Difference("--time", "a number counts as seconds, and a text such as 2026-01 is a time, too")]
            )
        case (.pattern(let pattern), .string):
            guard let java = JavaTimes.pattern(pattern), !java.contains("EEE") else {
                throw .refusal(
                    PySpark.name, "--time-format", "job reads patterns of %Y, %m, %d, %H, %M, %S, %b and fractions",
                    "use such a pattern, or s, ms, us or ns")
            }
            return ("try_to_timestamp(\(column), \(SparkText.string(java)))", [])
        case (_, .bigint), (_, .double):
            guard let sql = SparkDialect.time(number: column, format, isDouble: type == .double) else { fallthrough }
            return (sql, [])
        default:
            throw .refusal(
                PySpark.name, "--types", "job cannot read \(path.text) as a time if it is a \(type.rawValue)",
                "remove it from --types, or add --time-format")
        }
    }

    // MARK: Connectors

    private mutating func files(_ paths: [String]) throws(UsageError) {
        var folders: [String] = []
        var names: [String] = []
        for path in paths {
            let slash = path.lastIndex(of: "/")
            folders.append(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
            let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
            if !name.isEmpty { names.append(name.map { "\\*?[]{},".contains($0) ? "\\\($0)" : String($0) }.joined()) }
            if name.hasPrefix("_") || name.hasPrefix(".") {
                throw .refusal(
                    PySpark.name, "INPUT", "job does not see files with a _ or a dot at the start", "rename the file")
            }
        }
        guard let folder = folders.first, folders.allSatisfy({ $0 == folder }),
            names.isEmpty || names.count == paths.count
        else {
            throw .refusal(PySpark.name, "INPUT", "job reads files of one folder", "put the files into one")
        }
        reader = "spark.readStream"
        if let name = names.first {
            chain.remark("A stream reads folders; this is the file.")
            let glob = names.count == 1 ? name : "{\(names.joined(separator: ","))}"
            chain.call("option(\"pathGlobFilter\", \(SparkText.python(glob)))")
        }
        chain.call("text(\(PythonText.string(folder)))")
    }

    private mutating func socket() {
        reader = "spark.readStream.format(\"socket\")"
        chain.call(
            "option(\"host\", \"localhost\")",
            notes: [
                Difference(
                    "INPUT",
                    "lines come from a socket, not from standard input: COMMAND | nc -l -p 9999; it has no end, "
                        + "and lines are lost if the job fails")
            ])
        chain.call("option(\"port\", 9999)")
        chain.call("load()")
    }

    private mutating func topics(_ url: KafkaURL) {
        reader = "spark.readStream.format(\"kafka\")"
        func option(_ name: String, _ value: String, _ notes: [Difference] = []) {
            chain.call("option(\"\(name)\", \(PythonText.string(value)))", notes: notes)
        }
        option("kafka.bootstrap.servers", url.brokers)
        if url.topics.contains(where: TopicPattern.isPattern) {
            let patterns = url.topics.map { TopicPattern.isPattern($0) ? $0 : "^\($0)$" }
            option("subscribePattern", patterns.joined(separator: "|"))
        } else if url.partitions.isEmpty {
            option("subscribe", url.topics.joined(separator: ","))
        } else {
            let numbers = url.partitions.flatMap { Array($0) }.map(String.init).joined(separator: ",")
            let topics = url.topics.map { "\"\($0)\":[\(numbers)]" }
            option("assign", "{\(topics.joined(separator: ","))}")
        }
        var notes: [Difference] = []
        if url.group != nil {
            notes.append(Difference("group=", "Spark keeps offsets in its checkpoints, not in a group of the brokers"))
        }
        if !query.plan.kafkaOptions.isEmpty {
            notes.append(
                Difference(
                    "--kafka-option",
                    "client options are not translated; add them as .option(\"kafka.NAME\", \"VALUE\")"))
        }
        switch url.start {
        case .end: option("startingOffsets", "latest", notes)
        case .time(let time): option("startingTimestamp", "\(time / 1000)", notes)
        case .ago(let duration):
            let milliseconds = "(int(time.time()) - \(duration / 1_000_000)) * 1000"
            chain.call("option(\"startingTimestamp\", \(milliseconds))", notes: notes)
        case .beginning, .stored, nil: option("startingOffsets", "earliest", notes)
        }
        chain.call("load()")
    }
}
