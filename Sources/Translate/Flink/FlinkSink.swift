import Plan
import StreamEngine

/// The table that the rows go to.
struct FlinkSink {
    private(set) var text = JobText(comment: "--")
    private let keepsZone: Bool

    /// - Parameter isChangelog: rows are updated, so that the table must have a key.
    init(_ query: JobQuery, _ columns: [FlinkSelect.Column], isChangelog: Bool) throws(UsageError) {
        if case .table = query.sink { keepsZone = false } else { keepsZone = true }
        text.line("CREATE TABLE results (")
        if case .table = query.sink {
        } else if columns.contains(where: { $0.type == .double }) {
            text.differs(
                Difference("--format", "whole numbers in a DOUBLE are printed as 5.0 instead of 5"), indent: 2)
        }
        let keys = try Self.keys(query, isChangelog: isChangelog)
        var lines = columns.map { "  \(FlinkText.quoted($0.column.name)) \(type($0.type))" }
        if !keys.isEmpty {
            lines.append("  PRIMARY KEY (\(keys.map(FlinkText.quoted).joined(separator: ", "))) NOT ENFORCED")
        }
        text.line(lines.joined(separator: ",\n"))
        text.line(") WITH (")
        if isChangelog, query.stages.last?.window == .all {
            text.differs(Difference("-a", "the row of a group is updated with each record"), indent: 2)
        }
        if query.plan.lastQuery.early != nil || query.plan.lastQuery.lateness > 0 {
            let flag = query.plan.lastQuery.lateness > 0 ? "--lateness" : "--early"
            text.differs(
                Difference(flag, "a row replaces the one before it; there is no column final or revision"), indent: 2)
        }
        switch query.sink {
        case .standardOutput:
            text.differs(
                Difference("--output", "rows are printed in the logs of the task managers; use -o FILE for JSON"),
                indent: 2)
            text.line("  'connector' = 'print'")
        case .file(let path): try file(path, query)
        case .topic(let url): topic(url, keys, query, isChangelog: isChangelog)
        case .table(let table, let url): database(table, url, query)
        }
        text.line(")")
    }

    private func type(_ type: FieldType) -> String {
        type == .timestamp && !keepsZone ? "TIMESTAMP(3)" : FlinkText.type(type)
    }

    /// The rows in the types of the table.
    func adapted(_ select: FlinkSelect) -> FlinkSelect {
        guard !keepsZone else { return select }
        var select = select
        for index in select.columns.indices where select.columns[index].type == .timestamp {
            let sql = select.columns[index].column.sql
            let (prefix, suffix) = ("CAST(", " AS TIMESTAMP_LTZ(3))")
            // The bound of a window as Flink gives it, by which it knows the key of a row.
            let isBound =
                sql.hasPrefix(prefix) && sql.hasSuffix(suffix)
                && (sql.contains("window_") || sql.contains("_START(") || sql.contains("_END("))
            select.columns[index].column.sql =
                isBound
                ? String(sql.dropFirst(prefix.count).dropLast(suffix.count)) : "CAST(\(sql) AS TIMESTAMP(3))"
        }
        return select
    }

    private static func keys(_ query: JobQuery, isChangelog: Bool) throws(UsageError) -> [String] {
        var keys: [String] = []
        switch query.sink {
        case .table(let table, _): keys = table.keys
        case .topic where isChangelog: keys = query.plan.lastQuery.rowKey.map(\.columnName)
        case .standardOutput: return []
        default: break
        }
        if isChangelog, keys.isEmpty {
            let last = query.plan.lastQuery
            let flag = last.lateness > 0 ? "--lateness" : last.early != nil ? "--early" : "-a"
            throw .refusal(
                FlinkSQL.name, flag, "job updates rows, which needs a table or topic with a key",
                flag == "-a"
                    ? "add a window, such as --tumbling 1h, or until=end, or -o postgresql://HOST/DATABASE"
                    : "use -o postgresql://HOST/DATABASE, or remove it")
        }
        return keys
    }

    private mutating func file(_ path: String, _ query: JobQuery) throws(UsageError) {
        text.differs(Difference("--output", "the rows are in a folder of files"), indent: 2)
        text.line("  'connector' = 'filesystem', 'path' = \(FlinkText.string(path)),")
        switch query.plan.lastQuery.format {
        case .json, .table:
            text.line("  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'")
        case .csv, .tsv:
            text.differs(
                Difference("--format", "there is no header, and times have a blank instead of a T"), indent: 2)
            let isTSV = query.plan.lastQuery.format == .tsv
            text.line("  'format' = 'csv'\(isTSV ? ", 'csv.field-delimiter' = '\\t'" : "")")
        default:
            throw .refusal(
                FlinkSQL.name, "--format \(query.plan.lastQuery.format.rawValue)", "job draws no pictures",
                "use --format json or csv")
        }
    }

    private mutating func topic(_ url: KafkaURL, _ keys: [String], _ query: JobQuery, isChangelog: Bool) {
        let connector = isChangelog ? "upsert-kafka" : "kafka"
        text.line("  'connector' = '\(connector)', 'topic' = \(FlinkText.string(url.topics.joined())),")
        text.line("  'properties.bootstrap.servers' = \(FlinkText.string(url.brokers)),")
        let fields = query.plan.lastQuery.rowKey.map(\.columnName)
        if isChangelog {
            text.line("  'key.format' = 'json', 'value.format' = 'json',")
        } else if !fields.isEmpty {
            text.differs(Difference("--key", "the key of a message is a JSON object"), indent: 2)
            text.line("  'key.format' = 'json', 'key.fields' = \(FlinkText.string(fields.joined(separator: ";"))),")
            text.line("  'value.format' = 'json',")
        } else {
            text.line("  'format' = 'json',")
        }
        if let job = query.plan.job, !isChangelog {
            text.line(
                "  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = "
                    + "\(FlinkText.string(job.name)),")
        }
        let prefix = isChangelog || !fields.isEmpty ? "value.json" : "json"
        text.line("  '\(prefix).timestamp-format.standard' = 'ISO-8601'")
    }

    private mutating func database(_ table: TablePlan, _ url: String, _ query: JobQuery) {
        if query.plan.job != nil {
            text.differs(
                Difference(
                    "--job",
                    table.mode == .upsert
                        ? "rows are written at least once; those with the same key are replaced"
                        : "rows are written at least once, so some may be there twice after a failure"), indent: 2)
        }
        if table.creates { text.differs(Difference("--create", "the table must exist"), indent: 2) }
        let place = PostgresPlace(url)
        text.line("  'connector' = 'jdbc', 'url' = \(FlinkText.string(place.jdbc)),")
        let name = (try? TableName(parsing: table.name))?.text ?? table.name
        text.line("  'table-name' = \(FlinkText.string(name)),")
        text.differs(
            Difference(
                "--table", "times are written by the clock of the JVM, so run it with -Duser.timezone=UTC"), indent: 2)
        text.line("  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'")
    }
}
