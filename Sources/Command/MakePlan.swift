import Plan
import StreamEngine

extension Plan {
    /// Interprets the arguments and checks every rule between options.
    package static func make(
        _ parsed: ParsedArguments, environment: PlanEnvironment
    ) throws(UsageError) -> Plan {
        let flags = parsed.flags
        if parsed.isEmpty, environment.standardInputIsTerminal { throw .noInput }
        try StrayWord.check(parsed.words, environment, follows: flags.input.follow)
        let input = try input(flags, environment)
        if flags.reporting.fields { return try fieldList(flags, input, environment) }
        let output = try environment.output(flags.output.output)
        let isLive = input.isLive(environment)

        let first = parsed.firstStage
        var query = try computation(of: first)
        var format = try readFormat(flags.input)
        query.nesting = try readNesting(flags.input, &format)
        if input.carriesMessages, format.name == .csv || format.name == .tsv, format.columns == nil {
            throw UsageError(
                "--input-format \(format.name.rawValue): messages of a topic have no header; add --columns NAME,NAME,..."
            )
        }
        let decompresses = try decompresses(flags.input.decompress, input)
        let needsTime = needsDefaultTime(flags, query)
        // Otherwise the source decides, and the start of the input need not be read twice.
        let isAsked = needsTime || flags.reporting.describes || flags.delivery.job != nil
        let known =
            isAsked
            ? decidedFormat(format, input, environment, decompresses: decompresses, mayWait: needsTime) : format.format
        if needsTime, known == nil, input.mayStartEmpty {
            throw UsageError(
                "\(input.names[0]) has no records yet, so the field with their times is not known; add -t FIELD, "
                    + "--input-format FORMAT, or -t @arrival for the time of reading")
        }
        try readTime(
            flags.time, environment, input, isLive: isLive, known,
            hint: {
                if let pattern = format.pattern { return likelyTime(pattern).map { .times([$0]) } }
                return input.paths.first.flatMap { environment.hintOfInput($0, format, decompresses) }
            }, into: &query)
        try complete(&query, first, input, parsed.later.isEmpty ? output : StageOutput(number: 2), environment, isLive)
        // Texts in the groups have fields of their own.
        if let pattern = format.pattern, query.nesting.isEmpty { try checkFields(query, of: pattern) }

        try checkMetadata(query, input)
        let queries = try stages(parsed, after: query, output, environment, isLive: isLive)
        var plan = Plan(
            input: input, query: query, output: output, strict: flags.input.strict,
            verbosity: try verbosity(flags.reporting), explain: flags.reporting.explain, isLive: isLive)
        plan.queries = queries
        plan.table = try table(parsed.lastFlags.output, plan.lastQuery, output)
        // A followed file may be empty when a run starts, so what its first bytes say does not count.
        plan.job = try job(parsed, queries, input, input.mayStartEmpty ? format.format : known, output)
        try checkTables(ofJob: plan.job?.name, queries)
        plan.commitEvery = try commitEvery(flags.delivery, output)
        plan.jobs = try flags.other.jobs.map { text throws(UsageError) in try Numbers.count(text, of: "--jobs") }
        try readReporting(parsed, environment, into: &plan)
        plan.format = format
        plan.decidedFormat = known
        plan.recordIdle = try recordIdle(flags, input, isLive: isLive)
        let acceptsTables = try acceptsChangedTables(flags.delivery, queries)
        plan.job?.acceptsChangedTables = acceptsTables
        plan.rejects = flags.input.rejects
        plan.usesDefaultWatermark = flags.time.watermark == nil
        plan.usesDefaultTime = flags.time.time == nil
        if input.isPartitioned { plan.partitionIdle = plan.query.idle }
        if input.carriesMessages { plan.query.idle = nil }
        plan.kafkaOptions = flags.input.kafkaOption
        plan.decompresses = decompresses
        plan.lastQuery.rowKey = try rowKey(flags.output, plan.lastQuery, output)
        plan.lastQuery.rowHeaders = try rowHeaders(flags.output, plan.lastQuery, output)
        try plan.check()
        // Last: on a terminal, a mistake is more useful than the question for an input.
        plan.generate = try generated(flags.reporting)
        plan.declaredTypes = try declaredTypes(flags.reporting, plan.generate)
        if !flags.reporting.describes { try checkTerminal(flags, environment) }
        return plan
    }

    /// What a stage computes, as far as it depends neither on its input nor on its output.
    static func computation(of stage: StageArguments) throws(UsageError) -> Query {
        var query = Query()
        try readRecords(stage.flags, into: &query)
        query.window = try window(stage.flags.windows)
        query.groupKeys = try groupKeys(stage.flags.grouping.by)
        try readAggregates(stage.aggregates, into: &query)
        try readRows(stage.flags.expressions, into: &query)
        return query
    }

