import Plan
import StreamEngine

/// A dashboard of Grafana: the metrics of runs, as Prometheus has read them, and the rows of this one in a table.
///
/// Its data sources are asked for when it is imported.
struct GrafanaDashboard {
    private static let prometheus = Source(type: "prometheus", variable: "DS_PROMETHEUS", name: "Prometheus")
    private static let postgres = Source(
        type: "grafana-postgresql-datasource", variable: "DS_POSTGRES", name: "PostgreSQL")
    /// Columns and rows of the grid that a panel takes; the grid has 24 columns.
    private static let (width, height): (Int64, Int64) = (8, 8)

    private struct Source {
        let type, variable, name: String

        var reference: ControlJSON { .make(("type", .text(type)), ("uid", .text("${\(variable)}"))) }
        var input: ControlJSON {
            .make(
                ("name", .text(variable)), ("label", .text(name)), ("type", .text("datasource")),
                ("pluginId", .text(type)), ("pluginName", .text(name)))
        }
    }

    private var panels: [ControlJSON] = []
    private var (column, row): (Int64, Int64) = (0, 0)
    private var sources: [Source] = []

    /// - Throws: if the name of the table is wrong.
    static func text(_ plan: Plan) throws(RunError) -> String {
        var dashboard = GrafanaDashboard()
        if let table = plan.table { try dashboard.addRows(of: table, plan.lastQuery) }
        dashboard.addMetrics()
        let title = plan.table.map { "streamctl: \($0.name)" } ?? "streamctl"
        return dashboard.tree(title, time: plan.table == nil ? "now-1h" : "now-24h").json + "\n"
    }

    private func tree(_ title: String, time: String) -> ControlJSON {
        .make(
            ("__inputs", .array(sources.map(\.input))), ("title", .text(title)), ("tags", .array([.text("streamctl")])),
            ("schemaVersion", .integer(39)), ("editable", .boolean(true)), ("refresh", .text("10s")),
            ("time", .make(("from", .text(time)), ("to", .text("now")))),
            ("templating", .make(("list", .array([Self.instances])))), ("panels", .array(panels)))
    }

    /// Runs that Prometheus knows.
    private static let instances = ControlJSON.make(
        ("name", .text("instance")), ("type", .text("query")), ("datasource", prometheus.reference),
        ("query", .text("label_values(streamctl_up, instance)")), ("refresh", .integer(2)),
        ("includeAll", .boolean(true)), ("multi", .boolean(true)), ("allValue", .text(".*")))

    // MARK: - Metrics

    /// Names of metrics are those of `MetricsText`.
    private mutating func addMetrics() {
        begin("Throughput")
        chart("Records a second", "short", ("", rate("records_total")), ("rows", rate("rows_total")))
        chart(
            "Records by what became of them, a second", "short",
            ("{{outcome}}", "sum by (outcome) (\(rate("record_outcomes_total")))"))
        chart("Input", "Bps", ("", rate("input_bytes_total")))
        begin("Event time")
        chart("Latest event time behind the clock", "s", ("", metric("lag_seconds")))
        chart("Watermark behind the clock", "s", ("", "time() - \(metric("watermark_seconds"))"))
        chart("Records that are not read yet", "short", ("{{input}}", metric("input_lag")))
        begin("Delivery")
        chart(
            "From reading to delivery", "s", ("p{{quantile}}", metric("processing_seconds", "quantile=~\"0.5|0.99\"")))
        chart("Commits", "s", ("p{{quantile}}", metric("commit_seconds", "quantile=~\"0.5|0.99\"")))
        chart(
            "Trouble", "short", ("reconnects", increase("reconnects_total")),
            ("refused rows", increase("refused_rows_total")),
            ("{{reason}}", "sum by (reason) (\(increase("rejected_records_total")))"))
        begin("Resources")
        chart("Processor", "percentunit", ("", rate("cpu_seconds_total")))
        chart("Memory", "bytes", ("state", metric("state_bytes")), ("most", metric("peak_memory_bytes")))
        chart("Open windows", "short", ("groups", metric("open_groups")), ("windows", metric("open_windows")))
    }

    private func metric(_ name: String, _ labels: String? = nil) -> String {
        "streamctl_\(name){instance=~\"$instance\"\(labels.map { ",\($0)" } ?? "")}"
    }

