import Plan
import StreamEngine

/// A command line as a job of Flink: settings and statements, which a script or a Python file contains.
struct FlinkJob {
    struct Setting {
        var name: String
        var value: String
        var remark: String?
    }

    let query: JobQuery
    /// What differs without a place of its own.
    let differences: [Difference]
    /// Only final rows are printed, after all records have been read.
    let isBatch: Bool
    /// The rows of a window are corrected, or printed early.
    let updates: Bool
    /// The local clock is that of `--time-zone`; else of UTC.
    let isLocal: Bool
    private(set) var settings: [Setting] = []
    let source: JobText
    /// The views between the records and the query, each a SELECT.
    private(set) var views: [(name: String, select: JobText)] = []
    /// The SELECT whose rows go into `results`.
    private(set) var select = JobText(comment: "--")
    private(set) var sink = JobText(comment: "--")

    init(_ query: JobQuery, _ differences: [Difference]) throws(UsageError) {
        self.query = query
        self.differences = differences
        let stages = query.stages
        let last = query.plan.lastQuery
        updates = last.lateness > 0 || last.early != nil
        isLocal = try Self.isLocal(query)
        let hasEndless = stages.contains { !$0.passesThrough && $0.window == .all }
        isBatch = hasEndless && query.source.isBounded
        let table = try FlinkSource(query)
        source = table.text
        var relation = table.relation
        for number in stages.indices {
            var stage = FlinkStage(query, number, relation, isLocal: isLocal, updates: updates)
            let select = try stage.select()
            for view in stage.views { add(view.select, named: view.name) }
            guard number == stages.count - 1 else {
                relation = stage.relation
                add(select.text, named: relation.name)
                continue
            }
            let target = try FlinkSink(query, select.columns, isChangelog: updates || hasEndless && !isBatch)
            sink = target.text
            self.select = target.adapted(select).text
        }
        set()
    }

    private mutating func add(_ text: JobText, named name: String) { views.append((name, text)) }

    private mutating func set() {
        func name(_ zone: String) -> String { zone.first == "+" || zone.first == "-" ? "GMT\(zone)" : zone }
        let zone = isLocal ? name(query.query.zone.name) : "UTC"
        settings.append(Setting(name: "table.local-time-zone", value: zone))
        if isBatch {
            settings.append(
                Setting(name: "execution.runtime-mode", value: "batch", remark: "One window over the whole input."))
        } else {
            settings.append(
                Setting(
                    name: "parallelism.default", value: "1",
                    remark: "With more, the order of records, and with it which are late, depends on timing."))
            settings.append(
                Setting(
                    name: "pipeline.auto-watermark-interval", value: "0",
                    remark: "Late records are found one by one, as streamctl does."))
        }
        let idle = query.plan.partitionIdle ?? query.query.idle
        if let idle, !isBatch {
            settings.append(
                Setting(
                    name: "table.exec.source.idle-timeout", value: FlinkText.duration(idle),
                    remark: "After this time without records, the watermark no longer waits for a partition."))
        }
        if let job = query.plan.job {
            settings.append(Setting(name: "pipeline.name", value: job.name))
            if !isBatch {
                settings.append(
                    Setting(
                        name: "execution.checkpointing.interval", value: FlinkText.duration(query.plan.commitEvery)))
            }
        }
        if let within = query.stages.compactMap({ $0.dedup?.within }).first {
            settings.append(
                Setting(
                    name: "table.exec.state.ttl", value: FlinkText.duration(within),
                    remark: "DIFFERS (--within): keys are forgotten after this time by the clock, not by event time."))
        }
        let last = query.plan.lastQuery
        for (kind, duration) in [("early", last.early), ("late", last.lateness > 0 ? 0 : nil)] {
            guard let duration else { continue }
            settings.append(Setting(name: "table.exec.emit.\(kind)-fire.enabled", value: "true"))
            settings.append(
                Setting(name: "table.exec.emit.\(kind)-fire.delay", value: FlinkText.duration(duration)))
        }
        if last.lateness > 0 {
            settings.append(
                Setting(name: "table.exec.emit.allow-lateness", value: FlinkText.duration(last.lateness)))
        }
        if case .table(let table, _) = query.sink, !table.keys.isEmpty {
            settings.append(
                Setting(
                    name: "table.exec.sink.not-null-enforcer", value: "DROP",
                    remark: "DIFFERS (--table): a row whose key has a null is dropped."))
        }
    }

    /// Whether the local clock of the job is that of `--time-zone`.
    ///
    /// - Throws: if some windows follow UTC and an expression the zone.
    private static func isLocal(_ query: JobQuery) throws(UsageError) -> Bool {
        let stages = query.stages
        guard let first = stages.first, stages.contains(where: { !$0.zone.isUTC }) else { return false }
        guard stages.allSatisfy({ $0.zone.name == first.zone.name }) else {
            throw .refusal(FlinkSQL.name, "--time-zone", "job has one zone", "give all stages the same one")
        }
        let isCalendar = stages.contains { if case .calendar = $0.window { true } else { false } }
        let isUTC = stages.contains {
            switch $0.window {
            case .calendar, .all, .rows: false
            default: true
            }
        }
        if case .table = query.sink, isCalendar {
            throw .refusal(
                FlinkSQL.name, "--time-zone", "job writes the windows of a table in UTC", "remove it, or write a file")
        }
        guard isUTC else { return true }
        let usesClock = stages.flatMap(\.expressions).contains { $0.syntax.usesClock }
        guard !isCalendar, !usesClock else {
            throw .refusal(
                FlinkSQL.name, "--time-zone", "job has one clock for windows and expressions",
                "use --calendar day or week in this zone, or remove it")
        }
        return false
    }

    /// What differs, in the order of the places.
    var allDifferences: [Difference] {
        var text = JobText(comment: "--")
        for difference in differences { text.add(difference) }
        for setting in settings {
            guard let remark = setting.remark, remark.hasPrefix("DIFFERS ("), let end = remark.firstIndex(of: ")")
            else { continue }
            let flag = remark[..<end].dropFirst("DIFFERS (".count)
            text.add(Difference(String(flag), String(remark[end...].dropFirst(3).dropLast())))
        }
        for part in [source] + views.map(\.select) + [sink, select] {
            for difference in part.differences { text.add(difference) }
        }
        return text.differences
    }
}

extension Syntax {
    /// Whether the time zone matters.
    fileprivate var usesClock: Bool {
        guard case .apply(let operation, let arguments) = self else { return false }
        switch operation {
        case .timePart, .formatTime: return true
        case .time(.pattern), .time(.auto), .time(.iso): return true
        default: return arguments.contains { $0.usesClock }
        }
    }
}
