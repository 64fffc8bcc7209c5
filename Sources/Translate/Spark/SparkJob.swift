import Plan
import StreamEngine

/// A command line as a job of Spark: a stream, and what becomes of each batch of its rows.
struct SparkJob {
    /// When the stream hands on the rows of windows.
    enum Mode: String {
        /// Once, when the watermark closes them.
        case append
        /// All of them in each batch.
        case complete
        /// Those that a batch has changed.
        case update
    }

    let query: JobQuery
    private(set) var mode = Mode.append
    /// What differs without a place of its own.
    private(set) var differences: [Difference]
    let source: SparkSource
    /// The calls from records to the rows of the stream.
    private(set) var stream = SparkChain()
    /// The calls from the rows of a batch to those that are written.
    private(set) var batch = SparkChain()
    /// The columns of the rows.
    private(set) var columns: [String] = []

    init(_ query: JobQuery, _ differences: [Difference]) throws(UsageError) {
        self.query = query
        self.differences = differences
        let stages = query.stages
        let zone = query.query.zone
        guard stages.allSatisfy({ $0.zone.name == zone.name }) else {
            throw .refusal(PySpark.name, "--time-zone", "job has one zone", "give all stages the same one")
        }
        mode = try Self.mode(query)
        source = try SparkSource(query)
        var relation = source.relation
        if query.query.window.isTimed || query.query.dedup?.within != nil { aheadAndWatermark(relation.time) }
        var isBatch = false
        for number in stages.indices {
            let stage = stages[number]
            if number > 0 { relation.time = try time(ofStage: number, relation, isBatch: isBatch) }
            var steps = SparkStage(query, number, relation, isLocal: !zone.isUTC)
            try steps.records()
            if stage.passesThrough {
                try steps.passing()
                relation = steps.relation
                add(steps.chain, isBatch)
                continue
            }
            let isLast = number == stages.count - 1
            try steps.windows(isUTC: zone.isUTC, keepsTime: mode == .append && !isLast && stage.window.isTimed)
            // A batch has all windows.
            let cutsHere = mode == .complete && !isBatch
            if !cutsHere { try steps.kept() }
            add(steps.chain, isBatch)
            if cutsHere { isBatch = true }
            var rest = SparkStage(query, number, steps.relation, isLocal: !zone.isUTC)
            if cutsHere { try rest.kept() }
            let comparesGroups = stage.order?.comparesGroups == true
            if comparesGroups || stage.order != nil && isLast {
                guard mode != .update else {
                    throw .refusal(
                        PySpark.name, comparesGroups ? "--limit" : "--sort", "job compares only rows that are final",
                        "remove it, or --lateness and --early")
                }
                guard isLast || isBatch else {
                    throw .refusal(
                        PySpark.name, "--limit", "job compares the rows of a window only in the last stage",
                        "move it behind the last --then, or remove --watermark")
                }
                if !isBatch {
                    add(rest.chain, false)
                    isBatch = true
                    rest = SparkStage(query, number, rest.relation, isLocal: !zone.isUTC)
                }
                rest.ordered()
            }
            try rest.selected()
            add(rest.chain, isBatch)
            relation = rest.relation
        }
        columns = relation.names
    }

    private mutating func add(_ chain: SparkChain, _ isBatch: Bool) {
        if isBatch { batch.append(chain) } else { stream.append(chain) }
    }

    // MARK: Modes

