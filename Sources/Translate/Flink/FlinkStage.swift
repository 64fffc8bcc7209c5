import Plan
import StreamEngine

/// A SELECT that is not yet a text.
struct FlinkSelect {
    struct Column {
        var column: FlinkColumn
        var type: FieldType
    }

    var columns: [Column]
    var from: String
    var conditions: [String] = []
    var group: [String] = []
    /// Whether the columns are all those of the source.
    var isWhole = false
    /// What differs in the source and the conditions.
    var notes: [Difference] = []

    var text: JobText {
        var text = JobText(comment: "--")
        for note in notes { text.differs(note) }
        if isWhole { text.line("SELECT * FROM \(from)") } else { text.select(columns.map(\.column), from: from) }
        if !conditions.isEmpty { text.line("WHERE \(conditions.joined(separator: " AND "))") }
        if !group.isEmpty { text.line("GROUP BY \(group.joined(separator: ", "))") }
        return text
    }
}

/// The views of one stage, from its records to its rows.
struct FlinkStage {
    let query: JobQuery
    let number: Int
    let isLocal: Bool
    let updates: Bool
    private(set) var views: [(name: String, select: JobText)] = []
    /// What the next stage reads.
    private(set) var relation: FlinkRelation

    private var stage: Query { query.stages[number] }
    private var isLast: Bool { number == query.stages.count - 1 }

    init(_ query: JobQuery, _ number: Int, _ relation: FlinkRelation, isLocal: Bool, updates: Bool) {
        self.query = query
        self.number = number
        self.relation = relation
        self.isLocal = isLocal
        self.updates = updates && number == query.stages.count - 1
    }

    /// The names of views: the second stage has a 2 behind them.
    private func name(_ name: String) -> String { number == 0 ? name : "\(name)_\(number + 1)" }

    private mutating func view(_ wanted: String, _ select: JobText) -> String {
        var result = name(wanted)
        while views.contains(where: { $0.name == result }) { result += "_" }
        views.append((result, select))
        return result
    }

    /// The SELECT of the rows of this stage; `relation` is then what the next one reads.
    mutating func select() throws(UsageError) -> FlinkSelect {
        try query.checkWindows(ofStage: number)
        let keys = try prepare()
        var select = stage.passesThrough ? try passing() : try rows(keys)
        guard !isLast else { return select }
        var next = FlinkRelation(name: "rows_of_stage_\(number + 1)", columns: [], rowtime: nil)
        for index in select.columns.indices {
            let name = select.columns[index].column.name
            let identifier = next.free(name)
            next.columns.append(.init(name: name, identifier: identifier, type: select.columns[index].type))
            select.columns[index].column.name = identifier
        }
        if let time = timeOfRows {
            select.columns.append(
                .init(column: FlinkColumn(sql: time, name: FlinkRelation.eventTime), type: .timestamp))
            next.rowtime = FlinkRelation.eventTime
        }
        relation = next
        return select
    }

    /// The time attribute of the rows, as a column of the last SELECT.
    private var timeOfRows: String?

    // MARK: Records

    private func expressions(_ flag: String, over input: FlinkRelation) -> FlinkExpressions {
        let aggregates = FlinkAggregates(query: query, stage: number, input: input, isLocal: isLocal)
        var expressions = FlinkExpressions(flag, field: aggregates.field)
        expressions.isLocal = isLocal
        return expressions
    }

    /// Adds views with computed fields, keys, and only the records that count.
    ///
    /// - Returns: the columns of the group keys.
    private mutating func prepare() throws(UsageError) -> [String] {
        var items = stage.lets
        var keys: [String] = []
        for key in stage.groupKeys {
            if let field = key.field,
                let known = relation.column(field.sourceColumn?.rawValue ?? field.columnName)?.identifier
                    ?? (stage.lets.contains { $0.name == field.columnName } ? field.columnName : nil)
            {
                keys.append(known)
            } else {
                var free = relation.free(key.name)
                while stage.lets.contains(where: { $0.name == free }) { free += "_" }
                items.append(NamedExpression(name: free, expression: key.expression))
                keys.append(free)
            }
        }
        var filter = stage.filter
        var isTimed = number == 0 && relation.rowtime != nil
        while !items.isEmpty || filter != nil || isTimed || hasReserved {
            // Those that need none of the others, and no name that is still read.
            var group: [NamedExpression] = []
            while let item = items.first,
                !item.expression.fields.contains(where: { field in
                    group.contains { $0.name == field.columnName }
                }), !group.contains(where: { $0.name == item.name })
            {
                group.append(items.removeFirst())
            }
            let isFiltered =
                filter.map { filter in
                    !filter.fields.contains { field in
                        (group + items).contains { item in
                            item.name == field.columnName && stage.lets.contains { $0.name == item.name }
                        }
                    }
                } ?? false
            try computed(group, filter: isFiltered ? filter : nil, isTimed: isTimed)
            if isFiltered { filter = nil }
            isTimed = false
        }
        if let dedup = stage.dedup { try deduplicate(dedup) }
        return keys
    }

    /// Whether a column has the name of one that windows add.
    private var hasReserved: Bool {
        relation.columns.contains { ["window_start", "window_end", "window_time"].contains($0.identifier) }
    }

