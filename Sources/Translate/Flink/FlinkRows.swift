import Plan
import StreamEngine

/// What follows the aggregates of a stage: computed columns, `--having`, `--sort`, `--limit` and `--select`.
struct FlinkRows {
    let query: JobQuery
    let number: Int
    let isLocal: Bool

    private var stage: Query { query.stages[number] }

    /// Whether there is any of it.
    var isNeeded: Bool {
        stage.select != nil || stage.having != nil || stage.order?.limit != nil || stage.order?.rank != nil
            || stage.aggregateColumns.contains { if case .computed = $0 { true } else { false } }
    }

    /// Whether a column shows the aggregate.
    func shows(_ index: Int) -> Bool {
        stage.aggregateColumns.contains { if case .aggregate(index) = $0 { true } else { false } }
    }

    /// The column with an aggregate.
    func identifier(_ index: Int) -> String { shows(index) ? stage.aggregates[index].name : "aggregate_\(index + 1)_" }

    private func expressions(_ flag: String) -> FlinkExpressions {
        var expressions = FlinkExpressions(flag) { path in
            let name = path.columnName
            let type = query.type(ofColumn: name, inRowsOf: number, selected: false)
            return (Self.column(name, isTimed: stage.window.isTimed), type)
        }
        expressions.aggregate = { call in
            guard let index = stage.aggregates.firstIndex(where: { $0.identity == call.identity }) else { return nil }
            return (FlinkText.quoted(identifier(index)), query.type(of: stage.aggregates[index], inStage: number))
        }
        expressions.isLocal = isLocal
        return expressions
    }

    /// The bounds of windows are local times without a zone.
    private static func column(_ name: String, isTimed: Bool) -> String {
        isTimed && (name == "window_start" || name == "window_end")
            ? "CAST(\(name) AS TIMESTAMP_LTZ(3))" : FlinkText.quoted(name)
    }

    /// The SELECT of the rows, and the views before it.
    ///
    /// - Parameter hasTime: the rows have a time attribute for the next stage.
    func select(
        from windows: String, hasTime: Bool
    ) throws(UsageError) -> (views: [(String, JobText)], result: FlinkSelect) {
        var views: [(String, JobText)] = []
        var from = windows
        func view(_ name: String, _ text: JobText) {
            var result = number == 0 ? name : "\(name)_\(number + 1)"
            while views.contains(where: { $0.0 == result }) { result += "_" }
            views.append((result, text))
            from = result
        }
        // Each may use the columns before it.
        for case .computed(let item) in stage.aggregateColumns {
            var expressions = expressions(item.name)
            let value = try expressions.value(item.expression.syntax)
            var text = JobText(comment: "--")
            for note in expressions.notes { text.differs(note) }
            let sql = value.type == nil ? try expressions.convert(value, to: .string) : value.sql
            text.line("SELECT *, \(sql) AS \(FlinkText.quoted(item.name)) FROM \(from)")
            view("with_\(item.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })", text)
        }
        var conditions: [String] = []
        var notes: [Difference] = []
        if let having = stage.having {
            var expressions = expressions("--having")
            conditions.append(try expressions.condition(having.syntax))
            notes = expressions.notes
        }
        if let order = stage.order, order.comparesGroups {
            if let condition = conditions.first {
                var text = JobText(comment: "--")
                for note in notes { text.differs(note) }
                text.line("SELECT * FROM \(from) WHERE \(condition)")
                view("kept", text)
                (conditions, notes) = ([], [])
            }
            view("ranked", try ranked(order, from))
        }
        var result = FlinkSelect(columns: [], from: from, conditions: conditions, notes: notes)
        if let items = stage.select {
            for item in items {
                var expressions = expressions("--select \(item.name)")
                let value = try expressions.value(item.expression.syntax)
                let sql = value.type == nil ? try expressions.convert(value, to: .string) : value.sql
                result.columns.append(
                    .init(
                        column: FlinkColumn(sql: sql, name: item.name, notes: expressions.notes),
                        type: value.type ?? .string))
            }
        } else {
            for name in stage.resultColumns where name != "final" && name != "revision" {
                result.columns.append(
                    .init(
                        column: FlinkColumn(sql: Self.column(name, isTimed: stage.window.isTimed), name: name),
                        type: query.type(ofColumn: name, inRowsOf: number, selected: false)))
            }
        }
        return (views, result)
    }

    /// The first rows of each window.
    private func ranked(_ order: RowOrder, _ from: String) throws(UsageError) -> JobText {
        guard let limit = order.limit else {
            throw .refusal(FlinkSQL.name, "--rank", "job numbers only the first rows of a window", "add --limit N")
        }
        let place = FlinkText.quoted(order.rank ?? "place_")
        let columns =
            order.columns.map { "\(FlinkText.quoted($0.name)) \($0.isDescending ? "DESC" : "ASC")" }
            + stage.groupKeys.map { "\(FlinkText.quoted($0.name)) ASC" }
        let windows = stage.window.isTimed ? "PARTITION BY window_start, window_end " : ""
        guard !columns.isEmpty else {
            throw .refusal(FlinkSQL.name, "--limit", "job needs an order of the rows", "add --sort -COLUMN")
        }
        var text = JobText(comment: "--")
        text.line("SELECT * FROM (")
        text.line("  SELECT *, ROW_NUMBER() OVER (\(windows)ORDER BY \(columns.joined(separator: ", "))) AS \(place)")
        text.line("  FROM \(from)")
        text.line(") WHERE \(place) <= \(limit)")
        return text
    }
}
