import Plan
import StreamEngine

extension Plan {
    /// `--table` and related flags; nil when rows do not go to a table.
    static func table(_ flags: OutputArguments, _ query: Query, _ output: any OutputSpec) throws(UsageError)
        -> TablePlan?
    {
        guard output.rows == .table else {
            if let mode = flags.mode, TablePlan.Mode(rawValue: mode) == nil, (try? FieldPath.parse(mode)) != nil {
                throw UsageError(
                    "--mode is upsert or append, for a database; for the most frequent value of a field, use -a 'mode(\(mode))'"
                )
            }
            let given = [("--table", flags.table != nil), ("--mode", flags.mode != nil), ("--create", flags.create)]
            if let flag = given.first(where: { $0.1 }) {
                throw UsageError("\(flag.0) requires a database; add -o postgresql://HOST/DATABASE")
            }
            return nil
        }
        guard let name = flags.table else {
            throw UsageError("database output requires a table name; add --table [SCHEMA.]NAME")
        }
        if let format = flags.format {
            throw UsageError("--format \(format) applies only to text, not to a table; remove it")
        }
        if query.punctuate {
            throw UsageError(
                "--punctuate writes control lines for the next streamctl in a pipe, not into a table; remove it")
        }
        guard !query.passesThrough || query.select != nil else {
            throw UsageError(noColumns)
        }
        let keys = try keyColumns(query)
        let isUpsert = try mode(flags.mode) ?? (keys == nil ? .append : .upsert) == .upsert
        guard let keys, isUpsert else {
            guard !isUpsert else { throw UsageError(noKey(query)) }
            return TablePlan(name: name, columns: columns(query, keys: []), mode: .append, creates: flags.create)
        }
        var plan = TablePlan(name: name, columns: columns(query, keys: keys), mode: .upsert, creates: flags.create)
        plan.changes = query.changes.map { TablePlan.Changes(canDelete: $0.canDelete, version: $0.version) }
        return plan
    }

    private static func mode(_ text: String?) throws(UsageError) -> TablePlan.Mode? {
        guard let text else { return nil }
        guard let mode = TablePlan.Mode(rawValue: text) else {
            let other: String? =
                switch text.lowercased() {
                case "insert", "add": "append"
                case "replace", "update", "merge", "overwrite", "complete": "upsert"
                default: nil
                }
            throw UsageError("--mode '\(text)': unknown mode; use \(other ?? "upsert or append")")
        }
        return mode
    }

    private static func noKey(_ query: Query) -> String {
        if query.passesThrough {
            return "--mode upsert requires a key, but records pass through; add --key FIELD,..., or aggregate with --by"
        }
        if case .rows = query.window {
            return "--mode upsert requires a key, but --rows prints many rows per group; use --mode append"
        }
        return "--mode upsert requires a key, but there are neither groups nor time windows; use --mode append"
    }

    /// The output columns that identify a row; nil when rows have no key.
    private static func keyColumns(_ query: Query) throws(UsageError) -> [String]? {
        if let changes = query.changes { return changes.keys }
        guard !query.passesThrough, query.window.isTimed || !query.groupKeys.isEmpty else { return nil }
        if case .rows = query.window { return nil }
        // With a limit, another group may take the place of one that was printed before.
        var keys = query.order?.limit != nil ? [] : query.groupKeys.map(\.name)
        switch query.window {
        case .tumbling, .calendar: keys.append("window_start")
        case .hopping, .cumulative, .session: keys += ["window_start", "window_end"]
        case .all, .rows: break
        }
        if let order = query.order, order.limit != nil, let rank = order.rank { keys.append(rank) }
        var shown: [String] = []
        for key in keys {
            guard let name = query.shownName(of: key) else {
                throw UsageError(
                    "--select omits the key column \(key); add it unchanged, or use --mode append"
                )
            }
            shown.append(name)
        }
        return shown
    }

    private static func columns(_ query: Query, keys: [String]) -> [TablePlan.Column] {
        let shown =
            query.select?.map { item in
                (item.name, query.passesThrough ? ColumnContent.unknown : query.content(of: item.expression))
            } ?? query.resultColumns.map { ($0, query.content(of: $0)) }
        return shown.map { name, content in
            TablePlan.Column(name: name, isKey: keys.contains(name), content: content)
        }
    }
}

// MARK: - Jobs

