import Plan
import StreamEngine

/// A flag beyond source, sink, time, window, groups and aggregates, which an engine may lack.
///
/// Every flag with a meaning for a job is here or in one of those, so that no printer can leave one out by mistake: each
/// gives a verdict on every part.
enum JobPart: Sendable, CaseIterable {
    // What is computed
    case lookup, letting, filter, dedup, nesting, maxRecords, zone, year
    case having, select, order, fill, fillAll, early, lateness, punctuate, changes, rowKey, rowHeaders, stages
    // When windows close
    case idle, maxAhead
    // How records are read and rows are written
    case inputFormat, decompress, outputFormat, digits, rejects, strict, maxLine, clientOptions
    // How the run goes on and what it shows
    case job, stateDirectory, takeover, reset, commitEvery, groupLimit, stateLimit, threads
    case statistics, progress, metrics, logFormat, verbosity

    /// The flag as it is typed, with its value where that matters.
    func flag(in plan: Plan) -> String {
        switch self {
        case .lookup: "--lookup"
        case .letting: "--let"
        case .filter: "--where"
        case .dedup: "--dedup"
        case .nesting: plan.query.nesting.arrays.isEmpty ? "--unwrap" : "--each"
        case .maxRecords: "--max-records"
        case .zone: "--time-zone"
        case .year: "--year"
        case .having: "--having"
        case .select: "--select"
        case .order:
            plan.lastQuery.order?.limit == nil ? (plan.lastQuery.order?.rank == nil ? "--sort" : "--rank") : "--limit"
        case .fill: "--fill"
        case .fillAll: "--fill-all"
        case .early: "--early"
        case .lateness: "--lateness"
        case .punctuate: "--punctuate"
        case .changes: "--delete"
        case .rowKey: "--key"
        case .rowHeaders: "--header"
        case .stages: "--then"
        case .idle: "--idle"
        case .maxAhead: "--max-ahead"
        case .inputFormat: "--input-format \(plan.decidedFormat?.name ?? "auto")"
        case .decompress: "--decompress"
        case .outputFormat: "--format \(plan.lastQuery.format.rawValue)"
        case .digits: "--digits"
        case .rejects: "--rejects"
        case .strict: "--strict"
        case .maxLine: "--max-line"
        case .clientOptions: "--kafka-option"
        case .job: "--job"
        case .stateDirectory: "--state-dir"
        case .takeover: "--takeover"
        case .reset: "--reset"
        case .commitEvery: "--commit-every"
        case .groupLimit: "--max-groups"
        case .stateLimit: "--max-state"
        case .threads: "--jobs"
        case .statistics: "--stats"
        case .progress: plan.progress == .off ? "--no-progress" : "--progress"
        case .metrics: "--metrics"
        case .logFormat: "--log-format"
        case .verbosity: plan.verbosity == .quiet ? "--quiet" : "--verbose"
        }
    }

