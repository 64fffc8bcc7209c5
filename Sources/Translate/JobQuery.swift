import Plan
import StreamEngine

/// A command line as other engines see it: fields with types, and a query whose parts every printer must express or refuse.
struct JobQuery {
    /// The engine in messages.
    let engine: String
    let plan: Plan
    var query: Query { plan.query }
    /// The fields that the query reads, in order of appearance.
    private(set) var fields: [JobField] = []
    /// The field with the event time, and how it is read.
    let time: (name: String, format: TimeFormat)
    /// The source file.
    let path: String

    /// - Throws: if the query has a part that no printer expresses.
    init(_ plan: Plan, for engine: String) throws(UsageError) {
        self.engine = engine
        self.plan = plan
        guard let files = plan.input as? FileInputs, files.paths.count == 1, files.paths[0] != "-" else {
            throw .refusal(engine, "INPUT", "job reads one file", "name a single file")
        }
        path = files.paths[0]
        guard case .field(let field, let format) = plan.query.time else {
            throw .refusal(engine, "--time", "job needs an event time from a field", "add --time FIELD")
        }
        time = (try Self.name(field, "--time", engine), format)
        try checkUntranslated()
        add(time.name, Self.type(of: format), "--time")
        for key in query.groupKeys {
            guard let field = key.field else {
                throw .refusal(
                    engine, "--by", "job groups by fields", "group by a field instead of '\(key.expression.text)'")
            }
            add(try Self.name(field, "--by", engine), .string, "--by")
        }
        for aggregate in query.aggregates {
            for argument in aggregate.arguments {
                add(try name(argument, of: aggregate), aggregate.needsNumbers ? .double : .string, aggregate.name)
            }
        }
    }

    /// The field that an argument of an aggregate names.
    func name(_ argument: Expression, of aggregate: Aggregate) throws(UsageError) -> String {
        guard let field = argument.plainField else {
            throw .refusal(engine, aggregate.name, "job aggregates fields", "use a field instead of '\(argument.text)'")
        }
        return try Self.name(field, aggregate.name, engine)
    }

    /// A field that is a single name in the record.
    static func name(_ field: FieldPath, _ flag: String, _ engine: String) throws(UsageError) -> String {
        guard field.sourceColumn == nil, let name = field.name else {
            throw .refusal(
                engine, flag, "job reads only fields at the top of a record, not '\(field.text)'",
                "use a field without a path")
        }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func add(_ name: String, _ type: FieldType, _ reason: String) {
        if !fields.contains(where: { $0.name == name }) {
            fields.append(JobField(name: name, type: type, reason: reason))
        }
    }

    private static func type(of format: TimeFormat) -> FieldType {
        switch format {
        case .seconds, .milliseconds, .microseconds, .nanoseconds: .bigint
        case .auto, .iso: .timestamp
        case .pattern: .string
        }
    }

    /// Refuses the flags that no printer expresses yet.
    private func checkUntranslated() throws(UsageError) {
        let query = plan.query
        let used: [(flag: String, isUsed: Bool)] = [
            ("--lookup", !query.lookups.isEmpty), ("--let", !query.lets.isEmpty), ("--where", query.filter != nil),
            ("--dedup", query.dedup != nil), ("--each", !query.nesting.isEmpty),
            ("--max-records", query.maxRecords != nil), ("--lateness", query.lateness > 0),
            ("--time-zone", !query.zone.isUTC), ("--having", query.having != nil), ("--select", query.select != nil),
            ("--sort", query.order != nil), ("--fill", query.fill != .none), ("--early", query.early != nil),
            ("--punctuate", query.punctuate), ("--deleted", query.changes != nil), ("--job", plan.job != nil),
            ("--idle", query.idle != nil || plan.partitionIdle != nil), ("--max-ahead", query.maxAhead != nil),
            ("--output \(plan.output.name)", plan.output.path == nil), ("--digits", query.digits != nil),
            ("--format \(query.format.rawValue)", query.format != .json && query.format != .table),
            ("--rejects", plan.rejects != nil), ("--strict", plan.strict), ("--table", plan.table != nil),
            ("-a", query.aggregateColumns.count != query.aggregates.count),
        ]
        if let flag = used.first(where: \.isUsed)?.flag {
            throw .refusal(engine, flag, "job is printed without it", "remove it")
        }
        guard !query.passesThrough else {
            throw .refusal(engine, "-a", "job has aggregates", "add one, such as --count")
        }
        guard (plan.decidedFormat?.name ?? "json") == "json" else {
            throw .refusal(engine, "--input-format", "job reads JSON lines", "convert the input to JSON")
        }
    }
}

extension Aggregate {
    /// Whether its arguments are numbers.
    var needsNumbers: Bool {
        switch function {
        case .count, .distinct: false
        default: true
        }
    }
}
