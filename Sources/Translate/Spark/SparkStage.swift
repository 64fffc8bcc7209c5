import Plan
import StreamEngine

/// One stage as calls on a data frame.
struct SparkStage {
    let query: JobQuery
    let number: Int
    let isLocal: Bool
    /// The columns that the next call reads.
    private(set) var relation: SparkRelation
    private(set) var chain = SparkChain()

    private var stage: Query { query.stages[number] }
    private var isLast: Bool { number == query.stages.count - 1 }

    init(_ query: JobQuery, _ number: Int, _ relation: SparkRelation, isLocal: Bool) {
        self.query = query
        self.number = number
        self.relation = relation
        self.isLocal = isLocal
    }

    private var aggregates: SparkAggregates {
        SparkAggregates(query: query, stage: number, input: relation, isLocal: isLocal)
    }

    // MARK: Records

    /// Computed fields, and only the records that count.
    mutating func records() throws(UsageError) {
        for item in stage.lets {
            var expressions = aggregates.expressions("--let \(item.name)")
            let sql = try expressions.column(item.expression.syntax)
            chain.call(
                "withColumn(\(PythonText.string(item.name)), \(SparkText.column(sql)))", notes: expressions.notes)
            if !relation.names.contains(item.name) { relation.names.append(item.name) }
        }
        if let filter = stage.filter {
            var expressions = aggregates.expressions("--where")
            let sql = try expressions.condition(filter.syntax)
            chain.call("where(\(SparkText.python(sql)))", notes: expressions.notes)
        }
        if let dedup = stage.dedup { try deduplicate(dedup) }
    }

    private mutating func deduplicate(_ dedup: Deduplication) throws(UsageError) {
        guard number == 0 else {
            throw .refusal(
                PySpark.name, "--dedup", "job drops duplicates only in the first stage", "move it in front of --then")
        }
        var names: [String] = []
        for path in dedup.fields {
            let name = path.sourceColumn?.rawValue ?? path.columnName
            guard relation.names.contains(name) else {
                throw .refusal(
                    PySpark.name, "--dedup",
                    "job drops duplicates by fields at the top of a record, not '\(path.text)'",
                    "give it a name with --let")
            }
            names.append(PythonText.string(name))
        }
        let keys = "[\(names.joined(separator: ", "))]"
        var notes = [Difference("--dedup", "of duplicates that come in one batch, any may remain")]
        guard dedup.within != nil else {
            notes.append(Difference("--dedup", "the keys of all records are kept"))
            chain.call("dropDuplicates(\(keys))", notes: notes)
            return
        }
        guard query.query.watermarkDelay != nil else {
            throw .refusal(
                PySpark.name, "--within", "job forgets keys by its watermark", "add --watermark, or remove --within")
        }
        notes.append(
            Difference("--within", "a key is forgotten when the watermark is as far behind it as --watermark says"))
        chain.call("dropDuplicatesWithinWatermark(\(keys))", notes: notes)
    }

    /// The columns of records that pass through.
    mutating func passing() throws(UsageError) {
        guard let items = stage.select else {
            throw .refusal(
                PySpark.name, "--select", "job has columns with names, so it cannot print records as they are",
                "add --select FIELD,...")
        }
        let aggregates = aggregates
        try select(items) { aggregates.expressions("--select \($0)") }
    }

    /// - Parameter time: the column of which the next stage has its windows.
    private mutating func select(
        _ items: [NamedExpression], time: String? = nil, _ expressions: (String) -> SparkExpressions
    ) throws(UsageError) {
        var columns: [(code: String, notes: [Difference])] = []
        for item in items {
            var expressions = expressions(item.name)
            let sql = try expressions.column(item.expression.syntax)
            columns.append((SparkText.column(sql, named: item.name), expressions.notes))
        }
        if let time { columns.append((SparkText.python(time), [])) }
        chain.call("select", columns)
        relation = SparkRelation(names: items.map(\.name) + [time].compactMap(\.self), time: time)
    }

    // MARK: Windows

    /// Groups the records, so that there is a row for each window and group.
    ///
    /// - Parameter keepsTime: the next stage needs the time of windows.
    mutating func windows(isUTC: Bool, keepsTime: Bool) throws(UsageError) {
        let keys = stage.groupKeys
        let names = keys.map(\.name)
        let windows = try SparkWindows(
            stage.window, time: relation.time ?? SparkRelation.eventTime, isUTC: isUTC, hasKeys: !keys.isEmpty
        ) { [relation] in relation.free($0, besides: names + stage.aggregates.map(\.name)) }
        for call in windows.calls { chain.call(call) }
        var group: [(code: String, notes: [Difference])] = []
        for key in keys {
            var expressions = aggregates.expressions("--by \(key.name)")
            let sql = try expressions.column(key.expression.syntax)
            group.append((SparkText.column(sql, named: key.name), expressions.notes))
        }
        group += windows.group.map { ($0, []) }
        if let constant = windows.constant {
            chain.remark("Spark has no sessions over all records.")
            chain.call("withColumn(\"\(constant)\", F.lit(1))")
            group.append(("\"\(constant)\"", []))
        }
        chain.call("groupBy", group)
        let rows = SparkRows(query: query, number: number, isLocal: isLocal)
        var columns: [(code: String, notes: [Difference])] = []
        var results: [String] = []
        for (index, aggregate) in stage.aggregates.enumerated() where rows.isNeeded || rows.shows(index) {
            let call = try aggregates.call(aggregate)
            let name = rows.identifier(index)
            columns.append((SparkText.column(call.sql, named: name), call.notes))
            results.append(name)
        }
        chain.call("agg", columns)
        let bounds = stage.window.isTimed ? ["window_start", "window_end"] : []
        relation = SparkRelation(names: names + bounds + results, time: nil)
        if let structure = windows.structure {
            var selected = names.map { SparkText.python(SparkText.quoted($0)) }
            for (bound, name) in [(windows.start, "window_start"), (windows.end, "window_end")] {
                selected.append("F.col(\(PythonText.string(bound))).alias(\"\(name)\")")
            }
            if keepsTime {
                relation.time = relation.free(SparkRelation.eventTime)
                relation.names.append(relation.time ?? "")
                let column = SparkText.python(SparkText.quoted(structure))
                selected.append("F.window_time(\(column)).alias(\"\(relation.time ?? "")\")")
            }
            selected += results.map { SparkText.python(SparkText.quoted($0)) }
            chain.call("select", selected.map { ($0, []) })
        }
    }

