import Plan
import StreamEngine

/// The functions of one stage, and the transforms between its records and its rows.
struct BeamStage {
    let query: JobQuery
    let number: Int
    /// Definitions, each with an empty line around it.
    private(set) var functions: [JobText] = []
    /// Transforms, with what differs above them.
    private(set) var steps = JobText(comment: "#")
    private(set) var blocks: Set<String> = []
    private(set) var imports: Set<String> = []

    private var stage: Query { query.stages[number] }
    private var isLast: Bool { number == query.stages.count - 1 }
    private let suffix: String

    init(_ query: JobQuery, _ number: Int) throws(UsageError) {
        self.query = query
        self.number = number
        suffix = number == 0 ? "" : "_\(number + 1)"
        if number > 0, case .field = stage.time { try time() }
        try prepare()
        if let dedup = stage.dedup { deduplicate(dedup) }
        if stage.passesThrough {
            if let items = stage.select { try select(items) }
        } else {
            try group()
            try window()
            try rows()
            if let order = stage.order, order.comparesGroups { limit(order) }
            if let items = stage.select {
                try select(items)
            } else if stage.aggregates.indices.contains(where: { !shows($0) }) {
                select(stage.resultColumns)
            }
        }
    }

    private mutating func step(_ label: String, _ transform: String) {
        steps.line("        | \"\(label)\(number == 0 ? "" : " \(number + 1)")\" >> \(transform)")
    }

    private mutating func adopt(_ expressions: BeamExpressions, _ text: inout JobText, indent: Int = 4) {
        blocks.formUnion(expressions.blocks)
        imports.formUnion(expressions.imports)
        for note in expressions.notes { text.differs(note, indent: indent) }
    }

    private func expressions(_ flag: String, _ record: String) -> BeamExpressions {
        BeamExpressions(flag, stage.zone, record: record)
    }

    /// An expression over rows: aggregates are columns.
    private func rowExpressions(_ flag: String) -> BeamExpressions {
        var result = expressions(flag, "row")
        let aggregates = stage.aggregates
        result.aggregate = { call in aggregates.first { $0.identity == call.identity }?.name }
        return result
    }

    private func shows(_ index: Int) -> Bool {
        stage.aggregateColumns.contains { if case .aggregate(index) = $0 { true } else { false } }
    }

    // MARK: Records

    /// The time of a later stage, from the rows before it.
    private mutating func time() throws(UsageError) {
        var text = JobText(comment: "#")
        try BeamSource.timed(query, number, "timed\(suffix)", &text, &blocks, &imports)
        functions.append(text)
        if !query.source.isBounded {
            steps.differs(
                Difference("--then", "a row is late if its next window ended before the window that it comes from"),
                indent: 8)
        }
        step("Time", "beam.FlatMap(timed\(suffix))")
    }

    private mutating func prepare() throws(UsageError) {
        guard !stage.lets.isEmpty || stage.filter != nil else { return }
        var text = JobText(comment: "#")
        text.line("def prepare\(suffix)(record):")
        text.line(
            "    \"\"\"" + (stage.lets.isEmpty ? "" : "The record with its computed fields")
                + (stage.filter == nil ? "." : stage.lets.isEmpty ? "The record, if it counts." : ", if it counts.")
                + "\"\"\"")
        if !stage.lets.isEmpty { text.line("    record = dict(record)") }
        for item in stage.lets {
            var expressions = expressions("--let \(item.name)", "record")
            let value = try expressions.print(item.expression)
            adopt(expressions, &text)
            text.line("    record[\(PythonText.string(item.name))] = \(value)")
        }
        if let filter = stage.filter {
            var expressions = expressions("--where", "record")
            let value = try expressions.print(filter)
            adopt(expressions, &text)
            text.line("    if \(value) is True:")
            text.line("        yield record")
        } else {
            text.line("    yield record")
        }
        functions.append(text)
        step("Prepare", "beam.FlatMap(prepare\(suffix))")
    }

