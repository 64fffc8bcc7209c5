import Plan
import StreamEngine

/// Where the rows of a job go.
struct BeamSink {
    private(set) var functions: [JobText] = []
    private(set) var blocks: Set<String> = []
    private(set) var imports: Set<String> = []
    private let query: JobQuery
    private var steps = JobText(comment: "#")

    static let blocks: [PythonBlock] = [
        PythonBlock(
            "delimited", needs: ["text"], imports: ["import csv", "import io"],
            #"""
            def delimited(values, delimiter):
                """Values as a line of CSV or TSV."""
                line = io.StringIO()
                csv.writer(line, delimiter=delimiter, lineterminator="").writerow(text(value) for value in values)
                return line.getvalue()
            """#),
        PythonBlock(
            "WriteTable", needs: ["compact"],
            imports: ["import apache_beam as beam", "import psycopg", PythonValues.timestamp],
            #"""
            class WriteTable(beam.DoFn):
                """Writes batches of rows into a table, each in one transaction."""

                def __init__(self, database, statement):
                    self.database, self.statement = database, statement

                def setup(self):
                    # The worker's environment has the user and the password: PGUSER and PGPASSWORD.
                    self.connection = psycopg.connect(self.database)

                def process(self, rows):
                    with self.connection.transaction():
                        self.connection.cursor().executemany(
                            self.statement, [[self.cell(value) for value in row.values()] for row in rows])

                def cell(self, value):
                    if isinstance(value, Timestamp):
                        return value.to_rfc3339()
                    return compact(value) if isinstance(value, (list, dict)) else value

                def teardown(self):
                    self.connection.close()
            """#),
    ]

    init(_ query: JobQuery) throws(UsageError) {
        self.query = query
        switch query.sink {
        case .standardOutput:
            steps.differs(
                Difference("--output", "on other machines, rows are printed in the logs of the workers"), indent: 8)
            try text(header: nil)
            steps.line("        | \"Print\" >> beam.Map(print)")
        case .file(let path):
            if query.source.isBounded {
                steps.remark("Without a template, there is one file instead of one for each worker.", indent: 8)
            } else {
                steps.differs(
                    Difference("--output", "there is a file for the rows of each minute"), indent: 8)
            }
            try file(path)
        case .topic(let url): topic(url)
        case .table(let table, let url): database(table, url)
        }
        var text = JobText(comment: "#")
        text.line("def write_rows(rows):")
        text.line("    \"\"\"Writes the rows.\"\"\"")
        text.line("    return (")
        text.line("        rows")
        text.append(steps)
        text.line("    )")
        functions.append(text)
    }

    private var columns: [String] {
        let last = query.plan.lastQuery
        return last.select?.map(\.name) ?? last.resultColumns
    }

    /// Rows as lines.
    private mutating func text(header: String?) throws(UsageError) {
        switch query.plan.lastQuery.format {
        case .json, .table:
            blocks.insert("compact")
            steps.line("        | \"Encode\" >> beam.Map(compact)")
        case .csv, .tsv:
            if header == nil {
                steps.differs(Difference("--format", "there is no line with the names of the columns"), indent: 8)
            }
            blocks.insert("delimited")
            let delimiter = query.plan.lastQuery.format == .csv ? "," : "\\t"
            steps.line("        | \"Encode\" >> beam.Map(lambda row: delimited(row.values(), \"\(delimiter)\"))")
        default:
            throw .refusal(
                Beam.name, "--format \(query.plan.lastQuery.format.rawValue)", "job draws no pictures",
                "use --format json or csv")
        }
    }

    private mutating func file(_ path: String) throws(UsageError) {
        let format = query.plan.lastQuery.format
        var header: String?
        if (format == .csv || format == .tsv) && !columns.isEmpty {
            header = columns.joined(separator: format == .csv ? "," : "\t")
        }
        try text(header: header)
        guard query.source.isBounded else {
            imports.insert("from apache_beam.io.fileio import WriteToFiles")
            imports.insert("from apache_beam.transforms import window")
            steps.line("        | \"Minutes\" >> beam.WindowInto(window.FixedWindows(60))")
            steps.line("        | \"Write\" >> WriteToFiles(\(PythonText.string(path)))")
            return
        }
        let extra = header.map { ", header=\(PythonText.string($0))" } ?? ""
        steps.line(
            "        | \"Write\" >> beam.io.WriteToText(\(PythonText.string(path)), shard_name_template=\"\"\(extra))")
    }

    private mutating func topic(_ url: KafkaURL) {
        imports.insert("from apache_beam.io.kafka import WriteToKafka")
        blocks.insert("compact")
        let fields = query.plan.lastQuery.rowKey.map { "row.get(\(PythonText.string($0.columnName)))" }
        var key = "b\"\""
        if fields.isEmpty {
            steps.differs(Difference("--output", "a message has an empty key instead of none"), indent: 8)
        } else if fields.count == 1 {
            blocks.insert("text")
            key = "(text(\(fields[0])) or \"\").encode()"
        } else {
            key = "compact([\(fields.joined(separator: ", "))]).encode()"
        }
        if query.plan.job != nil {
            steps.differs(
                Difference("--job", "messages are written at least once, so some may be there twice after a failure"),
                indent: 8)
        }
        steps.line("        | \"Message\" >> beam.Map(lambda row: (\(key), compact(row).encode()))")
        steps.line("            .with_output_types(tuple[bytes, bytes])")
        steps.line("        | \"Write\" >> WriteToKafka(")
        steps.line("            producer_config={\"bootstrap.servers\": \(PythonText.string(url.brokers))},")
        steps.line("            topic=\(PythonText.string(url.topics.joined())),")
        steps.line("        )")
    }

    private mutating func database(_ table: TablePlan, _ url: String) {
        blocks.insert("WriteTable")
        func quoted(_ name: String) -> String { "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\"" }
        let name = (try? TableName(parsing: table.name))?.text ?? table.name
        let places = columns.map { _ in "%s" }.joined(separator: ", ")
        var lines = ["INSERT INTO \(name) (\(columns.map(quoted).joined(separator: ", "))) VALUES (\(places))"]
        if table.mode == .upsert, !table.keys.isEmpty {
            let keys = table.keys.map(quoted).joined(separator: ", ")
            let others = columns.filter { !table.keys.contains($0) }.map { "\(quoted($0)) = EXCLUDED.\(quoted($0))" }
            lines.append(
                "ON CONFLICT (\(keys)) DO "
                    + (others.isEmpty ? "NOTHING" : "UPDATE SET \(others.joined(separator: ", "))"))
        }
        var constant = JobText(comment: "#")
        // A percent sign in a name would be a place for a value.
        let texts = lines.enumerated().map { number, line in
            let body = number == 0 ? line.replacing("%", with: "%%").replacing("%%s", with: "%s") : line
            return PythonText.string(number == lines.count - 1 ? body : body + " ")
        }
        constant.line("STATEMENT = (")
        for text in texts { constant.line("    \(text)") }
        constant.line(")")
        functions.append(constant)
        if query.plan.job != nil {
            steps.differs(
                Difference(
                    "--job",
                    table.mode == .upsert
                        ? "rows are written at least once; those with the same key are replaced"
                        : "rows are written at least once, so some may be there twice after a failure"), indent: 8)
        }
        if table.creates { steps.differs(Difference("--create", "the table must exist"), indent: 8) }
        let last = query.plan.lastQuery
        if last.lateness > 0 || last.early != nil {
            steps.differs(
                Difference("--table", "of two rows of a window that come at one time, either may be the last"),
                indent: 8)
        }
        let place = PostgresPlace(url)
        let database = place.database.hasPrefix("$") ? "" : place.database
        steps.line("        | \"Batch\" >> beam.BatchElements(max_batch_size=1000)")
        steps.line(
            "        | \"Write\" >> beam.ParDo(WriteTable("
                + "\(PythonText.string("postgresql://\(place.hosts)/\(database)")), STATEMENT))")
    }
}