    private static func mode(_ query: JobQuery) throws(UsageError) -> Mode {
        let stages = query.stages.filter { !$0.passesThrough }
        let last = query.plan.lastQuery
        let isUTC = query.query.zone.isUTC
        let updates = last.lateness > 0 || last.early != nil
        guard let first = stages.first else { return .append }
        if updates {
            let flag = last.lateness > 0 ? "--lateness" : "--early"
            guard stages.count == 1 else {
                throw .refusal(PySpark.name, flag, "job corrects only rows of one stage", "remove it, or --then")
            }
            switch first.window {
            case .tumbling, .hopping, .all: break
            default:
                guard !SparkWindows.needsEnd(first.window, isUTC: isUTC), !first.window.isSession else {
                    throw .refusal(
                        PySpark.name, flag, "job cannot correct such a window, or print it early",
                        "use --tumbling or --hopping, or remove it")
                }
            }
            return .update
        }
        let open = stages.first { SparkWindows.needsEnd($0.window, isUTC: isUTC) }
        if query.source.isBounded {
            return open != nil || query.query.watermarkDelay == nil ? .complete : .append
        }
        guard let open else {
            guard query.query.watermarkDelay != nil else {
                throw .refusal(
                    PySpark.name, "--watermark", "job without a watermark closes no window of a source without end",
                    "add --watermark 5s")
            }
            return .append
        }
        switch open.window {
        case .all where stages.count == 1: return .update
        case .all:
            throw .refusal(
                PySpark.name, "--then", "job over a source without end needs a window in each stage",
                "add a window, such as --tumbling 1h, or until=end")
        case .cumulative:
            throw .refusal(
                PySpark.name, "--cumulative", "job has such windows only for a source with an end",
                "use --hopping with --every, or until=end")
        case .calendar(let unit, _):
            throw .refusal(
                PySpark.name, "--calendar \(unit.rawValue)", "job has such windows only for a source with an end",
                isUTC ? "use --calendar week or day, or until=end" : "remove --time-zone, or add until=end")
        default:
            throw .refusal(
                PySpark.name, "--rows", "job has no windows of a number of records", "use --tumbling or --session")
        }
    }

    private mutating func aheadAndWatermark(_ time: String?) {
        guard let time else { return }
        if let ahead = query.query.maxAhead {
            let length = SparkText.duration(ahead).split(separator: " ")
            let interval = "INTERVAL \(length.joined(separator: " "))"
            stream.call("where(\(SparkText.python("\(time) <= current_timestamp() + \(interval)")))")
        }
        guard let delay = query.query.watermarkDelay else { return }
        if mode == .complete {
            differences.append(
                Difference("--watermark", "no record is late, as these windows close at the end of the input"))
            return
        }
        var notes: [Difference] = []
        if mode == .append, query.stages.contains(where: { !$0.passesThrough }) {
            notes.append(
                Difference(
                    "--watermark",
                    "Spark moves the watermark between batches, so a record that is later than this still counts if "
                        + "its window has not been printed"))
            if query.source.isBounded {
                notes.append(
                    Difference(
                        "--watermark",
                        "windows that end less than \(SparkText.duration(delay)) before the last record, "
                            + "or after it, are not printed at the end of the input"))
            }
        }
        if query.source.isTopics {
            notes.append(
                Difference("--watermark", "it follows the newest record of all partitions, not the slowest partition"))
        }
        var length = delay
        let last = query.plan.lastQuery
        if last.lateness > 0 {
            length = delay.addingReportingOverflow(last.lateness).partialValue
            notes.append(Difference("--lateness", "late records count as long as --watermark and --lateness together"))
        }
        stream.call(
            "withWatermark(\(SparkText.python(time)), \(PythonText.string(SparkText.duration(length))))", notes: notes)
    }

    private func time(
        ofStage number: Int, _ relation: SparkRelation, isBatch: Bool
    ) throws(UsageError) -> String? {
        let stage = query.stages[number]
        guard isBatch else {
            try query.checkWindows(ofStage: number)
            return relation.time
        }
        guard case .field(let path, _) = stage.time else { return nil }
        guard let column = relation.column(path), query.type(ofField: path, inStage: number) == .timestamp else {
            throw .refusal(
                PySpark.name, "--then", "job has the time of a stage from the windows before", "use -t window_start")
        }
        return column
    }
}

extension WindowSpec {
    fileprivate var isSession: Bool { if case .session = self { true } else { false } }
}
