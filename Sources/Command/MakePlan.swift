import Plan
import StreamEngine

extension Plan {
    /// Gives the arguments their meaning and checks every rule between flags.
    package static func make(
        _ parsed: ParsedArguments, environment: PlanEnvironment
    ) throws(UsageError) -> Plan {
        let flags = parsed.flags
        if flags.inputs.isEmpty, environment.standardInputIsTerminal, !flags.reporting.explain { throw .noInput }

        var query = Query()
        try readRecords(flags, into: &query)
        query.window = try window(flags.windows)
        query.groupKeys = try groupKeys(flags.grouping.by)
        query.aggregates = try aggregates(parsed.aggregates)
        if query.aggregates.isEmpty, query.window != .all || !query.groupKeys.isEmpty {
            query.aggregates = [Aggregate(name: "count", function: .count)]
        }
        let inputs = try parsed.inputs()
        let isTopic = inputs.contains(where: \.isTopic)
        try readTime(flags.time, environment, isTopic: isTopic, into: &query)
        try readResults(flags, into: &query)
        try checkColumns(query)

        try checkMetadata(query, inputs)
        let output = try parsed.output()
        let table = try table(flags.output, query, output)
        let job = try job(parsed, query, inputs, output)
        let commitEvery = try commitEvery(flags.delivery, output)
        let jobs = try flags.other.jobs.map { text throws(UsageError) in try Numbers.count(text, of: "--jobs") }
        var plan = Plan(
            inputs: inputs, query: query, output: output, strict: flags.input.strict,
            verbosity: try verbosity(flags.reporting), explain: flags.reporting.explain, isLive: environment.isLive)
        plan.table = table
        plan.job = job
        plan.commitEvery = commitEvery
        plan.rejects = flags.input.rejects
        plan.jobs = jobs
        if isTopic { swap(&plan.partitionIdle, &plan.query.idle) }
        plan.kafkaOptions = flags.input.kafkaOption
        plan.keyFields = try keyFields(flags.output, plan.query, output)
        try plan.checkFiles()
        try plan.checkTopics()
        return plan
    }

    private static func readRecords(_ flags: Arguments, into query: inout Query) throws(UsageError) {
        if let text = flags.input.maxRecords { query.maxRecords = try Numbers.count(text, of: "--max-records") }
        if let text = flags.input.maxLine { query.maxLine = try Numbers.size(text, of: "--max-line", most: 1 << 30) }
        if let text = flags.other.maxGroups {
            query.maxGroups = try Numbers.count(text, of: "--max-groups")
            guard query.maxGroups <= Int(Int32.max) else {
                throw UsageError("--max-groups \(text) is too large; give at most \(Int32.max)")
            }
        }
        query.lets = try lets(flags.expressions.lets)
        query.filter = try filter(flags.expressions.filters)
    }

    private static func verbosity(_ flags: ReportingArguments) throws(UsageError) -> Verbosity {
        guard !(flags.verbose && flags.quiet) else {
            throw UsageError("--verbose and --quiet contradict each other; give one of them")
        }
        return flags.verbose ? .verbose : flags.quiet ? .quiet : .normal
    }

    private func checkTopics() throws(UsageError) {
        let isOutput = if case .kafka = output { true } else { false }
        let topic = inputs.first(where: \.isTopic)
        if let option = kafkaOptions.first, topic == nil, !isOutput {
            // Not its value: it may be a secret.
            throw UsageError("-X \(option.prefix { $0 != "=" }) is for topics; name one: kafka://BROKER/TOPIC")
        }
        if case .kafka(let url) = topic, url.contains("group="), case .file(let path) = output, job == nil {
            throw UsageError(
                "the group remembers what was read, but every run writes \(path) anew; add --job NAME, or write >> FILE"
            )
        }
        if let topic, inputs.count > 1 {
            throw UsageError(
                "\(topic.name) cannot be read together with other inputs; several topics are named in one URL, with "
                    + "commas")
        }
    }

    /// A file must not be read and written at once.
    private func checkFiles() throws(UsageError) {
        if let rejects, rejects.isEmpty || rejects == "-" {
            throw UsageError("--rejects needs the name of a file (standard output has the rows)")
        }
        if case .file(let path) = output {
            guard !inputs.contains(.file(path)) else {
                throw UsageError("\(path) is an input and --output too; write to another file")
            }
            guard rejects != path else {
                throw UsageError("--output and --rejects are the same file \(path); name two files")
            }
        }
        if let rejects, inputs.contains(.file(rejects)) {
            throw UsageError("\(rejects) is an input and --rejects too; write to another file")
        }
        if inputs.count > 1, let demo = inputs.first(where: { if case .demo = $0 { true } else { false } }) {
            throw UsageError("\(demo.name) cannot be read together with other inputs; give it alone")
        }
        guard inputs.filter({ $0 == .stdin }).count <= 1 else {
            throw UsageError("standard input (-) is named twice; it can be read once")
        }
    }
}