    private mutating func computed(
        _ items: [NamedExpression], filter: Expression?, isTimed: Bool
    ) throws(UsageError) {
        var next = FlinkRelation(name: "", columns: [], rowtime: relation.rowtime)
        var select = FlinkSelect(columns: [], from: relation.name)
        // All columns, as they are.
        select.isWhole = items.isEmpty && stage.dedup == nil && !hasReserved
        for column in relation.columns where !items.contains(where: { $0.name == column.name }) {
            let identifier = next.free(column.identifier)
            next.columns.append(.init(name: column.name, identifier: identifier, type: column.type))
            select.columns.append(
                .init(
                    column: FlinkColumn(sql: FlinkText.quoted(column.identifier), name: identifier),
                    type: column.type))
        }
        for item in items {
            let isLet = stage.lets.contains { $0.name == item.name }
            var expressions = expressions(isLet ? "--let \(item.name)" : "--by \(item.name)", over: relation)
            let value = try expressions.value(item.expression.syntax)
            let sql = value.type == nil ? try expressions.convert(value, to: .string) : value.sql
            let identifier = next.free(item.name)
            next.columns.append(.init(name: item.name, identifier: identifier, type: value.type ?? .string))
            select.columns.append(
                .init(
                    column: FlinkColumn(sql: sql, name: identifier, notes: expressions.notes),
                    type: value.type ?? .string))
        }
        if let rowtime = relation.rowtime {
            select.columns.append(.init(column: FlinkColumn(sql: rowtime, name: rowtime), type: .timestamp))
            if isTimed { select.conditions.append("\(rowtime) > \(FlinkRelation.noTime)") }
        }
        if number == 0, stage.dedup != nil, !views.isEmpty || relation.name == "records" {
            select.columns.append(
                .init(
                    column: FlinkColumn(sql: relation.name == "records" ? "PROCTIME()" : "arrival_", name: "arrival_"),
                    type: .timestamp))
        }
        if let filter {
            var expressions = expressions("--where", over: relation)
            select.conditions.append(try expressions.condition(filter.syntax))
            select.notes += expressions.notes
        }
        next.name = view("computed", select.text)
        relation = next
    }

    private mutating func deduplicate(_ dedup: Deduplication) throws(UsageError) {
        guard number == 0, relation.rowtime != nil else {
            throw .refusal(
                FlinkSQL.name, "--dedup", "job drops duplicates only in the first stage, and with an event time",
                "add --time FIELD")
        }
        let aggregates = FlinkAggregates(query: query, stage: number, input: relation, isLocal: isLocal)
        var keys: [String] = []
        for path in dedup.fields {
            guard let column = aggregates.field(path)?.sql else {
                throw .refusal(FlinkSQL.name, "--dedup", "job has no field '\(path.text)'", "name another")
            }
            keys.append(column)
        }
        var text = JobText(comment: "--")
        text.line("SELECT")
        let names = relation.columns.map { FlinkText.quoted($0.identifier) } + [relation.rowtime ?? ""]
        text.line("  " + names.joined(separator: ", "))
        text.line("FROM (")
        text.line(
            "  SELECT *, ROW_NUMBER() OVER (PARTITION BY \(keys.joined(separator: ", ")) ORDER BY arrival_ ASC) "
                + "AS copy_ FROM \(relation.name)")
        text.line(") WHERE copy_ = 1")
        relation.name = view("deduplicated", text)
    }

    // MARK: Rows

    private mutating func passing() throws(UsageError) -> FlinkSelect {
        guard let items = stage.select else {
            throw .refusal(
                FlinkSQL.name, "--select", "job has columns with names, so it cannot print records as they are",
                "add --select FIELD,...")
        }
        var select = FlinkSelect(columns: [], from: relation.name)
        for item in items {
            var expressions = expressions("--select \(item.name)", over: relation)
            let value = try expressions.value(item.expression.syntax)
            let sql = value.type == nil ? try expressions.convert(value, to: .string) : value.sql
            select.columns.append(
                .init(
                    column: FlinkColumn(sql: sql, name: item.name, notes: expressions.notes),
                    type: value.type ?? .string))
        }
        timeOfRows = relation.rowtime
        return select
    }

    private mutating func rows(_ keys: [String]) throws(UsageError) -> FlinkSelect {
        let windows = try FlinkWindows(stage.window, of: relation, keys: keys, updates: updates)
        let aggregates = FlinkAggregates(query: query, stage: number, input: relation, isLocal: isLocal)
        let isTimed = stage.window.isTimed
        let rows = FlinkRows(query: query, number: number, isLocal: isLocal)
        var select = FlinkSelect(
            columns: [], from: windows.source, conditions: [windows.condition].compactMap(\.self),
            group: windows.group + keys.map(FlinkText.quoted), notes: windows.notes)
        for (key, column) in zip(stage.groupKeys, keys) {
            select.columns.append(
                .init(
                    column: FlinkColumn(sql: FlinkText.quoted(column), name: key.name),
                    type: relation.columns.last { $0.identifier == column }?.type ?? .string))
        }
        if isTimed {
            for (sql, name) in [(windows.start, "window_start"), (windows.end, "window_end")] {
                let bound = rows.isNeeded ? sql : "CAST(\(sql) AS TIMESTAMP_LTZ(3))"
                select.columns.append(.init(column: FlinkColumn(sql: bound, name: name), type: .timestamp))
            }
        }
        for (index, aggregate) in stage.aggregates.enumerated() where rows.isNeeded || rows.shows(index) {
            let name = rows.identifier(index)
            select.columns.append(
                .init(
                    column: try aggregates.column(aggregate, named: name),
                    type: query.type(of: aggregate, inStage: number)))
        }
        if !isLast, let time = windows.time {
            if time == "window_time" { select.group.append(time) }
            timeOfRows = time
        }
        guard rows.isNeeded else { return select }
        if let timeOfRows {
            select.columns.append(
                .init(column: FlinkColumn(sql: timeOfRows, name: FlinkRelation.eventTime), type: .timestamp))
            self.timeOfRows = FlinkRelation.eventTime
        }
        let (names, result) = try rows.select(from: view("windows", select.text), hasTime: timeOfRows != nil)
        for (name, text) in names { views.append((name, text)) }
        return result
    }
}
