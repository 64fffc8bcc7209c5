import Plan
import StreamEngine

/// A command line as other engines see it: ends, fields with types, and the queries of its stages.
///
/// Expressions are trees (`Expression.syntax`); `type(of:in:)` says what they give.
struct JobQuery {
    /// The engine in messages.
    let engine: String
    let plan: Plan
    let source: JobSource
    let sink: JobSink
    let time: JobTime
    /// The fields of records that the first stage reads, in order of appearance, without columns of the source.
    let fields: [JobField]
    /// The columns of the source that it reads, such as `@offset`, in order of appearance.
    let sourceColumns: [SourceColumn]
    /// What the first stage computes.
    var query: Query { plan.query }
    /// What all stages compute, in order: each reads the rows of the one before it.
    var stages: [Query] { plan.queries }
    /// What an engine that ranks the final rows of a window says of `--sort` and `--limit`.
    var verdictOnOrder: Verdict {
        let ranked = stages.filter { $0.order?.comparesGroups == true }
        if ranked.contains(where: { $0.lateness > 0 }) {
            return .refused("compares only rows that are final", remedy: "remove it, or --lateness")
        }
        return ranked.isEmpty ? .differs("the rows of a window come in no order") : .printed
    }

    /// - Throws: if the query has a part that no engine expresses.
    init(_ plan: Plan, for engine: String, readsStandardInput: Bool = false) throws(UsageError) {
        self.engine = engine
        self.plan = plan
        source = try JobSource(plan, for: engine, readsStandardInput: readsStandardInput)
        sink = try JobSink(plan, for: engine)
        time = JobTime(plan.query)
        var types = FieldTypes(plan.declaredTypes)
        types.read(plan.query, time)
        fields = types.fields
        sourceColumns = types.sourceColumns
        for declared in plan.declaredTypes where !fields.contains(where: { $0.path == declared.field }) {
            throw UsageError(
                "--types \(declared.field.text): no flag reads this field; remove it from --types")
        }
    }

    /// The name of a field at the top of a record.
    ///
    /// - Throws: for a path into a record.
    func plainName(_ path: FieldPath, _ flag: String) throws(UsageError) -> String {
        guard path.sourceColumn == nil, let name = path.name else {
            throw .refusal(
                engine, flag, "job reads only fields at the top of a record, not '\(path.text)'",
                "use a field without a path")
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// The type of a name in the expressions over records of a stage: a computed field, a field, or a column of the source.
    func type(ofField path: FieldPath, inStage stage: Int = 0) -> FieldType {
        guard stages.indices.contains(stage) else { return .string }
        let query = stages[stage]
        if let item = query.lets.last(where: { FieldPath(name: Array($0.name.utf8)) == path }) {
            // Those before it, so this ends.
            return type(of: item.expression, inStage: stage, before: item.name)
        }
        return type(ofInput: path, inStage: stage)
    }

    /// The type of an expression over the records of a stage.
    func type(of expression: Expression, inStage stage: Int = 0) -> FieldType {
        expression.syntax.type { type(ofField: $0, inStage: stage) } ?? .string
    }

    private func type(of expression: Expression, inStage stage: Int, before name: String) -> FieldType {
        let lets = stages[stage].lets
        let known = lets.prefix { $0.name != name }
        return expression.syntax.type { path in
            if let item = known.last(where: { FieldPath(name: Array($0.name.utf8)) == path }) {
                return type(of: item.expression, inStage: stage, before: item.name)
            }
            return type(ofInput: path, inStage: stage)
        } ?? .string
    }

    private func type(ofInput path: FieldPath, inStage stage: Int) -> FieldType {
        if let column = path.sourceColumn { return column.type }
        if stage == 0 { return fields.first { $0.path == path }?.type ?? .string }
        return type(ofColumn: path.columnName, inRowsOf: stage - 1)
    }

    /// The type of a result column of an aggregate.
    func type(of aggregate: Aggregate, inStage stage: Int = 0) -> FieldType {
        let argument = aggregate.arguments.first.map { type(of: $0, inStage: stage) } ?? .double
        return aggregate.function.type(argument)
    }

    /// The type of an expression over the rows of a stage.
    func type(ofRow expression: Expression, inStage stage: Int = 0) -> FieldType {
        expression.syntax.type(
            { type(ofColumn: $0.columnName, inRowsOf: stage, selected: false) },
            aggregate: { call in
                let argument = call.arguments.first.map { type(of: $0, inStage: stage) } ?? .double
                return call.function.type(argument)
            }) ?? .string
    }

    /// The type of a column of the rows that a stage prints or, unless `selected`, of those before `--select`.
    func type(ofColumn name: String, inRowsOf stage: Int, selected: Bool = true) -> FieldType {
        let query = stages[stage]
        if selected, let item = query.select?.first(where: { $0.name == name }) {
            return query.passesThrough
                ? type(of: item.expression, inStage: stage) : type(ofRow: item.expression, inStage: stage)
        }
        if let key = query.groupKeys.first(where: { $0.name == name }) {
            return type(of: key.expression, inStage: stage)
        }
        if query.window.isTimed, name == "window_start" || name == "window_end" { return .timestamp }
        if name == query.order?.rank || name == "revision" { return .bigint }
        for column in query.aggregateColumns where query.name(of: column) == name {
            switch column {
            case .aggregate(let index): return type(of: query.aggregates[index], inStage: stage)
            // It uses only columns before it, so this ends.
            case .computed(let item): return type(ofRow: item.expression, inStage: stage)
            }
        }
        return .string
    }
}