    private func rate(_ name: String) -> String { "rate(\(metric(name))[$__rate_interval])" }

    private func increase(_ name: String) -> String { "increase(\(metric(name))[$__rate_interval])" }

    private mutating func chart(_ title: String, _ unit: String, _ series: (legend: String, expression: String)...) {
        let targets = series.enumerated().map { number, series in
            let legend = series.legend.isEmpty ? "{{instance}}" : "{{instance}} \(series.legend)"
            return ControlJSON.make(
                ("refId", .text(Self.letter(number))), ("expr", .text(series.expression)),
                ("legendFormat", .text(legend)))
        }
        add(title, unit, Self.prometheus, targets)
    }

    // MARK: - Rows

    /// Values of `min` and `max` are unknown here, and mostly numbers.
    private static let numbers: [ColumnContent] = [.integer, .double, .number, .unknown]

    /// A chart for each column of numbers, with a line for each group.
    private mutating func addRows(of table: TablePlan, _ query: Query) throws(RunError) {
        let name = try TableName(parsing: table.name).quoted
        let time = query.window.isTimed ? query.shownName(of: "window_start") : nil
        let keys = query.groupKeys.compactMap { query.shownName(of: $0.name) }.map(Identifier.quoted)
        begin("Rows of \(table.name)")
        for column in table.columns where Self.numbers.contains(column.content) && !column.isKey {
            let value = Identifier.quoted(column.name)
            let text = keys.map { "coalesce(\($0)::text, 'null')" }.joined(separator: " || ' ' || ")
            let metric = keys.isEmpty ? "" : ", \(text) AS metric"
            let (sql, format) =
                if let time = time.map(Identifier.quoted) {
                    (
                        "SELECT \(time) AS \"time\"\(metric), \(value) FROM \(name) WHERE $__timeFilter(\(time)) ORDER BY 1",
                        "time_series"
                    )
                } else {
                    (
                        "SELECT \((keys + [value]).joined(separator: ", ")) FROM \(name) ORDER BY \(value) DESC LIMIT 20",
                        "table"
                    )
                }
            let target = ControlJSON.make(
                ("refId", .text("A")), ("rawQuery", .boolean(true)), ("editorMode", .text("code")),
                ("format", .text(format)), ("rawSql", .text(sql)))
            add(column.name, "short", Self.postgres, [target], type: time == nil ? "table" : "timeseries")
        }
    }

    // MARK: - Panels

    private mutating func begin(_ title: String) {
        if column > 0 { row += Self.height }
        column = 0
        panels.append(
            .make(
                ("type", .text("row")), ("title", .text(title)), ("id", .integer(nextID)),
                ("collapsed", .boolean(false)), ("gridPos", place(24, 1)), ("panels", .array([]))))
        row += 1
    }

    private mutating func add(
        _ title: String, _ unit: String, _ source: Source, _ targets: [ControlJSON], type: String = "timeseries"
    ) {
        if !sources.contains(where: { $0.variable == source.variable }) { sources.append(source) }
        panels.append(
            .make(
                ("type", .text(type)), ("title", .text(title)), ("id", .integer(nextID)),
                ("datasource", source.reference), ("gridPos", place(Self.width, Self.height)),
                ("fieldConfig", .make(("defaults", .make(("unit", .text(unit)))), ("overrides", .array([])))),
                ("targets", .array(targets))))
        column += Self.width
        guard column >= 24 else { return }
        column = 0
        row += Self.height
    }

    private var nextID: Int64 { Int64(panels.count) + 1 }

    private func place(_ width: Int64, _ height: Int64) -> ControlJSON {
        .make(("x", .integer(column)), ("y", .integer(row)), ("w", .integer(width)), ("h", .integer(height)))
    }

    private static func letter(_ number: Int) -> String { ["A", "B", "C", "D"][min(number, 3)] }
}

extension ControlJSON {
    fileprivate static func make(_ members: (String, ControlJSON)...) -> ControlJSON {
        .object(members.map { Member($0.0, $0.1) })
    }
}

extension Plan {
    /// The text of `--generate grafana`.
    ///
    /// - Throws: if the command line cannot be described in it.
    package func dashboard() throws(RunError) -> String { try GrafanaDashboard.text(self) }
}