    private mutating func deduplicate(_ dedup: Deduplication) {
        imports.insert("from apache_beam.transforms.deduplicate import DeduplicatePerKey")
        blocks.insert("group_key")
        var expressions = expressions("--dedup", "record")
        let fields = dedup.fields.map { expressions.field($0) }
        blocks.formUnion(expressions.blocks)
        step("Value", "beam.WithKeys(lambda record: group_key(\(fields.joined(separator: ", "))))")
        let span: String
        if let within = dedup.within {
            span = BeamText.duration(within)
            steps.differs(
                Difference(
                    "--within",
                    "a value is forgotten when the watermark passes its time plus \(BeamText.spoken(within)); "
                        + "within a bundle, it is not forgotten at all"), indent: 8)
        } else {
            span = "100 * 365 * 86400"
        }
        steps.differs(
            Difference("--dedup", "of records with the same value, the one that Beam sees first counts"), indent: 8)
        if span.hasPrefix("Duration") { imports.insert("from apache_beam.utils.timestamp import Duration") }
        step("Deduplicate", "DeduplicatePerKey(event_time_duration=\(span))")
        step("Record", "beam.Values()")
    }

    // MARK: Groups and windows

    private mutating func group() throws(UsageError) {
        var text = JobText(comment: "#")
        var keys: [String] = []
        for key in stage.groupKeys {
            var expressions = expressions("--by \(key.name)", "record")
            keys.append(try expressions.print(key.expression))
            adopt(expressions, &text)
        }
        var inputs: [String] = []
        var makes: [String] = []
        var usesTime = false
        for aggregate in stage.aggregates {
            var expressions = expressions(aggregate.name, "record")
            let arguments = try aggregate.arguments.map { argument throws(UsageError) in
                try expressions.print(argument)
            }
            adopt(expressions, &text)
            let found = try BeamAggregate(aggregate, arguments)
            if let note = found.note { text.differs(Difference(aggregate.name, note), indent: 4) }
            blocks.insert(found.block)
            inputs.append(found.input)
            makes.append(found.make)
            usesTime = usesTime || found.usesTime
        }
        blocks.insert("group_key")
        var head = JobText(comment: "#")
        head.line("def grouped\(suffix)(record\(usesTime ? ", time=beam.DoFn.TimestampParam" : "")):")
        head.line("    \"\"\"The group of a record, and what its aggregates take of it.\"\"\"")
        if usesTime { head.line("    time = time.micros") }
        head.append(text)
        head.line("    return group_key(\(keys.joined(separator: ", "))), (")
        for input in inputs { head.line("        \(input),") }
        head.line("    )")
        functions.append(head)
        step("Group", "beam.Map(grouped\(suffix))")
        combiners = makes
    }

    private var combiners: [String] = []

    private mutating func window() throws(UsageError) {
        let windows = try BeamWindows(stage)
        if let block = windows.block { blocks.insert(block) }
        if let filter = windows.filter { step("In a window", filter) }
        let isEndless = stage.window == .all && !query.source.isBounded
        if number > 0 || stage.window != .all || isEndless {
            imports.insert("from apache_beam.transforms import window")
            let options = try BeamTrigger(query, stage, isLast: isLast, isEndless: isEndless)
            for note in options.notes { steps.differs(note, indent: 8) }
            if windows.usesDuration || options.usesDuration {
                imports.insert("from apache_beam.utils.timestamp import Duration")
            }
            if !options.parameters.isEmpty { imports.insert("from apache_beam.transforms import trigger") }
            if options.parameters.isEmpty {
                step("Window", "beam.WindowInto(\(windows.text))")
            } else {
                step("Window", "beam.WindowInto(")
                steps.line("            \(windows.text),")
                for parameter in options.parameters { steps.line("            \(parameter),") }
                steps.end(with: "")
                steps.line("        )")
            }
        }
        step("Aggregate", "beam.CombinePerKey(beam.combiners.TupleCombineFn(\(combiners.joined(separator: ", "))))")
        end = windows.endSuffix
    }