extension Plan {
    static func job(
        _ parsed: ParsedArguments, _ queries: [Query], _ input: any InputSpec, _ format: InputFormat?,
        _ output: any OutputSpec
    ) throws(UsageError) -> JobPlan? {
        let flags = parsed.flags.delivery
        guard let name = flags.job else {
            if let reset = flags.reset {
                throw UsageError("--reset \(reset) requires the job that it starts over; add --job \(reset)")
            }
            let given = [("--state-dir", flags.stateDir != nil), ("--takeover", flags.takeover)]
            if let flag = given.first(where: { $0.1 }) {
                throw UsageError("\(flag.0) requires a job; add --job NAME")
            }
            return nil
        }
        let isPlain = name.utf8.allSatisfy {
            FieldPath.isNameByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard isPlain, !name.isEmpty, name.utf8.count <= 100, !name.hasPrefix(".") else {
            throw UsageError(
                "--job '\(name)': invalid name; use up to 100 letters, digits, '-', '_' and '.', but no leading '.'")
        }
        guard name.utf8.contains(where: { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw UsageError("--job \(name): a name needs a letter; for the number of threads, use --jobs \(name)")
        }
        if let reset = flags.reset, reset != name {
            throw UsageError(
                "--reset '\(reset)': the job is '\(name)'; write --reset \(name) to forget its checkpoint and start it over"
            )
        }
        if queries.count > 1 { try checkStages(queries) }
        for query in queries { try checkRepeatable(query, input) }
        guard queries.allSatisfy({ $0.maxRecords == nil }) else {
            throw UsageError(
                "--max-records and --job cannot be combined: the next run would read the rest; remove one of them")
        }
        if let store = output.jobStore, let directory = flags.stateDir {
            throw UsageError("--state-dir \(directory): the checkpoint of this job is kept \(store.place); remove it")
        }
        if case .needless(let reason) = output.takeover, flags.takeover {
            throw UsageError("--takeover applies only to jobs in a database (\(reason)); remove it")
        }
        if queries.last?.format == .table {
            throw UsageError("--format table cannot be resumed; choose json, csv or tsv for --job")
        }
        if queries.last?.punctuate == true {
            throw UsageError(
                "--punctuate and --job cannot be combined: a job cannot resume into a pipe; remove one of them")
        }
        var job = JobPlan(
            name: name, stateDirectory: flags.stateDir, takesOver: flags.takeover,
            fingerprint: fingerprint(parsed, output, format))
        job.startsOver = flags.reset != nil
        return job
    }

    /// A job must be able to read the same input again.
    private static func checkRepeatable(_ query: Query, _ input: any InputSpec) throws(UsageError) {
        guard input.isRepeatable else {
            throw UsageError("--job requires an input that can be read again; name a file instead of standard input")
        }
        if case .rows = query.window { throw UsageError("--job cannot resume --rows; use time windows") }
        if case .arrival = query.time {
            throw UsageError("--job cannot resume windows by arrival time; add --time FIELD")
        }
        if let expression = query.expressions.first(where: \.usesNow) {
            throw UsageError(
                "--job and now() cannot be combined: a resumed job reads records again, at another time; remove it from "
                    + "'\(expression.text)', or use a time of the record")
        }
    }

    /// What the stages of a job print must depend on the records alone, since a replay computes it again.
    private static func checkStages(_ queries: [Query]) throws(UsageError) {
        if let idle = queries.first?.idle {
            throw UsageError(
                "--job and --then cannot be combined with --idle \(DurationText.text(idle)): the clock would decide which rows "
                    + "the next stage reads; add --idle off")
        }
        guard queries.dropLast().allSatisfy({ $0.lateness == 0 }) else {
            throw UsageError(
                "--job cannot resume a stage that reads corrected rows; remove --lateness before --then, or increase "
                    + "--watermark instead")
        }
        guard queries.dropFirst().allSatisfy({ $0.dedup == nil }) else {
            throw UsageError("--job cannot resume --dedup behind --then; move it before --then")
        }
    }

    /// `--list-jobs`. Other options than those that say where jobs are kept, such as those of the job's own command line,
    /// do not matter.
    static func jobList(_ flags: Arguments) throws(UsageError) -> JobListPlan {
        JobListPlan(
            place: try place(flags), job: flags.delivery.job,
            format: try flags.output.format.map { text throws(UsageError) in try listFormat(text) },
            kafkaOptions: flags.input.kafkaOption)
    }

    private static func place(_ flags: Arguments) throws(UsageError) -> JobListPlan.Place {
        // A URL without -o can only mean the place.
        guard let text = flags.output.output ?? flags.inputs.first else { return .directory(flags.delivery.stateDir) }
        if let url = PostgresURL.parse(text) { return .database(url) }
        guard text.hasPrefix(KafkaURL.scheme) else { return .directory(flags.delivery.stateDir) }
        guard let brokers = KafkaURL.brokers(of: text) else {
            throw UsageError("--list-jobs: write the brokers as kafka://BROKER[:PORT][,...]")
        }
        return .cluster(brokers)
    }

    static func commitEvery(_ flags: DeliveryArguments, _ output: any OutputSpec) throws(UsageError) -> Int64 {
        guard let text = flags.commitEvery else { return 1_000_000 }
        guard flags.job != nil || output.isTransactional else {
            throw UsageError(
                "--commit-every \(text) applies only to --job and databases; all other output is written at once")
        }
        return try Durations.length(text, of: "--commit-every")
    }

    private static func fingerprint(
        _ parsed: ParsedArguments, _ output: any OutputSpec, _ decided: InputFormat?
    ) -> [JobPlan.Setting] {
        var settings = parsed.flags.given.settings.filter {
            !($0.flag == "--output" && output.mayMove) && $0.flag != "--input-format"
        }
        // What was decided counts, not whether a flag says so.
        if let decided, decided.name != InputFormat.json.name {
            settings.append(JobPlan.Setting(flag: "--input-format", value: decided.name))
            if let names = decided.columns, parsed.flags.input.columns == nil {
                settings.append(JobPlan.Setting(flag: "--columns", value: names.joined(separator: ",")))
            }
        }
        let aggregates = Plan.settings(of: parsed.aggregates)
        // A format that follows from the name of the output counts like one that is given.
        let format = parsed.flags.output.format == nil ? output.impliedFormat : nil
        let implied = format.map { $0 == .json ? [] : [JobPlan.Setting(flag: "--format", value: $0.rawValue)] } ?? []
        let later = parsed.later.enumerated().flatMap { number, stage in
            (stage.given.settings + [Plan.settings(of: stage.aggregates)]).map {
                JobPlan.Setting(flag: "stage \(number + 2): \($0.flag)", value: $0.value)
            }
        }
        return settings + implied + [aggregates] + later
    }

    private static func settings(of aggregates: [ArgumentReader.AggregateFlag]) -> JobPlan.Setting {
        let words = aggregates.map { "--\($0.flag)" + ($0.value.isEmpty ? "" : " " + $0.value) }
        return JobPlan.Setting(flag: "aggregates", value: words.joined(separator: " "))
    }
}
