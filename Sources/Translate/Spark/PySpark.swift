import Plan
import StreamEngine

/// A Python file with Structured Streaming: session, schema, stream, a function for each batch of rows, and the query.
struct PySpark: EnginePrinter {
    static let name = "a Spark"

    static func verdict(on part: JobPart, in query: JobQuery) -> Verdict {
        switch part {
        case .order: .printed
        case .idle: .differs("the watermark never moves without records")
        case .lookup:
            .refused(
                "reads no tables for --lookup",
                remedy: "join the table where the rows are read, or remove --lookup")
        default: .refused("is printed without it", remedy: "remove it")
        }
    }

    static func print(_ query: JobQuery) throws(UsageError) -> Translation {
        let job = try SparkJob(query, try judge(query))
        let sink = try SparkSink(query, job.mode, job.columns)
        var text = JobText(comment: "#")
        head(query, sink, &text)
        for difference in job.differences { text.differs(difference) }
        if sink.needsClock {
            text.remark("Python gives times by its own clock, which is then UTC.")
            text.line("os.environ[\"TZ\"] = \"UTC\"")
            text.line("time.tzset()")
        }
        session(query, &text)
        text.line()
        text.append(job.source.schema)
        text.line()
        text.append(job.source.chain.statement("records", from: job.source.reader))
        text.line()
        if job.stream.isEmpty {
            text.line("rows = records")
        } else {
            text.append(job.stream.statement("rows", from: "records"))
        }
        if !sink.constants.text.isEmpty {
            text.line()
            text.append(sink.constants)
        }
        text.line()
        text.line()
        if job.batch.isEmpty {
            text.line("def write(rows, number):")
        } else {
            text.line("def write(batch, number):")
            var body = JobText(comment: "#")
            body.append(job.batch.statement("rows", from: "batch"))
            text.append(body.indented(4))
        }
        text.append(sink.text)
        text.line()
        text.line()
        start(query, job, &text)
        return text.translation
    }

    private static func head(_ query: JobQuery, _ sink: SparkSink, _ text: inout JobText) {
        text.line("\"\"\"Made by streamctl \(query.plan.version) --generate pyspark, for Spark 4.")
        text.line()
        text.line("    pip install pyspark\(sink.imports.isEmpty ? "" : " \"psycopg[binary]\"")")
        var usesKafka = query.source.isTopics
        if case .topic = query.sink { usesKafka = true }
        if usesKafka {
            text.line("    spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:VERSION FILE")
            text.line()
            text.line("VERSION is that of pyspark.")
        } else {
            text.line("    python FILE")
        }
        text.line("\"\"\"")
        text.line()
        var usesTime = sink.needsClock
        if case .topics(let url) = query.source, case .ago = url.start { usesTime = true }
        if sink.needsClock { text.line("import os") }
        if usesTime { text.line("import time") }
        if usesTime || sink.needsClock { text.line() }
        for name in sink.imports { text.line("import \(name)") }
        text.line("from pyspark.sql import SparkSession, functions as F")
        text.line()
    }

    private static func session(_ query: JobQuery, _ text: inout JobText) {
        text.line("spark = (")
        text.line("    SparkSession.builder.appName(\(PythonText.string(query.plan.job?.name ?? "streamctl")))")
        let zone = query.query.zone.isUTC ? "UTC" : query.query.zone.name
        text.line("    .config(\"spark.sql.session.timeZone\", \(PythonText.string(zone)))")
        text.remark("What cannot be computed is null, and does not end the job.", indent: 4)
        text.line("    .config(\"spark.sql.ansi.enabled\", \"false\")")
        text.line("    .config(\"spark.sql.caseSensitive\", \"true\")")
        if query.stages.contains(where: { !$0.passesThrough }) {
            text.remark("The parts of the state: as many as the cores of all machines.", indent: 4)
            text.line("    .config(\"spark.sql.shuffle.partitions\", \"2\")")
        }
        text.line("    .getOrCreate()")
        text.line(")")
    }

    private static func start(_ query: JobQuery, _ job: SparkJob, _ text: inout JobText) {
        text.line("query = (")
        text.line("    rows.writeStream.outputMode(\"\(job.mode.rawValue)\")")
        if query.source.isBounded {
            if case .topics(let url) = query.source, case .time = url.until {
                text.differs(
                    Difference("until=", "the job reads to the end that the topic has when it starts"), indent: 4)
            }
            text.remark("Reads what is there, and ends.", indent: 4)
            text.line("    .trigger(availableNow=True)")
        } else if let early = query.plan.lastQuery.early {
            text.line("    .trigger(processingTime=\(PythonText.string(SparkText.duration(early))))")
        }
        if let name = query.plan.job?.name {
            text.remark("On several machines, a folder that all of them reach.", indent: 4)
            text.line("    .queryName(\(PythonText.string(name)))")
            text.line("    .option(\"checkpointLocation\", \(PythonText.string("checkpoints/\(name)")))")
        }
        text.line("    .foreachBatch(write)")
        text.line("    .start()")
        text.line(")")
        text.line("query.awaitTermination()")
    }
}