    private var end = ""

    // MARK: Rows

    private mutating func rows() throws(UsageError) {
        imports.insert("import json")
        let hasPane = stage.early != nil || stage.lateness > 0
        var text = JobText(comment: "#")
        text.line(
            "def row\(suffix)(group\(stage.window.isTimed ? ", window=beam.DoFn.WindowParam" : "")"
                + "\(hasPane ? ", pane=beam.DoFn.PaneInfoParam" : "")):")
        text.line("    \"\"\"The row of a group.\"\"\"")
        text.line("    key, values = group")
        if !stage.groupKeys.isEmpty { text.line("    keys = json.loads(key)") }
        text.line("    row = {")
        for (index, key) in stage.groupKeys.enumerated() {
            text.line("        \(PythonText.string(key.name)): keys[\(index)],")
        }
        if stage.window.isTimed {
            text.line("        \"window_start\": window.start,")
            text.line("        \"window_end\": window.end\(end),")
        }
        if let rank = stage.order?.rank { text.line("        \(PythonText.string(rank)): None,") }
        for (index, aggregate) in stage.aggregates.enumerated() {
            text.line("        \(PythonText.string(aggregate.name)): values[\(index)],")
        }
        text.line("    }")
        for case .computed(let item) in stage.aggregateColumns {
            var expressions = rowExpressions(item.name)
            let value = try expressions.print(item.expression)
            adopt(expressions, &text)
            text.line("    row[\(PythonText.string(item.name))] = \(value)")
        }
        if stage.early != nil {
            imports.insert("from apache_beam.utils.windowed_value import PaneInfoTiming")
            text.line("    row[\"final\"] = pane.timing != PaneInfoTiming.EARLY")
        }
        if stage.lateness > 0 {
            text.line("    row[\"revision\"] = max(0, pane.nonspeculative_index)")
        }
        if let having = stage.having {
            var expressions = rowExpressions("--having")
            let value = try expressions.print(having)
            adopt(expressions, &text)
            text.line("    if \(value) is True:")
            text.line("        yield row")
        } else {
            text.line("    yield row")
        }
        functions.append(text)
        step("Row", "beam.FlatMap(row\(suffix))")
    }

    private mutating func limit(_ order: RowOrder) {
        blocks.insert("FirstRows")
        let columns =
            order.columns.map { "(\(PythonText.string($0.name)), \($0.isDescending ? "True" : "False"))" }
            + stage.groupKeys.map { "(\(PythonText.string($0.name)), False)" }
        var arguments = [order.limit.map { "\($0)" } ?? "None"] + columns
        if let rank = order.rank { arguments.append("rank=\(PythonText.string(rank))") }
        step(
            "First rows",
            "beam.CombineGlobally(FirstRows(\(arguments.joined(separator: ", ")))).without_defaults()")
        step("Each row", "beam.FlatMap(lambda rows: rows)")
    }

    private mutating func select(_ items: [NamedExpression]) throws(UsageError) {
        let isRow = !stage.passesThrough
        var text = JobText(comment: "#")
        text.line("def selected\(suffix)(\(isRow ? "row" : "record")):")
        text.line("    \"\"\"The columns that are printed.\"\"\"")
        text.line("    return {")
        for item in items {
            let flag = "--select \(item.name)"
            var expressions = isRow ? rowExpressions(flag) : expressions(flag, "record")
            let value = try expressions.print(item.expression)
            adopt(expressions, &text, indent: 8)
            text.line("        \(PythonText.string(item.name)): \(value),")
        }
        text.line("    }")
        functions.append(text)
        step("Select", "beam.Map(selected\(suffix))")
    }

    /// Leaves out aggregates that only expressions use.
    private mutating func select(_ columns: [String]) {
        let names = columns.map(PythonText.string)
        step("Select", "beam.Map(lambda row: {name: row[name] for name in (\(names.joined(separator: ", ")),)})")
    }
}
