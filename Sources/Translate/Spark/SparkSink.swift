import Plan
import StreamEngine

/// What becomes of the rows of a batch: the end of the function `write`.
struct SparkSink {
    /// Statements before the function.
    private(set) var constants = JobText(comment: "#")
    private(set) var text = JobText(comment: "#")
    private(set) var imports: [String] = []
    /// Python gives times of Spark by its own clock.
    private(set) var needsClock = false

    private let query: JobQuery
    private let mode: SparkJob.Mode
    private let columns: [String]

    /// JSON with nulls, and times in UTC.
    private static let json = "F.to_json(F.struct(\"*\"), {\"ignoreNullFields\": \"false\", \"timeZone\": \"UTC\"})"

    init(_ query: JobQuery, _ mode: SparkJob.Mode, _ columns: [String]) throws(UsageError) {
        self.query = query
        self.mode = mode
        self.columns = columns
        if mode == .update { try updates() }
        switch query.sink {
        case .standardOutput:
            numbers()
            text.line("    for row in rows.select(\(Self.json)).toLocalIterator():")
            text.line("        print(row[0], flush=True)")
        case .file(let path): try file(path)
        case .topic(let url): topic(url)
        case .table(let table, let url): try database(table, url)
        }
    }

    /// Rows that are updated need a place where they replace the ones before.
    private mutating func updates() throws(UsageError) {
        let last = query.plan.lastQuery
        let flag = last.lateness > 0 ? "--lateness" : last.early != nil ? "--early" : "-a"
        let hasKey: Bool =
            switch query.sink {
            case .table(let table, _): !table.keys.isEmpty
            case .topic: !last.rowKey.isEmpty
            default: false
            }
        guard hasKey else {
            throw .refusal(
                PySpark.name, flag, "job updates rows, which needs a table or topic with a key",
                flag == "-a"
                    ? "add a window, such as --tumbling 1h, or until=end, or -o postgresql://HOST/DATABASE"
                    : "use -o postgresql://HOST/DATABASE, or remove it")
        }
        let what =
            flag == "-a"
            ? "the rows of the groups in a batch are updated"
            : "each batch updates the rows of its windows; there is no column final or revision"
        text.differs(Difference(flag, what), indent: 4)
    }

    private mutating func numbers() {
        let last = query.stages.count - 1
        let isDouble = columns.contains { query.type(ofColumn: $0, inRowsOf: last) == .double }
        guard isDouble else { return }
        text.differs(Difference("--format", "whole numbers in a DOUBLE are printed as 5.0 instead of 5"), indent: 4)
    }

    private mutating func file(_ path: String) throws(UsageError) {
        numbers()
        text.differs(Difference("--output", "the rows are in a folder of files"), indent: 4)
        let how = mode == .complete ? "overwrite" : "append"
        if query.plan.job != nil { atLeastOnce("so some may be there twice after a failure") }
        let place = PythonText.string(path)
        switch query.plan.lastQuery.format {
        case .json, .table:
            text.line("    options = {\"ignoreNullFields\": \"false\", \"timeZone\": \"UTC\"}")
            text.line("    rows.write.mode(\"\(how)\").options(**options).json(\(place))")
        case .csv, .tsv:
            text.differs(Difference("--format", "each file of the folder has a header"), indent: 4)
            let isTSV = query.plan.lastQuery.format == .tsv
            text.line("    options = {\"header\": \"true\", \"timeZone\": \"UTC\"\(isTSV ? ", \"sep\": \"\\t\"" : "")}")
            text.line("    rows.write.mode(\"\(how)\").options(**options).csv(\(place))")
        default:
            throw .refusal(
                PySpark.name, "--format \(query.plan.lastQuery.format.rawValue)", "job draws no pictures",
                "use --format json or csv")
        }
    }

    private mutating func atLeastOnce(_ consequence: String) {
        text.differs(Difference("--job", "rows are written at least once, \(consequence)"), indent: 4)
    }

    private mutating func topic(_ url: KafkaURL) {
        numbers()
        if query.plan.job != nil { atLeastOnce("so some may be there twice after a failure") }
        let fields = query.plan.lastQuery.rowKey.map { SparkText.quoted($0.columnName) }
        var key = ""
        if fields.count == 1, let field = fields.first {
            key = "\(SparkText.column("CAST(\(field) AS STRING)")).alias(\"key\"), "
        } else if !fields.isEmpty {
            text.differs(Difference("--key", "the key of a message is a JSON object"), indent: 4)
            key = "\(SparkText.column("to_json(struct(\(fields.joined(separator: ", "))))")).alias(\"key\"), "
        }
        text.line("    messages = rows.select(\(key)\(Self.json).alias(\"value\"))")
        text.line("    messages.write.format(\"kafka\").options(**{")
        text.line("        \"kafka.bootstrap.servers\": \(PythonText.string(url.brokers)),")
        text.line("        \"topic\": \(PythonText.string(url.topics.joined())),")
        text.line("    }).save()")
    }

    private mutating func database(_ table: TablePlan, _ url: String) throws(UsageError) {
        imports = ["psycopg"]
        needsClock = true
        let isUpsert = table.mode == .upsert
        if query.plan.job != nil {
            atLeastOnce(
                isUpsert ? "and those with the same key are replaced" : "so some may be there twice after a failure")
        }
        if table.creates { text.differs(Difference("--create", "the table must exist"), indent: 4) }
        func quoted(_ name: String) -> String {
            "\"" + name.map { $0 == "\"" ? "\"\"" : $0 == "%" ? "%%" : String($0) }.joined() + "\""
        }
        let name = ((try? TableName(parsing: table.name))?.quoted ?? table.name).replacing("%", with: "%%")
        let values = columns.map { _ in "%s" }.joined(separator: ", ")
        var sql = ["INSERT INTO \(name) (\(columns.map(quoted).joined(separator: ", ")))", "VALUES (\(values))"]
        if isUpsert, !table.keys.isEmpty {
            let others = columns.filter { !table.keys.contains($0) }
            let keys = table.keys.map(quoted).joined(separator: ", ")
            let changes = others.map { "\(quoted($0)) = EXCLUDED.\(quoted($0))" }.joined(separator: ", ")
            sql.append(
                others.isEmpty
                    ? "ON CONFLICT (\(keys)) DO NOTHING" : "ON CONFLICT (\(keys)) DO UPDATE SET \(changes)")
        }
        constants.line("INSERT = \(Self.block(sql))")
        let place = PostgresPlace(url)
        let database = place.database.hasPrefix("$") ? "" : place.database
        text.remark("User and password are in PGUSER and PGPASSWORD, or in ~/.pgpass.", indent: 4)
        let address = PythonText.string("postgresql://\(place.hosts)/\(database)")
        text.line("    with psycopg.connect(\(address), options=\"-c TimeZone=UTC\") as database:")
        text.line("        database.cursor().executemany(INSERT, rows.toLocalIterator())")
    }

    private static func block(_ lines: [String]) -> String {
        let text = lines.joined(separator: "\n")
        guard !text.contains("\\"), !text.contains("\"\"\"") else { return PythonText.string(text) }
        return "\"\"\"\n\(text)\n\"\"\""
    }
}
