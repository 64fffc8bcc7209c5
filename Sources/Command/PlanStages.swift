import Plan
import StreamEngine

/// The flags of one stage of a command line, with those of the whole run that concern it.
struct StageArguments {
    var flags: Arguments
    var aggregates: [ArgumentReader.AggregateFlag]
}

extension ParsedArguments {
    /// The first stage; without `--then`, the whole command line.
    var firstStage: StageArguments {
        guard !later.isEmpty else { return StageArguments(flags: flags, aggregates: aggregates) }
        let given = flags.given.filtered { $0.scope != .run || $0.section != .output }
        return StageArguments(flags: Arguments(inputs: flags.inputs, given: given), aggregates: aggregates)
    }

    /// The stages in order.
    var stages: [StageArguments] {
        let run = flags.given.filtered { $0.scope == .run }
        return [firstStage]
            + later.enumerated().map { number, stage in
                let isLast = number == later.count - 1
                let given = stage.given + run.filtered { isLast || $0.section != .output }
                return StageArguments(flags: Arguments(given: given), aggregates: stage.aggregates)
            }
    }

    /// The flags of the last stage.
    var lastFlags: Arguments { stages.last?.flags ?? flags }
}

/// The columns of the rows of a stage.
private struct StageColumns {
    var names: [String]
    /// Whether there are no others.
    var isComplete: Bool
}

/// The stages behind `--then`.
extension Plan {
    /// The queries of all stages.
    ///
    /// - Parameter first: that of the first one.
    static func stages(
        _ parsed: ParsedArguments, after first: Query, _ output: any OutputSpec, _ environment: PlanEnvironment,
        isLive: Bool
    ) throws(UsageError) -> [Query] {
        var queries = [first]
        var columns = printedColumns(of: first, from: StageColumns(names: [], isComplete: false))
        let stages = parsed.stages
        for number in stages.indices.dropFirst() {
            let isLast = number == stages.count - 1
            do throws(UsageError) {
                var query = try stage(
                    number, stages[number], after: queries[number - 1], columns,
                    isLast ? output : StageOutput(number: number + 2), environment, isLive: isLive)
                query.handsOnControlLines = !isLast || query.punctuate
                columns = printedColumns(of: query, from: columns)
                queries.append(query)
            } catch {
                throw error.ofStage(number + 1)
            }
        }
        return queries
    }

    /// - Parameters:
    ///   - number: the number of the stage, from 0.
    ///   - columns: those of the rows that it reads.
    private static func stage(
        _ number: Int, _ stage: StageArguments, after before: Query, _ columns: StageColumns, _ output: any OutputSpec,
        _ environment: PlanEnvironment, isLive: Bool
    ) throws(UsageError) -> Query {
        let input = StageInput(number: number)
        var query = try computation(of: stage)
        var flags = stage.flags
        if flags.time.time == nil {
            let printed = before.window.isTimed ? before.boundedWindowColumns.first?.first : nil
            if let start = printed ?? columns.names.first(where: { $0 == "window_start" }) {
                if let flag = FlagEntry.named("time") {
                    let isPlain = (try? FieldPath.parse(start))?.columnName == start
                    flags.given.add(flag, isPlain ? start : "\"\(start)\"")
                }
            } else if query.window.isTimed {
                throw UsageError(
                    "time windows require an event time, but the rows of stage \(number) have no window_start; add "
                        + "-t COLUMN"
                        + (columns.isComplete ? "; the columns are \(columns.names.joined(separator: ", "))" : ""))
            }
        } else if flags.time.time == "@arrival" {
            throw UsageError("-t @arrival: rows of a stage arrive when their windows close; add -t COLUMN")
        }
        if query.window.isTimed, isLive, before.passesThrough, before.boundedTimeColumns.allSatisfy(\.isEmpty) {
            throw UsageError(
                before.time == nil
                    ? "time windows of live input require a watermark, but stage \(number) has no event time; add -t FIELD to "
                        + "stage \(number)"
                    : "time windows of live input require a watermark, but stage \(number) does not print its event time; add "
                        + "it unchanged to the --select of stage \(number)")
        }
        try readTime(flags.time, environment, input, isLive: false, .json, hint: { nil }, into: &query)
        try complete(
            &query, StageArguments(flags: flags, aggregates: stage.aggregates), input, output, environment, isLive)
        try checkMetadata(query, input)
        if columns.isComplete { try checkFields(query, of: columns.names, number) }
        return query
    }

    /// The columns of the rows of a stage.
    ///
    /// - Parameter columns: those that it reads.
    private static func printedColumns(of query: Query, from columns: StageColumns) -> StageColumns {
        if let select = query.select { return StageColumns(names: select.map(\.name), isComplete: true) }
        guard query.passesThrough else { return StageColumns(names: query.resultColumns, isComplete: true) }
        let tables = query.lookups.map(\.names)
        return StageColumns(
            names: columns.names + tables.flatMap { $0 ?? [] } + query.lets.map(\.name),
            isComplete: columns.isComplete && tables.allSatisfy { $0 != nil })
    }

    /// Refuses fields that the rows of the stage before do not have.
    private static func checkFields(_ query: Query, of columns: [String], _ number: Int) throws(UsageError) {
        // The names of a table may not be known yet.
        guard query.lookups.allSatisfy({ $0.names != nil }) else { return }
        for field in ColumnLayout(query).fieldsOfRecords {
            guard case .name(let bytes)? = field.steps.first else { continue }
            let first = String(decoding: bytes, as: UTF8.self)
            guard !columns.contains(where: { $0.utf8.elementsEqual(first.utf8) || $0 == field.columnName }) else {
                continue
            }
            let near = Spelling.nearest(to: field.columnName, among: columns).map { " (did you mean '\($0)'?)" } ?? ""
            throw UsageError(
                "unknown column '\(field.text)'\(near); the columns of stage \(number) are "
                    + columns.joined(separator: ", "))
        }
    }
}

extension UsageError {
    /// The same mistake, with the number of its stage in front.
    fileprivate func ofStage(_ number: Int) -> UsageError {
        switch self {
        case .message(let text): .message("stage \(number): \(text)")
        case .noInput, .noSuchInput: self
        }
    }
}
