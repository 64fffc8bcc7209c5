import Plan
import StreamEngine

/// The records of a job with their event times.
struct BeamSource {
    private(set) var functions: [JobText] = []
    private(set) var blocks: Set<String> = []
    private(set) var imports: Set<String> = ["import json", "import apache_beam as beam"]

    init(_ query: JobQuery) throws(UsageError) {
        parse(query)
        var steps: [String] = []
        var text = JobText(comment: "#")
        if case .none = query.time {
        } else {
            var timed = JobText(comment: "#")
            try Self.timed(query, 0, "timed", &timed, &blocks, &imports)
            functions.append(timed)
            steps.append("        | \"Time\" >> beam.FlatMap(timed)")
        }
        text.line("def read_records(pipeline):")
        text.line("    \"\"\"The records of the input with their event times.\"\"\"")
        text.line("    return (")
        text.line("        pipeline")
        switch query.source {
        case .files(let paths): Self.files(paths, &text)
        case .topics(let url): try topics(url, query, &text)
        // Refused by `JobSource`.
        case .standardInput: break
        }
        text.differs(
            Difference("INPUT", "lines that are not JSON objects are skipped without being counted"), indent: 8)
        text.line("        | \"Parse\" >> beam.FlatMap(parse)")
        for step in steps { text.line(step) }
        text.line("    )")
        functions.append(text)
        for column in query.sourceColumns { try check(column, query) }
    }

    private mutating func parse(_ query: JobQuery) {
        var text = JobText(comment: "#")
        let isTopics = query.source.isTopics
        text.line("def parse(\(isTopics ? "message" : "line")):")
        text.line("    \"\"\"The record of a \(isTopics ? "message" : "line"), if it is a JSON object.\"\"\"")
        text.line("    try:")
        text.line("        record = json.loads(\(isTopics ? "message.value" : "line"))")
        text.line("    except ValueError:")
        text.line("        return")
        text.line("    if isinstance(record, dict):")
        for column in query.sourceColumns {
            let value: String? =
                switch column {
                case .key: "None if message.key is None else message.key.decode(errors=\"replace\")"
                case .topic: "message.topic"
                case .partition: "message.partition"
                case .offset: "message.offset"
                case .time: "Timestamp(micros=message.timestamp * 1000)"
                default: nil
                }
            guard let value else { continue }
            if column == .time { imports.insert(PythonValues.timestamp) }
            text.line("        record[\(PythonText.string(column.rawValue))] = \(value)")
        }
        text.line("        yield record")
        functions.append(text)
    }

    private func check(_ column: SourceColumn, _ query: JobQuery) throws(UsageError) {
        guard query.source.isTopics else {
            throw .refusal(Beam.name, column.rawValue, "job has no such column for files", "add it to the records")
        }
        switch column {
        case .key, .topic, .partition, .offset, .time: break
        default:
            throw .refusal(
                Beam.name, column.rawValue, "job has no such column",
                "use @key, @topic, @partition, @offset or @kafka_time")
        }
    }

    /// Defines a function that gives a record its event time.
    static func timed(
        _ query: JobQuery, _ number: Int, _ name: String, _ text: inout JobText, _ blocks: inout Set<String>,
        _ imports: inout Set<String>
    ) throws(UsageError) {
        let stage = query.stages[number]
        imports.insert("from apache_beam.transforms import window")
        imports.insert("import apache_beam as beam")
        text.line("def \(name)(record):")
        text.line("    \"\"\"The record with its event time; without one, it is left out.\"\"\"")
        let value: String
        switch stage.time {
        case .field(let path, let format):
            guard !stage.lets.contains(where: { FieldPath(name: Array($0.name.utf8)) == path }) else {
                throw .refusal(Beam.name, "--time", "job reads the event time from a field", "name a field")
            }
            var expressions = BeamExpressions("--time", stage.zone, record: "record")
            let field = expressions.field(path)
            value = path.sourceColumn == .time ? field : try expressions.time(format, field)
            blocks.formUnion(expressions.blocks)
            imports.formUnion(expressions.imports)
            for note in expressions.notes { text.differs(note, indent: 4) }
        case .arrival, nil:
            value = "Timestamp.now()"
        }
        imports.insert(PythonValues.timestamp)
        text.line("    time = \(value)")
        if let ahead = stage.maxAhead {
            text.line("    # Nor may it be further ahead of the clock than --max-ahead.")
            imports.insert("from apache_beam.utils.timestamp import Duration")
            text.line("    if time is not None and time <= Timestamp.now() + Duration(micros=\(ahead)):")
        } else {
            text.line("    if time is not None:")
        }
        text.line("        yield window.TimestampedValue(record, time)")
    }

    private static func files(_ paths: [String], _ text: inout JobText) {
        if paths.count == 1 {
            text.line("        | \"Read\" >> beam.io.ReadFromText(\(PythonText.string(paths[0])))")
        } else {
            text.line("        | \"Files\" >> beam.Create([\(paths.map(PythonText.string).joined(separator: ", "))])")
            text.line("        | \"Read\" >> beam.io.ReadAllFromText()")
        }
    }

    private mutating func topics(_ url: KafkaURL, _ query: JobQuery, _ text: inout JobText) throws(UsageError) {
        guard !url.topics.contains(where: TopicPattern.isPattern) else {
            throw .refusal(Beam.name, "INPUT", "job reads topics by their names", "name the topics")
        }
        guard url.until == nil else {
            throw .refusal(Beam.name, "until=", "job reads topics without an end", "remove it, or read a file")
        }
        imports.insert("from apache_beam.io.kafka import ReadFromKafka")
        text.remark("Java must be installed: Beam starts a service with the client of Kafka.", indent: 8)
        if !query.plan.kafkaOptions.isEmpty {
            text.differs(
                Difference("--kafka-option", "client options are not translated; add them to consumer_config"),
                indent: 8)
        }
        if !url.partitions.isEmpty {
            text.differs(Difference("partitions=", "all partitions are read"), indent: 8)
        }
        if case .ago(let duration) = url.start {
            text.differs(
                Difference("start=", "write the time that is \(BeamText.spoken(duration)) before now"), indent: 8)
        }
        text.line("        | \"Read\" >> ReadFromKafka(")
        var config = ["\"bootstrap.servers\": \(PythonText.string(url.brokers))"]
        if let group = url.group { config.append("\"group.id\": \(PythonText.string(group))") }
        config.append("\"auto.offset.reset\": \"\(url.start == .end ? "latest" : "earliest")\"")
        text.line("            consumer_config={\(config.joined(separator: ", "))},")
        text.line("            topics=[\(url.topics.map(PythonText.string).joined(separator: ", "))],")
        switch url.start {
        case .time(let time): text.line("            start_read_time=\(time / 1000),")
        case .ago:
            imports.insert("import os")
            text.line("            start_read_time=int(os.environ[\"START_MILLIS\"]),")
        default: break
        }
        if url.group != nil { text.line("            commit_offset_in_finalize=True,") }
        if case .arrival = query.time {
        } else {
            text.line("            timestamp_policy=ReadFromKafka.create_time_policy,")
        }
        text.line("            with_metadata=True,")
        text.line("        )")
    }
}