    /// The rest of it, once the event time is known.
    static func complete(
        _ query: inout Query, _ stage: StageArguments, _ input: any InputSpec, _ output: any OutputSpec,
        _ environment: PlanEnvironment, _ isLive: Bool
    ) throws(UsageError) {
        let flags = stage.flags
        query.lookups = try lookups(flags.expressions, query)
        query.dedup = try dedup(flags.expressions, query, isLive: isLive)
        try readResults(flags, output, into: &query)
        if output is StageOutput {
            guard query.fill != .gaps else {
                throw UsageError(
                    "--fill before --then: rows for empty windows would come behind the watermark of the next stage; use "
                        + "--fill-all")
            }
            query.punctuate = true
        }
        if printsForReaders(flags, query, output, environment) { query.format = .table }
        try readChanges(flags.output, input, output, into: &query)
        query.order = try order(flags.output, query, output)
        query.shortensNumbers =
            query.format == .table && query.digits == nil && output.path == "-" && environment.standardOutputIsTerminal
        try checkColumns(query)
        try checkOrder(query)
    }

    /// Whether the format decides where the event time is, or that there is none.
    private static func needsDefaultTime(_ flags: Arguments, _ query: Query) -> Bool {
        flags.time.time == nil && query.window.isTimed && !flags.reporting.describes
    }

    /// How the first input is to be read; nil if its records do not show that before the run.
    private static func decidedFormat(
        _ format: FormatPlan, _ input: any InputSpec, _ environment: PlanEnvironment, decompresses: Bool,
        mayWait: Bool
    ) -> InputFormat? {
        if let known = format.format { return known }
        // The records of a topic come in no fixed order, so that none of them can decide.
        if input.mayStartEmpty {
            // Each is asked once: files may appear meanwhile, or be removed.
            for name in input.names {
                guard let path = environment.sampleOfFollowed(name) else { continue }
                return environment.formatOfInput(path, format, decompresses, false)
            }
            return nil
        }
        guard let path = input.paths.first else { return .json }
        guard path != "-" || !environment.standardInputIsTerminal else { return nil }
        return environment.formatOfInput(path, format, decompresses, mayWait)
    }

    /// The plan of `--fields`, for which other options than those of the input and `--format` do not matter.
    private static func fieldList(
        _ flags: Arguments, _ input: any InputSpec, _ environment: PlanEnvironment
    ) throws(UsageError) -> Plan {
        try checkTerminal(flags, environment)
        var query = Query()
        try readRecords(flags, into: &query)
        query.lets = []
        query.filter = nil
        var plan = Plan(
            input: input, query: query, output: FileOutput(path: "-"), verbosity: try verbosity(flags.reporting),
            isLive: input.isLive(environment))
        plan.format = try readFormat(flags.input)
        guard flags.input.unwrap.isEmpty else {
            throw UsageError("--fields lists the fields of records before texts are unwrapped; remove --unwrap")
        }
        plan.query.nesting = try readNesting(flags.input, &plan.format)
        plan.kafkaOptions = flags.input.kafkaOption
        plan.decompresses = try decompresses(flags.input.decompress, input)
        plan.fieldList = FieldListPlan(
            format: try flags.output.format.map { text throws(UsageError) in try listFormat(text) })
        return plan
    }

    /// Without an INPUT, records come from standard input, which should not be the keyboard by accident.
    private static func checkTerminal(_ flags: Arguments, _ environment: PlanEnvironment) throws(UsageError) {
        guard flags.inputs.isEmpty, environment.standardInputIsTerminal else { return }
        throw UsageError(
            "no INPUT is named, and standard input is a terminal; name a file, pipe records in, or try demo:sensors "
                + "('streamctl -h' shows the common options)")
    }

    private static func readRecords(_ flags: Arguments, into query: inout Query) throws(UsageError) {
        if let text = flags.input.maxRecords { query.maxRecords = try Numbers.count(text, of: "--max-records") }
        if let text = flags.input.maxLine { query.maxLine = try Numbers.size(text, of: "--max-line", most: 1 << 30) }
        if let text = flags.other.maxGroups {
            query.maxGroups = try Numbers.count(text, of: "--max-groups")
            guard query.maxGroups <= Int(Int32.max) else {
                throw UsageError("--max-groups \(text) is too large; use at most \(Int32.max)")
            }
        }
        if let text = flags.other.maxState {
            query.maxState = try Numbers.size(text, of: "--max-state", most: 1 << 50)
        }
        query.lets = try lets(flags.expressions.lets)
        query.filter = try filter(flags.expressions.filters)
    }

    private static func decompresses(_ text: String?, _ input: any InputSpec) throws(UsageError) -> Bool {
        guard let text else { return true }
        guard !input.paths.isEmpty else {
            throw UsageError("--decompress is for files and standard input; remove it")
        }
        guard let isOn = ["auto": true, "none": false][text] else {
            throw UsageError(
                "--decompress '\(text)': use auto, which recognizes compressed data by its first bytes, or none")
        }
        return isOn
    }

    /// How long to wait for more lines of a record, microseconds; nil: to the end.
    private static func recordIdle(
        _ flags: Arguments, _ input: any InputSpec, isLive: Bool
    ) throws(UsageError) -> Int64? {
        guard let pattern = flags.input.recordStart else { return nil }
        guard !input.carriesMessages else {
            throw UsageError(
                "--record-start '\(pattern)' joins lines, but each message of a topic is a record; remove it")
        }
        if let text = flags.time.idle { return try Durations.length(text, of: "--idle", offWord: "off") }
        return isLive ? 5_000_000 : nil
    }

}