    /// Computed columns and `--having`.
    mutating func kept() throws(UsageError) {
        let rows = SparkRows(query: query, number: number, isLocal: isLocal)
        for case .computed(let item) in stage.aggregateColumns {
            var expressions = rows.expressions(item.name)
            let sql = try expressions.column(item.expression.syntax)
            chain.call(
                "withColumn(\(PythonText.string(item.name)), \(SparkText.column(sql)))", notes: expressions.notes)
            relation.names.append(item.name)
        }
        guard let having = stage.having else { return }
        var expressions = rows.expressions("--having")
        let sql = try expressions.condition(having.syntax)
        chain.call("where(\(SparkText.python(sql)))", notes: expressions.notes)
    }

    /// `--sort`, `--limit` and `--rank`, which Spark knows only for all rows of a batch.
    mutating func ordered() {
        guard let order = stage.order else { return }
        let bounds = stage.window.isTimed ? ["window_start", "window_end"] : []
        let keys = stage.groupKeys.map { SparkText.quoted($0.name) }
        let columns = order.columns.map { SparkText.quoted($0.name) + ($0.isDescending ? " DESC" : "") } + keys
        if order.comparesGroups {
            let place = order.rank ?? relation.free("place_")
            let partition = bounds.isEmpty ? "" : "PARTITION BY \(bounds.joined(separator: ", ")) "
            let sorted = columns.isEmpty ? "1" : columns.joined(separator: ", ")
            let sql = "row_number() OVER (\(partition)ORDER BY \(sorted))"
            chain.call("withColumn(\(PythonText.string(place)), \(SparkText.column(sql)))")
            if let limit = order.limit {
                chain.call("where(\(SparkText.python("\(SparkText.quoted(place)) <= \(limit)")))")
            }
            relation.names.append(place)
        }
        guard isLast else { return }
        let calls =
            bounds.map { "\"\($0)\"" }
            + order.columns.map {
                let name = SparkText.python(SparkText.quoted($0.name))
                return $0.isDescending ? "F.desc(\(name))" : name
            } + keys.map(SparkText.python)
        if !calls.isEmpty { chain.call("orderBy(\(calls.joined(separator: ", ")))") }
    }

    /// `--select`, or all columns of the rows.
    mutating func selected() throws(UsageError) {
        let rows = SparkRows(query: query, number: number, isLocal: isLocal)
        let time = relation.time
        if let items = stage.select {
            try select(items, time: time) { rows.expressions("--select \($0)") }
            return
        }
        var names = stage.resultColumns.filter { $0 != "final" && $0 != "revision" }
        if let time { names.append(time) }
        guard names != relation.names else { return }
        if Set(names) != Set(relation.names) || isLast {
            chain.call("select", names.map { (SparkText.python(SparkText.quoted($0)), []) })
        }
        relation.names = names
    }
}

extension SQLExpressions {
    /// The value of a column, which has a type also if it is only null.
    mutating func column(_ syntax: Syntax) throws(UsageError) -> String {
        let value = try value(syntax)
        return value.type == nil ? try convert(value, to: .string) : value.sql
    }
}

/// The expressions over the rows of a stage.
struct SparkRows {
    let query: JobQuery
    let number: Int
    let isLocal: Bool

    private var stage: Query { query.stages[number] }

    /// Whether expressions may use aggregates that no column shows.
    var isNeeded: Bool {
        stage.select != nil || stage.having != nil || stage.order?.comparesGroups == true
            || stage.aggregateColumns.contains { if case .computed = $0 { true } else { false } }
    }

    /// Whether a column shows the aggregate.
    func shows(_ index: Int) -> Bool {
        stage.aggregateColumns.contains { if case .aggregate(index) = $0 { true } else { false } }
    }

    /// The column with an aggregate.
    func identifier(_ index: Int) -> String { shows(index) ? stage.aggregates[index].name : "aggregate_\(index + 1)_" }

    func expressions(_ flag: String) -> SparkExpressions {
        var expressions = SparkExpressions(flag) { path in
            let name = path.columnName
            return (SparkText.quoted(name), query.type(ofColumn: name, inRowsOf: number, selected: false))
        }
        expressions.aggregate = { call in
            guard let index = stage.aggregates.firstIndex(where: { $0.identity == call.identity }) else { return nil }
            return (SparkText.quoted(identifier(index)), query.type(of: stage.aggregates[index], inStage: number))
        }
        expressions.isLocal = isLocal
        return expressions
    }
}