    /// Whether the command line has it.
    func isUsed(in plan: Plan) -> Bool {
        let queries = plan.queries
        let last = plan.lastQuery
        return switch self {
        case .lookup: queries.contains { !$0.lookups.isEmpty }
        case .letting: queries.contains { !$0.lets.isEmpty }
        case .filter: queries.contains { $0.filter != nil }
        case .dedup: queries.contains { $0.dedup != nil }
        case .nesting: !plan.query.nesting.isEmpty
        case .maxRecords: plan.query.maxRecords != nil
        case .zone: queries.contains { !$0.zone.isUTC }
        case .year: queries.contains { $0.year != nil }
        case .having: queries.contains { $0.having != nil }
        case .select: queries.contains { $0.select != nil }
        case .order: queries.contains { $0.order != nil }
        case .fill: queries.contains { $0.fill == .gaps }
        case .fillAll: queries.contains { $0.fill == .all }
        case .early: last.early != nil
        case .lateness: queries.contains { $0.lateness > 0 }
        case .punctuate: last.punctuate
        case .changes: last.changes?.canDelete == true || last.changes?.version != nil
        case .rowKey: !last.rowKey.isEmpty
        case .rowHeaders: !last.rowHeaders.isEmpty
        case .stages: queries.count > 1
        case .idle: plan.query.idle != nil || plan.partitionIdle != nil
        case .maxAhead: plan.query.maxAhead != nil
        case .inputFormat: (plan.decidedFormat?.name ?? "json") != "json"
        case .decompress: !plan.decompresses
        case .outputFormat: last.format != .json && last.format != .table
        case .digits: last.digits != nil
        case .rejects: plan.rejects != nil
        case .strict: plan.strict
        case .maxLine: plan.maxLine != 1 << 20
        case .clientOptions: !plan.kafkaOptions.isEmpty
        case .job: plan.job != nil
        case .stateDirectory: plan.job?.stateDirectory != nil
        case .takeover: plan.job?.takesOver == true
        case .reset: plan.job?.startsOver == true
        case .commitEvery: plan.commitEvery != 1_000_000
        case .groupLimit: plan.query.maxGroups != 10_000_000
        case .stateLimit: plan.query.maxState != nil
        case .threads: plan.jobs != nil
        case .statistics: plan.statistics != nil
        case .progress: plan.progress != .automatic
        case .metrics: !plan.metrics.isEmpty
        case .logFormat: plan.logFormat != .text
        case .verbosity: plan.verbosity != .normal
        }
    }
}

/// What an engine does with a part of a command line.
enum Verdict: Sendable {
    /// The job says it, or the printer says at its place what differs.
    case printed
    /// The job is the same without it; the list of differences says why, in one sentence without a full stop.
    case differs(String)
    /// The job cannot say it: why, and the nearest thing that works.
    case refused(String, remedy: String)

    /// What every engine does alike, and what none does: the flags that concern the process of a run alone, and others.
    static func common(_ part: JobPart) -> Verdict? {
        switch part {
        case .letting, .filter, .dedup, .zone, .having, .select, .early, .lateness, .rowKey, .stages, .maxAhead,
            .clientOptions, .job, .outputFormat:
            .printed
        case .nesting:
            .refused(
                "reads no records inside of others",
                remedy: "write them into a file before: streamctl FILE --select FIELD,... > FILE.jsonl")
        case .maxRecords: .refused("reads all records", remedy: "cut the input before: head -n N")
        case .fill, .fillAll:
            .refused("has no rows of empty windows", remedy: "fill them where the rows are read, or remove it")
        case .rowHeaders: .refused("writes no headers", remedy: "remove --header")
        case .inputFormat:
            .refused(
                "reads JSON lines", remedy: "make JSON of them before: streamctl FILE --select FIELD,... > FILE.jsonl")
        case .digits: .differs("numbers are printed with all digits")
        case .rejects: .differs("rejected and late records are not written anywhere")
        case .strict: .differs("rejected records do not end the job")
        case .maxLine: .differs("lines have no limit")
        case .commitEvery: .differs("rows appear with the checkpoints of the engine")
        case .stateDirectory, .takeover: .differs("the engine keeps the state of its jobs by its own rules")
        case .reset: .refused("starts with no state anyway", remedy: "use --job NAME instead")
        case .decompress: .differs("files are decompressed by their names, such as x.gz")
        case .groupLimit, .stateLimit: .differs("the memory of the engine is the limit")
        case .threads: .differs("the parallelism is a setting of the engine")
        case .statistics, .progress, .metrics, .logFormat, .verbosity:
            .differs("the engine has its own logs and metrics")
        case .punctuate:
            .refused("writes no control lines", remedy: "put the next stage behind --then, or remove it")
        case .changes:
            .refused("does not apply changes to a table", remedy: "remove --delete and --if-newer")
        case .year:
            .refused("reads no times without a year", remedy: "use --time-format iso, s, ms, us or ns")
        default: nil
        }
    }
}
