import Plan
import StreamEngine

/// A Python file that runs as it is: environment, source, query, sink, `execute_insert(...).wait()`.
struct PyFlink: EnginePrinter {
    static let name = FlinkSQL.name

    static func verdict(on part: JobPart, in query: JobQuery) -> Verdict { FlinkSQL.verdict(on: part, in: query) }

    static func print(_ query: JobQuery) throws(UsageError) -> Translation {
        let job = try FlinkJob(query, try judge(query))
        var text = JobText(comment: "#")
        let jars = jars(query)
        text.line("\"\"\"Made by streamctl \(query.plan.version) --generate pyflink, for Flink 2.")
        text.line()
        text.line("    pip install apache-flink")
        if jars.isEmpty {
            text.line("    python FILE")
        } else {
            text.line("    python FILE --jars \(jars.joined(separator: ","))")
        }
        text.line("\"\"\"")
        text.line()
        if !jars.isEmpty { text.line("import argparse") }
        if !jars.isEmpty || job.usesPlaceholders { text.line("import os") }
        if job.usesPlaceholders { text.line("import string") }
        if !jars.isEmpty || job.usesPlaceholders { text.line() }
        text.line("from pyflink.table import EnvironmentSettings, TableEnvironment")
        text.line()
        for difference in job.differences { text.differs(difference) }
        if !jars.isEmpty { options(&text) }
        if case .table = query.sink {
            text.remark("The driver of the database takes times by the clock of the JVM.")
            text.line("os.environ.setdefault(\"JAVA_TOOL_OPTIONS\", \"-Duser.timezone=UTC\")")
        }
        let mode = job.isBatch ? "in_batch_mode" : "in_streaming_mode"
        text.line("env = TableEnvironment.create(EnvironmentSettings.\(mode)())")
        text.line("config = env.get_config()")
        if !jars.isEmpty { text.line("config.set(\"pipeline.jars\", jars)") }
        for setting in job.settings where setting.name != "execution.runtime-mode" {
            if let remark = setting.remark { text.remark(remark) }
            text.line("config.set(\(PythonText.string(setting.name)), \(PythonText.string(setting.value)))")
        }
        if job.usesPlaceholders { filling(&text) }
        text.line()
        statement("env.execute_sql", job.source, fills: true, &text)
        for view in job.views {
            text.line()
            var body = JobText(comment: "--")
            body.line("CREATE TEMPORARY VIEW \(view.name) AS")
            body.append(view.select)
            statement("env.execute_sql", body, fills: false, &text)
        }
        text.line()
        statement("rows = env.sql_query", job.select, fills: false, &text)
        text.line()
        statement("env.execute_sql", job.sink, fills: true, &text)
        text.line()
        text.line("rows.execute_insert(\"results\").wait()")
        return Translation(text: text.text, differences: job.allDifferences)
    }

    /// The connectors that the package does not have.
    private static func jars(_ query: JobQuery) -> [String] {
        var jars: [String] = []
        var usesKafka = query.source.isTopics
        switch query.sink {
        case .topic: usesKafka = true
        case .table: jars = ["flink-connector-jdbc.jar", "postgresql.jar"]
        default: break
        }
        return (usesKafka ? ["flink-sql-connector-kafka.jar"] : []) + jars
    }

    private static func options(_ text: inout JobText) {
        text.line("parser = argparse.ArgumentParser()")
        text.line(
            "parser.add_argument(\"--jars\", default=os.environ.get(\"FLINK_JARS\"), required=\"FLINK_JARS\" not in os.environ,"
        )
        text.line("                    help=\"connectors, separated with commas (default: $FLINK_JARS)\")")
        text.line("files = parser.parse_args().jars.split(\",\")")
        text.line("jars = \";\".join(\"file://\" + os.path.abspath(file) for file in files)")
        text.line()
    }

    private static func filling(_ text: inout JobText) {
        text.line()
        text.line()
        text.line("def filled(statement):")
        text.line("    \"\"\"The statement with ${NAME} from the environment.\"\"\"")
        text.line("    values = {name: value.replace(\"'\", \"''\") for name, value in os.environ.items()}")
        text.line("    return string.Template(statement).substitute(values)")
        text.line()
    }

    private static func statement(_ call: String, _ body: JobText, fills: Bool, _ text: inout JobText) {
        let fills = fills && body.text.contains("${")
        let escaped = body.text.contains("\\") || body.text.contains("\"\"\"")
        // A dollar sign that is no variable is doubled.
        let sql = fills ? doubled(body.text) : body.text
        let literal =
            escaped && sql.contains("\"\"\"")
            ? "\"\"\"\n" + sql.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"\"\""
            : "\(escaped ? "r" : "")\"\"\"\n" + sql + "\"\"\""
        text.line(fills ? "\(call)(filled(\(literal)))" : "\(call)(\(literal))")
        for difference in body.differences { text.add(difference) }
    }

    private static func doubled(_ sql: String) -> String {
        var result = ""
        var rest = sql[...]
        while let character = rest.popFirst() {
            result.append(character)
            if character == "$", rest.first != "{" { result.append("$") }
        }
        return result
    }
}
